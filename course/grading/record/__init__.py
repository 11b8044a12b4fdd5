"""Recording: a graded submission goes into nbgrader's gradebook and into `autograded/`, both or neither.

    stage the folder -> commit grades and attempt in one transaction -> swap the folder in

The commit decides. A staged folder is named after its attempt, so what a killed run has left can be told apart: with
its attempt committed it is swapped in, else it is dropped.
"""

import hashlib
import os
import shutil
from contextlib import contextmanager
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout
from nbgrader.api import new_uuid
from nbgrader.converters import Autograde
from nbgrader.preprocessors import AssignLatePenalties
from nbgrader.utils import parse_utc
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError

from course.grading.record import attempts, grades
from course.grading.record.attempts import Attempt
from course.grading.submission import Graded
from course.nbgrader_app import CourseError

__all__ = ["Attempt", "Recorder"]

# Inside autograded/, so that a rename stays on one disk; hidden, so that nbgrader's globs pass it over.
STAGING = ".recording"
LOCK_SECONDS = 60


class Recorder:
    """Writes what grading found into a course's gradebook and its `autograded/` folder.

    Several may work on a course at a time: each waits while another one records. As a context manager it first
    recovers what a killed run has left, and in the end closes the gradebook.

    Args:
        api: nbgrader's API on the course, as `open_course` returns it.

    Raises:
        CourseError: if the gradebook or the folder cannot be used.
    """

    def __init__(self, api):
        self._coursedir, self._log = api.coursedir, api.log
        self._mode = int(str(Autograde(coursedir=api.coursedir, parent=api).permissions), 8)
        self._late = AssignLatePenalties(parent=api)
        self._late.init_plugin()
        self._layouts = {}
        self._root = Path(os.path.normpath(self._coursedir.format_path(self._coursedir.autograded_directory, ".", ".")))
        self._staging = self._root / STAGING
        lock_mode = 0o664 if self._coursedir.groupshared else 0o644
        self._lock = FileLock(self._staging / "lock", timeout=LOCK_SECONDS, mode=lock_mode)
        with self._locked(), self._naming_the_gradebook(SQLAlchemyError, ModuleNotFoundError):
            self._gradebook = api.gradebook
            self._engine = self._gradebook.engine
            attempts.create(self._engine)

    def __enter__(self):
        self.recover()
        return self

    def __exit__(self, *raised):
        self.close()

    def close(self):
        """Close the connection to the gradebook."""
        self._gradebook.close()

    def record(self, graded):
        """Record one result: grades, comments, penalty, attempt and folder change together or not at all.

        Args:
            graded: the `Graded`; one without a score takes back all that was given automatically.

        Returns:
            The `Attempt`.

        Raises:
            CourseError: if the gradebook cannot be used, or does not know the lesson as it was graded.
            ValueError: if a score is not a number from 0 to the points of its cell.
        """
        layout = self._layout(graded.lesson)
        scores = grades.check_scores(graded, layout)
        content = _content(graded)
        attempt = _attempt(graded, content)
        with self._locked(), self._naming_the_gradebook(OperationalError, InterfaceError):
            staged = self._stage(new_uuid(), attempt, layout, content)
            with self._engine.begin() as connection:
                grades.write(connection, attempt, layout, scores, self._late)
                attempts.add(connection, staged.name, attempt)
            _swap_in(staged, self._place(attempt.student, attempt.lesson))
        return attempt

    def recover(self):
        """Finish or drop what killed runs have left half done."""
        with self._locked(), self._naming_the_gradebook(SQLAlchemyError), self._engine.connect() as connection:
            for left in sorted(folder for folder in self._staging.iterdir() if folder.is_dir()):
                committed = attempts.find_current(connection, left.name)
                if committed:
                    self._log.warning("Finishing what a killed run has recorded of %s/%s", *committed)
                    _swap_in(left, self._place(*committed))
                else:
                    shutil.rmtree(left, ignore_errors=True)

    def attempts(self, lesson):
        """Return the current attempts of a lesson whose grades the gradebook holds, as {student: `Attempt`}.

        Args:
            lesson: the lesson's name.
        """
        with self._naming_the_gradebook(SQLAlchemyError), self._engine.connect() as connection:
            return attempts.load_current(connection, lesson)

    def is_in_place(self, graded):
        """Tell whether `autograded/` holds the notebook of a result.

        Args:
            graded: a `Graded` or an `Attempt`.
        """
        digest = graded.digest if isinstance(graded, Attempt) else _digest(_content(graded))
        name = f"{self._layout(graded.lesson).notebook_name}.ipynb"
        try:
            return _digest((self._place(graded.student, graded.lesson) / name).read_bytes()) == digest
        except OSError:
            return False

    def _layout(self, lesson):
        """Look a lesson up in the gradebook, once."""
        if lesson not in self._layouts:
            with self._naming_the_gradebook(SQLAlchemyError), self._engine.connect() as connection:
                self._layouts[lesson] = grades.load_layout(connection, lesson)
        return self._layouts[lesson]

    def _place(self, student, lesson):
        return Path(self._coursedir.format_path(self._coursedir.autograded_directory, student, lesson))

    def _stage(self, identifier, attempt, layout, content):
        """Write the folder as it will be, where nbgrader does not look, and make those above its place."""
        self._make_folder(self._place(attempt.student, attempt.lesson).parent)
        staged = self._staging / identifier
        self._make_folder(staged)
        files = {f"{layout.notebook_name}.ipynb": content}
        if attempt.timestamp:
            files["timestamp.txt"] = f"{attempt.timestamp:%Y-%m-%d %H:%M:%S.%f} UTC\n".encode()
        for name, data in files.items():
            (staged / name).write_bytes(data)
            (staged / name).chmod(self._mode)
        return staged

    def _make_folder(self, folder):
        """Make a folder and those above it; in a shared course the group may write from `autograded/` on."""
        if folder.is_dir():
            return
        if folder != self._root:
            self._make_folder(folder.parent)
        folder.mkdir(parents=True, exist_ok=True)
        if self._coursedir.groupshared:
            folder.chmod(folder.stat().st_mode & 0o777 | 0o2770)

    @contextmanager
    def _locked(self):
        """Keep others from recording; a lock that is held for too long and a disk in the way are told in one line."""
        try:
            self._make_folder(self._staging)
            with self._lock:
                yield
        except Timeout:
            held = f"Another run has been recording for {LOCK_SECONDS} seconds and holds {self._lock.lock_file}"
            raise CourseError(f"{held}: try again when it is done.") from None
        except OSError as error:
            raise CourseError(f"{error.filename or self._root} cannot be written: {error.strerror}.") from error

    @contextmanager
    def _naming_the_gradebook(self, *errors):
        try:
            yield
        except errors as error:
            # Only the kind of database is told: its URL may hold a password.
            kind = self._coursedir.db_url.partition(":")[0]
            raise CourseError(f"The gradebook ({kind}) cannot be used: {str(error).splitlines()[0]}.") from error


def _attempt(graded, content):
    values = {field.name: getattr(graded, field.name) for field in fields(Graded) if field.name != "notebook"}
    # A learner may have named an error with a NUL or half a character, which databases refuse.
    values["state"] = "".join(sign if sign.isprintable() else "?" for sign in graded.state)
    values["timestamp"] = parse_utc(graded.timestamp)
    return Attempt(**values, finished=datetime.now(UTC).replace(tzinfo=None), digest=_digest(content))


def _swap_in(staged, place):
    """Put a staged folder in its place; `recover` can do the rest after any of these steps."""
    former = staged.with_name(f"{staged.name}.former")
    if os.path.lexists(place):
        shutil.rmtree(former, ignore_errors=True)
        os.rename(place, former)
    os.rename(staged, place)
    shutil.rmtree(former, ignore_errors=True)


def _content(graded):
    return graded.notebook.encode("utf-8", "replace")


def _digest(content):
    return hashlib.sha256(content).hexdigest()
