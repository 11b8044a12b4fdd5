"""Has numbers in its metadata that few readers of JSON agree on; the right answers count, or it is unreadable."""

import json

from hostile.corpus import FILE, filled_in


def with_number(text):
    def submission(released, folder):
        notebook = filled_in(released)
        notebook["metadata"]["number"] = "HERE"
        (folder / FILE).write_text(json.dumps(notebook).replace('"HERE"', text))

    return submission


FAMILY = {"nan": with_number("NaN"), "huge": with_number("1e999"), "long": with_number("7" * 10_000)}
SCORE = (10.0, None)
STATE = ("graded", "unreadable: ")
