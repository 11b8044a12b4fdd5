"""Sends SIGKILL to every process that it may; there is none but its own."""

ANSWERS = {"value": "import os\n\nos.kill(-1, 9)\nvalue = 0.0"}
SCORE = 8.0
STATE = ("graded", "graded, code raised", "stopped")
HARMS = "it kills every process"
