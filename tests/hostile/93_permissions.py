"""Hands in a file that nobody may read; who may read everything grades it, others are told why not."""

import os

from hostile.corpus import FILE, write


def submission(released, folder):
    write(released, folder)
    (folder / FILE).chmod(0)


SCORE = 10.0 if os.geteuid() == 0 else None
STATE = "graded" if os.geteuid() == 0 else ("unreadable: ", "refused: ")
