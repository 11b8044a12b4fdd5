"""Saves the right notebook in another encoding, as old editors do; it counts or is unreadable."""

import json

from hostile.corpus import FILE, filled_in


def encoded(encoding):
    def submission(released, folder):
        (folder / FILE).write_bytes(json.dumps(filled_in(released), ensure_ascii=False).encode(encoding))

    return submission


FAMILY = {"mark": encoded("utf-8-sig"), "sixteen": encoded("utf-16"), "latin": encoded("latin-1")}
SCORE = (10.0, None)
STATE = ("graded", "unreadable: ")
