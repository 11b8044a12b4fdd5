"""The trusted side: starts the warm parent, asks it for children, and believes nothing that a child says."""

import contextlib
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath

from course.grading.run import cage, received, seccomp, wire
from course.grading.run.cage import CageError
from course.grading.run.memory import MemoryGroup

# What no cap of `Limits` says: how long the cage may take, and how much one answer may hold.
_START_SECONDS = 60
_FORK_SECONDS = 20
_MOST_HEAD = 4 << 20
_MOST_BYTES = 64 << 20


class Stopped(Exception):
    """A submission's child is no more.

    Attributes:
        kind: "timed out", "out of memory", "crashed" or "broke the protocol".
        words: what happened, for people.
        outputs: tuple of what the cell had shown by then.
    """

    def __init__(self, kind, words, outputs=()):
        super().__init__(f"{kind}: {words}")
        self.kind = kind
        self.words = words
        self.outputs = outputs


@dataclass(frozen=True)
class CellRun:
    """What running one cell came to.

    Attributes:
        outputs: tuple of dicts as in a notebook.
        error: the name of the exception that ended it, or "".
    """

    outputs: tuple
    error: str = ""


class Sandbox:
    """A warm parent, started when it is first needed, that runs each submission in a fresh child.

    While one session is used, the next one is got ready: forking and caging take as long as running a short lesson.
    It may be used from any thread, and a session from one at a time.

    Args:
        course_dir: the course's root, which a child must not see.
        limits: a `Limits`.
        caged: False runs learners' code with all the rights of this process; only for code that you trust.
    """

    def __init__(self, course_dir, limits, caged=True):
        self.limits = limits
        self.caged = caged
        root = Path(course_dir).resolve()
        self._hidden = [str(root / name) for name in ("source", "submitted", "autograded", "gradebook.db", ".git")]
        self._parent = None
        self._lock = threading.RLock()
        self._helper = ThreadPoolExecutor(1, "course-sandbox")
        self._ahead = None  # (files and modules of the session that is being got ready, its future)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def session(self, files=None, modules=(), seconds=None):
        """Return a `Session` in a fresh child.

        Args:
            files: {relative path: bytes} to put into its working directory.
            modules: names of modules that the lesson imports, which the warm parent imports first; trusted.
            seconds: what is left of the submission's time, if some of it has been used; by default all of it.

        Raises:
            CageError: if the child cannot be caged.
            Stopped: if the files do not fit.
        """
        files = {_relative(name): data for name, data in (files or {}).items()}
        with self._lock:
            session = self._take_ahead((files, modules)) or self._start_twice(files, modules)
            self._ahead = (files, modules), self._helper.submit(self._start, files, modules)
        session.begin(seconds)
        return session

    def _start_twice(self, *wanted):
        """Start a session, if need be with a new warm parent: the old one may have died, or be stuck."""
        try:
            return self._start(*wanted)
        except (wire.WireError, wire.TooLate):
            self.close()
        try:
            return self._start(*wanted)
        except (wire.WireError, wire.TooLate) as error:
            words = self._parent.last_words()
            self.close()
            raise CageError(cage.refusal(words or error)) from None

    def _start(self, files, modules):
        if self._parent is None:
            self._parent = _Parent(self.caged, self.limits)
        return Session(self._parent, self.limits, files, modules, self._hidden)

    def _take_ahead(self, wanted=None):
        """Return the session that was got ready, if it lives and is the one wanted; end any other."""
        ahead, self._ahead = self._ahead, None
        if ahead is None:
            return None
        with contextlib.suppress(Exception):  # whatever it is shows again when one is started
            session = ahead[1].result()
            if ahead[0] == wanted and session.is_alive():
                return session
            session.close()
        return None

    def close(self):
        """End the warm parent and all its children."""
        with self._lock:
            self._take_ahead()
            parent, self._parent = self._parent, None
            if parent:
                parent.close()


