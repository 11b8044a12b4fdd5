"""A learner's way through an exercise: the stub, a wrong answer, the right one, the Validate button."""

import re

import pytest
from playwright.sync_api import expect

from browser.lab import ROOT
from course import lessons

LESSON = "04-chain-rule"
EXERCISE = "w3-21"
MISTAKE = "minus in the product"


@pytest.fixture(scope="module")
def lesson():
    return lessons.load(ROOT, LESSON)


@pytest.fixture
def exercise(lesson):
    return next(exercise for exercise in lesson.exercises if exercise.name == EXERCISE)


@pytest.fixture
def notebook(open_lesson, lesson):
    """Return the lesson, open, solved but for one exercise."""
    return open_lesson(LESSON, {e.name: solved(e) for e in lesson.exercises if e.name != EXERCISE})


def solved(exercise):
    _, solution, _, indent = lessons.split_solution(exercise.stub)
    return exercise.answered_with("\n".join(line.removeprefix(indent) for line in solution))


def with_mistake(exercise):
    (mistake,) = [mistake for mistake in exercise.mistakes if mistake.name == MISTAKE]
    return mistake, exercise.answered_with(mistake.code)


def words(locator):
    return re.sub(r"\s+", " ", locator.inner_text())


def validate(notebook):
    """Press the button and return what its dialog says; another kernel runs the whole notebook for it."""
    notebook.page.get_by_role("button", name="Validate", exact=True).click()
    dialog = notebook.page.locator(".jp-Dialog #validation-message")
    dialog.wait_for(timeout=120_000)
    said = words(dialog)
    notebook.page.locator(".jp-Dialog .jp-mod-accept").click()
    dialog.wait_for(state="detached")
    return said


def test_from_the_stub_by_a_wrong_answer_to_the_right_one(notebook, exercise):
    check = f"{EXERCISE}-check"
    mistake, wrong = with_mistake(exercise)

    notebook.run_all()
    assert f"NotImplementedError: {exercise.title}" in words(notebook.cell(EXERCISE).locator(".jp-OutputArea"))
    assert check not in notebook.outputs()
    assert "not answered yet" in words(notebook.run(check))

    notebook.write(EXERCISE, wrong)
    notebook.run(EXERCISE)
    verdict = notebook.run(check)
    assert mistake.says in words(verdict) and "CheckFailed" in words(verdict)
    picture = verdict.get_by_role("img", name="What is off, in a 2-3-2-1 network")
    expect(picture.locator("desc")).to_contain_text("dJ/dw3_21 = 2.77")
    assert "2.77" in picture.locator("text").all_text_contents()
    notebook.window.snapshot("mistake")
    assert mistake.says in validate(notebook)

    notebook.write(EXERCISE, solved(exercise))
    assert words(notebook.run(EXERCISE)) == ""
    assert words(notebook.run(check)) == f"✔ {EXERCISE}/error: right. ✔ {EXERCISE}: right."
    assert validate(notebook) == "Success! Your notebook passes all the tests."
    assert notebook.window.complaints() == []
