"""Adds a thousand cells of its own; they are run, and the right answers count."""

EXTRA = [("plain-check", "pass")] * 1000
SCORE = 10.0
STATE = ("graded", "stopped: timed out in")
