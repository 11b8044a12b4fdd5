"""A simulated class: learners whose grades are known beforehand, so that grading can be checked against them."""

import math
import os
import random
import shutil
from dataclasses import dataclass
from pathlib import Path

from course import lessons, notebooks, terminal
from course.checks import seal as seals
from course.grading import batch
from course.grading import key as keys
from course.grading.submission import GRADED, RAISED, STOPPED, UNREADABLE, Limits
from course.lessons import LessonError, split_solution
from course.nbgrader_app import CONFIG_FILE, CourseError, generate_feedback
from course.release import recordings, release_all

DEMO_FOLDER = Path("build") / "demo"

_MARK = "SIMULATED.txt"
_MARK_TEXT = "A learner simulated by `course demo` or `course demo-class`, which overwrite this folder.\n"
_KINDS = ("perfect", "half-done", "untouched", "raises", "unreadable")
_OTHERS = "mistakes"
_FAULTS = {"ZeroDivisionError": "1 / 0", "NameError": "not_defined_anywhere"}

# A learner who loops costs this many seconds, so that the demo is over soon.
_DEMO_LIMITS = Limits(cell_seconds=20)

# What hostile learners write in the place of the first solution, having answered nothing: no trick earns a point.
_TRICKS = {
    "patches-the-check": """
import sys, course, course.checks
course.check = course.checks.check = check = lambda *answers, **parts: print("right.")
for module in list(sys.modules.values()):
    if hasattr(module, "assert_allclose"):
        module.assert_allclose = lambda *anything, **settings: None
AssertionError = Exception
""",
    "always-equal": """
class Right(float):
    __eq__ = __le__ = __ge__ = __lt__ = __gt__ = lambda self, other: True
    __hash__ = float.__hash__
    def __array__(self, *anything, **settings):
        import numpy
        return numpy.zeros(())
for name in "abcdefghijklmnopqrstuvwxyz":
    globals()[name] = Right(1)
""",
    "reads-the-source": """
import glob, os
for place in ("..", "../..", os.path.expanduser("~"), os.environ.get("PWD", "/")):
    for path in glob.glob(place + "/source/*/*.ipynb") + glob.glob(place + "/gradebook.db"):
        print(path, open(path, "rb").read())
for process in glob.glob("/proc/[0-9]*"):
    for file in ("environ", "maps", "cmdline"):
        print(open(f"{process}/{file}", "rb").read())
""",
}
# And what ends the learner's process, in a notebook that is right but for its first answer.
_ENDS = {
    "kills": ("crashed", "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\nos._exit(0)"),
    "loops": ("timed out", "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True:\n    pass"),
}


@dataclass(frozen=True)
class Expected:
    """What must come out of grading one simulated submission.

    Attributes:
        student, lesson: whose it is, and of what.
        state: as `Graded` has it; where there can be no grade, its kind alone.
        score: points, or None where there can be no grade.
        mistakes: frozenset of pairs (exercise, mistake).
    """

    student: str
    lesson: str
    state: str
    score: float | None
    mistakes: frozenset


@dataclass(frozen=True)
class _Answers:
    """What one learner writes in one lesson.

    Attributes:
        code: dict from exercise to what stands in the place of its solution; the others stay untouched.
        mistakes: tuple of the `Mistake`s among it.
        fault: pair (exercise, name of the error that its code raises), or None.
    """

    code: dict
    mistakes: tuple = ()
    fault: tuple | None = None


