"""Read: what was handed in, taken from `submitted/` without following anything that leads elsewhere."""

import os
import stat
from pathlib import Path

from course.grading.submission import MISSING, REFUSED, UNREADABLE, Limits, Submission

_STAMP = "timestamp.txt"
_STAMP_BYTES = 100


class _NotReadable(Exception):
    """There is nothing that can be graded; the message is the submission's state."""


def read(submitted, student, key, limits=None):
    """Read one submission; whatever lies there, this returns.

    Args:
        submitted: the folder of all submissions.
        student: whose to read.
        key: the lesson's `Key`.
        limits: `Limits`, of which `notebook_bytes` is obeyed.

    Returns:
        A `Submission`; where it has a state, that says why it cannot be graded.
    """
    most = (limits or Limits()).notebook_bytes
    try:
        folder = _open_folder(Path(submitted) / student, key.lesson)
    except _NotReadable as problem:
        return Submission(student, key.lesson, None, str(problem))
    try:
        timestamp = _timestamp(folder)
        try:
            return Submission(student, key.lesson, _notebook(folder, key.file, most), "", timestamp)
        except _NotReadable as problem:
            return Submission(student, key.lesson, None, str(problem), timestamp)
    finally:
        os.close(folder)


def _open_folder(above, name):
    """Open `above/name`; neither may be a symbolic link."""
    try:
        outer = os.open(above, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            return os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=outer)
        finally:
            os.close(outer)
    except FileNotFoundError:
        raise _NotReadable(f"{MISSING}: there is no folder {name}") from None
    except PermissionError:
        raise _NotReadable(f"{UNREADABLE}: the folder {name} may not be read") from None
    except OSError:
        raise _NotReadable(f"{REFUSED}: {name} is a link or a file, not a folder") from None


def _notebook(folder, name, most):
    try:
        return _read_file(folder, name, most)
    except FileNotFoundError:
        others = sorted(other for other in os.listdir(folder) if other.endswith(".ipynb"))
        shown = ", ".join(ascii(other)[1:-1][:60] for other in others[:3])
        raise _NotReadable(f"{MISSING}: there is no {name}{f', but {shown}' if shown else ''}") from None
    except PermissionError:
        raise _NotReadable(f"{UNREADABLE}: {name} may not be read") from None
    except IsADirectoryError:
        raise _NotReadable(f"{UNREADABLE}: {name} is a folder") from None
    except OSError as error:
        raise _NotReadable(f"{UNREADABLE}: {name} cannot be read: {error.strerror}") from None


def _read_file(folder, name, most):
    """Read a regular file of a folder; a link is refused, and a pipe does not make anybody wait."""
    if stat.S_ISLNK(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
        raise _NotReadable(f"{REFUSED}: {name} is a symbolic link")
    handle = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    with os.fdopen(handle, "rb") as file:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise _NotReadable(f"{REFUSED}: {name} is no regular file")
        if status.st_size > most:
            raise _NotReadable(f"{REFUSED}: {name} has {status.st_size / 1e6:.0f} MB, allowed are {most / 1e6:.0f}")
        return file.read(most)


def _timestamp(folder):
    """Return when the submission was handed in, as nbgrader's `timestamp.txt` says: UTC, without a zone."""
    from nbgrader.utils import parse_utc  # nbgrader takes a second to load; who records has it loaded already

    try:
        return parse_utc(_read_file(folder, _STAMP, _STAMP_BYTES).decode("ascii").strip())
    except (_NotReadable, OSError, ValueError, ArithmeticError, TypeError, AttributeError):
        return None
