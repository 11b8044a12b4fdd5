"""A lesson of two exercises, small enough to release and grade in a second or two."""

import nbformat

from course import notebooks

NAME = "50-toy"
FILE = "toy.ipynb"
POINTS = {"twice": 2, "square": 3}

_MISTAKES = """
[[twice]]
name = "once"
says = "That is the number once."
code = "answer = 1.23456"

[[square]]
name = "doubled"
says = "That is twice the number."
code = "return 2 * x"
"""


def write_source(course, *, solution="answer = 2 * 1.23456"):
    """Write the lesson's source into a course.

    Args:
        course: the course's root.
        solution: what solves the first exercise.
    """
    cells = [
        _code("setup", "from course import check", locked=True),
        nbformat.v4.new_markdown_cell("### Exercise 50.1: twice (2 points, 3 minutes)", id="first"),
        _code("twice", f"answer = ...\n### BEGIN SOLUTION\n{solution}\n### END SOLUTION", solution=True),
        _code("twice-check", 'check("twice", answer)', grade=True, locked=True, points=POINTS["twice"]),
        nbformat.v4.new_markdown_cell("### Exercise 50.2: the square (3 points, 3 minutes)", id="second"),
        _code(
            "square",
            "def square(x):\n    ### BEGIN SOLUTION\n    return x * x\n    ### END SOLUTION",
            solution=True,
        ),
        _code("square-check", 'check("square", square(1.7320))', grade=True, locked=True, points=POINTS["square"]),
    ]
    folder = course / "source" / NAME
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FILE).write_text(notebooks.normal_form(nbformat.v4.new_notebook(cells=cells)))
    (folder / "mistakes.toml").write_text(_MISTAKES)


def hand_in(course, student, answers):
    """Hand in the released notebook with other code in some of its cells.

    Args:
        course: the course's root, with the lesson released.
        student: whose submission it is.
        answers: dict from a cell's name to its code, or the text of the whole file.

    Returns:
        The folder of the submission.
    """
    folder = course / "submitted" / student / NAME
    folder.mkdir(parents=True, exist_ok=True)
    if isinstance(answers, dict):
        notebook = notebooks.read(course / "release" / NAME / FILE)
        for cell in notebook.cells:
            cell.source = answers.get(cell.id, cell.source)
        answers = notebooks.normal_form(notebook)
    (folder / FILE).write_text(answers)
    return folder


def _code(name, source, **role):
    standard = {"grade": False, "locked": False, "solution": False, "task": False, "schema_version": 3}
    return nbformat.v4.new_code_cell(source, id=name, metadata={"nbgrader": {**standard, "grade_id": name, **role}})
