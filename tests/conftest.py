"""What all tests share: the lessons, a course of their own to work in, and a way to hand in answers."""

import shutil
from pathlib import Path

import pytest

from course import lessons

ROOT = Path(__file__).resolve().parent.parent
LESSONS = lessons.names(ROOT)


@pytest.fixture
def own_course(tmp_path):
    """Return the root of an empty course with this course's settings."""
    shutil.copy(ROOT / "nbgrader_config.py", tmp_path)
    (tmp_path / "source").mkdir()
    return tmp_path


@pytest.fixture
def in_lesson(monkeypatch):
    """Return a function that goes to a lesson's released folder, as its notebook does."""
    return lambda name: monkeypatch.chdir(ROOT / "release" / name)


@pytest.fixture(scope="session")
def recorded_lessons():
    """Return {name: (lesson, recording)}: every source run with its solutions and with each of its mistakes."""
    from course.release.record import record

    loaded = {name: lessons.load(ROOT, name) for name in LESSONS}
    return {name: (lesson, record(ROOT, lesson)) for name, lesson in loaded.items()}


@pytest.fixture(scope="session")
def released_toy(tmp_path_factory):
    """Return a course whose one small lesson has been released; a test works in a copy of it."""
    import toy
    from course.release import release

    course = tmp_path_factory.mktemp("released")
    shutil.copy(ROOT / "nbgrader_config.py", course)
    toy.write_source(course)
    release(course, toy.NAME)
    return course
