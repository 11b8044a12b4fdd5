"""Has one id on every cell, its answers twice, or its tests twice with more points; the right answers count once."""

import copy
import json

from hostile.corpus import FILE, filled_in


def same_ids(released, folder):
    notebook = filled_in(released)
    for cell in notebook["cells"]:
        cell["id"] = "same"
    (folder / FILE).write_text(json.dumps(notebook))


def twice(ending):
    def submission(released, folder):
        notebook = filled_in(released)
        for cell in list(notebook["cells"]):
            role = cell["metadata"].get("nbgrader", {})
            if role.get(ending):
                double = copy.deepcopy(cell)
                double["metadata"]["nbgrader"].update({"points": 100} if ending == "grade" else {})
                notebook["cells"].insert(notebook["cells"].index(cell), double)
        (folder / FILE).write_text(json.dumps(notebook))

    return submission


FAMILY = {"ids": same_ids, "answers": twice("solution"), "tests": twice("grade")}
SCORE = 10.0
STATE = "graded"
