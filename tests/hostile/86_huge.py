"""Hands in 50 MB, brackets in brackets 100,000 deep, or 100,000 cells; nobody reads that, and it is told why."""

import json

from hostile.corpus import FILE, cell, filled_in, own_cell


def big(released, folder):
    notebook = filled_in(released)
    cell(notebook, "plot")["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "x" * 50_000_000}]
    (folder / FILE).write_text(json.dumps(notebook))


def deep(released, folder):
    notebook = filled_in(released)
    notebook["metadata"]["deep"] = "DEEP"
    nested = "[" * 100_000 + "]" * 100_000
    (folder / FILE).write_text(json.dumps(notebook).replace('"DEEP"', nested))


def long(released, folder):
    notebook = filled_in(released)
    notebook["cells"] += [own_cell("pass") for _ in range(100_000)]
    (folder / FILE).write_text(json.dumps(notebook))


FAMILY = {"big": big, "deep": deep, "long": long}
SCORE = None
STATE = ("unreadable: ", "refused: ")
