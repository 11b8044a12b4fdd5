"""A memory cgroup for one learner's processes, where one can be made; standard library only."""

import contextlib
import itertools
import os
import time
from pathlib import Path

_counter = itertools.count()


class MemoryGroup:
    """A cgroup that bounds the memory of all processes in it together."""

    def __init__(self, folder, version):
        self._folder = folder
        self._version = version

    @classmethod
    def create(cls, limit):
        """Return a new, empty group, or None where none can be made.

        Args:
            limit: bytes that its processes may use together.
        """
        for parent, version in _places():
            folder = parent / f"course-{os.getpid()}-{next(_counter)}"
            try:
                folder.mkdir()
            except OSError:
                continue
            group = cls(folder, version)
            try:
                group._bound(limit)
                return group
            except OSError:
                group.remove()
        return None

    def _bound(self, limit):
        if self._version == 1:
            (self._folder / "memory.limit_in_bytes").write_text(str(limit))
            with contextlib.suppress(OSError):  # only where swap is counted
                (self._folder / "memory.memsw.limit_in_bytes").write_text(str(limit))
        else:
            (self._folder / "memory.max").write_text(str(limit))
            with contextlib.suppress(OSError):
                (self._folder / "memory.swap.max").write_text("0")

    def add(self, pid):
        """Put a process in; what it forks from now on is in as well."""
        (self._folder / "cgroup.procs").write_text(str(pid))

    def has_killed(self):
        """Return whether the kernel ended a process of this group for its memory."""
        name = "memory.oom_control" if self._version == 1 else "memory.events"
        with contextlib.suppress(OSError):
            for line in (self._folder / name).read_text().splitlines():
                key, _, value = line.partition(" ")
                if key == "oom_kill":
                    return int(value) > 0
        return False

    def remove(self):
        """Remove the group; its processes have been killed before, but may take a moment to go."""
        for pause in (0, 0.001, 0.01, 0.1, 0.5):
            time.sleep(pause)
            try:
                return self._folder.rmdir()
            except FileNotFoundError:
                return None
            except OSError:
                continue


def available():
    """Return whether a memory cgroup can be made by this user."""
    group = MemoryGroup.create(64 << 20)
    if group:
        group.remove()
    return group is not None


def _places(root="/sys/fs/cgroup", own="/proc/self/cgroup"):
    """Return pairs (folder, version) in which a group may be made: below our own, or, in version 2, beside it.

    A group of version 2 that holds processes cannot have bounded groups below it.
    """
    try:
        lines = Path(own).read_text().splitlines()
    except OSError:
        return []
    places = []
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if "memory" in controllers.split(","):
            places.append((Path(root, "memory", path.lstrip("/")), 1))
        elif not controllers:
            here = Path(root, path.lstrip("/"))
            places.append((here if path == "/" else here.parent, 2))
    return [(folder, version) for folder, version in places if _has_memory(folder, version)]


def _has_memory(folder, version):
    name = "memory.limit_in_bytes" if version == 1 else "cgroup.subtree_control"
    try:
        text = (folder / name).read_text()
    except OSError:
        return False
    return version == 1 or "memory" in text.split()
