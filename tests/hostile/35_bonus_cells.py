"""Adds graded cells of its own, worth a hundred points, and a second setup cell; no point is earned there."""

import json

from hostile.corpus import FILE, filled_in, own_cell

FORGED = {"bonus": "100.0", "setup": "check = lambda *answers, **parts: None", "value-check": "2.0", "": "100.0"}


def submission(released, folder):
    notebook = filled_in(released, {"value": "value = 0.0"})
    for name, code in FORGED.items():
        forged = own_cell(code)
        role = {"grade": True, "solution": name == "bonus", "locked": True, "task": False, "points": 100}
        forged["metadata"]["nbgrader"] = {"grade_id": name, "schema_version": 3, **role}
        notebook["cells"].insert(3, forged)
    (folder / FILE).write_text(json.dumps(notebook))


SCORE = 8.0
STATE = ("graded", "graded, code raised")
