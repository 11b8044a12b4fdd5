"""The cage: what a learner's code can see of this machine, as a bubblewrap command line.

Inside there is a read-only Python with its packages, the few modules of the course that lessons import, and nothing
else of the course: no source, no submissions, no gradebook, no network.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from course.grading.run import confine, memory, seccomp

HOME = "/home/student"
NOBODY = 65534

# What lessons import from the course, and the code of the child itself. There is no `course/grading/__init__.py`
# among them, so that in the cage `course.grading` is a namespace package, which imports nothing.
_SHOWN = ("__init__.py", "networks.py", "batches.py", "clinic.py", "diagram", "explore", "graph.py", "plots",
          "datasets.py", "checks", "grading/run")
_CODE = "/opt/course"

_ENVIRONMENT = {
    "HOME": HOME,
    "USER": "student",
    "LOGNAME": "student",
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "MPLCONFIGDIR": "/tmp/matplotlib",
    "IPYTHONDIR": "/tmp/ipython",
    # Threads that run before a fork hang the child.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONSAFEPATH": "1",
}

# Root needs these to mount /proc and to become nobody, which gives them up. bubblewrap's own /proc will not do: when
# root makes it, it has mounts over it, and then a child may not mount a fresh one.
_RIGHTS = ("CAP_SYS_ADMIN", "CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP")
_AS_ROOT = (
    *("--perms", "0755", "--dir", "/proc", "--cap-drop", "ALL"),
    *(word for right in _RIGHTS for word in ("--cap-add", right)),
)
_AS_USER = ("--unshare-user", "--proc", "/proc")
_BECOME_NOBODY = (
    *("sh", "-c", 'mount -t proc -o nosuid,nodev,noexec proc /proc && exec "$@"', "sh"),
    *("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--inh-caps=-all"),
    *("--bounding-set=-all", "--no-new-privs"),
)


class CageError(Exception):
    """There is no cage on this machine, or it could not be set up: nothing that a learner did."""


def shown_code():
    """Return {path under the import root: path here} of what the cage shows of the course."""
    package = Path(__file__).resolve().parents[2]
    return {f"course/{name}": package / name for name in _SHOWN if (package / name).exists()}


def environment(code=_CODE):
    """Return the environment of the warm parent; `code` is where it finds the course."""
    return {**_ENVIRONMENT, "PYTHONPATH": str(code), "PATH": f"{sys.prefix}/bin:{_ENVIRONMENT['PATH']}"}


def command(program):
    """Return the command line that runs a program in the cage.

    Started by root, bubblewrap mounts first and then becomes nobody, since root may read what nobody may not and is
    bound by fewer limits. Started by anyone else, it works in a user namespace.

    Args:
        program: list, the program and its arguments.

    Raises:
        CageError: if bubblewrap is not installed.
    """
    bubblewrap = shutil.which("bwrap")
    if bubblewrap is None:
        raise CageError(
            "There is no bubblewrap on this machine, so learners' code cannot be caged: install it (on Debian and "
            "Ubuntu: apt install bubblewrap), or grade only code that you trust with --no-sandbox."
        )
    is_root = os.geteuid() == 0
    return [
        bubblewrap,
        *("--unshare-ipc", "--unshare-uts", "--unshare-net", "--unshare-pid", "--unshare-cgroup-try"),
        # When the first process ends, the kernel ends all others. Not --die-with-parent, which heeds threads.
        *("--as-pid-1", "--new-session", "--clearenv"),
        *(word for name, value in environment().items() for word in ("--setenv", name, value)),
        *_filesystem(),
        *(_AS_ROOT if is_root else _AS_USER),
        # A user may write to /dev, which would leak files from one learner to the next.
        *("--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/"),
        *(_BECOME_NOBODY if is_root else ()),
        *program,
    ]


def _filesystem():
    """Return the options that make the file system of the cage."""
    words = ["--ro-bind", "/usr", "/usr"]
    for link in ("bin", "lib", "lib64", "sbin"):
        words += ["--symlink", f"usr/{link}", f"/{link}"]
    made = {Path("/"), Path("/usr")}
    words += ["--dev", "/dev", "--perms", "1777", "--tmpfs", "/tmp"]
    made |= {Path("/dev"), Path("/tmp")}
    words += _directory(Path(HOME), made)
    for path in ("/etc/ld.so.cache", "/etc/fonts", "/etc/localtime"):
        words += [*_directory(Path(path).parent, made), "--ro-bind-try", path, path]
    for path in sorted({Path(sys.base_prefix), Path(sys.prefix)}):
        if not path.is_relative_to("/usr"):
            words += [*_directory(path.parent, made), "--ro-bind", str(path), str(path)]
    for kept, path in confine.covered_pythons().items():
        words += [*_directory(Path(kept).parent, made), "--ro-bind", path, kept]
    for name, path in shown_code().items():
        inside = Path(_CODE, name)
        words += [*_directory(inside.parent, made), "--ro-bind", str(path), str(inside)]
    return words


def _directory(path, made):
    """Return the options that make a directory and what leads to it; bubblewrap alone would make it private."""
    words = []
    for step in (*reversed(path.parents), path):
        if step not in made:
            made.add(step)
            words += ["--perms", "0755", "--dir", str(step)]
    return words


def available():
    """Return whether learners' code can be caged on this machine."""
    return not _complaint()


def describe():
    """Return lines that say in plain words what cage there is, for `course doctor`."""
    complaint = _complaint()
    if complaint:
        return [complaint]
    version = subprocess.run(["bwrap", "--version"], capture_output=True, text=True).stdout.split()[-1]
    who = "root, then nobody" if os.geteuid() == 0 else "an ordinary user"
    return [
        f"bubblewrap {version}, run as {who}; user namespaces work",
        "dangerous system calls are denied (seccomp)"
        if seccomp.available()
        else "no list of system calls for this processor, so none is denied (seccomp)",
        "a submission's memory is bounded by a memory cgroup"
        if memory.available()
        else "no memory cgroup can be made here, so a submission's memory is counted 20 times a second instead",
    ]


def _complaint():
    """Return a sentence that says why there is no cage, or "": try what each child does."""
    try:
        trial = command(["unshare", "--user", "--mount", "--pid", "--net", "--fork", "--mount-proc", "true"])
        done = subprocess.run(trial, capture_output=True, text=True, timeout=20)
    except CageError as error:
        return str(error)
    except (OSError, subprocess.SubprocessError) as error:
        return refusal(error)
    return refusal(done.stderr) if done.returncode else ""


def refusal(details):
    """Return one sentence for a cage that could not be set up."""
    lines = [line for line in str(details).splitlines() if line.strip()]
    return (
        f"Learners' code cannot be caged here ({lines[-1].strip() if lines else 'no reason given'}): allow user "
        "namespaces for bubblewrap, or grade only code that you trust with --no-sandbox."
    )
