"""The nbgrader step that turns a solution into a stub which names its exercise."""

import re

from nbgrader.preprocessors import NbGraderPreprocessor

from course.lessons import HEADING, LessonError, replace_solution


class NameStubs(NbGraderPreprocessor):
    """Replaces each solution by `raise NotImplementedError("Exercise 4.4: through the gate")`.

    Takes the place of nbgrader's ClearSolutions in `nbgrader_config.py`, whose stub is the same for all cells.
    """

    def preprocess(self, nb, resources):
        title = ""
        for cell in nb.cells:
            heading = HEADING.search(cell.source) if cell.cell_type == "markdown" else None
            title = heading.group(1) if heading else title
            if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("solution"):
                cell.source = stub(cell.source, title)
        return nb, resources


def stub(source, title):
    """Return a solution cell's text as the learner gets it.

    Args:
        source: the cell's text with its solution.
        title: what the error names, "Exercise 4.4: through the gate".

    Raises:
        LessonError: if the exercise has no heading of the form that the style asks for.
    """
    if not title:
        raise LessonError(
            "A solution cell has no heading above it like '### Exercise 4.4: through the gate (3 points, 6 minutes)': "
            f"{source.splitlines()[0]!r}."
        )
    has_slots = re.search(r"= \.\.\.", source) is not None
    todo = "# Write your code here, in place of the next line."
    if has_slots:
        todo = "# Replace each ... above, then delete this line and the next."
    return replace_solution(source, f'{todo}\nraise NotImplementedError("{title}")')
