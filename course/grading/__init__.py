"""Grading with nbgrader: every submission ends in a grade or in a named state."""

import shutil
import time
import warnings
from dataclasses import dataclass
from pathlib import Path

from nbgrader.api import MissingEntry
from sqlalchemy.exc import SAWarning, SQLAlchemyError
from traitlets.config import Config

from course import lessons, notebooks
from course.checks import sealed_file
from course.checks.verdict import RIGHT, UNANSWERED
from course.nbgrader_app import CourseError, open_course, reason

GRADED = "graded"
RAISED = "graded, code raised"
UNREADABLE = "unreadable"
MISSING = "missing"
NOT_GRADED = "not graded"

# What a stub raises, and how a check or an `assert` says that an answer is wrong: no fault in the code.
_NO_FAULT = {"NotImplementedError", "CheckFailed", "AssertionError"}


@dataclass(frozen=True)
class GradedExercise:
    """What one exercise came to.

    Attributes:
        name: the exercise's name.
        score, max_score: points.
        verdict: "right", or what `check` said of the first part that is not ("unanswered", "mistake", ...), or
            the error that kept it from saying anything.
        mistake: the names of the recognised mistakes, joined by "; ".
    """

    name: str
    score: float
    max_score: float
    verdict: str
    mistake: str


@dataclass(frozen=True)
class Graded:
    """What one submission came to.

    Attributes:
        student, lesson: whose it is, and of what.
        state: one of the constants of this module, all but `GRADED` with ": " and the details.
        score: points, or None where there is no grade.
        max_score: points of the whole lesson.
        seconds: what it took.
        exercises: tuple of `GradedExercise` in the lesson's order; empty where there is no grade.
    """

    student: str
    lesson: str
    state: str
    score: float | None
    max_score: float
    seconds: float
    exercises: tuple

    @property
    def kind(self):
        """Return the state without its details."""
        return self.state.partition(":")[0]

    @property
    def mistakes(self):
        """Return the recognised mistakes as a set of pairs (exercise, mistake)."""
        return {(row.name, name) for row in self.exercises for name in row.mistake.split("; ") if name}


class _NoGrade(Exception):
    """A submission cannot be graded; the message is its state."""


def find_submissions(course_dir, lesson_names, student="*"):
    """Find what has been handed in.

    Args:
        course_dir: the course's root.
        lesson_names: the lessons to look for.
        student: one student's id, or "*" for all.

    Returns:
        A list of pairs (student, lesson's name), by lesson, then by student.

    Raises:
        CourseError: if one student is asked for who has handed in nothing.
    """
    submitted = Path(course_dir) / "submitted"
    students = sorted(folder.name for folder in submitted.glob("*/") if not folder.name.startswith("."))
    if student != "*" and student not in students:
        raise CourseError(f"{submitted} holds no folder of a student called {student}.")
    wanted = students if student == "*" else [student]
    return [(one, lesson) for lesson in lesson_names for one in wanted if (submitted / one / lesson).is_dir()]


def grade(course_dir, lesson_names, student="*"):
    """Grade all submissions anew, one after the other.

    Args:
        course_dir: the course's root.
        lesson_names: the lessons to grade.
        student: one student's id, or "*" for all.

    Yields:
        A `Graded` for each submission, as soon as it is done.

    Raises:
        LessonError, CheckError, CourseError: if a lesson or the course is not fit for grading. No submission,
            whatever it holds, raises anything.
    """
    course_dir = Path(course_dir).resolve()
    api = open_course(course_dir, _quiet_kernels())
    known = {name: _load_released(api, course_dir, name) for name in lesson_names}
    for one, name in find_submissions(course_dir, lesson_names, student):
        yield _grade_one(api, course_dir, known[name], one)


def feedback(course_dir, lesson_names):
    """Write nbgrader's feedback pages of all graded submissions to `feedback/<student>/<lesson>/`.

    Args:
        course_dir: the course's root.
        lesson_names: the lessons to write them for; one without a graded submission is passed over.

    Raises:
        CourseError: if nbgrader could not write one of them; all the others are written all the same.
    """
    course_dir = Path(course_dir).resolve()
    api = open_course(course_dir)
    problems = []
    for name in lesson_names:
        if any(course_dir.glob(f"autograded/*/{name}/*.ipynb")):
            answer = api.generate_feedback(name)
            if not answer["success"]:
                problems.append(f"{name}: {reason(answer)}")
    if problems:
        raise CourseError(f"nbgrader could not write all feedback: {'; '.join(problems)}")


def _quiet_kernels():
    """Return settings that keep what kernels say of themselves off the terminal."""
    changes = Config()
    changes.Execute.extra_arguments = ["--HistoryManager.hist_file=:memory:", "--IPKernelApp.log_level=ERROR"]
    return changes


