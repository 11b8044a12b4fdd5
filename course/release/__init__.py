"""Release: a lesson's source becomes what learners get, or nothing changes."""

import os
import shutil
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from traitlets.config import Config

from course import lessons, notebooks
from course.checks.sealed_file import FILE_NAME
from course.lessons import LessonError
from course.release import recordings
from course.release.leaks import scan
from course.release.record import record
from course.release.sealing import seal_lesson


def release(course_dir, name):
    """Release one lesson: format, run, seal, strip, scan for leaks, register, publish.

    Everything is made beside the former release, which stays as it is until all has succeeded.

    Args:
        course_dir: the course's root.
        name: the lesson's folder in `source/`.

    Returns:
        The released `Lesson`.

    Raises:
        LessonError, NotebookError, CourseError: where something is wrong; nothing has been published then.
    """
    course_dir = Path(course_dir).resolve()
    return _release(course_dir, *_recorded(course_dir, name))


def release_all(course_dir, names):
    """Release lessons, each as by `release`, in order; while one is published the next ones run, one for each core.

    Args:
        course_dir: the course's root.
        names: the lessons' folders in `source/`.

    Yields:
        Each released `Lesson`. After an error the lessons that stand before it are released, and no other.
    """
    course_dir = Path(course_dir).resolve()
    # The threads only wait: each lesson runs in a process of its own.
    pool = ThreadPoolExecutor(os.cpu_count())
    try:
        for ready in [pool.submit(_recorded, course_dir, name) for name in names]:
            yield _release(course_dir, *ready.result())
    finally:
        pool.shutdown(cancel_futures=True)


def format_notebook(path, *, only_look=False):
    """Bring a notebook into normal form.

    Args:
        path: the .ipynb file.
        only_look: leave the file alone.

    Returns:
        Whether it was in normal form before.
    """
    path = Path(path)
    text = notebooks.normal_form(notebooks.read(path))
    is_normal = path.read_text(encoding="utf-8") == text
    if not is_normal and not only_look:
        notebooks.write_atomically(path, text)
    return is_normal


def _recorded(course_dir, name):
    """Bring a lesson into normal form and run it; return the `Lesson` and its recordings."""
    format_notebook(lessons.load(course_dir, name).path)
    lesson = lessons.load(course_dir, name)
    return lesson, record(course_dir, lesson)


def _release(course_dir, lesson, recorded):
    """Seal, strip, scan, register and publish a lesson that has run."""
    sealed = seal_lesson(lesson, recorded)
    try:
        staging = Path(tempfile.mkdtemp(dir=course_dir, prefix=".release-"))
    except OSError as error:
        problem = f"{course_dir} cannot be written to: {error.strerror}. Check the folder's permissions."
        raise LessonError(problem) from None
    try:
        staged = _generate(course_dir, staging / "learner", lesson.name, with_gradebook=False)
        (staged / FILE_NAME).write_text(sealed, encoding="utf-8")
        for path in staged.glob("*.ipynb"):
            path.write_text(notebooks.normal_form(notebooks.read(path)), encoding="utf-8")
        scan(lesson, recorded, {path.name: path.read_text(encoding="utf-8") for path in staged.rglob("*.*")})
        # Only a release without leaks is registered: the gradebook keeps the tests that grading restores.
        _generate(course_dir, staging / "registered", lesson.name, with_gradebook=True)
        _publish(staged, course_dir / "release" / lesson.name, staging / "former")
    except OSError as error:
        raise LessonError(f"{error.filename or course_dir} cannot be written: {error.strerror}.") from None
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    recordings.keep(course_dir, lesson, recorded)
    return lesson


def _generate(course_dir, folder, name, *, with_gradebook):
    """Let nbgrader write the learner's version into a folder; return the lesson's folder inside it."""
    # Imported here, since nbgrader takes seconds and the recording process, which is of this package, needs none of it.
    from nbgrader.preprocessors import SaveCells

    from course.nbgrader_app import open_course, reason

    changes = Config()
    changes.CourseDirectory.release_directory = os.path.relpath(folder, course_dir)
    api = open_course(course_dir, changes)
    if not with_gradebook:
        steps = api.config.GenerateAssignment.preprocessors
        api.config.GenerateAssignment.preprocessors = [step for step in steps if step is not SaveCells]
        api.config.GenerateAssignment.no_database = True
    answer = api.generate_assignment(name)
    if not answer["success"]:
        raise LessonError(f"nbgrader could not generate {name}: {reason(answer)}")
    return folder / name


def _keep_work(target):
    """Copy a released folder to `build/` if somebody has worked in it: its notebook is then no longer as generated."""
    if all(format_notebook(path, only_look=True) for path in target.glob("*.ipynb")):
        return
    kept = target.parent.parent / "build" / "kept" / f"{target.name}-{time.strftime('%Y%m%d-%H%M%S')}"
    shutil.copytree(target, kept)
    print(f"{target} holds work of somebody; before it is replaced it is copied to {kept}", file=sys.stderr)


def _publish(staged, target, former):
    """Swap the staged folder in; should that fail, the former release comes back."""
    target.parent.mkdir(exist_ok=True)
    if target.exists():
        _keep_work(target)
        os.rename(target, former)
    try:
        os.rename(staged, target)
    except OSError:
        if former.exists():
            os.rename(former, target)
        raise
