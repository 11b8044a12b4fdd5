"""Ends its own process, in an answer or where a test calls it; that exercise is lost, the rest counts."""

FAMILY = {
    "answer": {"value": "import os\n\nos._exit(0)"},
    "function": {"plain": "import os\n\n\ndef plain(x, centre):\n    os._exit(0)"},
    "abort": {"value": "import os\n\nos.abort()"},
}
SCORE = 8.0
STATE = "stopped: crashed in"
