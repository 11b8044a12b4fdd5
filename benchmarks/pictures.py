"""Measure how fast the live network picture is, and how small the still one.

make bench-pictures                            # a minute
make bench-pictures ARGS=--write               # and fills docs/pictures.md
"""

import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from benchmarks import tables
from course import WORKED, diagram
from course.diagram.live_widget import LivePicture
from course.diagram.page import page
from course.networks import Network

PAGE = Path(__file__).resolve().parents[1] / "docs" / "pictures.md"
KEY_TARGETS = {"2-3-2-1": 30, "8-8-8-8": 60}  # milliseconds from a key press to the paint
PAINT_TARGET = 300  # milliseconds from the module's import to the first paint
SIZE_TARGET, DRAW_TARGET = 12, 2  # kB and milliseconds of the still picture of 2-3-2-1

# Two animation frames after the key press: the first one paints what the key changed.
_WATCH = """() => {
    window.presses = [];
    addEventListener("keydown", (event) => {
        const pressed = event.timeStamp;
        requestAnimationFrame(() => requestAnimationFrame(() => presses.push(performance.now() - pressed)));
    }, true);
    let before;
    window.computed = [];
    const slider = document.querySelector("[data-testid=x0_1]");
    addEventListener("input", () => { before = performance.now(); }, true);
    slider.parentElement.addEventListener("input", () => computed.push(performance.now() - before));
}"""


def measure(
    presses: Annotated[int, typer.Option(min=1, help="How many keys are pressed.")] = 60,
    opened: Annotated[int, typer.Option(min=1, help="How often the page is opened; the median counts.")] = 5,
    write: Annotated[bool, typer.Option("--write", help="Write the table to docs/pictures.md.")] = False,
):
    """Measure the live picture in Chromium, and the still picture."""
    facts = tables.machine_facts(("anywidget", "playwright", "numpy"))
    rows = [*_still(), *_live(presses, opened)]
    lines = [f"Measured on: {'; '.join(facts)}.", "", "| what | median | target | met |", "| --- | ---: | ---: | --- |"]
    for what, found, target, unit in rows:
        aim, verdict = (f"{target} {unit}", "yes" if found <= target else "**no**") if target else ("", "")
        lines.append(f"| {what} | {found:.1f} {unit} | {aim} | {verdict} |")
    text = "\n".join(lines)
    print(text)
    if write:
        tables.put_into(PAGE, text)


def _still():
    """Return the rows of the still picture: its size and the time to draw it."""
    times = []
    for row in np.arange(200) % 10:
        start = time.perf_counter()
        picture = diagram.draw(WORKED, row=int(row), path="w2_22")
        times.append(1000 * (time.perf_counter() - start))
    size = len(picture.svg.encode()) / 1000
    return [("still picture, 2-3-2-1: size", size, SIZE_TARGET, "kB"),
            ("still picture, 2-3-2-1: drawing", statistics.median(times), DRAW_TARGET, "ms")]


def _live(presses, opened):
    """Return the rows of the live picture, measured in Chromium."""
    from playwright.sync_api import sync_playwright

    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not path:
        sys.exit("The live picture is measured in Chromium: on Debian or Ubuntu run 'apt install chromium'.")
    rows = []
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        for network in (WORKED, _random(8, 8, 8, 8)):
            name = "-".join(map(str, network.layers_dims))
            file = Path(folder, f"{name}.html")
            file.write_text(page(LivePicture(diagram.live(network), network)), encoding="utf-8")
            paints = []
            for _ in range(opened):
                tab = browser.new_page(viewport={"width": 1280, "height": 800})
                tab.goto(file.as_uri())
                tab.wait_for_function("window.firstPaint")
                paints.append(tab.evaluate("firstPaint"))
                if len(paints) < opened:
                    tab.close()
            keys, computed = _press(tab, presses)
            rows += [(f"live picture, {name}: import to first paint", statistics.median(paints), PAINT_TARGET, "ms"),
                     (f"live picture, {name}: key to paint", statistics.median(keys), KEY_TARGETS[name], "ms"),
                     (f"live picture, {name}: of it, computing and writing", statistics.median(computed), None, "ms")]
            tab.close()
        browser.close()
    return rows


def _press(tab, presses):
    """Return the milliseconds from each key press to its paint, and those of the script alone."""
    tab.get_by_label("Gradients").check()  # every edge changes
    tab.evaluate(_WATCH)
    slider = tab.get_by_test_id("x0_1")
    slider.focus()
    for number in range(presses):
        tab.keyboard.press("ArrowRight" if number % 40 < 20 else "ArrowLeft")
        tab.wait_for_function("count => presses.length === count", arg=number + 1)
    return tab.evaluate("presses"), tab.evaluate("computed")


def _random(*dims):
    """Return a network of random numbers."""
    rng = np.random.default_rng(0)
    W = tuple(rng.normal(size=shape).round(2) for shape in zip(dims, dims[1:], strict=False))
    b = tuple(rng.normal(size=(1, width)).round(2) for width in dims[1:])
    return Network("random", rng.normal(size=(3, dims[0])).round(2), rng.normal(size=(3, dims[-1])).round(2), W, b)


if __name__ == "__main__":
    typer.run(measure)
