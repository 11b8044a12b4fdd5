"""Each lesson, opened in JupyterLab: what a learner sees who runs it untouched, and one who has solved it."""

import pytest

from conftest import LESSONS, ROOT
from course import lessons

# What an untouched stub leads to: itself says that it is to be written, and its check that nothing came.
IN_STUB = {"NotImplementedError"}
IN_CHECK = {"NotImplementedError", "NameError", "CheckFailed"}


def trouble(outputs):
    """Return {cell: [error or warning]} of the cells that had any."""
    found = {}
    for cell, shown in outputs.items():
        words = [out["ename"] for out in shown if out["output_type"] == "error"]
        words += [out["text"] for out in shown if out["output_type"] == "stream" and out["name"] == "stderr"]
        if words:
            found[cell] = words
    return found


def looks_well(notebook, picture):
    notebook.show_all()
    notebook.photograph(picture)
    assert notebook.faults() == []
    assert notebook.window.complaints() == []


@pytest.mark.parametrize("name", LESSONS)
def test_an_untouched_lesson_has_errors_only_where_answers_are_missing(open_lesson, name):
    lesson = lessons.load(ROOT, name)
    notebook = open_lesson(name)
    notebook.run_each()
    errors = trouble(notebook.outputs())
    for exercise in lesson.exercises:
        check = f"{exercise.name}-check"
        assert set(errors.pop(exercise.name, IN_STUB)) <= IN_STUB, exercise.name
        assert set(errors.pop(check, ["no error"])) <= IN_CHECK, check
    assert errors == {}
    looks_well(notebook, name)


@pytest.mark.parametrize("name", ["03-forward-pass", "06-activations-and-losses"])
def test_a_lesson_can_be_read_at_night(open_lesson, name):
    notebook = open_lesson(name, color_scheme="dark")
    notebook.page.wait_for_selector("body[data-jp-theme-name='JupyterLab Dark']", state="attached")
    notebook.run_each()
    looks_well(notebook, f"{name}-dark")


@pytest.mark.parametrize("name", [name for name in ("04-chain-rule", "08-classification") if name in LESSONS])
def test_a_solved_lesson_runs_from_top_to_bottom_without_an_error(open_lesson, name):
    notebook = open_lesson(name, source=True)
    notebook.run_all()
    outputs = notebook.outputs()
    assert trouble(outputs) == {}
    code = [cell.id for cell in lessons.load(ROOT, name).notebook.cells if cell.cell_type == "code"]
    assert list(outputs) == code
    looks_well(notebook, f"{name}-solved")
