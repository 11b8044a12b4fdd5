"""Deletes tests, an answer, or everything but its answers; the one wrong or missing `value` earns nothing."""

import json

from hostile.corpus import FILE, filled_in


def keeping(is_kept):
    def submission(released, folder):
        notebook = filled_in(released, {"value": "value = 0.0"})
        notebook["cells"] = [cell for cell in notebook["cells"] if is_kept(cell["id"])]
        (folder / FILE).write_text(json.dumps(notebook))

    return submission


FAMILY = {
    "tests": keeping(lambda name: not name.endswith("-check")),
    "answer": keeping(lambda name: name != "value"),
    "rest": keeping(lambda name: name in ("value", "chain", "double", "plain")),
}
SCORE = 8.0
STATE = "graded"
