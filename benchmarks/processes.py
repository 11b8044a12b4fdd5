"""Whole processes, measured from outside: wall-clock time, processor time of all descendants, memory of workers."""

import contextlib
import ctypes
import os
import resource
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

_SET_CHILD_SUBREAPER = 36
_MOST_SECONDS_TO_GO = 30
_MISLEADING = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "NBGRADER_EXECUTION")
_FORKSERVER = "multiprocessing.forkserver"


class RunFailed(Exception):
    """A measured program ended with an error; the message holds its last words."""


@dataclass(frozen=True)
class Run:
    """What one run of a program took.

    Attributes:
        seconds: from its start to its end.
        cpu_seconds: of all its processes, also of those that ended after it.
        started: `time.time()` at its start.
        output: its stdout.
        megabytes: list with the largest memory of each worker and all below it, if memory was looked at.
        is_share: whether that counts shared memory once (PSS), else in each process (RSS).
    """

    seconds: float
    cpu_seconds: float
    started: float
    output: str
    megabytes: list = field(default_factory=list)
    is_share: bool = True


def adopt_orphans():
    """Make this process the parent of its descendants' orphans, so that it can wait for them and count their time."""
    ctypes.CDLL(None, use_errno=True).prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def environment(python, **more):
    """Return the environment of a measured program: this one's without what would change results.

    Args:
        python: the interpreter, whose folder comes first in PATH.
        **more: further variables.
    """
    kept = {name: value for name, value in os.environ.items() if name not in _MISLEADING}
    root = str(Path(__file__).resolve().parents[1])
    path = f"{Path(python).parent}{os.pathsep}{kept.get('PATH', '')}"
    return kept | {"PATH": path, "PYTHONPATH": root} | more


def run(command, folder, variables, look_every=None):
    """Run a program to its end.

    Args:
        command: list of words.
        folder: its working directory.
        variables: its environment.
        look_every: seconds between two looks at the memory of its workers, or None for none.

    Returns:
        The `Run`.

    Raises:
        RunFailed: if it did not end well.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        before = _cpu_seconds()
        started, clock = time.time(), time.perf_counter()
        process = subprocess.Popen(
            command, cwd=folder, env=variables, stdin=subprocess.DEVNULL, stdout=out, stderr=errors
        )
        look = _Look(process.pid, look_every) if look_every else None
        status = process.wait()
        seconds = time.perf_counter() - clock
        if look:
            look.end()
        _wait_for_orphans()
        out.seek(0)
        errors.seek(0)
        if status:
            words = errors.read().decode(errors="replace").strip().splitlines()[-5:]
            raise RunFailed(f"{' '.join(command[:6])} ended with {status}: {' / '.join(words)}")
        output = out.read().decode()
    peaks = sorted(look.peaks.values()) if look else []
    return Run(seconds, _cpu_seconds() - before, started, output, peaks, look.is_share if look else True)


def _cpu_seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _wait_for_orphans():
    """Wait until all descendants have ended, so that no run disturbs the next one."""
    end = time.monotonic() + _MOST_SECONDS_TO_GO
    with contextlib.suppress(ChildProcessError):
        while time.monotonic() < end:
            if os.waitpid(-1, os.WNOHANG) == (0, 0):
                time.sleep(0.01)


class _Look:
    """Looks at the memory of a pool's workers, each with all processes below it, while they work."""

    def __init__(self, root, every):
        self._root, self._every = root, every
        self._is_over = threading.Event()
        self.peaks, self.is_share = {}, True
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def end(self):
        self._is_over.set()
        self._thread.join()

    def _watch(self):
        while not self._is_over.wait(self._every):
            children = _children()
            for worker in self._workers(children):
                used = sum(map(self._megabytes, _below(worker, children)))
                self.peaks[worker] = max(used, self.peaks.get(worker, 0))

    def _workers(self, children):
        servers = [pid for pid in _below(self._root, children) if _FORKSERVER in _command_line(pid)]
        # What a fork server forks has its command line too: only the topmost is the server.
        inner = {pid for server in servers for pid in _below(server, children)[1:]}
        return [worker for server in servers if server not in inner for worker in children.get(server, ())]

    def _megabytes(self, pid):
        with contextlib.suppress(OSError, IndexError):
            try:
                lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
                return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
            except PermissionError:
                self.is_share = False
                return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize() / 2**20
        return 0


def _children():
    """Return {pid: list of its children} of all processes."""
    children = {}
    for name in os.listdir("/proc"):
        if name.isdecimal():
            with contextlib.suppress(OSError):  # it ended meanwhile
                parent = int(Path("/proc", name, "stat").read_text().rpartition(")")[2].split()[1])
                children.setdefault(parent, []).append(int(name))
    return children


def _below(pid, children):
    """Return a process and all its descendants."""
    found = [pid]
    for one in found:
        found += children.get(one, ())
    return found


def _command_line(pid):
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
    return ""
