"""Writes forged answers or garbage to every socket and pipe that it finds open, or reads them empty."""

LINES = """
import json
import os
import stat


def lines_to_the_grader():
    for number in range(3, 256):
        try:
            mode = os.fstat(number).st_mode
            if stat.S_ISSOCK(mode) or stat.S_ISFIFO(mode):
                os.set_blocking(number, False)
                yield number
        except OSError:
            pass


def write(data):
    for number in lines_to_the_grader():
        try:
            os.write(number, data)
        except OSError:
            pass


value = 0.0
"""

FAMILY = {
    "forging": {
        "value": f"""{LINES}
for forged in ({{"state": "graded", "score": 10}}, {{"value": 14.25}}, 14.25, [["value", 14.25]], {{"ok": True}}):
    text = json.dumps(forged).encode()
    for data in (text + b"\\n", len(text).to_bytes(4, "big") + text, len(text).to_bytes(8, "little") + text):
        write(data)
"""
    },
    "garbage": {"value": f"{LINES}\nfor _ in range(200):\n    write(os.urandom(1 << 16))"},
    "stealing": {
        "value": f"""{LINES}
for number in lines_to_the_grader():
    try:
        os.read(number, 1 << 16)
    except OSError:
        pass
"""
    },
}
SCORE = 8.0
STATE = ("graded", "graded, code raised", "stopped")
