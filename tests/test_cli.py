"""The `course` command: what it prints, its exit status, and one clear line for whatever is wrong."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

import toy
from course import demo
from course.cli import app

CONTRACT = ["student", "lesson", "state", "score", "max_score", "seconds", "exercises"]
CONTRACT_OF_EXERCISE = ["name", "score", "max_score", "verdict", "mistake"]


@pytest.fixture
def course(own_course):
    toy.write_source(own_course)
    return own_course


@pytest.fixture
def released(released_toy, tmp_path):
    """Return a course of its own whose lesson has been released."""
    return shutil.copytree(released_toy, tmp_path / "released")


def run(course, *arguments):
    return CliRunner().invoke(app, [*arguments, "--course-dir", str(course)])


def the_one_line(result):
    """Return the one line that an error consists of."""
    assert result.exit_code == 1
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert line.startswith("course: ")
    return line


@pytest.mark.parametrize("command", ["release", "grade"])
def test_an_unknown_lesson_is_answered_with_the_nearest_one(course, command):
    line = the_one_line(run(course, command, "50-toi"))
    assert line == "course: There is no lesson called 50-toi. Did you mean 50-toy?"


@pytest.mark.parametrize("command", ["release", "grade", "format", "demo"])
def test_a_folder_that_is_no_course_is_one_line(tmp_path, command):
    assert "--course-dir" in the_one_line(run(tmp_path, command))


def test_a_course_without_settings_is_one_line(course):
    (course / "nbgrader_config.py").unlink()
    assert "holds no nbgrader_config.py" in the_one_line(run(course, "release"))


def test_a_folder_that_cannot_be_written_is_one_line(course, monkeypatch):
    def refuse(**_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("course.release.tempfile.mkdtemp", refuse)
    assert "cannot be written" in the_one_line(run(course, "release"))


def test_a_demo_that_cannot_be_written_is_one_line(course):
    (course / "build").write_text("a file where a folder should be")
    assert "cannot be written" in the_one_line(run(course, "demo"))


def test_a_solution_that_raises_is_one_line(course):
    toy.write_source(course, solution="answer = 1 / 0")
    line = the_one_line(run(course, "release"))
    assert "toy.ipynb does not run with its solutions: cell twice raises ZeroDivisionError" in line


def test_a_solution_that_cannot_pass_its_own_check_is_one_line(course):
    toy.write_source(course, solution="answer = ...")
    line = the_one_line(run(course, "release"))
    assert "cell twice-check raises CheckError: the solution leaves twice unanswered" in line


def test_grading_before_the_release_is_one_line_that_says_so(course):
    assert "run `course release 50-toy` first" in the_one_line(run(course, "grade"))


def test_a_demo_class_before_the_release_is_one_line_that_says_so(course):
    line = the_one_line(run(course, "demo-class", "--students", "2", "--seed", "1"))
    assert line == "course: 50-toy has not been released: run `course release 50-toy` first."


def test_missing_or_damaged_sealed_answers_are_one_line_that_says_what_to_do(released):
    sealed = released / "release" / toy.NAME / "sealed.json"
    sealed.write_text("{}")
    assert "damaged" in the_one_line(run(released, "grade"))
    sealed.unlink()
    line = the_one_line(run(released, "grade"))
    assert "sealed.json" in line and "run `course release 50-toy` first" in line


def test_a_release_says_what_it_made(course):
    assert run(course, "release").stdout == "release/50-toy: 2 exercises, 5 points\n"


def test_a_class_is_made_and_graded_with_a_line_of_json_each(released):
    made = run(released, "demo-class", "--students", "6", "--seed", "1")
    assert made.exit_code == 0 and "6 submissions of 6 simulated learners" in made.stdout
    one = run(released, "grade", "--json", "--student", "sim-01-perfect")
    bad = run(released, "grade", "--json", "--student", "sim-05-unreadable")
    assert one.exit_code == bad.exit_code == 0
    graded, unreadable = json.loads(one.stdout), json.loads(bad.stdout)
    assert list(graded) == list(unreadable) == CONTRACT
    assert (graded["state"], graded["score"], graded["max_score"]) == ("graded", 5, 5)
    assert [list(exercise) for exercise in graded["exercises"]] == [CONTRACT_OF_EXERCISE] * 2
    assert unreadable["state"].startswith("unreadable: ") and unreadable["score"] is None


def test_a_table_shows_bad_submissions_too_and_the_exit_status_is_0(released):
    toy.hand_in(released, "ada", "{")
    result = run(released, "grade")
    assert result.exit_code == 0
    assert "ada" in result.stdout and "- of 5" in result.stdout and "unreadable: toy.ipynb" in result.stdout
    assert "Grading 1/1: ada, 50-toy: unreadable" in result.stderr


def test_grading_without_a_submission_says_so(released):
    result = run(released, "grade")
    assert result.exit_code == 0 and result.stdout.startswith("There is nothing to grade")


def test_a_demo_whose_grades_differ_fails_and_lists_each_difference(course, monkeypatch):
    monkeypatch.setattr(demo, "run_demo", lambda *_: ["ada, 50-toy: expected a score of 5, came 3"])
    result = run(course, "demo")
    assert result.exit_code == 1
    assert result.stderr == "course: differs: ada, 50-toy: expected a score of 5, came 3\n"


def test_format_tells_what_is_not_in_normal_form_and_mends_it(course):
    assert run(course, "format", "--check").exit_code == 0
    path = course / "source" / toy.NAME / toy.FILE
    path.write_text(path.read_text() + "\n")
    assert run(course, "format", "--check").exit_code == 1
    assert run(course, "format").exit_code == 0
    assert run(course, "format", "--check").exit_code == 0


def test_the_doctor_names_what_is_missing_and_how_to_get_it(course, monkeypatch):
    assert run(course, "doctor").exit_code == 0
    monkeypatch.setattr("course.cli.shutil.which", lambda _: None)
    result = run(course, "doctor")
    assert result.exit_code == 1
    assert "missing  alembic" in result.stdout and "pip install -r requirements.txt" in result.stdout


def test_without_a_cage_grading_refuses_in_one_line_and_the_way_out_is_loud(released, tmp_path):
    toy.hand_in(released, "ada", {"twice": "answer = 2.46912"})
    tools = tmp_path / "tools"
    tools.mkdir()
    for path in map(Path, os.environ["PATH"].split(os.pathsep)):
        for tool in path.glob("*"):
            if tool.name != "bwrap" and not (tools / tool.name).exists():
                (tools / tool.name).symlink_to(tool)
    environment = {**os.environ, "PATH": str(tools)}

    def course(*arguments):
        command = [sys.executable, "-m", "course.cli", *arguments, "--course-dir", str(released)]
        return subprocess.run(command, capture_output=True, text=True, env=environment)

    refused = course("grade")
    assert refused.returncode == 1 and refused.stdout == ""
    assert "bubblewrap" in refused.stderr and "--no-sandbox" in refused.stderr
    assert "Traceback" not in refused.stderr
    doctor = course("doctor")
    assert doctor.returncode == 1 and "missing  cage" in doctor.stdout
    bare = course("grade", "--no-sandbox", "--json")
    assert json.loads(bare.stdout)["score"] == 2
    assert "NO SANDBOX" in bare.stderr


def test_a_preview_grades_nothing(released):
    toy.hand_in(released, "ada", {})
    assert "new" in run(released, "grade", "--preview").stdout
    assert not list((released / "autograded").glob("*/*/*.ipynb"))


def test_help_names_every_command_and_imports_no_nbgrader():
    code = "import sys, course.cli; assert not {'nbgrader', 'nbformat', 'torch'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
    shown = CliRunner().invoke(app, ["--help"]).stdout
    assert all(command in shown for command in ("release", "format", "grade", "demo", "demo-class", "doctor"))
