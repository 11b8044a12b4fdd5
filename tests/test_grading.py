"""Grading: every submission ends in a grade or in a named state, and none touches another's."""

import shutil

import pytest

import toy
from course import grading
from course.nbgrader_app import CourseError, open_course

RIGHT = {"twice": "answer = 2.46912", "square": "def square(x):\n    return x**2"}


@pytest.fixture
def course(released_toy, tmp_path):
    return shutil.copytree(released_toy, tmp_path / "course")


def grade(course, student="*"):
    return list(grading.grade(course, [toy.NAME], student))


def test_right_answers_get_full_marks(course):
    toy.hand_in(course, "ada", RIGHT)
    (graded,) = grade(course)
    assert (graded.student, graded.lesson, graded.state) == ("ada", toy.NAME, "graded")
    assert (graded.score, graded.max_score) == (5, 5)
    assert [(row.name, row.score, row.verdict) for row in graded.exercises] == [
        ("twice", 2, "right"),
        ("square", 3, "right"),
    ]


def test_each_wrong_exercise_says_what_is_wrong_with_it(course):
    toy.hand_in(course, "ada", {"twice": "answer = 1.23456"})
    (graded,) = grade(course)
    assert (graded.state, graded.score) == ("graded", 0)
    assert [(row.verdict, row.mistake) for row in graded.exercises] == [("mistake", "once"), ("unanswered", "")]
    assert graded.mistakes == {("twice", "once")}


@pytest.mark.parametrize(
    ("answers", "state", "score"),
    [
        ({"twice": "1 / 0"}, "graded, code raised: ZeroDivisionError in twice", 3),
        ({"twice": "answer = ("}, "graded, code raised: SyntaxError in twice", 3),
        ({"square": "def square(x):\n    return y"}, "graded, code raised: NameError in square", 2),
        ({"twice": "1 / 0", "square": "not_here"}, "graded, code raised: ZeroDivisionError in twice and 1 more", 0),
    ],
)
def test_code_that_raises_is_named_and_costs_its_own_exercise_only(course, answers, state, score):
    toy.hand_in(course, "ada", {**RIGHT, **answers})
    (graded,) = grade(course)
    assert (graded.state, graded.score) == (state, score)


def test_a_kernel_that_dies_is_told_and_does_not_stop_the_others(course):
    toy.hand_in(course, "ada", {"twice": "import os\nos._exit(1)"})
    toy.hand_in(course, "bob", RIGHT)
    ada, bob = grade(course)
    assert ada.state.startswith("not graded: DeadKernelError") and ada.score is None
    assert (bob.state, bob.score) == ("graded", 5)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"cells": []}', "[" * 100_000, '{"nbformat": 3, "worksheets": []}'])
def test_a_file_that_is_no_notebook_is_unreadable(course, text):
    toy.hand_in(course, "ada", text)
    (graded,) = grade(course)
    assert (graded.kind, graded.score, graded.max_score, graded.exercises) == ("unreadable", None, 5, ())
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
    assert (listed["autograded"], listed["score"]) == (False, 0)


def test_a_better_submission_replaces_the_former_grade(course):
    toy.hand_in(course, "ada", {})
    assert grade(course)[0].score == 0
    toy.hand_in(course, "ada", RIGHT)
    assert grade(course)[0].score == 5


def test_one_student_can_be_graded_alone(course):
    for student in ("ada", "bob"):
        toy.hand_in(course, student, "{")
    assert [graded.student for graded in grade(course, "bob")] == ["bob"]


def test_a_student_without_a_folder_is_an_error(course):
    with pytest.raises(CourseError, match="no folder of a student called eve"):
        grade(course, "eve")


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
