"""Recordings kept in `build/recordings/`, so that grading need not run a lesson's source and its mistakes again."""

import hashlib
import json
import os
import platform
from pathlib import Path

import numpy as np

import course
from course import notebooks
from course.release.record import from_json, record, to_json

FOLDER = Path("build") / "recordings"

# What lessons import, and what records them.
_CODE = ("*.py", "checks/*.py", "diagram/*.py", "explore/*.py", "plots/*.py", "release/record.py")


def load(course_dir, lesson):
    """Return what `record` finds for a lesson, from the folder where nothing has changed since.

    Args:
        course_dir: the course's root.
        lesson: the `Lesson`.

    Returns:
        A dict from exercise name to `Recorded`.

    Raises:
        LessonError: if it has to run and does not.
    """
    try:
        data = json.loads(_path(course_dir, lesson).read_text(encoding="utf-8"))
        if data["digest"] == digest(lesson):
            return from_json(data["recorded"])
    except (OSError, ValueError, KeyError, TypeError):
        pass  # It is made anew.
    recorded = record(course_dir, lesson)
    keep(course_dir, lesson, recorded)
    return recorded


def keep(course_dir, lesson, recorded):
    """Keep what `record` found, readable by the owner alone: it holds the answers.

    Args:
        course_dir: the course's root.
        lesson: the `Lesson`.
        recorded: what `record` returned for it.
    """
    path = _path(course_dir, lesson)
    path.parent.mkdir(parents=True, exist_ok=True)
    os.chmod(path.parent, 0o700)
    notebooks.write_atomically(path, json.dumps({"digest": digest(lesson), "recorded": to_json(recorded)}))


def digest(lesson):
    """Return the hash of a lesson's code, points and mistakes, and of what they run with; prose may change freely.

    Args:
        lesson: the `Lesson`.
    """
    cells = [
        [cell.source if cell.cell_type == "code" else "", cell.metadata.get("nbgrader")]
        for cell in lesson.notebook.cells
        if cell.cell_type == "code" or cell.metadata.get("nbgrader")
    ]
    mistakes = [[m.exercise, m.name, m.says, m.code] for exercise in lesson.exercises for m in exercise.mistakes]
    data = [lesson.name, lesson.path.name, cells, mistakes, code_digest(_CODE)]
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()


def code_digest(patterns):
    """Return the hash of some of the course's own files and of the versions that they run with.

    Args:
        patterns: globs below the package's folder.
    """
    folder = Path(course.__file__).parent
    code = hashlib.sha256(f"{platform.python_version()} {np.__version__}".encode())
    for path in sorted(path for pattern in patterns for path in folder.glob(pattern)):
        code.update(path.read_bytes())
    return code.hexdigest()


def _path(course_dir, lesson):
    return Path(course_dir) / FOLDER / f"{lesson.name}.json"
