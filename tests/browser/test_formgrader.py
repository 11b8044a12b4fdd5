"""The formgrader in JupyterLab: an instructor reads a graded submission in it and changes its points."""

import shutil

import pytest
from playwright.sync_api import expect

import toy
from browser.lab import Lab, Window
from course.grading import batch

ANSWERS = {"twice": "answer = 2 * 1.23456", "square": "def square(x):\n    return 2 * x  # twice?"}


@pytest.fixture
def instructors_lab(released_toy, tmp_path):
    """Return a JupyterLab as `make lab-instructor` starts it, on a course with one graded submission."""
    root = shutil.copytree(released_toy, tmp_path / "course")
    toy.hand_in(root, "ada", ANSWERS)
    (graded,) = batch.grade(root, [toy.NAME])
    assert graded.score == 2
    lab = Lab(root, tmp_path / "lab", "instructor")
    yield lab
    lab.stop()


@pytest.fixture
def window(browser, instructors_lab):
    window = Window(instructors_lab, browser)
    yield window
    window.close()


def test_the_formgrader_shows_a_submission_and_takes_other_points(window):
    window.open()
    window.page.evaluate("window.jupyterapp.commands.execute('nbgrader:open-formgrader').then(() => null)")
    formgrader = window.page.frame_locator("iframe")

    def follow(*links):
        for link in links:
            formgrader.get_by_role("link", name=link, exact=True).click()

    follow("Manual Grading", toy.NAME, "toy")
    row = formgrader.get_by_role("row").filter(has_text="Submission #1")
    expect(row).to_contain_text("2 / 5")

    follow("Submission #1")
    page = formgrader.locator("body")
    expect(page).to_contain_text("return 2 * x # twice?")
    expect(page).to_contain_text("✔ twice: right.")
    expect(page).to_contain_text("✘ square: not yet. You have 3.464. That is twice the number.")
    points = formgrader.locator("#square-check")
    expect(points).to_have_attribute("placeholder", "0")
    with window.page.expect_response(lambda answer: "/formgrader/api/grade/" in answer.url and answer.ok):
        points.fill("1")
        points.press("Tab")
    window.snapshot("formgrader")

    follow("toy")
    expect(row).to_contain_text("3 / 5")
    assert window.complaints() == []
