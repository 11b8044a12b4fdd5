"""The key of a lesson: all that grading a submission needs to know of its source."""

import ast
import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from course import lessons
from course.checks.sealed_file import FILE_NAME
from course.checks.verdict import RIGHT
from course.grading import names
from course.grading.submission import ANSWER, BY_HAND, GIVEN, PROSE, TEST, Cell
from course.release import recordings
from course.release.record import values
from course.release.sealing import known_answers

# What a result depends on besides the lesson and what it imports: how it is run and judged.
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

    @cached_property
    def modules(self):
        """Return the names of the modules that the instructor's cells import; the warm parent imports them once."""
        found = set()
        for cell in self.cells:
            for node in ast.walk(names.parse(cell.source)) if cell.kind == GIVEN else ():
                if isinstance(node, ast.Import):
                    found |= {alias.name for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and not node.level:
                    found.add(node.module)
        return tuple(sorted(found))


def make(course_dir, name):
    """Make a lesson's key.

    Args:
        course_dir: the course's root.
        name: the lesson's name.

    Returns:
        The `Key`.

    Raises:
        LessonError, NotebookError: where the source breaks a rule.
    """
    lesson = lessons.load(course_dir, name)
    recorded = recordings.load(course_dir, lesson)
    book = known_answers(lesson, recorded)
    counted = {exercise.name: _counted(book, recorded[exercise.name]) for exercise in lesson.exercises}
    cells = tuple(_cell(cell) for cell in lesson.notebook.cells)
    untouched = {exercise.name: exercise.untouched for exercise in lesson.exercises}
    untouched |= {cell.name: cell.source for cell in cells if cell.kind == BY_HAND}
    sealed = Path(course_dir) / "release" / name / FILE_NAME
    files = {FILE_NAME: sealed.read_bytes()} if sealed.exists() else {}
    digest = hashlib.sha256(f"{recordings.digest(lesson)} {recordings.code_digest(_ENGINE)}".encode()).hexdigest()
    return Key(name, lesson.path.name, cells, untouched, _exercises(lesson, cells, counted), book, files, digest)


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
