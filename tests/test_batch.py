"""A whole class: each submission ends in a grade or a named state, none touches another, nothing is done twice."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import pytest

import toy
from conftest import ORDINARY_USER, run_as_ordinary_user
from course.grading import batch
from course.grading.submission import Limits
from course.nbgrader_app import CourseError, open_course

RIGHT = {"twice": "answer = 2.46912", "square": "def square(x):\n    return x**2"}
QUICK = Limits(cell_seconds=3, submission_seconds=12, memory=256 << 20)


@pytest.fixture
def course(released_toy, tmp_path):
    return shutil.copytree(released_toy, tmp_path / "course")


def grade(course, **options):
    return list(batch.grade(course, [toy.NAME], **{"limits": QUICK, **options}))


def rows(course):
    """Return what the gradebook holds: {student: score}."""
    return {one["student"]: one["score"] for one in open_course(course).get_submissions(toy.NAME) if one["autograded"]}


def test_right_answers_get_full_marks(course):
    toy.hand_in(course, "ada", RIGHT)
    (graded,) = grade(course)
    assert (graded.student, graded.lesson, graded.state) == ("ada", toy.NAME, "graded")
    assert (graded.score, graded.max_score) == (5, 5)
    assert [(row.name, row.score, row.verdict) for row in graded.exercises] == [
        ("twice", 2, "right"),
        ("square", 3, "right"),
    ]
    assert rows(course) == {"ada": 5}


def test_each_wrong_exercise_says_what_is_wrong_with_it(course):
    toy.hand_in(course, "ada", {"twice": "answer = 1.23456"})
    (graded,) = grade(course)
    assert (graded.state, graded.score) == ("graded", 0)
    assert [(row.verdict, row.mistake) for row in graded.exercises] == [("mistake", "once"), ("unanswered", "")]
    assert graded.mistakes == {("twice", "once")}


BAD_CODE = {
    "zero": ({"twice": "1 / 0"}, "graded, code raised: ZeroDivisionError in twice", 3),
    "syntax": ({"twice": "answer = ("}, "graded, code raised: SyntaxError in twice", 3),
    "name": ({"square": "def square(x):\n    return y"}, "graded, code raised: NameError in square", 2),
    "both": ({"twice": "1 / 0", "square": "gone"}, "graded, code raised: ZeroDivisionError in twice and 1 more", 0),
    "dies": ({"twice": "import os\nos._exit(1)"}, "stopped: crashed in twice", 3),
    "loops": ({"square": "while True: pass"}, "stopped: timed out in square", 2),
    "loops when called": ({"square": "def square(x):\n    while True: pass"}, "stopped: timed out in square", 2),
}


def test_bad_code_is_named_and_costs_its_own_exercise_only(course):
    for student, (answers, _, _) in BAD_CODE.items():
        toy.hand_in(course, student, {**RIGHT, **answers})
    graded = {one.student: (one.state, one.score) for one in grade(course, workers=2)}
    assert graded == {student: (state, score) for student, (_, state, score) in BAD_CODE.items()}


TEXTS = ["", "{", "[]", '{"cells": []}', "[" * 100_000, '{"nbformat": 3, "worksheets": []}', '{"nbformat": 5}']


def test_a_file_that_is_no_notebook_is_unreadable(course):
    for number, text in enumerate(TEXTS):
        toy.hand_in(course, f"student-{number}", text)
    for graded in grade(course):
        assert (graded.kind, graded.score, graded.max_score) == ("unreadable", None, 5)
        assert [row.score for row in graded.exercises] == [None, None]
        assert "\n" not in graded.state


def test_a_notebook_of_another_name_is_missing(course):
    folder = toy.hand_in(course, "ada", RIGHT)
    (folder / toy.FILE).rename(folder / "Untitled.ipynb")
    (graded,) = grade(course)
    assert graded.state == "missing: there is no toy.ipynb, but Untitled.ipynb"
    assert graded.score is None


def test_a_former_grade_does_not_stand_for_a_submission_that_cannot_be_read(course):
    toy.hand_in(course, "ada", RIGHT)
    assert grade(course)[0].score == 5
    toy.hand_in(course, "ada", "{")
    assert grade(course)[0].score is None
    (listed,) = open_course(course).get_submissions(toy.NAME)
    assert (listed["score"], listed["needs_manual_grade"]) == (0, True)


def test_what_has_not_changed_is_not_graded_again(course):
    toy.hand_in(course, "ada", {})
    toy.hand_in(course, "bob", RIGHT)
    first = {one.student: one for one in grade(course)}
    toy.hand_in(course, "ada", RIGHT)
    assert [row[::2] for row in batch.preview(course, [toy.NAME], limits=QUICK)] == [
        ("ada", batch.CHANGED),
        ("bob", batch.UP_TO_DATE),
    ]
    second = {one.student: one for one in grade(course)}
    assert (first["ada"].score, second["ada"].score) == (0, 5)
    assert second["bob"].seconds == first["bob"].seconds, "bob was run again"
    assert second["bob"].exercises == first["bob"].exercises


def test_a_grade_whose_notebook_was_touched_or_lost_is_made_anew(course):
    toy.hand_in(course, "ada", RIGHT)
    grade(course)
    graded = course / "autograded" / "ada" / toy.NAME / toy.FILE
    text = graded.read_text()
    for spoil in (lambda: (graded.chmod(0o644), graded.write_text("{}")), lambda: shutil.rmtree(graded.parent)):
        spoil()
        grade(course)
        assert json.loads(graded.read_text())["cells"] == json.loads(text)["cells"]


def test_a_changed_exercise_regrades_and_changed_prose_does_not(course):
    from course.release import release

    toy.hand_in(course, "ada", RIGHT)
    grade(course)
    path = course / "source" / toy.NAME / toy.FILE
    path.write_text(path.read_text().replace("the square (3 points, 3 minutes)", "the square (3 points, 4 minutes)"))
    assert [status for *_, status in batch.preview(course, [toy.NAME], limits=QUICK)] == [batch.UP_TO_DATE]
    path.write_text(path.read_text().replace("square(1.7320)", "square(1.5)"))
    release(course, toy.NAME)
    assert [status for *_, status in batch.preview(course, [toy.NAME], limits=QUICK)] == [batch.CHANGED]


def test_a_grade_whose_submission_is_gone_is_told(course):
    folder = toy.hand_in(course, "ada", RIGHT)
    grade(course)
    shutil.rmtree(folder)
    assert list(batch.preview(course, [toy.NAME], limits=QUICK)) == [("ada", toy.NAME, batch.GONE)]
    assert grade(course) == [] and rows(course) == {"ada": 5}


def test_one_student_can_be_graded_alone(course):
    for student in ("ada", "bob"):
        toy.hand_in(course, student, "{")
    assert [graded.student for graded in grade(course, students=["bob"])] == ["bob"]


def test_a_name_that_no_gradebook_should_hold_is_refused(course):
    toy.hand_in(course, "ada\nbob", RIGHT)
    toy.hand_in(course, "ada", RIGHT)
    graded = {one.student: one.kind for one in grade(course)}
    assert graded == {"ada": "graded", "ada\nbob": "refused"}
    assert rows(course) == {"ada": 5}


def test_a_worker_that_dies_costs_nobody_a_grade(course, monkeypatch):
    for number in range(6):
        toy.hand_in(course, f"student-{number}", RIGHT)
    graded, pids = [], set()
    for one in batch.grade(course, [toy.NAME], limits=QUICK, workers=2):
        graded.append(one)
        if len(graded) == 1:
            pids = _workers_of(os.getpid())
            os.kill(min(pids), signal.SIGKILL)
    assert pids
    assert {(one.state, one.score) for one in graded} == {("graded", 5)} and len(graded) == 6


def _workers_of(pid):
    """Return the pids of the pool's workers: grandchildren of this process, by way of the fork server."""
    servers = [child for child in psutil.Process(pid).children() if "forkserver" in " ".join(child.cmdline())]
    return {worker.pid for server in servers for worker in server.children()}


