"""The warm parent, a program that runs in the cage: imports once, then forks a child for each submission.

It runs no line of a learner's code. It has one thread, no event loop and no socket but the one to the trusted side:

    {"op": "fork", "limits": {...}, "modules": [name, ...], "watch": bool} and a socket
                                ->  {"pid": pid} and a pidfd, or {"failed": words}
    {"op": "reap", "pid": pid}  ->  {"status": exit code, "memory": was over budget}
"""

import contextlib
import gc
import importlib
import os
import select
import shutil
import signal
import socket
import sys
import tempfile
from pathlib import Path

from course.grading.run import child, confine, outputs, wire
from course.grading.run import shell as shells

# Beside what drawing imports; numpy imports its random numbers only when they are first used.
_WARM = ("numpy.random", "numpy.linalg", "course", "course.plots")
_PAUSE = 0.05  # seconds between two looks at the memory of children that no cgroup bounds


class Parent:
    """Forks, watches and reaps children.

    Args:
        control: socket to the trusted side.
        caged: whether this program runs in a cage.
        shell, collector: what a child shows its outputs through.
    """

    def __init__(self, control, caged, shell, collector):
        self._control = control
        self._caged = caged
        self._shell = shell
        self._collector = collector
        self._watched = {}  # pid: bytes that it may use
        self._over = set()
        self._folders = {}

    def serve(self):
        """Answer requests until the trusted side is gone."""
        pidfd = os.pidfd_open(os.getpid()) if hasattr(os, "pidfd_open") else None
        self._answer({"ready": os.getpid()}, pidfd)
        while True:
            ready, _, _ = select.select([self._control], [], [], _PAUSE if self._watched else None)
            if not ready:
                self._watch()
                continue
            head, _ = wire.receive(self._control)
            if head["op"] == "fork":
                _import(head["modules"])
                self._fork(head["limits"], head["watch"])
            else:
                self._reap(head["pid"])

    def clean_up(self):
        """Kill all children of an uncaged parent; in a cage the kernel does."""
        for pid in list(self._folders):
            self._forget(pid)

    def _answer(self, head, descriptor=None):
        wire.send(self._control, {**head, "pidfd": descriptor is not None})
        if descriptor is not None:
            socket.send_fds(self._control, [b"."], [descriptor])
            os.close(descriptor)

    def _fork(self, limits, watch):
        _, (descriptor,), _, _ = socket.recv_fds(self._control, 1, 1)
        sock = socket.socket(fileno=descriptor)
        try:
            pid = (self._fork_caged if self._caged else self._fork_bare)(sock, limits)
            pidfd = os.pidfd_open(pid) if hasattr(os, "pidfd_open") else None
        except (OSError, ValueError) as error:
            return self._answer({"failed": str(error)})
        finally:
            sock.close()
        if watch:
            self._watched[pid] = limits["memory"]
        self._answer({"pid": pid}, pidfd)

    def _fork_bare(self, sock, limits):
        folder = tempfile.mkdtemp(prefix="course-")
        pid = os.fork()
        if pid == 0:
            self._become_child(sock, limits, folder)
        self._folders[pid] = folder
        return pid

    def _fork_caged(self, sock, limits):
        """Fork twice: the one between enters fresh namespaces, in which its child is the first process."""
        reading, writing = os.pipe()
        between = os.fork()
        if between == 0:
            words = ""
            try:
                confine.enter_namespaces()
                pid = os.fork()
                if pid == 0:
                    self._become_child(sock, limits, os.environ["HOME"])
                words = str(pid)
            except BaseException as error:
                words = f"{type(error).__name__}: {error}"
            finally:
                os.write(writing, words.encode())
                os._exit(0)
        os.close(writing)
        with open(reading) as answer:
            words = answer.read()
        os.waitpid(between, 0)
        if not words.isdecimal():
            raise ValueError(words or "the process between ended")
        return int(words)

    def _become_child(self, sock, limits, folder):
        """Never return."""
        try:
            os.setsid()
            for descriptor in map(int, os.listdir("/dev/fd")):
                if descriptor > 2 and descriptor != sock.fileno():
                    with contextlib.suppress(OSError):  # the one that listed them
                        os.close(descriptor)
            child.main(sock, self._shell, self._collector, limits, self._caged, folder)
        except wire.Closed:
            os._exit(0)
        except BaseException:
            sys.__excepthook__(*sys.exc_info())
        finally:
            os._exit(1)

    def _reap(self, pid):
        _, status = os.waitpid(pid, 0)
        self._forget(pid)
        self._answer({"status": os.waitstatus_to_exitcode(status), "memory": pid in self._over})
        self._over.discard(pid)

    def _forget(self, pid):
        self._watched.pop(pid, None)
        if pid in self._folders:  # uncaged: what it left running in its process group, and its files
            with contextlib.suppress(OSError):
                os.killpg(pid, signal.SIGKILL)
            shutil.rmtree(self._folders.pop(pid), ignore_errors=True)

    def _watch(self):
        """Kill each child whose processes together use more memory than they may."""
        try:
            used = _memory_by_child(set(self._watched))
        except OSError:
            return  # no /proc
        for pid, size in used.items():
            if size > self._watched[pid]:
                self._over.add(pid)
                # Uncaged, its own children do not go with it, but those that stayed in its process group do.
                (os.killpg if pid in self._folders else os.kill)(pid, signal.SIGKILL)


def _memory_by_child(children):
    """Return {child: bytes that it and all its descendants use alone, or their share of what they share}."""
    parents = {}
    for name in os.listdir("/proc"):
        if name.isdecimal():
            with contextlib.suppress(OSError):  # it ended meanwhile
                # The name in parentheses may hold anything.
                parents[int(name)] = int(Path("/proc", name, "stat").read_text().rpartition(")")[2].split()[1])
    used = dict.fromkeys(children, 0)
    for pid in parents:
        ancestor = pid
        while ancestor and ancestor not in children:
            ancestor = parents.get(ancestor)
        if ancestor:
            used[ancestor] += _own_memory(pid)
    return used


def _own_memory(pid):
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0


def warm_up():
    """Import what lessons use, draw a picture, and return (shell, collector)."""
    collector = outputs.Collector()
    shell = shells.make(collector)
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots()
    axes.plot([0, 1])
    axes.set_title("warm $x$")
    shell.display_formatter.format(figure)
    plt.close("all")
    _import(_WARM)
    return shell, collector


def _import(names):
    """Import modules that are not there yet, so that each child finds them; what cannot be is the child's to tell."""
    new = [name for name in names if name not in sys.modules]
    for name in new:
        with contextlib.suppress(Exception):
            importlib.import_module(name)
    if new:
        gc.collect()
        gc.freeze()  # so that a child's garbage collection does not touch, and copy, what is shared


def main():
    control = socket.socket(fileno=int(sys.argv[1]))
    caged = sys.argv[2] == "caged"
    if caged:
        confine.hide_from_children()
    parent = Parent(control, caged, *warm_up())
    try:
        parent.serve()
    except wire.Closed:
        parent.clean_up()


if __name__ == "__main__":
    main()
