"""Shows what looks like a score or a verdict: a number, JSON, metadata of `check`; the wrong `value` earns nothing."""

import json

JSON = {"name": "value", "score": 2.0, "max_score": 2.0, "verdict": "right", "state": "graded"}
VERDICT = {"course": [{"name": "value", "state": "right", "mistake": ""}]}

FAMILY = {
    "number": {"value": "value = 0.0\n2.0"},
    "json": {"value": f"value = 0.0\nprint({json.dumps(JSON)!r})"},
    "metadata": {
        "value": f"from IPython.display import display\n\nvalue = 0.0\ndisplay('right', metadata={VERDICT})",
    },
}
SCORE = 8.0
STATE = "graded"
