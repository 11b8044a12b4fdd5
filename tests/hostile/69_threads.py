"""Leaves threads that never end and a slow farewell; the answers count, and nobody waits."""

EXTRA = [
    (
        "data",
        """
import atexit
import threading
import time

until = time.monotonic() + 60


def chatter():
    while time.monotonic() < until:
        print("still here")
        time.sleep(0.01)


for _ in range(4):
    threading.Thread(target=chatter).start()
atexit.register(time.sleep, 60)
""",
    )
]
SCORE = 10.0
STATE = ("graded", "stopped")
