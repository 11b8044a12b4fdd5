"""Attaches to the process above as a debugger does; that is not allowed."""

EXTRA = [
    (
        "data",
        """
import ctypes
import os

SEIZE = 0x4206
call = ctypes.CDLL(None, use_errno=True).ptrace
if os.getppid():
    done = call(SEIZE, os.getppid(), None, None)
    print("attached to the grader" if done == 0 else os.strerror(ctypes.get_errno()))
""",
    )
]
SCORE = 10.0
STATE = ("graded", "stopped: crashed in cell")
ABSENT = "attached to"
