"""The key of a lesson: all that grading needs to know of its source; what is slow to make is kept in `build/keys/`."""

import hashlib
import json
import os
import platform
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import course
from course import lessons, notebooks
from course.checks.sealed_file import FILE_NAME
from course.checks.verdict import RIGHT
from course.grading.submission import ANSWER, BY_HAND, GIVEN, PROSE, TEST, Cell
from course.release.record import from_json, record, to_json, values
from course.release.sealing import known_answers

KEYS_FOLDER = Path("build") / "keys"

# What a result depends on besides the lesson: what lessons import, and how they are run and judged.
_SHOWN = ("__init__.py", "networks.py", "datasets.py", "diagram.py", "graph.py", "plots.py", "checks/*.py")
_ENGINE = ("grading/*.py", "grading/run/*.py", "report/clean.py")


@dataclass(frozen=True)
class KeyExercise:
    """What an exercise is worth, and for which answers.

    Attributes:
        name: the exercise's name.
        test: grade id of the cell that carries the points.
        points: how many.
        counted: tuple of the answers among which the points are shared; empty where a test asserts, all or nothing.
        by_hand: whether somebody reads the answer and grades it.
    """

    name: str
    test: str
    points: float
    counted: tuple
    by_hand: bool = False


@dataclass(frozen=True)
class Key:
    """A lesson as the grader sees it.

    Attributes:
        lesson: its name.
        file: its notebook's file name.
        cells: tuple of `Cell`: the source's, answers with their solutions and tests with their hidden parts.
        untouched: dict from an answer's name to its text as it was released.
        exercises: tuple of `KeyExercise` in the lesson's order.
        book: the `SealedBook` of its answers, in the open.
        files: dict from file name to bytes, of what lies beside the notebook while it runs.
        digest: hash of all of it and of the engine.
    """

    lesson: str
    file: str
    cells: tuple
    untouched: dict
    exercises: tuple
    book: object
    files: dict
    digest: str

    @property
    def max_score(self):
        return sum(exercise.points for exercise in self.exercises)


def make(course_dir, name):
    """Make a lesson's key, or take what is slow to make from `build/keys/` where nothing has changed.

    Args:
        course_dir: the course's root.
        name: the lesson's name.

    Returns:
        The `Key`.

    Raises:
        LessonError, NotebookError: where the source breaks a rule.
    """
    lesson = lessons.load(course_dir, name)
    digest = _digest(lesson)
    recorded = _load(course_dir, name, digest)
    if recorded is None:
        recorded = record(course_dir, lesson)
        keep(course_dir, lesson, recorded)
    book = known_answers(lesson, recorded)
    counted = {exercise.name: _counted(book, recorded[exercise.name]) for exercise in lesson.exercises}
    cells = tuple(_cell(cell) for cell in lesson.notebook.cells)
    untouched = {exercise.name: exercise.untouched for exercise in lesson.exercises}
    untouched |= {cell.name: cell.source for cell in cells if cell.kind == BY_HAND}
    sealed = Path(course_dir) / "release" / name / FILE_NAME
    files = {FILE_NAME: sealed.read_bytes()} if sealed.exists() else {}
    return Key(name, lesson.path.name, cells, untouched, _exercises(lesson, cells, counted), book, files, digest)


def keep(course_dir, lesson, recorded):
    """Keep what `record` found, readable by the owner alone: it holds the answers.

    Args:
        course_dir: the course's root.
        lesson: the `Lesson`.
        recorded: what `record` returned for it.
    """
    folder = Path(course_dir) / KEYS_FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    os.chmod(folder, 0o700)
    text = json.dumps({"digest": _digest(lesson), "recorded": to_json(recorded)})
    notebooks.write_atomically(folder / f"{lesson.name}.json", text)


def _load(course_dir, name, digest):
    try:
        data = json.loads((Path(course_dir) / KEYS_FOLDER / f"{name}.json").read_text(encoding="utf-8"))
        return from_json(data["recorded"]) if data["digest"] == digest else None
    except (OSError, ValueError, KeyError, TypeError):
        return None  # It is made anew.


def _digest(lesson):
    """Return the hash of a lesson's code, points and mistakes, and of the engine; prose may change freely."""
    code = [[cell.source, cell.metadata.get("nbgrader")] for cell in lesson.notebook.cells if cell.cell_type == "code"]
    marked = [cell.metadata.get("nbgrader", {}) for cell in lesson.notebook.cells]
    by_hand = [meta for meta in marked if meta.get("grade") or meta.get("task")]
    mistakes = [[m.exercise, m.name, m.says, m.code] for exercise in lesson.exercises for m in exercise.mistakes]
    data = [lesson.name, lesson.path.name, code, by_hand, mistakes, engine_digest()]
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()


def engine_digest():
    """Return the hash of the code and the versions that decide what a submission comes to."""
    folder = Path(course.__file__).parent
    files = sorted(path for pattern in _SHOWN + _ENGINE for path in folder.glob(pattern))
    engine = hashlib.sha256(f"{platform.python_version()} {np.__version__}".encode())
    for path in files:
        engine.update(path.read_bytes())
    return engine.hexdigest()


def _counted(book, recorded):
    """Return the answers that earn points: those that an untouched stub does not already give."""
    given = set()
    for call in recorded.untouched.calls:
        known = {name: value for name, value in values(call).items() if name in recorded.right.answers}
        if known:
            given |= {verdict.name for verdict in book.judge(known) if verdict.state == RIGHT}
    names = tuple(recorded.right.answers)
    return tuple(name for name in names if name not in given) or names


def _cell(cell):
    meta = cell.metadata.get("nbgrader", {})
    kind = GIVEN if cell.cell_type == "code" else PROSE
    if meta.get("task") or meta.get("grade") and meta.get("solution"):
        kind = BY_HAND
    elif meta.get("solution"):
        kind = ANSWER
    elif meta.get("grade"):
        kind = TEST
    metadata = json.loads(json.dumps(cell.metadata))
    return Cell(kind, cell.cell_type, cell.source, meta.get("grade_id", ""), cell.id, metadata)


def _exercises(lesson, cells, counted):
    """List the exercises, those graded by hand among them, in the order of the notebook."""
    by_test = {f"{exercise.name}-check": exercise for exercise in lesson.exercises}
    rows = []
    for cell in cells:
        if cell.kind == BY_HAND:
            rows.append(KeyExercise(cell.name, cell.name, cell.metadata["nbgrader"].get("points", 0), (), by_hand=True))
        elif cell.kind == TEST:
            exercise = by_test[cell.name]
            rows.append(KeyExercise(exercise.name, cell.name, exercise.points, counted[exercise.name]))
    return tuple(rows)
