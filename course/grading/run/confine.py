"""The steps by which a fresh child shuts itself in, each before it runs a line of a learner's code.

Standard library only, and Linux only but for `bound`.
"""

import contextlib
import ctypes
import math
import os
import resource
import struct
import sys
from pathlib import Path

from course.grading.run import seccomp

# unshare(2): user, mount, pid, network, System V and POSIX queues, host name.
_NAMESPACES = 0x10000000 | 0x00020000 | 0x20000000 | 0x40000000 | 0x08000000 | 0x04000000
_NOSUID_NODEV, _NOEXEC, _BIND, _REC, _PRIVATE = 2 | 4, 8, 0x1000, 0x4000, 0x40000
_SET_DUMPABLE, _CAPBSET_DROP, _SET_NO_NEW_PRIVS, _AMBIENT, _AMBIENT_CLEAR = 4, 24, 38, 47, 4
_PRIVATE_FOLDERS = ("/home/student", "/tmp", "/dev/shm")
_MOST_FILES = 4096
KEPT = "/opt/kept"


def hide_from_children():
    """Keep processes of the same user from reading or changing this one's memory."""
    _call("prctl", _SET_DUMPABLE, 0, 0, 0, 0)


def enter_namespaces():
    """Move to fresh namespaces; the next child of this process is the first one of its own process tree.

    Killing that child kills all of the tree, and what it leaves behind goes with its namespaces.
    """
    _call("prctl", _SET_DUMPABLE, 1, 0, 0, 0)  # or else the files in /proc/self are root's
    user, group = os.getuid(), os.getgid()
    _call("unshare", _NAMESPACES)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1")


def covered_pythons():
    """Return {place in the cage: place here} of what of this Python lies where a child mounts files of its own.

    A course in /tmp has its Python there too. It is shown in a second place, from where it is put back.
    """
    paths = sorted({sys.base_prefix, sys.prefix})
    covered = [path for path in paths if any(Path(path).is_relative_to(folder) for folder in _PRIVATE_FOLDERS)]
    return {f"{KEPT}/{number}": path for number, path in enumerate(covered)}


def mount_private_files(disk_bytes):
    """Mount a fresh /proc, and one small file system in memory that serves as home, tmp and shared memory."""
    _call("mount", b"none", b"/", None, _REC | _PRIVATE, None)
    _call("mount", b"proc", b"/proc", b"proc", _NOSUID_NODEV | _NOEXEC, None)
    options = f"size={disk_bytes},nr_inodes={_MOST_FILES},mode=0755".encode()
    _call("mount", b"tmpfs", b"/tmp", b"tmpfs", _NOSUID_NODEV, options)
    for folder in _PRIVATE_FOLDERS:
        os.mkdir(f"/tmp/{Path(folder).name}")
    # /tmp comes last, since it covers the others' origins.
    for folder in sorted(_PRIVATE_FOLDERS, key=lambda folder: folder == "/tmp"):
        _call("mount", f"/tmp/{Path(folder).name}".encode(), folder.encode(), None, _BIND, None)
    for kept, path in covered_pythons().items():
        os.makedirs(path, mode=0o755)
        _call("mount", kept.encode(), path.encode(), None, _BIND, None)


def bound(limits, caged):
    """Set the limits that the kernel keeps for each process.

    Args:
        limits: dict of the fields of `Limits`.
        caged: whether this process has a user namespace of its own, so that only its own processes are counted.
    """
    here = _address_space()
    seconds = math.ceil(limits["submission_seconds"]) + 1
    bounds = {
        "RLIMIT_CPU": seconds,
        "RLIMIT_FSIZE": limits["file_bytes"],
        "RLIMIT_NOFILE": 256,
        "RLIMIT_CORE": 0,
        "RLIMIT_MSGQUEUE": 1 << 16,
        # What the warm parent has mapped is there already.
        "RLIMIT_AS": here + limits["memory"] if here else None,
        # The child itself and its reader of output come on top. Uncaged, all of the user's processes would count.
        "RLIMIT_NPROC": limits["processes"] + 2 if caged else None,
    }
    for name, most in bounds.items():
        if most is not None and hasattr(resource, name):
            # A limit that is stricter already stays; some systems refuse some limits.
            hard = resource.getrlimit(getattr(resource, name))[1]
            most = most if hard == resource.RLIM_INFINITY else min(most, hard)
            with contextlib.suppress(OSError, ValueError):
                resource.setrlimit(getattr(resource, name), (most, most))


def drop_rights():
    """Give up all capabilities for good, and the system calls that no lesson needs."""
    for capability in range(64):
        if _libc().prctl(_CAPBSET_DROP, capability, 0, 0, 0):
            break  # there are no more
    _call("prctl", _AMBIENT, _AMBIENT_CLEAR, 0, 0, 0)
    _call("capset", struct.pack("II", 0x20080522, 0), bytes(24))
    _call("prctl", _SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if seccomp.available():
        seccomp.install(_libc())


def report(hidden):
    """Return as a dict what this process finds itself to be; the trusted side compares it with what it has to be.

    Args:
        hidden: paths that must not be seen.
    """
    lines = Path("/proc/self/status").read_text().splitlines()
    status = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
    networks = Path("/proc/net/dev").read_text().splitlines()[2:]
    return {
        "pid": os.getpid(),
        "processes": sum(name.isdecimal() for name in os.listdir("/proc")),
        "user": os.geteuid(),
        "capabilities": max(status[f"Cap{kind}"] for kind in ("Inh", "Prm", "Eff", "Bnd", "Amb")),
        "no_new_privs": status["NoNewPrivs"],
        "seccomp": status.get("Seccomp", "0"),
        "networks": [line.split(":")[0].strip() for line in networks],
        "sees": [path for path in hidden if os.path.lexists(path)],
    }


def _address_space():
    """Return the size of this process's address space in bytes, or 0 where nothing says."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    except OSError:
        return 0


def _libc():
    return ctypes.CDLL(None, use_errno=True)


def _call(name, *arguments):
    """Call a function of the C library, and raise OSError where it fails."""
    # As unsigned longs: prctl and mount take flags and unused arguments of that size.
    words = [ctypes.c_ulong(a) if isinstance(a, int) else a for a in arguments]
    if getattr(_libc(), name)(*words):
        code = ctypes.get_errno()
        raise OSError(code, f"{name}: {os.strerror(code)}")