class Session:
    """One learner's child. Only its first words, said before any of the learner's code ran, are believed."""

    def __init__(self, parent, limits, files, modules, hidden):
        self._parent = parent
        self._limits = limits
        self._sock, theirs = socket.socketpair()
        self._group = self._pid = self._pidfd = None
        self._received = received.Received(limits.output_bytes)
        try:
            self._pid, self._pidfd, self._group = parent.fork(theirs, modules)
            theirs.close()
            deadline = time.monotonic() + _FORK_SECONDS
            wire.send(self._sock, {"files": list(files), "hidden": hidden}, files.values(), deadline)
            if self._group:
                # It takes 10 ms, in which the child gets ready; it runs nothing before it is asked to.
                self._group.add(_pid_here(self._pidfd))
            head, _ = wire.receive(self._sock, deadline=deadline)
            _verify(head, parent.caged)
        except OSError as error:
            self.close()
            raise CageError(cage.refusal(error)) from None
        except BaseException:
            self.close()
            raise
        finally:
            theirs.close()
        self.begin()

    def begin(self, seconds=None):
        """Start its time, all that a submission has or so many seconds."""
        self._end = time.monotonic() + (self._limits.submission_seconds if seconds is None else seconds)
        self.start_clock()

    def is_alive(self):
        """Return whether its child and the warm parent still run, as far as this system can tell."""
        return self._parent.is_alive() and not _wait(self._pidfd, 0)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    @property
    def seconds_left(self):
        """Return what is left of the submission's time."""
        return max(0.0, self._end - time.monotonic())

    def start_clock(self):
        """Give the next operations the time of one cell, or what is left of the submission's."""
        self._deadline = min(time.monotonic() + self._limits.cell_seconds, self._end)

    def run_cell(self, source, number):
        """Run a cell, with a fresh clock, and return its `CellRun`.

        Args:
            source: the cell's text.
            number: its execution count.

        Raises:
            Stopped: if the child did not survive it.
        """
        self.start_clock()
        source = source.encode("utf-8", "replace").decode()  # a notebook may hold lone surrogates, a frame may not
        self.send({"op": "run", "source": source, "number": number})
        error = self._collect().get("error")
        if not isinstance(error, str) or len(error) > 1000:
            self._stop("broke the protocol", "the learner's process gave no proper answer")
        return CellRun(self._take_outputs(), error)

    def drain(self):
        """Return what has been shown since the last cell, as a tuple of outputs.

        Raises:
            Stopped: if the child did not survive until now.
        """
        self.send({"op": "drain"})
        self._collect()
        return self._take_outputs()

    def ask(self, head, buffers=()):
        """Send a request and return the answer, (head, buffers).

        Raises:
            Stopped: if there is none in time, or the child is no more.
        """
        self.send(head, buffers)
        return self.receive()

    def send(self, head, buffers=()):
        """Send one frame under the current deadline."""
        self._transfer(wire.send, head, buffers)

    def receive(self):
        """Return one frame, (head, buffers), under the current deadline; what is in it is not to be trusted."""
        return self._transfer(wire.receive, most_head=self._most_head, most_bytes=_MOST_BYTES)

    def close(self):
        """Kill the child and all that it started; may be called again."""
        self._kill()
        self._sock.close()

    @property
    def _over_memory(self):
        return f"its processes used more than {self._limits.memory >> 20} MB"

    @property
    def _most_head(self):
        return max(_MOST_HEAD, 2 * self._limits.output_bytes)

    def _collect(self):
        """Take outputs until the child is done, and return its answer."""
        while True:
            head, _ = self.receive()
            if head.get("done") is True:
                return head
            try:
                self._received.take(head)
            except received.NotAnOutput as error:
                self._stop("broke the protocol", f"the learner's process sent {error}")

    def _take_outputs(self):
        taken, self._received = self._received.outputs(), received.Received(self._limits.output_bytes)
        return taken

    def _transfer(self, operation, *arguments, **settings):
        """Send or receive; whatever goes wrong is named, and ends the child."""
        try:
            return operation(self._sock, *arguments, deadline=self._deadline, **settings)
        except wire.TooLate:
            if self._group and self._group.has_killed():  # a process that the first one was waiting for
                self._stop("out of memory", self._over_memory)
            is_cell = self._deadline < self._end
            limit = self._limits.cell_seconds if is_cell else self._limits.submission_seconds
            self._stop("timed out", f"{'the cell' if is_cell else 'the submission'} ran for more than {limit:g} s")
        except wire.Closed:
            self._stop(*self._cause_of_death())
        except wire.WireError as error:
            self._stop("broke the protocol", f"the learner's process sent nonsense ({error})")

    def _stop(self, kind, words):
        self.close()
        raise Stopped(kind, words, self._take_outputs()) from None

    def _cause_of_death(self):
        """Return (kind, words) for a child whose socket is closed."""
        if self._pid is None:
            return "crashed", "the learner's process had ended before"
        status, is_memory = self._kill(patience=1)
        if status is None:
            raise CageError("The cage ended while a submission was running in it; grade that one again.")
        if is_memory:
            return "out of memory", self._over_memory
        if status < 0:
            return "crashed", f"the process was ended by a signal ({signal.strsignal(-status) or -status})"
        return "crashed", f"it ended its process (exit status {status})"

    def _kill(self, patience=0):
        """End the child, if it lives, and return (exit status, whether it was for its memory)."""
        pid, self._pid = self._pid, None
        if pid is None:
            return None, False
        if patience:
            _wait(self._pidfd, patience)
        with contextlib.suppress(ProcessLookupError):
            if self._pidfd is None:
                os.kill(pid, signal.SIGKILL)
            else:
                signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)
        _wait(self._pidfd, _FORK_SECONDS)
        status, is_memory = self._parent.reap(pid)
        if self._group:
            is_memory |= self._group.has_killed() and status == -signal.SIGKILL
            self._group.remove()
        if self._pidfd is not None:
            os.close(self._pidfd)
        return status, is_memory


