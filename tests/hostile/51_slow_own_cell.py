"""Sleeps in a cell of its own; the cell is stopped, named by its number, and all exercises count."""

EXTRA = [("plot", "import time\n\ntime.sleep(1000)")]
SCORE = 10.0
STATE = "stopped: timed out in cell ["
