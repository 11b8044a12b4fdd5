"""What was measured of training, as Markdown tables."""

import statistics

NAMES = {
    "lesson": "the lesson's `fit`",
    "per-sample": "per-sample loop, as published",
    "per-sample-in-place": "per-sample loop, sums in place",
    "scikit-learn": "scikit-learn's MLPClassifier",
    "torch": "PyTorch, nn and optim.SGD",
    "torch-functions": "PyTorch, functions and autograd",
    "torch-double": "PyTorch, nn and optim.SGD, float64",
    "torch-loader": "PyTorch, DataLoader",
    "products": "the bare products",
}
# The plain ways of PyTorch, of which the faster one counts.
_TORCH = ("torch", "torch-functions")
_VARIED = {"batch": "batch", "width": "neurons of the hidden layer", "samples": "samples to train on"}


def write(results):
    """Return all tables as Markdown.

    Args:
        results: what `training.measure` found.
    """
    lines = [f"Measured on: {'; '.join(results['facts'])}.", ""]
    lines += [f"> **Note.** {note}\n" for note in results["notes"]]
    lines += _targets(results)
    lines += ["", "### Speed", "", *_speed(results["speed"])]
    lines += ["", "### Accuracy", "", *_accuracy(results)]
    for varied in dict.fromkeys(row["varied"] for row in results["growth"]):
        rows = [row for row in results["growth"] if row["varied"] == varied]
        lines += ["", f"### Growth with the {_VARIED[varied]}", "", *_growth(varied, rows)]
    return "\n".join(lines)


def best(times):
    """Return (threads, median) of the number of threads with the lowest median."""
    medians = {threads: statistics.median(some) for threads, some in times.items()}
    threads = min(medians, key=medians.get)
    return threads, medians[threads]


def best_rate(rows):
    """Return the row of the learning rate at which all contenders together are most often right."""
    return max(rows, key=lambda row: statistics.fmean(statistics.fmean(some) for some in row["accuracy"].values()))


def _table(head, rows):
    return [f"| {' | '.join(map(str, cells))} |" for cells in (head, ["---"] * len(head), *rows)]


def _targets(results):
    """Return the table of targets, each beside what came."""
    microseconds = {name: best(times)[1] for name, times in results["speed"].items()}
    own, torch = microseconds["lesson"], min(microseconds[name] for name in _TORCH)
    loop, sklearn = microseconds["per-sample"] / own, microseconds["scikit-learn"] / own
    row = best_rate(results["accuracy"])
    right = {name: statistics.fmean(some) for name, some in row["accuracy"].items()}
    others = max(share for name, share in right.items() if name != "lesson")
    came = f"{100 * right['lesson']:.2f} %, theirs {100 * others:.2f} %"
    rows = [
        ("per-sample loop / lesson", "10 at least", f"{loop:.1f}", loop >= 10),
        ("scikit-learn / lesson", "more than 1", f"{sklearn:.2f}", sklearn > 1),
        ("PyTorch / lesson", "more than 1", f"{torch / own:.2f}", torch > own),
        (f"held-out accuracy, learning rate {row['rate']:g}", "not below theirs", came, right["lesson"] >= others),
    ]
    return _table(("what", "target", "came", "met"), [(*row[:3], "yes" if row[3] else "**no**") for row in rows])


def _speed(speed):
    own = best(speed["lesson"])[1]
    rows = []
    for name, times in speed.items():
        threads, median = best(times)
        spread = f"{min(times[threads]):.0f} to {max(times[threads]):.0f}"
        of_each = [f"{statistics.median(some):.0f}" for some in times.values()]
        rows.append((NAMES[name], *of_each, spread, f"{median / own:.2f}"))
    head = ("who", "µs an update, default threads", "µs, one thread", "the faster: lowest to highest", "this / lesson")
    return _table(head, rows)


def _accuracy(results):
    rows = []
    for row in results["accuracy"]:
        shares = row["accuracy"].values()
        rows.append((f"{row['rate']:g}", *(f"{100 * statistics.fmean(some):.2f} %" for some in shares)))
    return _table(("learning rate", *(NAMES[name] for name in results["accuracy"][0]["accuracy"])), rows)


def _growth(varied, rows):
    head = (_VARIED[varied], "µs an update", "µs a sample", "bare products, µs", "lesson / products")
    head += ("scikit-learn / lesson", "PyTorch / lesson")
    cells = []
    for row in rows:
        microseconds = {name: best(times)[1] for name, times in row["times"].items()}
        own, torch = microseconds["lesson"], min(microseconds[name] for name in _TORCH)
        times = [f"{own:.1f}", f"{own / row['work']['batch_size']:.2f}", f"{microseconds['products']:.1f}"]
        ratios = [own / microseconds["products"], microseconds["scikit-learn"] / own, torch / own]
        cells.append((f"{row['value']:,}", *times, *(f"{ratio:.2f}" for ratio in ratios)))
    return _table(head, cells)
