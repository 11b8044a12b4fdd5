"""The hostile submissions of this folder: read, and handed in to a course between honest ones.

Each file `NN_name.py` is one submission, or a family of up to three that try the same trick. It holds

    ANSWERS     dict from an exercise to the text that its answer cell gets; the others are answered rightly
    EXTRA       list of pairs (id of the cell before, code): cells of the learner's own
    submission  in their place, a function (released notebook, folder) that writes what is handed in
    FAMILY      in their place, a dict from a name to one of ANSWERS, a list like EXTRA, a function like `submission`
    SCORE       what it deserves when it is defended well: the honest parts still earn their points
    STATE       the state it ends in: the whole of "graded", or the beginning of any other
                (both are tuples where several will do)
    ABSENT      pattern of what must not appear in the executed notebook's outputs, nor in the feedback
    HARMS       why it must not be run without a cage

In their texts `@COURSE@` stands for the course's root, `@PORT@` for a port of this machine on which somebody listens.
Whatever they leave behind outside of the cage is called `HOSTILE-...`; what they must not find out starts with CANARY.
"""

import copy
import json
import os
import runpy
import uuid
from dataclasses import dataclass, replace
from pathlib import Path

from course import notebooks

FOLDER = Path(__file__).resolve().parent
LESSON_FOLDER = FOLDER / "lesson"
LESSON = "60-target"
FILE = "target.ipynb"
MOST_POINTS = {"value": 2, "chain": 3, "double": 3, "plain": 2}
FULL = 10.0

HONEST = {
    "value": "value = (X * X).sum()",
    "chain": (
        "z = X[0] @ w\ngate = 1 / (1 + np.exp(-z))\ndJ_da = gate - 1\n"
        "da_dz = gate * (1 - gate)\ndJ_dw = dJ_da * da_dz * X[0][1]"
    ),
    "double": 'def double(x):\n    """Return twice x."""\n    return x + x',
    "plain": "def plain(x, centre):\n    middle = centre(x)\n    return x - middle",
}
# They stand between the hostile ones in the order of names, and in the order of grading.
HONEST_STUDENTS = ("00_honest", "20_honest", "40_honest", "60_honest", "80_honest", "99_honest")


@dataclass(frozen=True)
class Attack:
    """One hostile submission.

    Attributes:
        student: who hands it in.
        says: what it tries and what must happen.
        write: function (released notebook, folder) that writes it.
        scores: tuple of the points that it may get, None for no grade.
        states: tuple of the states that it may end in.
        absent: pattern of what must not come out.
        harms: why it must not be run without a cage, or "".
    """

    student: str
    says: str
    write: object
    scores: tuple
    states: tuple
    absent: str = ""
    harms: str = ""

    def ends_well_in(self, state):
        """Tell whether a state is one of those that it deserves."""
        return any(state == wanted or (wanted != "graded" and state.startswith(wanted)) for wanted in self.states)


def load(pattern="[0-9][0-9]_*.py"):
    """Return all attacks, by name."""
    return [attack for path in sorted(FOLDER.glob(pattern)) for attack in _read(path)]


def _read(path):
    given = runpy.run_path(str(path))
    common = Attack(
        student=path.stem,
        says=" ".join(given["__doc__"].split()),
        write=given.get("submission") or _filled_in(given.get("ANSWERS", {}), given.get("EXTRA", [])),
        scores=_tuple(given["SCORE"]),
        states=_tuple(given["STATE"]),
        absent=given.get("ABSENT", ""),
        harms=given.get("HARMS", ""),
    )
    family = given.get("FAMILY", {})
    return [replace(common, student=f"{path.stem}-{name}", write=_writer(one)) for name, one in family.items()] or [
        common
    ]


def _tuple(one):
    return one if isinstance(one, tuple) else (one,)


def _writer(one):
    if callable(one):
        return one
    return _filled_in(one, []) if isinstance(one, dict) else _filled_in({}, one)


def _filled_in(answers, extra):
    return lambda released, folder: write(released, folder, answers, extra)


def write(released, folder, answers=None, extra=()):
    """Write a submission that differs from an honest one in some answers and in cells of the learner's own.

    Args:
        released: the released notebook, as a dict; it is not changed.
        folder: where to write it.
        answers: dict from exercise to code.
        extra: pairs (id of the cell before, code).
    """
    (folder / FILE).write_text(json.dumps(filled_in(released, answers, extra)), encoding="utf-8")


def filled_in(released, answers=None, extra=()):
    """Return a copy of the released notebook with honest answers, other answers and cells of the learner's own."""
    notebook = copy.deepcopy(released)
    for name, code in {**HONEST, **(answers or {})}.items():
        cell(notebook, name)["source"] = code.strip("\n")
    for before, code in extra:
        place = [one["id"] for one in notebook["cells"]].index(before) + 1
        notebook["cells"].insert(place, own_cell(code))
    return notebook


def cell(notebook, name):
    """Return a notebook's cell of an id."""
    return next(one for one in notebook["cells"] if one["id"] == name)


def own_cell(code, cell_type="code"):
    """Return a cell as JupyterLab makes it."""
    made = {"cell_type": cell_type, "id": uuid.uuid4().hex[:8], "metadata": {}, "source": code.strip("\n")}
    return {**made, "execution_count": None, "outputs": []} if cell_type == "code" else made


def hand_in(attack, course, port=9):
    """Let an attack write its submission.

    Args:
        attack: an `Attack`.
        course: the course's root, with the lesson released.
        port: what `@PORT@` stands for.
    """
    folder = course / "submitted" / attack.student / LESSON
    folder.mkdir(parents=True)
    attack.write(_released(course), folder)
    for path in [] if folder.is_symlink() else folder.rglob("*"):
        is_plain = path.is_file() and not path.is_symlink()
        if is_plain and os.access(path, os.R_OK) and path.stat().st_size < 1 << 20:
            data = path.read_bytes()
            path.write_bytes(data.replace(b"@COURSE@", str(course).encode()).replace(b"@PORT@", str(port).encode()))


def hand_in_honestly(course, student):
    """Hand in right answers."""
    folder = course / "submitted" / student / LESSON
    folder.mkdir(parents=True)
    write(_released(course), folder, extra=[("title", f"secret = 'CANARY-neighbour of {student}'")])


def _released(course):
    return json.loads(notebooks.normal_form(notebooks.read(course / "release" / LESSON / FILE)))
