"""Measure training, in one run and in turns: the lesson against a per-sample loop, scikit-learn and PyTorch.

make bench-training                            # about ten minutes on a quiet machine
make bench-training ARGS=--write               # and fills docs/training.md
make bench-training ARGS=--quick               # a try of a minute, whose numbers mean nothing
"""

import json
import statistics
import subprocess
import sys
import tempfile
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated

import typer

from benchmarks import processes, tables, training_tables
from benchmarks.trainers import Work
from course import datasets

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "training.md"
RESULTS = ROOT / "build" / "bench-training.json"
PACKAGES = ("numpy", "scikit-learn", "torch")
# Environments of the two ways of running each contender. OpenMP's variable is PyTorch's, the other one NumPy's.
THREADS = {"default": {}, "one": {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}}
RACERS = ("lesson", "per-sample", "per-sample-in-place", "scikit-learn")
RACERS += ("torch", "torch-functions", "torch-double", "torch-loader", "products")
# Who is asked how well it learns; the others differ from these only in speed.
LEARNERS = ("lesson", "per-sample", "scikit-learn", "torch")
GROWERS = ("lesson", "scikit-learn", "torch", "torch-functions", "products")
BATCHES, WIDTHS, SAMPLES = (1, 4, 16, 64, 256), (16, 32, 128, 512), (1000, 4000)
FASHION = (10_000, 60_000)


def measure(
    repetitions: Annotated[int, typer.Option(min=1, help="How often, in turns; medians count.")] = 5,
    timed_epochs: Annotated[int, typer.Option(min=1, help="How long each training that is timed.")] = 10,
    epochs: Annotated[int, typer.Option(min=1, help="How long each training whose accuracy counts.")] = 30,
    rates: Annotated[str, typer.Option(help="Learning rates.")] = "0.1 0.3 1 3",
    seeds: Annotated[int, typer.Option(min=1, help="How many networks for each learning rate.")] = 3,
    growth: Annotated[bool, typer.Option(help="Also vary batch, width and data.")] = True,
    quick: Annotated[bool, typer.Option("--quick", help="One turn, one epoch, one network: a try.")] = False,
    write: Annotated[bool, typer.Option("--write", help="Write the tables to docs/training.md.")] = False,
):
    """Measure how long training takes and how well it learns: the lesson, a loop, scikit-learn and PyTorch."""
    if quick:
        repetitions = timed_epochs = epochs = seeds = 1
    learning_rates = [float(rate) for rate in rates.split()]
    results = {"facts": tables.machine_facts(PACKAGES), "notes": [], "epochs": epochs, "seeds": seeds}
    with Workers() as workers:
        results["speed"] = _race(workers, RACERS, Work(epochs=timed_epochs), repetitions)
        results["accuracy"] = _learn(workers, learning_rates, seeds, epochs)
        results["growth"] = _grow(workers, repetitions, results["notes"]) if growth else []
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=1))
    text = training_tables.write(results)
    print(text)
    if write:
        tables.put_into(PAGE, text)


class Workers:
    """Processes that train when told to, one for each contender and number of threads; none works beside another.

    Each has its own process, since thread pools and the allocator's habits of one library would change another's
    times; it lives on, so that starting and importing are not measured.
    """

    def __init__(self):
        self._running = {}
        self._errors = tempfile.TemporaryFile()  # progress bars, and the last words of who fails

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in self._running.values():
            process.stdin.close()
            process.wait()
        self._errors.close()

    def train(self, work, threads):
        """Have one contender train.

        Args:
            work: the `Work`.
            threads: a key of `THREADS`.

        Returns:
            What `trainers.timed` returns.

        Raises:
            processes.RunFailed: if it did not end well.
        """
        key = work.who, threads
        if key not in self._running:
            self._running[key] = subprocess.Popen(
                [sys.executable, "-m", "benchmarks.trainers"],
                env=processes.environment(sys.executable, **THREADS[threads]),
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                text=True,
            )
            self.train(replace(work, samples=1000, epochs=1), threads)  # imports, thread pools, caches
        process = self._running[key]
        process.stdin.write(json.dumps(asdict(work)) + "\n")
        process.stdin.flush()
        if answer := process.stdout.readline():
            return json.loads(answer)
        status = process.wait()
        self._errors.seek(0)
        words = self._errors.read().decode(errors="replace").strip().splitlines()[-3:]
        raise processes.RunFailed(f"The worker ended with {status} at {work}: {' / '.join(words)}")


def _race(workers, names, work, repetitions):
    """Let contenders train in turns, so that what else the machine does falls on all of them alike.

    Returns:
        {name: {threads: list of microseconds an update}}.
    """
    found = {name: {threads: [] for threads in THREADS} for name in names}
    for _ in range(repetitions):
        for name in names:
            for threads in THREADS:
                done = workers.train(replace(work, who=name), threads)
                found[name][threads].append(1e6 * done["seconds"] / done["updates"])
        so_far = {name: training_tables.best(times)[1] for name, times in found.items()}
        _tell(f"{work}: {', '.join(f'{name} {median:.0f}' for name, median in so_far.items())} µs an update")
    return found


def _learn(workers, rates, seeds, epochs):
    """Return [{"rate": ..., "accuracy": {name: [held-out accuracy of each seed]}}]."""
    rows = []
    for rate in rates:
        found = {}
        for name in LEARNERS:
            works = [Work(who=name, epochs=epochs, learning_rate=rate, seed=seed) for seed in range(seeds)]
            found[name] = [workers.train(work, "one")["accuracy"] for work in works]
        rows.append({"rate": rate, "accuracy": found})
        _tell(f"learning rate {rate:g}: {', '.join(f'{who} {statistics.fmean(a):.4f}' for who, a in found.items())}")
    return rows


def _grow(workers, repetitions, notes):
    """Return rows {"varied": "batch", "value": 4, "times": what `_race` found} for each size in turn."""
    epochs = {1: 1, 4: 2, 16: 5, 64: 10, 256: 20}
    cases = [("batch", size, Work(batch_size=size, epochs=epochs[size])) for size in BATCHES]
    cases += [("width", width, Work(width=width, epochs=5 if width < 100 else 2)) for width in WIDTHS]
    cases += [("samples", n, Work(samples=n, epochs=20_000 // n)) for n in SAMPLES]
    try:
        datasets.fashion_mnist()
        cases += [("samples", n, Work(data="fashion", samples=n)) for n in FASHION]
    except datasets.DatasetError as error:
        notes.append(f"Fashion-MNIST is not among what was measured: {error}")
    rows = []
    for varied, value, work in cases:
        rows.append({"varied": varied, "value": value, "work": asdict(work)})
        rows[-1]["times"] = _race(workers, GROWERS, work, repetitions)
    return rows


def _tell(words):
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    typer.run(measure)
