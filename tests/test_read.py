"""Reading: whatever lies where a submission should be, it is read or named, and nothing is followed or waited for."""

import os
import time
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from course.grading.read import read
from course.grading.submission import Limits

KEY = SimpleNamespace(lesson="50-toy", file="toy.ipynb")


@pytest.fixture
def folder(tmp_path):
    """Return the folder of ada's submission."""
    path = tmp_path / "submitted" / "ada" / "50-toy"
    path.mkdir(parents=True)
    (tmp_path / "secret.ipynb").write_text("secret")
    return path


def read_from(folder, **limits):
    return read(folder.parent.parent, "ada", KEY, Limits(**limits))


def test_a_notebook_is_read_as_it_is(folder):
    (folder / "toy.ipynb").write_bytes(b"\xff anything")
    submission = read_from(folder)
    assert (submission.text, submission.state, submission.timestamp) == (b"\xff anything", "", None)


def test_a_symbolic_link_is_refused(folder, tmp_path):
    (folder / "toy.ipynb").symlink_to(tmp_path / "secret.ipynb")
    submission = read_from(folder)
    assert (submission.text, submission.state) == (None, "refused: toy.ipynb is a symbolic link")
    (folder / "toy.ipynb").unlink()
    (folder / "toy.ipynb").symlink_to("nowhere")
    assert read_from(folder).state == "refused: toy.ipynb is a symbolic link"


@pytest.mark.parametrize("which", ["50-toy", "ada"])
def test_a_folder_that_is_a_link_is_refused(folder, tmp_path, which):
    (folder / "toy.ipynb").write_text("secret")
    place = {"50-toy": folder, "ada": folder.parent}[which]
    place.rename(tmp_path / "elsewhere")
    place.symlink_to(tmp_path / "elsewhere")
    submission = read_from(folder)
    assert submission.text is None
    assert submission.state.startswith("refused: 50-toy is a link or a file")


def test_a_file_in_the_place_of_a_folder_is_refused(folder):
    folder.rmdir()
    folder.write_text("file")
    assert read_from(folder).state.startswith("refused: 50-toy is a link or a file")


@pytest.mark.parametrize("name", ["toy.ipynb", "timestamp.txt"])
def test_nobody_waits_for_a_pipe(folder, name):
    (folder / "toy.ipynb").write_text("{}")
    (folder / name).unlink(missing_ok=True)
    os.mkfifo(folder / name)
    started = time.monotonic()
    submission = read_from(folder)
    assert time.monotonic() - started < 2
    expected = "refused: toy.ipynb is no regular file" if name == "toy.ipynb" else ""
    assert (submission.state, submission.timestamp) == (expected, None)


def test_what_is_not_there_is_missing(folder):
    assert read_from(folder).state == "missing: there is no toy.ipynb"
    folder.rmdir()
    assert read_from(folder).state == "missing: there is no folder 50-toy"
    assert read(folder.parent.parent, "nobody", KEY).state == "missing: there is no folder 50-toy"


def test_notebooks_of_other_names_are_named_shortly(folder):
    for name in ("Untitled.ipynb", "a\nb.ipynb", "\udcff.ipynb", "é" * 100 + ".ipynb", "z.ipynb"):
        (folder / name).touch()
    state = read_from(folder).state
    assert state.startswith("missing: there is no toy.ipynb, but Untitled.ipynb, a\\nb.ipynb, ")
    assert state.isascii() and "\n" not in state and len(state) < 250


def test_a_folder_in_the_place_of_the_notebook_is_named(folder):
    (folder / "toy.ipynb").mkdir()
    assert read_from(folder).state in (
        "unreadable: toy.ipynb is a folder",
        "refused: toy.ipynb is no regular file",
    )


def test_a_huge_notebook_is_refused_before_it_is_read(folder):
    with open(folder / "toy.ipynb", "wb") as file:
        file.truncate(1 << 40)
    assert read_from(folder).state == "refused: toy.ipynb has 1099512 MB, allowed are 21"
    (folder / "toy.ipynb").write_bytes(b"x" * 1000)
    assert read_from(folder, notebook_bytes=1000).text == b"x" * 1000
    assert read_from(folder, notebook_bytes=999).text is None


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
@pytest.mark.parametrize("place", ["toy.ipynb", "."])
def test_what_may_not_be_read_is_named(folder, place):
    (folder / "toy.ipynb").write_text("{}")
    (folder / place).chmod(0)
    try:
        assert read_from(folder).state.startswith("unreadable: ")
    finally:
        (folder / place).chmod(0o700)


def test_what_may_not_be_opened_is_named(folder, monkeypatch):
    (folder / "toy.ipynb").write_text("{}")
    really_open = os.open

    def refuse(path, *rest, **options):
        if path == "toy.ipynb":
            raise PermissionError(13, "Permission denied")
        return really_open(path, *rest, **options)

    monkeypatch.setattr(os, "open", refuse)
    assert read_from(folder).state == "unreadable: toy.ipynb may not be read"


@pytest.mark.parametrize(
    ("stamp", "expected"),
    [
        ("2026-01-02 03:04:05 UTC\n", datetime(2026, 1, 2, 3, 4, 5)),
        ("2026-01-02T03:04:05+02:00", datetime(2026, 1, 2, 1, 4, 5)),
        ("2026-01-02 03:04:05.678901 UTC", datetime(2026, 1, 2, 3, 4, 5, 678901)),
        ("", None),
        ("yesterday", None),
        ("2026-13-45 99:99:99", None),
        ("1e999999", None),
        ("9" * 90, None),
        ("\0\1\2", None),
        ("é", None),
        ("x" * 1000, None),
        ("None", None),
    ],
)
def test_a_timestamp_is_read_or_there_is_none(folder, stamp, expected):
    (folder / "toy.ipynb").write_text("{}")
    (folder / "timestamp.txt").write_text(stamp)
    submission = read_from(folder)
    assert (submission.timestamp, submission.state) == (expected, "")


@pytest.mark.parametrize("stamp", ["9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00", "10", "12:00 XYZ"])
def test_an_odd_timestamp_has_no_zone_or_is_none(folder, stamp):
    (folder / "toy.ipynb").write_text("{}")
    (folder / "timestamp.txt").write_text(stamp)
    timestamp = read_from(folder).timestamp
    assert timestamp is None or timestamp.tzinfo is None


def test_a_linked_timestamp_is_none(folder, tmp_path):
    Path(tmp_path / "stamp").write_text("2026-01-02 03:04:05 UTC")
    (folder / "timestamp.txt").symlink_to(tmp_path / "stamp")
    assert read_from(folder).timestamp is None


def test_no_file_stays_open(folder):
    (folder / "toy.ipynb").symlink_to("nowhere")
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(20):
        read_from(folder)
    assert len(os.listdir("/proc/self/fd")) == before
