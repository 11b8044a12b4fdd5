"""nbgrader, opened as a library with the course's own settings."""

import logging
import re
from pathlib import Path

from nbgrader.apps import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

CONFIG_FILE = "nbgrader_config.py"


class CourseError(Exception):
    """The course's folder is not as it must be; the message says what to do."""


def open_course(course_dir, changes=None):
    """Open nbgrader's API on a course.

    Args:
        course_dir: the course's root, which holds `nbgrader_config.py`.
        changes: settings on top of the file's, as a traitlets `Config`.

    Returns:
        An `nbgrader.apps.NbGraderAPI`.

    Raises:
        CourseError: if the folder is no course.
    """
    course_dir = Path(course_dir).resolve()
    if not (course_dir / CONFIG_FILE).exists():
        raise CourseError(f"{course_dir} holds no {CONFIG_FILE}: run this in the course's root or give --course-dir.")
    # As a library nbgrader would log to the terminal; what it says of a failure is in the API's answer.
    logging.getLogger("traitlets").addHandler(logging.NullHandler())
    logging.getLogger("traitlets").propagate = False
    config = PyFileConfigLoader(CONFIG_FILE, path=str(course_dir)).load_config()
    config.merge(changes or Config())
    return NbGraderAPI(coursedir=CourseDirectory(config=config), config=config)


def reason(answer):
    """Return the one line of nbgrader's log that says why something failed.

    Args:
        answer: the dict that a method of the API returned.
    """
    raised = re.findall(r"^\s*(?:[\w.]+\.)?(\w+(?:Error|Exception|Entry): .+)$", answer.get("log", ""), re.MULTILINE)
    return raised[-1] if raised else "nbgrader gave no reason"


def generate_feedback(course_dir, lesson_names):
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
