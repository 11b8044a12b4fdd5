"""Hands in a file that is cut off, empty, or a picture; it is unreadable, and costs nobody else anything."""

import json

from hostile.corpus import FILE, filled_in


def cut_off(released, folder):
    text = json.dumps(filled_in(released))
    (folder / FILE).write_text(text[: len(text) // 2])


FAMILY = {
    "half": cut_off,
    "empty": lambda released, folder: (folder / FILE).write_bytes(b""),
    "picture": lambda released, folder: (folder / FILE).write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\xff\xfe" * 100),
}
SCORE = None
STATE = "unreadable: "
