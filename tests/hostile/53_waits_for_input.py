"""Waits for somebody to type; nobody is there, and it does not hold up the run."""

FAMILY = {
    "input": {"value": "value = float(input())"},
    "read": {"value": "import sys\n\nvalue = sys.stdin.read()"},
    "terminal": {"value": "value = open('/dev/tty').read()"},
}
SCORE = 8.0
STATE = ("graded", "graded, code raised", "stopped: timed out in value")
