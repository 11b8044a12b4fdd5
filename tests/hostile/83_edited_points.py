"""Writes other points, or none that are numbers, into the tests' metadata; the instructor's points hold."""

import json

from hostile.corpus import FILE, cell, filled_in


def worth(points):
    def submission(released, folder):
        notebook = filled_in(released, {"value": "value = 0.0"})
        for name in ("value", "chain", "double", "plain"):
            cell(notebook, f"{name}-check")["metadata"]["nbgrader"].update(points=points, schema_version=points)
        (folder / FILE).write_text(json.dumps(notebook))

    return submission


FAMILY = {"many": worth(100), "negative": worth(-5), "nan": worth("NaN")}
SCORE = 8.0
STATE = "graded"