def run_demo(course_dir, students, seed):
    """Release, simulate, grade and report in a private copy of the course; print the table of grades.

    The copy is `build/demo/` below the course's root, made anew each time: the course's own submissions and
    gradebook are not touched.

    Args:
        course_dir: the course's root.
        students: how many learners to simulate.
        seed: any number; the same one gives the same class.

    Returns:
        A list of the differences between what came out and what was put in, each in one line; empty if all is well.

    Raises:
        LessonError, NotebookError, CheckError, CourseError: where the course is not as it must be.
    """
    demo_dir = _copy_course(Path(course_dir).resolve())
    names = lessons.names(demo_dir)
    for _ in terminal.follow(release_all(demo_dir, names), len(names), "Releasing", lambda lesson: lesson.name):
        pass
    expected = make_class(demo_dir, students, seed) + make_hostile(demo_dir, seed)
    grades = batch.grade(demo_dir, names, workers=os.cpu_count(), limits=_DEMO_LIMITS)
    graded = list(terminal.follow(grades, len(expected), "Grading", terminal.describe_grade))
    generate_feedback(demo_dir, names)
    terminal.print_grades(graded)
    print(f"\nFeedback: {demo_dir}/feedback/<student>/<lesson>/<notebook>.html")
    return differences(expected, graded)


