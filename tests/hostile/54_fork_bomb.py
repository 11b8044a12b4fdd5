"""Forks into as many processes as it gets; the limit holds, and all of them are ended."""

ANSWERS = {
    "value": """
import os
import time

own = os.getpid()
until = time.monotonic() + 20
for _ in range(9):
    try:
        os.fork()
    except OSError:
        pass
while os.getpid() != own:
    if time.monotonic() > until:
        os._exit(0)
value = 0.0
"""
}
SCORE = 8.0
STATE = ("graded", "graded, code raised", "stopped")
HARMS = "it makes 512 processes"
