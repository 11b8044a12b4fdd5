"""Never ends: in Python, inside one call of C code, or only when a test calls it. The rest still counts."""

FAMILY = {
    "loop": {"value": "while True:\n    pass"},
    "regex": {"value": "import re\n\nvalue = len(re.findall('(a+)+$', 'a' * 64 + 'b'))"},
    "function": {"plain": "def plain(x, centre):\n    while True:\n        pass"},
}
SCORE = 8.0
STATE = "stopped: timed out in"
