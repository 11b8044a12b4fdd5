"""Has a NUL in an answer, which Python does not read; that exercise is lost, the rest counts."""

ANSWERS = {"value": "value = 0.0 \x00"}
SCORE = 8.0
STATE = ("graded", "graded, code raised")