def make_class(course_dir, students, seed):
    """Write the submissions of a simulated class to `submitted/`, in the place of an earlier simulated one.

    There are learners who do everything right, half of it or nothing, whose code raises, whose notebook is cut
    off in one lesson, and, all the others, who make one to three of the mistakes that a lesson knows of.

    Args:
        course_dir: the course's root, with all its lessons released.
        students: how many learners; six or more have every kind among them.
        seed: any number; the same one gives the same class.

    Returns:
        A list of `Expected`, one for each submission.

    Raises:
        CourseError: if a folder that is not simulated would be overwritten, or `submitted/` cannot be written.
        LessonError, NotebookError: if a lesson cannot be read or has not been released.
    """
    course_dir = Path(course_dir)
    all_lessons = [lessons.load(course_dir, name) for name in lessons.names(course_dir)]
    released = {lesson.name: _read_released(course_dir, lesson) for lesson in all_lessons}
    cut_off = random.Random(f"{seed}, unreadable").choice(all_lessons)
    shares = {lesson.name: _Shares(course_dir, lesson) for lesson in all_lessons}
    learners = [(f"sim-{number:02}-{kind}", kind) for number, kind in enumerate(_kinds(students), 1)]
    _make_folders(course_dir / "submitted", [student for student, _ in learners])
    expected = []
    for student, kind in learners:
        for lesson in all_lessons:
            chance = random.Random(f"{seed}, {student}, {lesson.name}")
            answers = _answers(kind, lesson, shares[lesson.name], chance)
            text = _filled_in(released[lesson.name], lesson, answers)
            is_cut_off = kind == "unreadable" and lesson is cut_off
            _hand_in(course_dir, student, lesson, text[: len(text) // 2] if is_cut_off else text)
            unreadable = Expected(student, lesson.name, UNREADABLE, None, frozenset())
            expected.append(unreadable if is_cut_off else _expect(student, lesson, answers, shares[lesson.name]))
    return expected


def make_hostile(course_dir, seed):
    """Write the submissions of five hostile learners to `submitted/`, each with a trick of its own in one lesson.

    Args:
        course_dir: the course's root, with all its lessons released.
        seed: any number; the same one gives the same lessons.

    Returns:
        A list of `Expected`, one for each submission.

    Raises:
        CourseError, LessonError, NotebookError: as for `make_class`.
    """
    course_dir = Path(course_dir)
    chosen = random.Random(f"{seed}, hostile")
    names = lessons.names(course_dir)
    students = [f"bad-{number}-{trick}" for number, trick in enumerate([*_TRICKS, *_ENDS], 1)]
    _make_folders(course_dir / "submitted", students, keep_others=True)
    expected = []
    for student in students:
        lesson = lessons.load(course_dir, chosen.choice(names))
        first, trick = lesson.exercises[0], student.split("-", 2)[2]
        # The trick stands above the untouched stub, so that the lesson's own cells find the names that they use.
        answers, state = {first.name: f"{_TRICKS.get(trick, '').strip()}\n\n\n{first.untouched}"}, GRADED
        if trick in _ENDS:
            kind, code = _ENDS[trick]
            answers = {exercise.name: _solution(exercise) for exercise in lesson.exercises} | {first.name: code}
            state = f"{STOPPED}: {kind} in {first.name}"
        text = _filled_in(_read_released(course_dir, lesson), lesson, _Answers(answers), whole={first.name})
        _hand_in(course_dir, student, lesson, text)
        score = lesson.max_score - first.points if trick in _ENDS else 0
        expected.append(Expected(student, lesson.name, state, score, frozenset()))
    return expected


def _hand_in(course_dir, student, lesson, text):
    path = course_dir / "submitted" / student / lesson.name / lesson.path.name
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")


class _Shares:
    """What each mistake of a lesson leaves of its exercise's points, as its recording tells."""

    def __init__(self, course_dir, lesson):
        recorded = recordings.load(course_dir, lesson)
        counted = {one.name: one.counted for one in keys.make(course_dir, lesson.name).exercises}
        self._points = {}
        for exercise in lesson.exercises:
            right = recorded[exercise.name].right.answers
            names = counted[exercise.name]
            for mistake, recording in zip(exercise.mistakes, recorded[exercise.name].mistakes, strict=True):
                kept = [name for name in names if _is_right(recording.answers.get(name), right[name])]
                share = exercise.points * len(kept) / len(names)
                # A function that differs from the solution on fresh inputs has earned nothing.
                is_refuted = recording.error.startswith("Disagrees")
                # What else ends a test early hides what it would have found: no class is simulated with that.
                is_known = is_refuted or not recording.error
                self._points[mistake] = (0 if is_refuted else round(share, 2)) if is_known else None

    def left_by(self, mistake):
        """Return the points that an exercise keeps with this mistake, or None where they are not known."""
        return self._points[mistake]


def _is_right(answer, right):
    """Tell whether a check takes a recorded answer for the right one."""
    return answer is not None and seals.match(seals.know(right, ""), answer, "") is not None


def differences(expected, graded):
    """Compare what came out of grading with what was put in.

    An exercise in which a known mistake was put must show that mistake; any other must show none.

    Args:
        expected: a sequence of `Expected`.
        graded: a sequence of `Graded`.

    Returns:
        A list of lines: student, lesson, what was expected, what came.
    """
    came = {(one.student, one.lesson): one for one in graded}
    lines = []
    for wanted in expected:
        where = f"{wanted.student}, {wanted.lesson}"
        got = came.pop((wanted.student, wanted.lesson), None)
        if got is None:
            lines.append(f"{where}: expected {wanted.state!r}, came nothing")
            continue
        state = got.kind if wanted.score is None else got.state
        if state != wanted.state:
            lines.append(f"{where}: expected {wanted.state!r}, came {got.state!r}")
        if not _is_same_score(got.score, wanted.score):
            lines.append(f"{where}: expected a score of {wanted.score}, came {got.score}")
        lines += [
            f"{where}: expected {name!r} in {exercise}, came without"
            for exercise, name in sorted(wanted.mistakes - got.mistakes)
        ]
        prone = {exercise for exercise, _ in wanted.mistakes}
        lines += [
            f"{where}: expected no mistake in {exercise}, came {name!r}"
            for exercise, name in sorted(got.mistakes)
            if exercise not in prone
        ]
    lines += [f"{student}, {lesson}: expected nothing, came {got.state!r}" for (student, lesson), got in came.items()]
    return lines


def _is_same_score(one, other):
    return one == other or (None not in (one, other) and math.isclose(one, other, abs_tol=0.005))


def _copy_course(course_dir):
    """Copy what makes the course to `build/demo/`; return that folder."""
    if not (course_dir / CONFIG_FILE).exists():
        raise CourseError(f"{course_dir} holds no {CONFIG_FILE}: run this in the course's root or give --course-dir.")
    lessons.names(course_dir)
    demo_dir = course_dir / DEMO_FOLDER
    try:
        if demo_dir.exists():
            shutil.rmtree(demo_dir)
        shutil.copytree(course_dir / "source", demo_dir / "source", ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
        shutil.copy(course_dir / CONFIG_FILE, demo_dir)
    except OSError as error:
        raise CourseError(f"{demo_dir} cannot be written: {error.strerror}. Check the folder's permissions.") from None
    return demo_dir


def _read_released(course_dir, lesson):
    path = course_dir / "release" / lesson.name / lesson.path.name
    if not path.exists():
        raise LessonError(f"{lesson.name} has not been released: run `course release {lesson.name}` first.")
    return notebooks.read(path)


def _kinds(students):
    return [*_KINDS, *[_OTHERS] * (students - len(_KINDS))][:students]


def _make_folders(submitted, students, keep_others=False):
    """Make an empty, marked folder for each learner; former simulated ones go, unless they are to be kept."""
    foreign = [name for name in students if (submitted / name).exists() and not (submitted / name / _MARK).exists()]
    if foreign:
        raise CourseError(f"{submitted / foreign[0]} is not simulated and would be overwritten: move it away first.")
    try:
        for mark in submitted.glob(f"*/{_MARK}"):
            if not keep_others or mark.parent.name in students:
                shutil.rmtree(mark.parent)
        for name in students:
            (submitted / name).mkdir(parents=True)
            (submitted / name / _MARK).write_text(_MARK_TEXT, encoding="utf-8")
    except OSError as error:
        raise CourseError(f"{submitted} cannot be written: {error.strerror}. Check the folder's permissions.") from None


def _answers(kind, lesson, shares, chance):
    """Choose what a learner of a kind writes in a lesson."""
    right = {exercise.name: _solution(exercise) for exercise in lesson.exercises}
    if kind == "untouched":
        return _Answers({})
    if kind == "half-done":
        return _Answers({name: right[name] for name in list(right)[: len(right) // 2]})
    if kind == "raises":
        name, error = chance.choice(list(right)), chance.choice(list(_FAULTS))
        return _Answers({**right, name: _FAULTS[error]}, fault=(name, error))
    if kind == _OTHERS:
        known = {
            exercise.name: [mistake for mistake in exercise.mistakes if shares.left_by(mistake) is not None]
            for exercise in lesson.exercises
        }
        prone = [name for name in known if known[name]]
        chosen = chance.sample(prone, min(chance.randint(1, 3), len(prone)))
        made = tuple(chance.choice(known[name]) for name in chosen)
        return _Answers({**right, **{mistake.exercise: mistake.code for mistake in made}}, mistakes=made)
    return _Answers(right)


def _solution(exercise):
    _, lines, _, indent = split_solution(exercise.stub)
    return "\n".join(line.removeprefix(indent) for line in lines)


def _filled_in(released, lesson, answers, whole=()):
    """Return the text of a released notebook with a learner's answers in it; those in `whole` take a cell's place."""
    stubs = {
        name: code if name in whole else exercise.answered_with(code)
        for name, code in answers.code.items()
        for exercise in lesson.exercises
        if exercise.name == name
    }
    cells = []
    for cell in released.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        cells.append({**cell, "source": stubs.get(name, cell.source)})
    return notebooks.normal_form({**released, "cells": cells})


def _expect(student, lesson, answers, shares):
    wrong = {mistake.exercise for mistake in answers.mistakes}
    state = GRADED
    if answers.fault:
        exercise, error = answers.fault
        wrong.add(exercise)
        state = f"{RAISED}: {error} in {exercise}"
    score = sum(exercise.points for exercise in lesson.exercises if exercise.name in answers.code.keys() - wrong)
    score += sum(map(shares.left_by, answers.mistakes))
    mistakes = frozenset((mistake.exercise, mistake.name) for mistake in answers.mistakes)
    return Expected(student, lesson.name, state, score, mistakes)
