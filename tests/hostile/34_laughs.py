"""Answers with lists that look small and are read for ever: ranges, and lists of lists of lists of the same list."""

FAMILY = {
    "ranges": {"value": "value = [range(40_000_000)] * 3"},
    "lists": {"value": "value = [0.0] * 100\nfor _ in range(5):\n    value = [value] * 100"},
}
SCORE = 8.0
STATE = ("graded", "graded, code raised", "stopped: timed out in value", "stopped: out of memory in value")
