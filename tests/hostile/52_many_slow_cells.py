"""Adds cells that each take nearly the time of one, after the last exercise; all together they take too long."""

EXTRA = [("plain-check", "import time\n\ntime.sleep(2.4)")] * 8
SCORE = 10.0
STATE = "stopped: timed out in"
