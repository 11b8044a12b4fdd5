"""Notebook files: read with clear errors, kept in one normal form so that a diff shows what changed."""

import json
import os
import re
import sys
import tempfile
from pathlib import Path

# With it, the validator that nbformat loads builds a parser of international web addresses, which takes a second.
sys.modules.setdefault("rfc3987_syntax", None)

import nbformat  # noqa: E402

_KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
_KEPT_METADATA = ("nbgrader", "deletable", "editable")


class NotebookError(Exception):
    """A notebook cannot be read or breaks a rule; the message names the file and what to do."""


def read(path):
    """Read a notebook of format 4.

    Args:
        path: the .ipynb file.

    Returns:
        The notebook node.

    Raises:
        NotebookError: if the file is missing, no JSON, no notebook, or of another major format.
    """
    path = Path(path)
    try:
        notebook = nbformat.reads(path.read_text(encoding="utf-8"), as_version=nbformat.NO_CONVERT)
    except OSError as error:
        raise NotebookError(f"{path} cannot be read: {error.strerror}.") from None
    except (ValueError, TypeError, AttributeError, RecursionError, nbformat.ValidationError):
        raise NotebookError(f"{path} is not a Jupyter notebook: it cannot be read as one.") from None
    if notebook.get("nbformat") != 4 or not isinstance(notebook.get("cells"), list):
        raise NotebookError(f"{path} is not a notebook of format 4: open it in JupyterLab and save it again.")
    return notebook


def normal_form(notebook):
    """Return a notebook's text in normal form.

    No outputs, no execution counts, cell ids equal to grade ids (elsewhere stable slugs), no metadata but
    nbgrader's and the cell's locks, sorted keys, an indent of one, one trailing newline.

    Args:
        notebook: a notebook node; it is not changed.

    Returns:
        JSON text.
    """
    cells = []
    taken = {cell["metadata"].get("nbgrader", {}).get("grade_id") for cell in notebook["cells"]}
    for number, cell in enumerate(notebook["cells"]):
        metadata = {key: cell["metadata"][key] for key in _KEPT_METADATA if key in cell["metadata"]}
        identifier = _identifier(cell, metadata, number, taken)
        taken.add(identifier)
        plain = {"cell_type": cell["cell_type"], "id": identifier, "metadata": metadata}
        plain["source"] = _text(cell["source"]).strip("\n").splitlines(keepends=True)
        if cell["cell_type"] == "code":
            plain.update(execution_count=None, outputs=[])
        cells.append(plain)
    data = {
        "cells": cells,
        "metadata": {"kernelspec": _KERNEL, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(data, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _text(source):
    return source if isinstance(source, str) else "".join(source)


def _identifier(cell, metadata, number, taken):
    """Return the grade id; else the id an author gave; else, for JupyterLab's random ids, a slug of the text."""
    grade_id = metadata.get("nbgrader", {}).get("grade_id")
    if grade_id:
        return grade_id
    identifier = cell.get("id", "")
    is_random = re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){0,3}(-[0-9a-f]{12})?", identifier)
    if identifier and not is_random and identifier not in taken:
        return identifier
    words = re.findall(r"[a-z0-9]+", _text(cell["source"]).lower())[:5]
    slug = "-".join(words)[:48] or f"cell-{number}"
    return slug if slug not in taken else f"{slug}-{number}"


def write_atomically(path, text):
    """Write a text file so that a reader sees the old content or the new, never a half.

    Args:
        path: the file.
        text: its new content.

    Raises:
        NotebookError: if the folder cannot be written to.
    """
    path = Path(path)
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except OSError as error:
        raise NotebookError(f"{path} cannot be written: {error.strerror}. Check the folder's permissions.") from None
