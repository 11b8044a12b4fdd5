"""Hands in a folder, or a pipe that nobody writes to, under the notebook's name; nobody waits for it."""

import os

from hostile.corpus import FILE

FAMILY = {
    "folder": lambda released, folder: (folder / FILE).mkdir(),
    "pipe": lambda released, folder: os.mkfifo(folder / FILE),
}
SCORE = None
STATE = ("refused: ", "unreadable: ", "missing: ")