class _Parent:
    """The trusted side of the warm parent."""

    def __init__(self, caged, limits):
        self.caged = caged
        self._lock = threading.Lock()
        self._limits = asdict(limits)
        self._folder = None
        self._pidfd = None
        self._errors = tempfile.TemporaryFile()
        self._control, theirs = socket.socketpair()
        program = [sys.executable, "-m", "course.grading.run.parent", str(theirs.fileno())]
        if caged:
            words, environment = cage.command([*program, "caged"]), {}
        else:
            self._folder = tempfile.mkdtemp(prefix="course-")
            words, environment = [*program, "bare"], _bare_environment(Path(self._folder))
        try:
            self._process = subprocess.Popen(
                words,
                env=environment,
                cwd=self._folder or "/",
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=self._errors,
                stderr=self._errors,
                start_new_session=True,
            )
        except OSError as error:
            raise CageError(cage.refusal(error)) from None
        finally:
            theirs.close()
        try:
            _, self._pidfd = self._ask(None, _START_SECONDS)
        except (wire.WireError, wire.TooLate):
            words = self.last_words()
            self.close()
            raise CageError(cage.refusal(words or "the warm parent did not start")) from None

    def fork(self, theirs, modules):
        """Have a child forked that serves this socket, once these modules are imported.

        Returns:
            (pid, pidfd or None, memory group or None).
        """
        group = MemoryGroup.create(self._limits["memory"]) if self.caged else None
        try:
            with self._lock:
                request = {"op": "fork", "limits": self._limits, "modules": modules, "watch": group is None}
                wire.send(self._control, request, deadline=time.monotonic() + _FORK_SECONDS)
                socket.send_fds(self._control, [b"."], [theirs.fileno()])
                head, pidfd = self._ask(None, _FORK_SECONDS)
            if "failed" in head:
                raise CageError(cage.refusal(head["failed"]))
        except BaseException:
            if group:
                group.remove()
            raise
        return head["pid"], pidfd, group

    def reap(self, pid):
        """Return (exit status, whether the parent ended it for its memory) of a child that has been killed."""
        try:
            with self._lock:
                head, _ = self._ask({"op": "reap", "pid": pid}, _FORK_SECONDS)
            return head["status"], head["memory"]
        except (wire.WireError, wire.TooLate):
            return None, False  # the parent is gone, and with it its children

    def is_alive(self):
        return not _wait(self._pidfd, 0)

    def last_words(self):
        """Return what the parent wrote about its troubles."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(1)
        self._errors.seek(0)
        return self._errors.read(1 << 16).decode("utf-8", "replace")

    def close(self):
        self._control.close()
        if self._pidfd is not None:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)
            os.close(self._pidfd)
            self._pidfd = None
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._errors.close()
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _ask(self, head, seconds):
        """Send a request, if any, and return the answer and the descriptor that came with it, or None."""
        deadline = time.monotonic() + seconds
        if head:
            wire.send(self._control, head, deadline=deadline)
        answer, _ = wire.receive(self._control, deadline=deadline)
        if not answer.get("pidfd"):
            return answer, None
        _, descriptors, _, _ = socket.recv_fds(self._control, 1, 1)
        if not descriptors:
            raise wire.Closed("the warm parent is gone")
        return answer, descriptors[0]


def _bare_environment(folder):
    """Return the environment of an uncaged parent, which finds the same code of the course as a caged one."""
    for name, path in cage.shown_code().items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).symlink_to(path)
    own = {name: str(folder / name) for name in ("HOME", "MPLCONFIGDIR", "IPYTHONDIR")}
    return {**cage.environment(folder), **own}


def _verify(head, caged):
    """Raise CageError unless a child's report, made before any learner's code ran, is that of a caged process."""
    if "unfit" in head:
        raise Stopped("out of memory", f"the submission's files do not fit into its disk ({head['unfit']})")
    report = head.get("ready")
    if report is None:
        raise CageError(cage.refusal(head.get("failed")))
    if not caged:
        return
    holes = [
        words
        for words, is_hole in {
            "it sees other processes": report["pid"] != 1 or report["processes"] != 1,
            "it runs as root": report["user"] == 0,
            "it has capabilities": int(report["capabilities"], 16) != 0,
            "it may gain rights": report["no_new_privs"] != "1",
            "it may call what it likes": seccomp.available() and report["seccomp"] != "2",
            "it has a network": not set(report["networks"]) <= {"lo"},
            f"it sees {report['sees']}": bool(report["sees"]),
        }.items()
        if is_hole
    ]
    if holes:
        raise CageError(f"The cage has a hole, so nothing was run: {'; '.join(holes)}.")


def _relative(name):
    """Return a path below the working directory as text."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or not path.parts:
        raise ValueError(f"{name!r} is not a path below the working directory")
    return str(path)


def _pid_here(pidfd):
    """Return the number that this side knows a process by."""
    return int(re.search(r"^Pid:\s*(\d+)", Path(f"/proc/self/fdinfo/{pidfd}").read_text(), re.MULTILINE)[1])


def _wait(pidfd, seconds):
    """Wait until a process has ended, at most so long, and return whether it is known to have ended."""
    if pidfd is None:
        return False
    poll = select.poll()
    poll.register(pidfd, select.POLLIN)
    return bool(poll.poll(seconds * 1000))
