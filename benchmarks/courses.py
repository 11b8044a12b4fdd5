"""The same class for everybody: one simulated class of one lesson, laid out as each grader wants it."""

import json
import math
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from benchmarks import processes
from course import notebooks
from course.checks.sealed_file import FILE_NAME
from course.demo import make_class
from course.grading.submission import UNREADABLE
from course.nbgrader_app import CONFIG_FILE
from course.release import recordings, release

# nbgrader's own settings but for its name: nothing of the course's engine.
_STOCK_CONFIG = "c = get_config()\nc.CourseDirectory.course_id = 'bench'\n"
_TEST_FILE = '''\
"""Test of {name}, converted from the lesson's test cell."""

from otter.test_files import test_case

OK_FORMAT = False
name = {name!r}
points = {points!r}


@test_case(points={points!r})
def test_all(env):
    exec({source!r}, env)
'''


class BenchError(Exception):
    """The benchmark cannot go on; the message says why."""


class Class:
    """A simulated class of one lesson, in folders of its own.

    Args:
        course_dir: the course's root; it is only read.
        name: the lesson's name.
        students: how many learners.
        folder: an empty folder for everything.

    Attributes:
        lesson: the `Lesson`.
        expected: list of `course.demo.Expected`, one for each submission.
        answers: path of the right answers in the open.
    """

    def __init__(self, course_dir, name, students, folder):
        self._folder = Path(folder)
        ours = self._folder / "course"
        shutil.copytree(
            Path(course_dir) / "source" / name,
            ours / "source" / name,
            ignore=shutil.ignore_patterns(".ipynb_checkpoints"),
        )
        shutil.copy(Path(course_dir) / CONFIG_FILE, ours)
        self.lesson = release(ours, name)
        # One more, since a notebook that is cut off costs nobody any time; nbgrader would end with an error.
        made = make_class(ours, students + 1, seed=1)
        self.expected = [one for one in made if one.state != UNREADABLE][:students]
        self._pool = self._folder / "submissions"
        (ours / "submitted").rename(self._pool)
        recorded = recordings.load(ours, self.lesson)
        right = {
            name: [answer.kind, list(answer.shape), list(answer.entries)]
            for one in recorded.values()
            for name, answer in one.right.answers.items()
        }
        self.answers = self._folder / "answers.json"
        self.answers.write_text(json.dumps(right))
        self.ours = Course(ours, self)

    @property
    def name(self):
        return self.lesson.name

    def notebook(self, student):
        """Return the path of a submission's notebook."""
        return self._pool / student / self.name / self.lesson.path.name

    def students(self, count):
        """Return the ids of the first learners."""
        return [one.student for one in self.expected[:count]]

    def all_or_nothing(self, student):
        """Return a learner's score where a test cell gives all its points or none, as others' do."""
        one = next(one for one in self.expected if one.student == student)
        if not one.mistakes:
            return one.score
        wrong = {exercise for exercise, _ in one.mistakes}
        return sum(exercise.points for exercise in self.lesson.exercises if exercise.name not in wrong)

    def for_nbgrader(self, label, sealed):
        """Lay the class out as a course of nbgrader with its own settings.

        Args:
            label: name of the folder.
            sealed: whether tests use the course's own `check`; otherwise plain asserts.

        Returns:
            The `Course`.
        """
        folder = self._folder / label
        source = folder / "source" / self.name
        source.mkdir(parents=True)
        (folder / CONFIG_FILE).write_text(_STOCK_CONFIG)
        cells = [
            {**cell, "source": cell.source if sealed else _with_plain_check(cell.source)}
            for cell in self.lesson.notebook.cells
        ]
        text = notebooks.normal_form({**self.lesson.notebook, "cells": cells})
        (source / self.lesson.path.name).write_text(text, encoding="utf-8")
        if sealed:
            shutil.copy(self.ours.folder / "release" / self.name / FILE_NAME, source)
        command = [sys.executable, "-m", "nbgrader", "generate_assignment", self.name]
        done = subprocess.run(
            command, cwd=folder, env=processes.environment(sys.executable), capture_output=True, text=True
        )
        if done.returncode:
            raise BenchError(f"nbgrader generate_assignment: {done.stderr.strip().splitlines()[-1]}")
        return Course(folder, self)

    def for_otter(self, count):
        """Lay the first learners out for Otter-Grader.

        Returns:
            (path of the autograder's zip, list of notebooks).
        """
        folder = self._folder / "otter"
        folder.mkdir()
        autograder = folder / "autograder.zip"
        with zipfile.ZipFile(autograder, "w") as archive:
            archive.writestr("otter_config.json", json.dumps({"lang": "python"}))
            for exercise in self.lesson.exercises:
                test = _TEST_FILE.format(name=exercise.name, points=exercise.points, source=exercise.test)
                archive.writestr(f"tests/{exercise.name}.py", test)
        paths = []
        for student in self.students(count):
            notebook = notebooks.read(self.notebook(student))
            cells = [_for_otter(cell) for cell in notebook.cells]
            path = folder / student / self.lesson.path.name
            path.parent.mkdir()
            path.write_text(json.dumps({**notebook, "cells": cells}), encoding="utf-8")
            paths.append(path)
        return autograder, paths


