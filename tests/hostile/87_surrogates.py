"""Has lone surrogates in its prose, its own code and its metadata; the right answers count."""

import json

from hostile.corpus import FILE, filled_in, own_cell


def submission(released, folder):
    notebook = filled_in(released)
    notebook["cells"].insert(2, own_cell("Half a smile: \ud83d", "markdown"))
    notebook["cells"].insert(3, own_cell("smile = '\ud83d'"))
    notebook["metadata"]["\udcff"] = "\ud800"
    (folder / FILE).write_text(json.dumps(notebook))


SCORE = 10.0
STATE = ("graded", "graded, code raised")
