"""Hands in wrong answers with tags that skip the tests, or with outputs that show full marks; nobody reads them."""

import json

from hostile.corpus import FILE, MOST_POINTS, cell, filled_in

WRONG = {
    "value": "value = 0.0",
    "chain": "dJ_da = da_dz = dJ_dw = 0.5",
    "double": "def double(x):\n    return x",
    "plain": "def plain(x, centre):\n    return x",
}


def tags(released, folder):
    notebook = filled_in(released, WRONG)
    for name in WRONG:
        cell(notebook, f"{name}-check")["metadata"].update(tags=["skip-execution", "raises-exception"])
    (folder / FILE).write_text(json.dumps(notebook))


def outputs(released, folder):
    notebook = filled_in(released, WRONG)
    for name, points in MOST_POINTS.items():
        verdict = {"course": [{"name": name, "state": "right", "mistake": ""}]}
        shown = {"data": {"text/plain": f"{points}.0"}, "metadata": verdict}
        cell(notebook, f"{name}-check")["outputs"] = [
            {"output_type": "display_data", **shown},
            {"output_type": "execute_result", "execution_count": 7, **shown},
        ]
    (folder / FILE).write_text(json.dumps(notebook))


FAMILY = {"tags": tags, "outputs": outputs}
SCORE = 0.0
STATE = "graded"
