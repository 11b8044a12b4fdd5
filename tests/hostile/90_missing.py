"""Hands in a notebook of another name, or a folder without one; it is missing, and what is there instead is named."""

from hostile.corpus import FILE, write


def renamed(released, folder):
    write(released, folder)
    (folder / FILE).rename(folder / "Untitled (1).ipynb")


def shouted(released, folder):
    write(released, folder)
    (folder / FILE).rename(folder / FILE.upper())


FAMILY = {"renamed": renamed, "shouted": shouted, "nothing": lambda released, folder: None}
SCORE = None
STATE = "missing: "
