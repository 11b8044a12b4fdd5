"""Declares its answers to be tests and the tests to be answers, or prose; the wrong `value` earns nothing."""

import json

from hostile.corpus import FILE, cell, filled_in

NAMES = ("value", "chain", "double", "plain")


def flags(released, folder):
    notebook = filled_in(released, {"value": "value = 0.0"})
    for name in NAMES:
        cell(notebook, name)["metadata"]["nbgrader"].update(grade=True, solution=False, points=50)
        cell(notebook, f"{name}-check")["metadata"]["nbgrader"].update(grade=False, solution=True, locked=False)
        cell(notebook, f"{name}-check")["source"] = "2.0"
    (folder / FILE).write_text(json.dumps(notebook))


def prose(released, folder):
    notebook = filled_in(released, {"value": "value = 0.0"})
    for name in NAMES:
        test = cell(notebook, f"{name}-check")
        test["cell_type"] = "markdown"
        del test["outputs"], test["execution_count"]
    (folder / FILE).write_text(json.dumps(notebook))


FAMILY = {"flags": flags, "prose": prose}
SCORE = 8.0
STATE = "graded"
