"""The simulated class: what comes out of grading is what was put in, and a difference is noticed."""

import dataclasses
import shutil

import pytest

import toy
from course import demo, notebooks
from course.checks.answer import Answer
from course.grading import batch
from course.grading.submission import Limits
from course.nbgrader_app import CourseError, open_course

STUDENTS = 6


@pytest.fixture(scope="session")
def graded_class(released_toy, tmp_path_factory):
    """Return a course, what was put into it, and what came out of grading it."""
    course = shutil.copytree(released_toy, tmp_path_factory.mktemp("graded") / "course")
    expected = demo.make_class(course, STUDENTS, seed=3)
    return course, expected, list(batch.grade(course, [toy.NAME], workers=2))


def test_the_grades_are_what_the_simulation_put_in(graded_class):
    _, expected, graded = graded_class
    assert len(expected) == len(graded) == STUDENTS
    assert demo.differences(expected, graded) == []


def test_every_kind_of_learner_is_there(graded_class):
    _, expected, _ = graded_class
    by_student = {one.student: one for one in expected}
    assert by_student["sim-01-perfect"].score == sum(toy.POINTS.values())
    assert by_student["sim-02-half-done"].score == toy.POINTS["twice"]
    assert by_student["sim-03-untouched"].score == 0
    assert by_student["sim-04-raises"].state.startswith("graded, code raised: ")
    assert by_student["sim-05-unreadable"].state == "unreadable"
    assert by_student["sim-06-mistakes"].mistakes


@pytest.mark.parametrize("right, came, is_right", [
    (1e-40, 1e-40 * (1 + 1e-7), True),
    (1e-40, 0.0, False),
    (1e-40, 1e-40 * (1 + 1e-4), False),
    (2837.703928, 2837.709855, False),  # J of lesson 03, and with flat targets: 2.1 tolerances apart
])  # fmt: skip
def test_the_simulation_expects_what_a_check_says_of_numbers_that_are_close(right, came, is_right):
    assert demo._is_right(Answer("number", (), (came,)), Answer("number", (), (right,))) is is_right


def test_the_unreadable_submission_does_not_stop_the_next_one(graded_class):
    _, _, graded = graded_class
    kinds = {one.student: one.kind for one in graded}
    assert kinds["sim-05-unreadable"] == "unreadable"
    assert kinds["sim-06-mistakes"] == "graded"


def test_nbgrader_lists_the_same_scores(graded_class):
    course, _, graded = graded_class
    listed = {one["student"]: one for one in open_course(course).get_submissions(toy.NAME)}
    assert set(listed) == {one.student for one in graded}
    for one in graded:
        assert listed[one.student]["needs_manual_grade"] == (one.score is None)
        assert listed[one.student]["score"] == (one.score or 0)


@pytest.mark.parametrize(
    "wrong",
    [
        {"score": 1.5},
        {"score": None},
        {"state": "missing"},
        {"mistakes": frozenset()},
        {"mistakes": frozenset({("twice", "another")})},
        {"student": "somebody else"},
    ],
)
def test_a_tampered_expectation_is_noticed(graded_class, wrong):
    _, expected, graded = graded_class
    *others, last = expected
    assert last.mistakes
    lines = demo.differences([*others, dataclasses.replace(last, **wrong)], graded)
    assert lines and any("sim-06-mistakes, 50-toy: expected" in line for line in lines)


def test_a_submission_that_was_not_graded_is_noticed(graded_class):
    _, expected, graded = graded_class
    others = [one for one in graded if one.student != "sim-01-perfect"]
    assert demo.differences(expected, others) == ["sim-01-perfect, 50-toy: expected 'graded', came nothing"]


def test_the_same_seed_gives_the_same_class_and_another_seed_another(graded_class, tmp_path):
    course = shutil.copytree(graded_class[0], tmp_path / "again")
    assert demo.make_class(course, STUDENTS, seed=3) == graded_class[1]
    assert any(demo.make_class(course, STUDENTS, seed=seed) != graded_class[1] for seed in (4, 5, 6))


def test_a_learners_notebook_is_the_released_one_with_other_code_in_its_stubs(graded_class):
    course, _, _ = graded_class
    released = notebooks.read(course / "release" / toy.NAME / toy.FILE)
    perfect = notebooks.read(course / "submitted" / "sim-01-perfect" / toy.NAME / toy.FILE)
    changed = [mine.id for mine, theirs in zip(perfect.cells, released.cells, strict=True) if mine != theirs]
    assert changed == ["twice", "square"]
    assert perfect.cells[5].source == "def square(x):\n    return x * x"


def test_a_real_students_folder_is_never_overwritten(graded_class, tmp_path):
    course = shutil.copytree(graded_class[0], tmp_path / "own")
    shutil.rmtree(course / "submitted")
    work = toy.hand_in(course, "sim-01-perfect", {}) / toy.FILE
    before = work.read_text()
    with pytest.raises(CourseError, match="not simulated"):
        demo.make_class(course, 2, seed=1)
    assert work.read_text() == before


def test_a_smaller_class_leaves_nobody_of_the_larger_one_behind(graded_class, tmp_path):
    course = shutil.copytree(graded_class[0], tmp_path / "smaller")
    toy.hand_in(course, "ada", {})
    demo.make_class(course, 2, seed=1)
    names = {folder.name for folder in (course / "submitted").iterdir()}
    assert names == {"ada", "sim-01-perfect", "sim-02-half-done"}


def test_hostile_learners_get_what_they_deserve(graded_class, tmp_path):
    course = shutil.copytree(graded_class[0], tmp_path / "hostile")
    expected = demo.make_hostile(course, seed=1)
    graded = list(batch.grade(course, [toy.NAME], workers=2, limits=Limits(cell_seconds=4)))
    assert len(expected) == 5
    assert demo.differences(graded_class[1] + expected, graded) == []


def test_the_demo_runs_apart_from_the_courses_own_gradebook_and_submissions(own_course, capsys, monkeypatch):
    toy.write_source(own_course)
    before = {path.name for path in own_course.iterdir()}
    monkeypatch.setattr(demo, "_DEMO_LIMITS", Limits(cell_seconds=4))
    assert demo.run_demo(own_course, students=2, seed=1) == []
    assert {path.name for path in own_course.iterdir()} == before | {"build"}
    pages = (own_course / "build" / "demo" / "feedback").glob("*/*/*.html")
    students = [page.parts[-3] for page in pages]
    assert {"sim-01-perfect", "sim-02-half-done"} < set(students) and len(students) == 2 + 5
    printed = capsys.readouterr().out
    assert "5 of 5" in printed and "2 of 5" in printed and "build/demo/feedback/" in printed
