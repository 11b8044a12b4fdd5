"""What was measured, as Markdown tables, and the page that holds them."""

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

BEGIN, END = "<!-- measured: begin, written by `make bench` -->", "<!-- measured: end -->"
_OTTER = Path(__file__).with_name("requirements.txt")
GRADERS = ("nbgrader", "nbclient", "ipykernel", "ipython", "numpy", "matplotlib")
_MINUTES_FOR_1000 = 5
_MOST_MEGABYTES = 300
# Of flat growth: the steady cost of the largest class against that of the smallest.
_MOST_GROWTH = 1.2


def machine_facts(packages, *others):
    """Return lines that say where, when and with what this is measured.

    Args:
        packages: names of installed packages.
        others: what else was used, with its version.
    """
    load = "/".join(f"{one:.1f}" for one in os.getloadavg())
    return [
        f"{datetime.now(UTC):%Y-%m-%d}, {_processor()}, {len(os.sched_getaffinity(0))} cores, load before {load}",
        f"{platform.system()} {platform.release()}, Python {platform.python_version()}",
        ", ".join([*(f"{name} {version(name)}" for name in packages), *others]),
    ]


def otter():
    """Return the name and the version of the Otter-Grader that is measured."""
    lines = _OTTER.read_text().splitlines()
    return next(line.strip() for line in lines if line.startswith("otter")).replace("==", " ")


def _processor():
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def write(results):
    """Return all tables as Markdown.

    Args:
        results: what `grading.measure` found.
    """
    lines = [f"Measured on: {'; '.join(results['facts'])}.", ""]
    lines += [f"> **Note.** {note}\n" for note in results["notes"]]
    lines += _targets(results)
    for name, found in results["lessons"].items():
        lines += ["", f"### {name}", "", *_comparison(found)]
    if results["growth"]:
        lines += ["", f"### More submissions of {next(iter(results['lessons']))}", "", *_growth(results["growth"])]
    return "\n".join(lines)


def put_into(page, text):
    """Put text between the markers of a page."""
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    page.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", encoding="utf-8")


def _targets(results):
    """Return the table of targets, each beside what came."""
    rows = []
    for name, found in results["lessons"].items():
        ratios, peak = found["ratios"], max(found["megabytes"], default=0)
        one, two, workers, execution = (ratios[key] for key in ("one", "two", "workers", "execution"))
        memory = f"memory of a worker ({'PSS' if found['is_share'] else 'RSS'})"
        seen = f"{peak:.0f} MB" if peak else "not seen"
        rows += [
            (name, "nbgrader / course, one worker", "8 at least; aim 12", f"{one:.1f}", one >= 8),
            (name, "nbgrader / course, two workers", "13 at least; aim 20", f"{two:.1f}", two >= 13),
            (name, "one worker / two", "1.5 at least", f"{workers:.2f}", workers >= 1.5),
            (name, "running and judging / bare cells", "2.2 at most", f"{execution:.2f}", execution <= 2.2),
            (name, memory, f"less than {_MOST_MEGABYTES} MB", seen, 0 < peak < _MOST_MEGABYTES),
        ]
    rows += _growth_targets(results["growth"])
    rows.append(("all", "scores as simulated", "all", *_correctness(results)))
    table = [f"| {' | '.join([*row[:4], 'yes' if row[4] else '**no**'])} |" for row in rows]
    return ["| lesson | what | target | came | met |", "| --- | --- | --- | --- | --- |", *table]


def _growth_targets(growth):
    rows = []
    for workers in sorted({one["workers"] for one in growth}):
        of = [one for one in growth if one["workers"] == workers]
        ratio = of[-1]["each"] / of[0]["each"]
        what = f"steady cost, {of[-1]['count']} / {of[0]['count']} submissions, workers: {workers}"
        rows.append(("first", what, f"flat: {_MOST_GROWTH} at most", f"{ratio:.2f}", ratio <= _MOST_GROWTH))
        if of[-1]["count"] >= 1000:
            minutes = of[-1]["seconds"] / 60 * 1000 / of[-1]["count"]
            is_met = minutes <= _MINUTES_FOR_1000
            what = f"1000 submissions, workers: {workers}"
            rows.append(("first", what, f"{_MINUTES_FOR_1000} min at most", f"{minutes:.1f} min", is_met))
    return rows


def _correctness(results):
    rows = [row for found in results["lessons"].values() for row in found["rows"].values()] + results["growth"]
    wrong = sum(len(row["wrong"]) for row in rows)
    return (f"{wrong} differ" if wrong else "all"), not wrong


def _comparison(found):
    students = found["students"]
    head = ("who", "graded", "s in all", f"ms each, of {students}", "CPU ms each", "inside, ms", "nbgrader / this")
    lines = [f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}"]
    base = found["rows"]["nbgrader"]["each"]
    for key, row in found["rows"].items():
        is_bare = key == "bare"
        each = row["inside"] if is_bare else row["each"]
        cells = [
            row["name"],
            str(row["count"]),
            f"{row['seconds']:.1f}",
            f"{1000 * each:.0f}",
            "" if is_bare else f"{1000 * row['cpu']:.0f}",
            f"{1000 * row['inside']:.0f}" if "inside" in row else "",
            f"{base / each:.2f}",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def _growth(growth):
    head = ("submissions", "workers", "s in all", "s to the first grade", "ms each after it", "CPU ms each")
    head += ("gradebook, ms each", "MB of a worker")
    lines = [f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}"]
    for one in growth:
        numbers = [one["count"], one["workers"], f"{one['seconds']:.1f}", f"{one['first']:.1f}"]
        numbers += [f"{1000 * one[key]:.0f}" for key in ("each", "cpu", "record")]
        numbers.append(f"{one['megabytes']:.0f}" if one["megabytes"] else "")
        lines.append(f"| {' | '.join(map(str, numbers))} |")
    return lines
