"""Measure grading, in one run and on the same submissions, against nbgrader, Otter-Grader and the bare cells.

make bench                                     # two lessons, about 15 minutes on a quiet machine
make bench ARGS="--growth --write"             # and 10, 100, 1000 submissions; fills docs/performance.md
make bench ARGS="--students 6 --stock 3 --otter 2 --repetitions 1"     # a quick try
"""

import json
import shutil
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from benchmarks import processes, tables
from benchmarks.contenders import Bare, Nbgrader, Otter, Ours, install_otter
from benchmarks.courses import Class

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "performance.md"
RESULTS = ROOT / "build" / "bench.json"
OTTER_VENV = ROOT / "build" / "bench-otter"
LESSONS = ["04-chain-rule", "06-activations-and-losses"]
SIZES = (10, 100, 1000)
_LOOK_SHORT, _LOOK_LONG = 0.05, 2.0  # seconds between two looks at memory; the former slows down, and is not timed


def measure(
    lesson: Annotated[list[str], typer.Option(help="Which lessons; may be given several times.")] = LESSONS,
    students: Annotated[int, typer.Option(min=2, help="How many submissions the course grades.")] = 100,
    stock: Annotated[int, typer.Option(min=2, help="How many nbgrader grades.")] = 20,
    otter: Annotated[int, typer.Option(min=0, help="How many Otter-Grader grades; 0 leaves it out.")] = 10,
    repetitions: Annotated[int, typer.Option(min=1, help="How often, in turns; medians count.")] = 3,
    growth: Annotated[bool, typer.Option("--growth", help="Also grade 10, 100 and 1000 of the first lesson.")] = False,
    sizes: Annotated[str, typer.Option(help="What --growth grades.")] = " ".join(map(str, SIZES)),
    write: Annotated[bool, typer.Option("--write", help="Write the tables to docs/performance.md.")] = False,
):
    """Measure how long grading takes, against nbgrader, Otter-Grader and the bare cells."""
    processes.adopt_orphans()
    python, problem = install_otter(OTTER_VENV) if otter else (None, "Otter-Grader was left out.")
    counts = sorted(map(int, sizes.split())) if growth else []
    facts = tables.machine_facts(tables.GRADERS, tables.otter())
    results = {"facts": facts, "notes": [problem] if problem else [], "lessons": {}, "growth": []}
    with tempfile.TemporaryDirectory(prefix="course-bench-") as folder:
        for number, name in enumerate(lesson):
            _tell(f"{name}: simulating the class")
            most = max([students, stock, otter, *(counts if number == 0 else [])])
            of = Class(ROOT, name, most, Path(folder, name))
            results["lessons"][name] = _compare(of, students, stock, otter, python, repetitions)
            if number == 0:
                results["growth"] = [_grow(of, count, workers) for count in counts for workers in (1, 2)]
            shutil.rmtree(Path(folder, name))
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=1))
    text = tables.write(results)
    print(text)
    if write:
        tables.put_into(PAGE, text)
    if wrong := _wrong(results):
        print("\n".join(["Scores are not what the simulation put in:", *wrong[:20]]), file=sys.stderr)
        raise typer.Exit(1)


def _compare(of, students, stock, otter, python, repetitions):
    """Let all contenders grade in turns, so that what else the machine does falls on all of them alike."""
    turns = [("nbgrader", Nbgrader(of, sealed=False), stock), ("sealed", Nbgrader(of, sealed=True), stock)]
    turns += [("otter", Otter(of, python, otter), otter)] if python else []
    turns += [("one", Ours(of, 1), students), ("two", Ours(of, 2), students), ("bare", Bare(of), students)]
    rows = {key: {"name": one.name, "count": count, "times": [], "wrong": []} for key, one, count in turns}
    for turn in range(repetitions):
        for key, contender, count in turns:
            _tell(f"{of.name}, {turn + 1} of {repetitions}: {contender.name}, submissions: {count}")
            row = rows[key]
            times = _times(contender.grade(count), row)
            if count < students:  # how much is start-up shows in a run with a single submission
                times["alone"] = contender.grade(1).run.seconds
            row["times"].append(times)
    for row in rows.values():
        row |= _medians(row["times"])
        row["each"] = _seconds_each(row, students)
    _tell(f"{of.name}: memory")
    look = Ours(of, 2).grade(min(students, 50), look_every=_LOOK_SHORT)
    return {
        "students": students,
        "rows": rows,
        "megabytes": look.run.megabytes,
        "is_share": look.run.is_share,
        "ratios": _ratios(rows),
    }


def _times(outcome, row):
    """Return what one run took, and note what it got wrong."""
    row["wrong"] += outcome.wrong
    times = {"seconds": outcome.run.seconds, "cpu": outcome.run.cpu_seconds / outcome.count}
    if outcome.inside:
        times["inside"] = statistics.fmean(outcome.inside)
    return times


def _medians(times):
    return {key: statistics.median(one[key] for one in times) for key in times[0]}


def _seconds_each(row, students):
    """Return seconds a submission where `students` are graded in one run, start-up shared among them.

    Of who graded fewer, the start-up is taken from the run with one submission: dividing a short run by its few
    submissions would count it too often, in favour of the course.
    """
    if "alone" not in row:
        return row["seconds"] / row["count"]
    slope = (row["seconds"] - row["alone"]) / (row["count"] - 1)
    return (row["alone"] + slope * (students - 1)) / students


def _ratios(rows):
    each = {key: row["each"] for key, row in rows.items()}
    return {
        "one": each["nbgrader"] / each["one"],
        "two": each["nbgrader"] / each["two"],
        "workers": each["one"] / each["two"],
        "execution": rows["one"]["inside"] / rows["bare"]["inside"],
    }


def _grow(of, count, workers):
    """Grade so many, fresh, and return what that took."""
    _tell(f"{of.name}, growth: {count} submissions, {workers} workers")
    done = Ours(of, workers).grade(count, look_every=_LOOK_LONG if count >= 100 else None)
    ends = [end for _, end in done.recorded]
    return {
        "count": count,
        "workers": workers,
        "seconds": done.run.seconds,
        "cpu": done.run.cpu_seconds / count,
        "first": ends[0] - done.run.started,
        "each": (ends[-1] - ends[0]) / (len(ends) - 1),
        "record": statistics.median(end - begun for begun, end in done.recorded),
        "megabytes": max(done.run.megabytes, default=None),
        "wrong": done.wrong,
    }


def _wrong(results):
    rows = [row for one in results["lessons"].values() for row in one["rows"].values()]
    return [line for row in [*rows, *results["growth"]] for line in row["wrong"]]


def _tell(words):
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    typer.run(measure)
