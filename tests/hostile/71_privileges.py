"""Tries to become more than it is: another user, another root, a namespace of its own; nothing is gained."""

EXTRA = [
    (
        "data",
        """
import ctypes
import os

NEW_USER, NEW_MOUNTS, NEW_NETWORK = 0x10000000, 0x00020000, 0x40000000
unshare = ctypes.CDLL(None).unshare


def tries():
    yield "mounts of its own", lambda: unshare(NEW_MOUNTS) == 0
    yield "a network of its own", lambda: unshare(NEW_NETWORK) == 0
    yield "a user namespace", lambda: unshare(NEW_USER) == 0
    yield "another root", lambda: os.chroot("/tmp") is None
    yield "root's rights", lambda: os.setuid(0) is None
    yield "a better place in the queue", lambda: os.nice(-5) < 0


for what, attempt in tries():
    if os.fork() == 0:
        try:
            os._exit(attempt())
        finally:
            os._exit(0)
    _, status = os.wait()
    if status:
        print("gained", what)
""",
    )
]
SCORE = 10.0
STATE = ("graded", "graded, code raised")
ABSENT = "gained"
