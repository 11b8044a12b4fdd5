"""From nbgrader: its command, its API and the formgrader run the course's engine; feedback and export follow."""

import csv
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from datetime import datetime
from pathlib import Path

import pytest
from nbgrader.converters import Autograde
from nbgrader.converters.base import BaseConverter, NbGraderException
from traitlets.config import Config

import course.grading
import toy
from course.grading import nbgrader_entry
from course.grading.record import Recorder
from course.grading.submission import Graded, GradedExercise
from course.nbgrader_app import CourseError, open_course

INSTRUCTOR = Path(__file__).resolve().parent.parent / "course" / "lab" / "instructor"
WIRED = "\nfrom course.grading import nbgrader_entry\nnbgrader_entry.install(workers=2)\n"
# For a process of its own: the engine of this file in the place of the real one.
FAKED = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
import course.grading, test_nbgrader_entry
course.grading.batch = sys.modules["course.grading.batch"] = test_nbgrader_entry.Engine()
"""
POINTS = {"ada": 2.0, "bob": 0.0, "eve": None}


class Engine:
    """An engine that knows the points beforehand and records them."""

    def __init__(self):
        self.calls = []

    def grade(self, course_dir, lesson_names, *, students=None, force=False, workers=1, config=None):
        self.calls.append((lesson_names, students, force, workers))
        with Recorder(open_course(course_dir, config)) as recorder:
            for student in students:
                graded = result(course_dir, student, POINTS[student])
                recorder.record(graded)
                yield graded


def result(course_dir, student="ada", points=2.0, **changes):
    exercises = (
        GradedExercise("twice", points, 2.0, "right", test="twice-check"),
        GradedExercise("square", None if points is None else 0.0, 3.0, "unanswered", "", "square-check", True),
    )
    values = {
        "state": "unreadable: it is no notebook" if points is None else "graded",
        "score": points,
        "exercises": exercises,
        "notebook": (Path(course_dir) / "release" / toy.NAME / toy.FILE).read_text(),
        **changes,
    }
    return Graded(student, toy.NAME, max_score=5.0, seconds=0.1, **values)


@pytest.fixture
def engine(monkeypatch):
    engine = Engine()
    monkeypatch.setitem(sys.modules, "course.grading.batch", engine)
    monkeypatch.setattr(course.grading, "batch", engine, raising=False)
    return engine


@pytest.fixture
def root(released_toy, tmp_path, monkeypatch):
    """Return a course with submissions of three learners whose settings wire the engine in."""
    monkeypatch.setattr(Autograde, "start", BaseConverter.start)
    root = shutil.copytree(released_toy, tmp_path / "course")
    with (root / "nbgrader_config.py").open("a") as settings:
        settings.write(WIRED)
    for student in POINTS:
        toy.hand_in(root, student, {})
    return root


def scores(api):
    with api.gradebook as gradebook:
        return {one.student_id: one.score for one in gradebook.assignment_submissions(toy.NAME)}


def nbgrader(root, *arguments):
    """Run a command of nbgrader with the engine of this file."""
    with (root / "nbgrader_config.py").open("a") as settings:
        settings.write(FAKED)
    command = [sys.executable, "-m", "nbgrader", *arguments]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)


# The hook


def test_the_settings_may_be_read_any_number_of_times(root):
    for _ in range(3):
        open_course(root)
    assert Autograde.start.is_of_course
    assert "start" not in vars(BaseConverter) or not hasattr(BaseConverter.start, "is_of_course")


def test_an_nbgrader_of_another_build_is_refused(monkeypatch):
    monkeypatch.setattr(Autograde, "start", lambda converter: None)
    with pytest.raises(CourseError, match=r"nbgrader 0\.9\.\d does not autograde as 0\.9 does"):
        nbgrader_entry.install()


# The API, which the formgrader's button uses


def test_the_api_autogrades_with_the_engine(root, engine):
    api = open_course(root)
    answer = api.autograde(toy.NAME, "ada")
    assert answer["success"] and "ada/50-toy: graded, 2 of 5 points" in answer["log"]
    assert engine.calls == [([toy.NAME], ["ada"], True, 2)]
    assert scores(api) == {"ada": 2}
    assert api.get_submission(toy.NAME, "ada")["autograded"]


def test_a_submission_without_a_grade_is_no_failure_of_the_run(root, engine):
    answer = open_course(root).autograde(toy.NAME, "eve")
    assert answer["success"] and "eve/50-toy: unreadable: it is no notebook, no grade" in answer["log"]


def test_without_force_the_engine_decides_what_is_graded_again(root, engine):
    open_course(root).autograde(toy.NAME, "ada", force=False)
    assert engine.calls[0][2] is False


@pytest.mark.parametrize(
    ("student_id", "exclude", "chosen"),
    [("*", "", ["ada", "bob", "eve"]), ("[ab]*", "", ["ada", "bob"]), ("*", "bob,eve", ["ada"])],
)
def test_students_are_chosen_by_nbgraders_globs(root, engine, student_id, exclude, chosen):
    api = open_course(root)
    api.coursedir.student_id_exclude = exclude
    assert api.autograde(toy.NAME, student_id)["success"]
    assert engine.calls[0][1] == chosen


def test_what_lies_there_under_a_strange_name_is_left_to_the_engine(root, engine, monkeypatch):
    """The engine refuses it in words; it does not keep the others from being graded."""
    monkeypatch.setitem(POINTS, "two\nlines", None)
    (root / "submitted" / "two\nlines").mkdir()
    (root / "submitted" / "two\nlines" / toy.NAME).symlink_to("nowhere")
    assert open_course(root).autograde(toy.NAME, "*")["success"]
    assert engine.calls[0][1] == ["ada", "bob", "eve", "two\nlines"]


def test_nobody_to_grade_is_an_error(root, engine):
    answer = open_course(root).autograde(toy.NAME, "zoe")
    assert not answer["success"] and "No submissions were matched by" in answer["log"]


def test_what_is_no_lesson_is_refused(root, engine):
    answer = open_course(root).autograde("51-none", "ada")
    assert not answer["success"] and engine.calls == []
    assert "'51-none' is not a lesson of this course: there are 50-toy." in answer["log"]


def test_a_student_who_may_not_be_created_is_named_and_the_others_are_graded(root, engine):
    api = open_course(root)
    with api.gradebook as gradebook:
        gradebook.add_student("ada")
    answer = api.autograde(toy.NAME, "*", create=False)
    assert not answer["success"] and "No student with ID 'bob' exists in the database" in answer["log"]
    assert scores(api) == {"ada": 2}


@pytest.mark.parametrize("problem", [CourseError("no such course"), ZeroDivisionError("a fault of ours")])
def test_a_run_that_fails_says_why(root, engine, monkeypatch, problem):
    def fail(*_, **__):
        raise problem

    monkeypatch.setattr(engine, "grade", fail)
    answer = open_course(root).autograde(toy.NAME, "ada")
    assert not answer["success"] and str(problem) in answer["log"]
    assert NbGraderException.__name__ in answer["error"]
    assert ("Traceback" in answer["log"]) == isinstance(problem, ZeroDivisionError)


# The command


def test_the_command_grades_all_and_exits_with_0(root):
    done = nbgrader(root, "autograde", toy.NAME, "--force")
    assert done.returncode == 0, done.stderr
    assert re.search(r"INFO\] ada/50-toy: graded, 2 of 5 points", done.stderr)
    assert re.search(r"WARNING\] eve/50-toy: unreadable: it is no notebook, no grade", done.stderr)
    assert scores(open_course(root)) == {"ada": 2, "bob": 0, "eve": 0}


def test_the_command_exits_with_1_if_there_is_nothing_to_grade(root):
    done = nbgrader(root, "autograde", "51-none")
    assert done.returncode == 1
    assert "is not a lesson of this course" in done.stderr and "Traceback" not in done.stderr


def test_the_command_takes_the_database_of_its_command_line(root):
    shutil.move(root / "gradebook.db", root / "other.db")
    done = nbgrader(root, "autograde", toy.NAME, "--student=ada", f"--db=sqlite:///{root}/other.db")
    assert done.returncode == 0, done.stderr
    assert not (root / "gradebook.db").exists()


# The formgrader


def test_the_formgraders_button_autogrades_with_the_engine(root):
    """Start the formgrader and press its button, as the browser does."""
    with (root / "nbgrader_config.py").open("a") as settings:
        settings.write(FAKED)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root", f"--port={port}"]
    command += ["--IdentityProvider.token=", "--ServerApp.disable_check_xsrf=True", "--ip=127.0.0.1"]
    environment = {**os.environ, "JUPYTER_CONFIG_PATH": str(INSTRUCTOR)}
    with (root / "server.log").open("w") as log:
        server = subprocess.Popen(command, cwd=root, env=environment, stdout=log, stderr=log)
    try:
        url = f"http://127.0.0.1:{port}/formgrader/api/submission/{toy.NAME}/ada/autograde"
        answer = _post(url, server)
    finally:
        server.terminate()
        server.wait()
    assert answer["success"] and "ada/50-toy: graded, 2 of 5 points" in answer["log"]
    assert scores(open_course(root)) == {"ada": 2}


def _post(url, server):
    for _ in range(300):
        try:
            with urllib.request.urlopen(urllib.request.Request(url, method="POST"), timeout=60) as answer:
                return json.load(answer)
        except urllib.error.HTTPError:
            raise
        except OSError:
            assert server.poll() is None, "the server did not start"
            time.sleep(0.2)
    raise TimeoutError(url)


# What follows grading


def test_feedback_export_and_manual_grading_work_on_what_is_recorded(root):
    api = open_course(root)

    def feedback():
        assert api.generate_feedback(toy.NAME, "ada")["success"]
        return (root / "feedback" / "ada" / toy.NAME / "toy.html").read_text()

    def exported():
        assert nbgrader(root, "export").returncode == 0
        with (root / "grades.csv").open() as file:
            (row,) = [row for row in csv.DictReader(file) if row["student_id"] == "ada"]
        return float(row["score"]), float(row["max_score"]), float(row["late_submission_penalty"])

    with Recorder(api) as recorder:
        recorder.record(result(root))
        page = feedback()
        assert "<b>2 of 5 points</b>" in page and "No response." in page
        assert exported() == (2, 5, 0)

        with api.gradebook as gradebook:
            grade = gradebook.find_grade("square-check", "toy", toy.NAME, "ada")
            grade.manual_score, grade.extra_credit, grade.needs_manual_grade = 1.5, 0.5, False
            gradebook.db.commit()
        assert "<b>4 of 5 points</b>" in feedback()

        recorder.record(result(root, points=1.0))
        with api.gradebook as gradebook:
            grade = gradebook.find_grade("square-check", "toy", toy.NAME, "ada")
            assert (grade.auto_score, grade.manual_score, grade.needs_manual_grade) == (0, 1.5, True)
        assert "<b>3 of 5 points</b>" in feedback()
        assert exported() == (3, 5, 0)


def test_a_late_submission_shows_its_penalty_in_feedback_and_export(root):
    changes = Config()
    changes.LateSubmissionPlugin.penalty_method = "zero"
    api = open_course(root, changes)
    with api.gradebook as gradebook:
        gradebook.update_or_create_assignment(toy.NAME, duedate="2026-03-01")
    with Recorder(api) as recorder:
        recorder.record(result(root, timestamp=datetime(2026, 3, 2)))
    assert api.generate_feedback(toy.NAME, "ada")["success"]
    page = (root / "feedback" / "ada" / toy.NAME / "toy.html").read_text()
    assert "0 of 5 points" in page and "Penalty for handing in late" in page
    with api.gradebook as gradebook:
        assert gradebook.find_submission(toy.NAME, "ada").late_submission_penalty == 2
