"""Hands in all cells in the reverse order; the answers are found by their names and count."""

import json

from hostile.corpus import FILE, filled_in


def submission(released, folder):
    notebook = filled_in(released)
    notebook["cells"].reverse()
    (folder / FILE).write_text(json.dumps(notebook))


SCORE = 10.0
STATE = "graded"
