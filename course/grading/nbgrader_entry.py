"""The way in from nbgrader: `nbgrader autograde`, its API and the formgrader's button run the course's engine."""

import glob
import re
from fnmatch import fnmatchcase

import nbgrader
from nbgrader.api import Gradebook, Student
from nbgrader.converters.autograde import Autograde
from nbgrader.converters.base import BaseConverter, NbGraderException

from course import lessons
from course.checks import CheckError
from course.grading.run import CageError
from course.nbgrader_app import CourseError
from course.notebooks import NotebookError

# What is told in a line; anything else is a fault of the engine and told with its traceback.
_TOLD = (CourseError, CheckError, CageError, lessons.LessonError, NotebookError)


def install(workers=1):
    """Make nbgrader's `Autograde` converter use the course's engine; `nbgrader_config.py` calls this.

    All three ways to autograde end in `Autograde.start`. Nothing less will do: nbgrader's hooks and preprocessors are
    called after it has removed the former result, and its flow runs a kernel for each submission.

    Args:
        workers: how many submissions are graded at a time.

    Raises:
        CourseError: if this nbgrader is built in another way than the one that the course was written for.
    """
    if not getattr(Autograde.start, "is_of_course", False):
        has_parts = all(hasattr(Autograde, name) for name in ("_format_source", "create_student", "force"))
        if not has_parts or Autograde.start is not BaseConverter.start:
            raise CourseError(
                f"nbgrader {nbgrader.__version__} does not autograde as 0.9 does, or something else has changed how it "
                "does: install what requirements.txt names."
            )

    def start(converter):
        _autograde(converter, workers)

    start.is_of_course = True
    Autograde.start = start


def _autograde(converter, workers):
    """Grade as `nbgrader autograde` was told to; raise `NbGraderException` if the run, not a submission, failed."""
    coursedir, log = converter.coursedir, converter.log
    try:
        unknown = []
        for name in _choose_lessons(coursedir):
            students, strangers = _choose_students(converter, name)
            unknown += strangers
            if students:
                _grade(converter, name, students, workers)
    except NbGraderException as problem:
        log.error("%s", problem)
        raise
    except KeyboardInterrupt:
        log.error("Canceled")
        raise
    except Exception as problem:
        log.error("%s", problem, exc_info=not isinstance(problem, _TOLD))
        raise NbGraderException(str(problem)) from problem
    if unknown:
        raise NbGraderException(f"Not in the gradebook, and not to be created: {', '.join(unknown)}")


def _choose_lessons(coursedir):
    known = lessons.names(coursedir.root)
    chosen = [name for name in known if fnmatchcase(name, coursedir.assignment_id)]
    if not chosen:
        raise NbGraderException(
            f"'{coursedir.assignment_id}' is not a lesson of this course: there are {', '.join(known)}."
        )
    return chosen


def _choose_students(converter, lesson):
    """Return whose submissions are to be graded, and who is not in the gradebook though they must be."""
    coursedir = converter.coursedir
    pattern = converter._format_source(lesson, coursedir.student_id)
    to_id = re.compile(converter._format_source(re.escape(lesson), "(?P<student_id>.*)", escape=True), re.DOTALL)
    found = (to_id.fullmatch(folder)["student_id"] for folder in glob.glob(pattern))
    students = sorted(set(found) - set(coursedir.student_id_exclude.split(",")))
    if not students:
        raise NbGraderException(f"No submissions were matched by '{pattern}'")
    if converter.create_student:
        return students, []
    with Gradebook(coursedir.db_url, coursedir.course_id) as gradebook:
        known = {student for (student,) in gradebook.db.query(Student.id)}
    strangers = [student for student in students if student not in known]
    for student in strangers:
        converter.log.error("No student with ID '%s' exists in the database", student)
    return [student for student in students if student in known], strangers


def _grade(converter, lesson, students, workers):
    # Imported here: every nbgrader command reads the settings, few of them grade.
    from course.grading import batch
    from course.grading.submission import GRADED

    settings = {"force": converter.force, "workers": workers, "config": converter.config}
    converter.log.info("Autograding %s, submissions: %d", lesson, len(students))
    for graded in batch.grade(converter.coursedir.root, [lesson], students=students, **settings):
        tell = converter.log.info if graded.kind == GRADED else converter.log.warning
        score = "no grade" if graded.score is None else f"{graded.score:g} of {graded.max_score:g} points"
        tell("%s/%s: %s, %s", graded.student, graded.lesson, graded.state, score)
