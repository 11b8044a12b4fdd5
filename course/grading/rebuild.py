"""Rebuild: a learner's answers are lifted into a fresh copy of the instructor's notebook.

Nothing else of a submission counts: deleted or edited tests, flipped flags, moved cells, outputs and metadata are left
behind. Cells that the learner added come along, each after the instructor's cell that it followed.
"""

import json

from course.grading.submission import ANSWER, BY_HAND, OWN, UNREADABLE, Cell, Rebuilt

_MOST_CELLS = 2000
_CELL_TYPES = ("code", "markdown", "raw")


class NotANotebook(Exception):
    """The text is no notebook of format 4; the message is the submission's state."""


def rebuild(submission, key):
    """Put a submission's answers into a fresh copy of its lesson.

    Args:
        submission: a `Submission` with a text.
        key: the lesson's `Key`.

    Returns:
        The `Rebuilt`.

    Raises:
        NotANotebook: if the text is none.
    """
    theirs = _parse(submission.text, key.file)
    places = _match(theirs, key)
    answers = {key.cells[place].name: theirs[i].source for i, place in places.items() if _is_lifted(key.cells[place])}
    cells = []
    own = _own_cells(theirs, places, key)
    cells += own.get(-1, [])
    for place, cell in enumerate(key.cells):
        cells.append(_answered(cell, answers, key) if _is_lifted(cell) else cell)
        cells += own.get(place, [])
    return Rebuilt(submission, tuple(cells))


def _is_lifted(cell):
    return cell.kind in (ANSWER, BY_HAND)


def _answered(cell, answers, key):
    """Return an answer cell with the learner's text in it; one that was deleted is as good as untouched."""
    untouched = key.untouched[cell.name]
    source = answers.get(cell.name, untouched)
    return Cell(
        cell.kind, cell.cell_type, source, cell.name, cell.id, cell.metadata, source.strip() == untouched.strip()
    )


def _parse(text, name):
    """Return a notebook's cells as `Cell`s of kind OWN, named by the grade ids that they claim."""
    try:
        data = json.loads(text.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise NotANotebook(f"{UNREADABLE}: {name} is not a Jupyter notebook: it cannot be read as one") from None
    form = data.get("nbformat") if isinstance(data, dict) else None
    if form != 4 or not isinstance(data.get("cells"), list):
        old = f" of format {form}" if isinstance(form, int) and 0 <= form < 100 else ""
        advice = f"no notebook of format 4{f' but{old}' if old else ''}: open it in JupyterLab and save it again"
        raise NotANotebook(f"{UNREADABLE}: {name} is {advice}")
    if len(data["cells"]) > _MOST_CELLS:
        raise NotANotebook(f"{UNREADABLE}: {name} has {len(data['cells'])} cells, more than anybody writes")
    return [_cell(cell) for cell in data["cells"] if isinstance(cell, dict)]


def _cell(cell):
    cell_type = cell.get("cell_type")
    meta = cell.get("metadata")
    marks = meta.get("nbgrader") if isinstance(meta, dict) else None
    name = marks.get("grade_id") if isinstance(marks, dict) else None
    return Cell(
        OWN,
        cell_type if cell_type in _CELL_TYPES else "raw",
        _text(cell.get("source")),
        name if isinstance(name, str) else "",
        cell.get("id") if isinstance(cell.get("id"), str) else "",
    )


def _text(source):
    """Return a cell's text; half characters, which no file can hold, become replacement characters."""
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    if not isinstance(source, str):
        return ""
    return source.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _match(theirs, key):
    """Tell which of their cells stands for which of the instructor's: dict from index to place.

    By grade id, the last one of several, since that is the one whose values count in a notebook; else by the cell's
    own id; else, for what is not an answer, by its text.
    """
    by_name = {cell.name: place for place, cell in enumerate(key.cells) if cell.name}
    by_id = {cell.id: place for place, cell in enumerate(key.cells) if cell.id}
    by_text = {(cell.cell_type, cell.source): place for place, cell in enumerate(key.cells)}
    looks = (
        lambda cell: by_name.get(cell.name),
        lambda cell: by_id.get(cell.id),
        lambda cell: by_text.get((cell.cell_type, cell.source)),
    )
    places, taken = {}, set()
    for look in looks:
        found = {}
        for i, cell in enumerate(theirs):
            place = look(cell) if i not in places else None
            if place is not None and place not in taken:
                found[place] = i
        places |= {i: place for place, i in found.items()}
        taken |= found.keys()
    return places


def _own_cells(theirs, places, key):
    """Group the learner's own cells by the place of the instructor's cell before them, -1 for the top.

    An earlier answer of a name that comes twice is among them; a further copy of anything else is not.
    """
    known_texts = {(cell.cell_type, cell.source) for cell in key.cells}
    known_names = {cell.name for cell in key.cells if cell.name and not _is_lifted(cell)}
    own, place = {}, -1
    for i, cell in enumerate(theirs):
        if i in places:
            place = places[i]
        elif cell.source.strip() and cell.name not in known_names and (cell.cell_type, cell.source) not in known_texts:
            number = sum(map(len, own.values())) + 1
            own.setdefault(place, []).append(Cell(OWN, cell.cell_type, cell.source, id=f"own-{number}"))
    return own
