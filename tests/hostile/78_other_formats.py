"""Hands in a notebook of format 3, or of a format 5 that does not exist; it is unreadable, and says so."""

import json

from hostile.corpus import FILE, filled_in


def three(released, folder):
    cells = [
        {"cell_type": "code", "language": "python", "outputs": [], "input": cell["source"], "metadata": {}}
        for cell in filled_in(released)["cells"]
        if cell["cell_type"] == "code"
    ]
    notebook = {"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""}, "worksheets": [{"cells": cells}]}
    (folder / FILE).write_text(json.dumps(notebook))


def five(released, folder):
    (folder / FILE).write_text(json.dumps({**filled_in(released), "nbformat": 5}))


FAMILY = {"three": three, "five": five}
SCORE = None
STATE = "unreadable: "
