"""Has a number for a text, a list for a name, a text for metadata; is unreadable, or loses no more than that cell."""

import json

from hostile.corpus import FILE, cell, filled_in


def with_value(change):
    def submission(released, folder):
        notebook = filled_in(released)
        change(cell(notebook, "value"))
        (folder / FILE).write_text(json.dumps(notebook))

    return submission


FAMILY = {
    "source": with_value(lambda value: value.update(source=5)),
    "name": with_value(lambda value: value["metadata"]["nbgrader"].update(grade_id=["value"])),
    "metadata": with_value(lambda value: value.update(metadata="none")),
}
SCORE = (10.0, 8.0, None)
STATE = ("graded", "graded, code raised", "unreadable: ")