def test_a_run_that_is_killed_is_taken_up_where_it_ended(course, tmp_path):
    for number in range(8):
        toy.hand_in(course, f"student-{number}", RIGHT if number % 2 else {})
    undisturbed = shutil.copytree(course, tmp_path / "undisturbed")
    command = [sys.executable, "-m", "course.cli", "grade", "--workers", "2", "--json", "--course-dir", str(course)]
    for _ in range(2):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
        process.stdout.readline()
        time.sleep(0.15)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    done = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert len(done) == 8
    grade(undisturbed, limits=None)
    assert rows(course) == rows(undisturbed)


def test_an_ordinary_user_grades_in_the_same_cage(released_toy):
    with tempfile.TemporaryDirectory() as folder:  # pytest's own may be entered by its owner alone
        os.chmod(folder, 0o755)
        course = shutil.copytree(released_toy, Path(folder, "course"))
        toy.hand_in(course, "ada", RIGHT)
        toy.hand_in(course, "bob", {**RIGHT, "twice": "answer = open('/proc/1/environ').read() or os"})
        if os.geteuid() == 0:
            for path in (course, *course.rglob("*")):
                os.chown(path, ORDINARY_USER, ORDINARY_USER)
        command = [sys.executable, "-m", "course.cli", "grade", "--json", "--course-dir", str(course)]
        done = run_as_ordinary_user(command, Path(folder))
    assert done.returncode == 0, done.stderr
    came = {row["student"]: row for row in map(json.loads, done.stdout.splitlines())}
    assert (came["ada"]["state"], came["ada"]["score"], came["bob"]["score"]) == ("graded", 5, 3)


def test_a_student_without_a_folder_is_an_error(course):
    with pytest.raises(CourseError, match="no folder of a student called eve"):
        grade(course, students=["eve"])


def test_a_lesson_that_is_not_in_the_gradebook_is_an_error(course):
    (course / "gradebook.db").unlink()
    with pytest.raises(CourseError, match="run `course release 50-toy` first"):
        grade(course)


def test_a_lesson_that_has_changed_since_its_release_is_an_error(course):
    path = course / "source" / toy.NAME / toy.FILE
    path.write_text(path.read_text().replace('"points": 2', '"points": 4'))
    with pytest.raises(CourseError, match="has changed since its release"):
        grade(course)


def test_a_gradebook_that_cannot_be_opened_is_an_error(course):
    (course / "gradebook.db").write_text("this is no database")
    with pytest.raises(CourseError, match="gradebook"):
        grade(course)


def test_a_limit_that_does_not_exist_is_an_error(course):
    config = course / "nbgrader_config.py"
    config.write_text(config.read_text() + "\nc.CourseGrading.cell_minutes = 1\n")
    with pytest.raises(CourseError, match="cell_minutes; there are cell_seconds"):
        grade(course, limits=None)
