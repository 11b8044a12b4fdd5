"""Answers with something that contains or calls itself; it costs its own exercise only."""

FAMILY = {
    "cycle": {"value": "value = []\nvalue.append(value)"},
    "depth": {"value": "value = 0.0\nfor _ in range(100_000):\n    value = [value]"},
    "function": {"plain": "def plain(x, centre):\n    return plain(plain(x, centre), centre)"},
}
SCORE = 8.0
STATE = ("graded", "graded, code raised: RecursionError in", "stopped: timed out in value")
