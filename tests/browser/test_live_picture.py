"""The live picture in JupyterLab: the keyboard moves it, Python hears of it, and the other way round."""

import time

import numpy as np
import pytest
from playwright.sync_api import expect

from browser.lab import SECONDS
from course import WORKED
from course.diagram import number_text


@pytest.fixture
def notebook(open_lesson):
    """Return lesson 04, open, with a live picture in the place of its first one."""
    cells = {"picture-w3-21": "live = diagram.live(WORKED)\nlive", "w3-21": "print(live.x)", "w3-11": "live.x = [6, 8]"}
    return open_lesson("04-chain-rule", cells)


def first_square(x):
    return number_text(float(np.array(x) @ WORKED.W[0][:, 0]))


def test_a_slider_moves_by_the_keyboard_and_python_hears_of_it(notebook):
    notebook.run("setup")
    live = notebook.run("picture-w3-21").locator(".nn-live")
    slider, z1_1 = live.get_by_test_id("x0_1"), live.locator('[data-part="z1_1"][data-role="value"]')
    first, second = WORKED.X[0]
    expect(z1_1).to_have_text(first_square([first, second]))

    slider.focus()
    for _ in range(3):
        notebook.page.keyboard.press("ArrowUp")
    moved = float(slider.input_value())
    assert moved > first
    expect(z1_1).to_have_text(first_square([moved, second]))
    assert notebook.active() == "picture-w3-21"
    notebook.window.snapshot("live")

    # The page tells Python a moment after the last change.
    heard, end = None, time.monotonic() + SECONDS
    while heard != f"[{moved}, {second}]" and time.monotonic() < end:
        heard = notebook.run("w3-21").inner_text().strip()
    assert heard == f"[{moved}, {second}]"

    notebook.run("w3-11")
    expect(z1_1).to_have_text(first_square([6, 8]))
    assert slider.input_value() == "6"
    assert notebook.window.complaints() == []
