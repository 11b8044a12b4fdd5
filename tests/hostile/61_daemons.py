"""Leaves a process behind in a session of its own, which writes files later; it does not outlive its submission."""

FAMILY = {
    "fork": [
        (
            "data",
            """
import os
import time

if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for _ in range(60):
            for folder in ("/tmp", "/dev/shm", "@COURSE@"):
                try:
                    open(f"{folder}/HOSTILE-daemon", "a").close()
                except OSError:
                    pass
            time.sleep(1)
    os._exit(0)
""",
        )
    ],
    "program": [
        (
            "data",
            """
import subprocess

here = subprocess.Popen(["sleep", "60"], start_new_session=True, stdin=-3, stdout=-3, stderr=-3)
""",
        )
    ],
}
SCORE = 10.0
STATE = ("graded", "graded, code raised")
