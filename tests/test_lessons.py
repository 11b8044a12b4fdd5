"""The lessons as they stand: they run, they score, they keep the rules of the house, their numbers are true."""

import ast
import json
import re
import tomllib
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient
from nbgrader.utils import determine_grade

from conftest import LESSONS, ROOT
from course import lessons, notebooks
from course.grading.judge import without_hidden
from course.release import format_notebook

PROSE = Path(__file__).parent / "prose"
SECONDS_A_LESSON, SECONDS_A_TRAINING_LESSON = 30, 90
TRAINING_LESSONS = ("08-classification",)
COLUMNS = 100  # what JupyterLab's editor shows of a line at 1280 pixels


def run(path, folder):
    """Execute a notebook in a kernel of its own, in a folder, as JupyterLab would."""
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(notebook, timeout=60, allow_errors=True, resources={"metadata": {"path": str(folder)}})
    client.execute()
    return notebook


def errors(notebook):
    return {
        cell.id: output.ename
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if output.output_type == "error"
    }


def score(notebook):
    return sum(determine_grade(c)[0] or 0 for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade"))


@pytest.fixture(scope="module", params=LESSONS)
def source_run(request):
    """Return (lesson, executed source, seconds)."""
    import time

    lesson = lessons.load(ROOT, request.param)
    began = time.monotonic()
    return lesson, run(lesson.path, lesson.path.parent), time.monotonic() - began


def test_a_source_runs_clean_in_time_and_scores_full_marks(source_run):
    lesson, executed, seconds = source_run
    assert errors(executed) == {}
    assert seconds < (SECONDS_A_TRAINING_LESSON if lesson.name in TRAINING_LESSONS else SECONDS_A_LESSON)
    assert score(executed) == lesson.max_score > 0
    stderr = [o.text for c in executed.cells if c.cell_type == "code" for o in c.outputs if o.get("name") == "stderr"]
    assert stderr == []


@pytest.mark.parametrize("name", LESSONS)
def test_a_released_notebook_raises_only_in_stubs_and_checks_and_scores_nothing(name):
    path = next((ROOT / "release" / name).glob("*.ipynb"))
    executed = run(path, path.parent)
    lesson = lessons.load(ROOT, name)
    exercises = {exercise.name for exercise in lesson.exercises}
    values = {exercise.name for exercise in lesson.exercises if not exercise.stub.startswith("def ")}
    raised = errors(executed)
    assert set(raised) <= exercises | {f"{exercise}-check" for exercise in exercises}
    assert set(raised.values()) <= {"NotImplementedError", "CheckFailed"}
    assert values <= set(raised), "a stub passed silently"
    assert {f"{exercise}-check" for exercise in exercises} <= set(raised), "a check passed an untouched stub"
    assert score(executed) == 0


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_is_in_normal_form(name):
    assert format_notebook(lessons.load(ROOT, name).path, only_look=True)


@pytest.mark.parametrize("name", LESSONS)
def test_ids_are_unique_and_equal_to_grade_ids(name):
    cells = lessons.load(ROOT, name).notebook.cells
    identifiers = [cell.id for cell in cells]
    assert len(set(identifiers)) == len(identifiers)
    for cell in cells:
        meta = cell.metadata.get("nbgrader")
        assert not meta or meta.grade_id == cell.id


@pytest.mark.parametrize("name", LESSONS)
def test_each_exercise_has_one_name_a_heading_hints_and_mistakes(name):
    lesson = lessons.load(ROOT, name)
    number = int(name[:2])
    assert [e.title.split(":")[0] for e in lesson.exercises] == [
        f"Exercise {number}.{i}" for i in range(1, len(lesson.exercises) + 1)
    ]
    for cell in lesson.notebook.cells:
        if cell.cell_type == "markdown" and (heading := lessons.HEADING.search(cell.source)):
            exercise = next(e for e in lesson.exercises if e.title == heading.group(1))
            assert exercise.points == int(heading.group(2)), "the heading promises other points than the cell gives"
            assert 1 <= cell.source.count("<summary>Hint") <= 3
    for exercise in lesson.exercises:
        assert 2 <= len(exercise.mistakes)
        assert f'check("{exercise.name}"' in exercise.test


@pytest.mark.parametrize("name", LESSONS)
def test_no_code_cell_is_long_and_no_stub_asks_for_much(name):
    lesson = lessons.load(ROOT, name)
    for cell in lesson.notebook.cells:
        if cell.cell_type == "code":
            shown = len(without_hidden(cell.source).splitlines())
            assert shown <= 25 + cell.source.count("SOLUTION"), cell.id
            # Nobody reads hidden tests while learning: they may be a little longer, on their own.
            assert len(cell.source.splitlines()) - shown <= 35, cell.id
    for exercise in lesson.exercises:
        _, solution, _, _ = lessons.split_solution(exercise.stub)
        assert len(solution) <= 8, exercise.name


@pytest.mark.parametrize("name", LESSONS)
def test_no_code_of_a_released_lesson_is_wider_than_jupyterlabs_editor(name):
    cells = notebooks.read(next((ROOT / "release" / name).glob("*.ipynb"))).cells
    lines = [(cell.id, line) for cell in cells if cell.cell_type == "code" for line in cell.source.splitlines()]
    assert [(where, line) for where, line in lines if len(line) > COLUMNS] == []


@pytest.mark.parametrize("name", LESSONS)
def test_what_follows_a_fold_is_another_cell(name):
    """JupyterLab leaves no gap between a fold and a paragraph of the same cell."""
    cells = lessons.load(ROOT, name).notebook.cells
    followed = re.compile(r"</details>\s*[^\s<#>]")
    assert [c.id for c in cells if c.cell_type == "markdown" and followed.search(c.source)] == []


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_opens_with_objectives_and_closes_with_their_answers(name):
    cells = [cell.source for cell in lessons.load(ROOT, name).notebook.cells if cell.cell_type == "markdown"]
    promised = re.findall(r"^\d\. \*\*(\w+)\*\*", cells[0], re.MULTILINE)
    answered = re.findall(r"^\d\. \*\*(\w+)\.\*\*", cells[-1], re.MULTILINE)
    assert len(promised) == 3
    assert [word.lower() for word in answered] == promised
    assert "**Looking back" in cells[-1]
    assert "**Predict first.**" in "".join(cells)
    assert sum(cell.count("\n> ") + cell.startswith("> ") for cell in cells) <= 2, "at most two callouts"


STALLS = re.compile(r"\binteract(ive|ive_output|_manual)?\b|\bOutput\b|\bipywidgets\b|\bipympl\b|%matplotlib")


@pytest.mark.parametrize("place", ["source", "release"])
@pytest.mark.parametrize("name", LESSONS)
def test_lessons_hold_no_widget_that_stalls_execution(name, place):
    (path,) = (ROOT / place / name).glob("*.ipynb")
    code = [cell.source for cell in notebooks.read(path).cells if cell.cell_type == "code"]
    assert len(code) > 10
    assert STALLS.search("\n".join(code)) is None


@pytest.mark.parametrize("code", [
    "from ipywidgets import interact", "@interact(x=(0, 1))", "out = widgets.Output()", "import ipywidgets as w",
    "%matplotlib widget", 'matplotlib.use("module://ipympl.backend_nbagg")',
])
def test_each_widget_that_stalls_execution_is_seen(code):
    assert STALLS.search(code)


# Numbers in prose

NUMBER = re.compile(r"(?<![\w.^_{])[-−]?\d+(?:\.\d+)?(?![\w}]|\.\d)")
# What is no statement about the network: headings, numbering, minutes, names of exercises, lessons and layers.
NOT_PROSE = re.compile(
    r"^#+ .*$|^\d\. |"
    r"[Ee]xercises? \d+\.\d+(?:,? (?:and )?\d+\.\d+)*|\b[Ll]essons? \d+(?:,? (?:and|to) \d+)*|[Hh]int \d|\[.*?\]\(.*?\)"
    r"|\\tfrac\d+|When \d+\.\d+|2-3-2-1|[({]\d[)}]|_\d|_\{[\d,]*\}",
    re.MULTILINE,
)


def stated_numbers(cell):
    """Return the numbers that a markdown cell states: all decimals, and whole numbers of two digits or more."""
    found = NUMBER.findall(NOT_PROSE.sub(" ", cell.source))
    return [number.replace("−", "-") for number in found if "." in number or len(number.lstrip("-−")) > 1]


def reader_of(notebook):
    """Return the function `written` of the prose files: what a cell's source has right after the given words.

    `written("first-reader", "epochs=")` is 40, `written("first-reader", "NN(")` is [64, 15, 10].
    """
    sources = {cell.id: cell.source for cell in notebook.cells}

    def written(cell, words):
        _, found, rest = sources[cell].partition(words)
        assert found, f"the cell {cell} no longer has {words!r}"
        return ast.literal_eval(re.match(r"\[[^]]*\]|-?[\w.]+", rest).group())

    return written


def test_every_number_that_prose_states_equals_a_computed_one(source_run):
    """`prose/NN-name.toml` gives for each number of each cell the expression that it states; here it is recomputed."""
    lesson, _, _ = source_run
    namespace = {"written": reader_of(lesson.notebook)}
    for cell in lesson.notebook.cells:
        if cell.cell_type == "code":
            exec(cell.source.replace("check(", "(lambda *a, **k: None)("), namespace)
    claims = tomllib.loads((PROSE / f"{lesson.name}.toml").read_text())
    for cell in lesson.notebook.cells:
        if cell.cell_type != "markdown":
            continue
        of_cell = claims.get(cell.id, {})
        numbers = stated_numbers(cell)
        assert set(numbers) == set(of_cell), f"{cell.id}: its prose file must name exactly the numbers of the cell"
        for number, expression in of_cell.items():
            decimals = len(number.partition(".")[2])
            computed = float(np.asarray(eval(expression, namespace)))
            assert f"{computed:.{decimals}f}" == number, f"{cell.id} states {number}; {expression} is {computed}"
    assert set(claims) <= {cell.id for cell in lesson.notebook.cells}


# Notebook files

def test_the_normal_form_is_stable_and_drops_what_changes_by_itself():
    messy = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_code_cell("x = 1\n", id="a1b2c3d4", execution_count=7, metadata={"collapsed": True}),
            nbformat.v4.new_markdown_cell("## Some words\n", id="deadbeef"),
        ],
        metadata={"widgets": {}},
    )
    messy.cells[0].outputs = [nbformat.v4.new_output("stream", text="1")]
    text = notebooks.normal_form(messy)
    data = json.loads(text)
    assert [cell["id"] for cell in data["cells"]] == ["x-1", "some-words"]
    assert data["cells"][0]["outputs"] == [] and data["cells"][0]["execution_count"] is None
    assert data["cells"][0]["metadata"] == {} and "widgets" not in data["metadata"]
    assert text.endswith("}\n") and notebooks.normal_form(nbformat.reads(text, as_version=4)) == text


def test_an_identifier_never_takes_a_grade_id():
    stub = nbformat.v4.new_code_cell("x", id="x", metadata={"nbgrader": {"grade_id": "gate", "solution": True}})
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("gate", id="gate"), stub])
    first, second = json.loads(notebooks.normal_form(notebook))["cells"]
    assert second["id"] == "gate" and first["id"] != "gate"


@pytest.mark.parametrize(
    "content", ["", "not json", "[]", "[" * 10_000, '{"cells": []}', '{"nbformat": 3, "worksheets": []}']
)
def test_a_file_that_is_no_notebook_is_named(content, tmp_path):
    path = tmp_path / "broken.ipynb"
    path.write_text(content)
    with pytest.raises(notebooks.NotebookError, match=r"broken\.ipynb is not a"):
        notebooks.read(path)