class Course:
    """A course's folder that can be brought back to how it was before anything was graded.

    Args:
        folder: its root, with a gradebook in which the lesson is registered.
        of: the `Class`.
    """

    def __init__(self, folder, of):
        self.folder = folder
        self._class = of
        self._fresh = folder / "fresh-gradebook.db"
        shutil.copy(folder / "gradebook.db", self._fresh)

    def hand_in(self, count):
        """Have a fresh gradebook, nothing graded, and the submissions of the first learners."""
        for path in self.folder.glob("gradebook.db*"):
            path.unlink()
        shutil.copy(self._fresh, self.folder / "gradebook.db")
        for name in ("submitted", "autograded"):
            shutil.rmtree(self.folder / name, ignore_errors=True)
        for student in self._class.students(count):
            source = self._class.notebook(student)
            target = self.folder / "submitted" / student / self._class.name / source.name
            target.parent.mkdir(parents=True)
            os.link(source, target)

    def recorded_scores(self):
        """Return {student: score} as nbgrader's gradebook has it."""
        from nbgrader.api import Gradebook

        with Gradebook(f"sqlite:///{self.folder / 'gradebook.db'}") as gradebook:
            return {one.student.id: one.score for one in gradebook.assignment_submissions(self._class.name)}


def wrong_scores(scores, wanted):
    """Compare scores with what the simulation put in.

    Args:
        scores: dict from student to score.
        wanted: the same.

    Returns:
        A list of lines, empty if all is well.
    """
    lines = []
    for student, score in wanted.items():
        came = scores.get(student)
        if came is None or not math.isclose(came, score, abs_tol=0.005):
            lines.append(f"{student}: expected {score}, came {came}")
    return lines


def _with_plain_check(source):
    """Have a cell import `check` from `plain` in the place of the course's."""
    line = re.search(r"^from course import (.*)$", source, re.MULTILINE)
    if not line:
        return source
    others = [name for name in line[1].split(", ") if name != "check"]
    return source.replace(line[0], f"from course import {', '.join(others)}\nfrom benchmarks.plain import check")


def _for_otter(cell):
    """Return a learner's cell with its test taken out and named in its metadata, where Otter runs it."""
    meta = cell.metadata.get("nbgrader", {})
    if cell.cell_type == "code" and meta.get("grade"):
        tests = {"otter": {"tests": [meta["grade_id"].removesuffix("-check")]}}
        return {**cell, "source": "", "metadata": tests}
    return {**cell, "source": _with_plain_check(cell.source) if cell.cell_type == "code" else cell.source}