def _load_released(api, course_dir, name):
    """Load a lesson whose release and gradebook entry agree with its source."""
    lesson = lessons.load(course_dir, name)
    sealed = course_dir / "release" / name / sealed_file.FILE_NAME
    if not sealed.exists():
        raise CourseError(f"There is no {sealed}, by which to check: run `course release {name}` first.")
    sealed_file.load(sealed)
    try:
        with api.gradebook as gradebook:
            notebook = gradebook.find_notebook(lesson.path.stem, name)
            registered = {cell.name: cell.max_score for cell in notebook.grade_cells}
    except MissingEntry:
        raise CourseError(f"{name} is not in the gradebook: run `course release {name}` first.") from None
    except SQLAlchemyError as problem:
        why = str(problem).splitlines()[0]
        raise CourseError(f"The gradebook {api.coursedir.db_url} cannot be used: {why}.") from None
    if registered != {_test_name(exercise): exercise.points for exercise in lesson.exercises}:
        raise CourseError(f"{lesson.path} has changed since its release: run `course release {name}` first.")
    return lesson


def _test_name(exercise):
    return f"{exercise.name}-check"


def _grade_one(api, course_dir, lesson, student):
    started = time.perf_counter()
    autograded = course_dir / "autograded" / student / lesson.name
    try:
        _autograde(api, course_dir / "submitted" / student / lesson.name, lesson, student)
        state, exercises = _read_back(api, autograded / lesson.path.name, lesson, student)
        score = sum(row.score for row in exercises)
    except Exception as problem:  # Whatever a submission holds costs its own grade, not the run.
        told = isinstance(problem, _NoGrade)
        state = str(problem) if told else f"{NOT_GRADED}: {type(problem).__name__}: {problem}"
        score, exercises = None, ()
        # What may stand there belongs to an earlier submission; without it nbgrader shows no grade either.
        shutil.rmtree(autograded, ignore_errors=True)
    seconds = round(time.perf_counter() - started, 3)
    return Graded(student, lesson.name, state, score, lesson.max_score, seconds, exercises)


def _autograde(api, folder, lesson, student):
    """Let nbgrader run and grade a submission that can be read."""
    path = folder / lesson.path.name
    if not path.exists():
        others = ", ".join(sorted(other.name for other in folder.glob("*.ipynb")))
        raise _NoGrade(f"{MISSING}: there is no {path.name}{f', but {others}' if others else ''}")
    try:
        notebooks.read(path)
    except (notebooks.NotebookError, RecursionError) as problem:
        raise _NoGrade(f"{UNREADABLE}: {str(problem).removeprefix(f'{path.parent}/')}") from None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SAWarning)  # nbgrader 0.9.6 and SQLAlchemy 2.1, harmless
        answer = api.autograde(lesson.name, student, force=True)
    if answer.get("error", "").endswith("KeyboardInterrupt\n"):
        raise KeyboardInterrupt
    if not answer["success"]:
        raise _NoGrade(f"{NOT_GRADED}: {reason(answer)}")


def _read_back(api, path, lesson, student):
    """Return the state and the exercises of a submission that nbgrader has graded."""
    with api.gradebook as gradebook:
        grades = gradebook.find_submission_notebook(path.stem, lesson.name, student).grades
        scores = {grade.name: grade.score for grade in grades}
    cells = [cell for cell in notebooks.read(path).cells if cell.cell_type == "code"]
    by_name = {_grade_id(cell): cell for cell in cells}
    exercises = tuple(
        GradedExercise(
            exercise.name,
            scores[_test_name(exercise)],
            exercise.points,
            *_verdict(by_name.get(_test_name(exercise)), scores[_test_name(exercise)] == exercise.points),
        )
        for exercise in lesson.exercises
    )
    faults = _faults(cells)
    if not faults:
        return GRADED, exercises
    more = f" and {len(faults) - 1} more" if len(faults) > 1 else ""
    return f"{RAISED}: {faults[0]}{more}", exercises


def _grade_id(cell):
    return cell.metadata.get("nbgrader", {}).get("grade_id", "")


def _verdict(cell, has_full_marks):
    """Return the verdict on an exercise and its recognised mistakes, as its executed test cell has them."""
    if cell is None:
        return "its test cell is gone", ""
    said = [verdict for output in cell.outputs for verdict in output.get("metadata", {}).get("course", [])]
    mistakes = "; ".join(dict.fromkeys(verdict["mistake"] for verdict in said if verdict["mistake"]))
    if has_full_marks:
        return RIGHT, mistakes
    wrong = [verdict["state"] for verdict in said if verdict["state"] != RIGHT]
    error = UNANSWERED if _error(cell) == "NotImplementedError" else _error(cell)
    return wrong[0] if wrong else error or "no verdict", mistakes


def _error(cell):
    """Return the name of the error that a cell ended in, or ""."""
    errors = [output.ename for output in cell.outputs if output.output_type == "error"]
    return errors[-1] if errors else ""


def _faults(cells):
    """Tell where the learner's code raised: "ZeroDivisionError in w2-22".

    An error in a test cell counts where its stub ran through, as that of a function which the test calls;
    otherwise it only follows from what happened in the stub.
    """
    faults, broken_stubs = [], set()
    for cell in cells:
        error = _error(cell)
        name = _grade_id(cell).removesuffix("-check") or f"cell [{cell.execution_count}]"
        if error and error not in _NO_FAULT and name not in broken_stubs:
            faults.append(f"{error} in {name}")
        if error:
            broken_stubs.add(name)
    return faults
