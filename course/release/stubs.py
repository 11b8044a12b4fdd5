"""The nbgrader step that turns a solution into a stub which names its exercise."""

from nbgrader.preprocessors import NbGraderPreprocessor

from course.lessons import HEADING, stub


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
