"""Hands in other files beside the right notebook: hostile notebooks, a wild timestamp; only the right one counts."""

from hostile.corpus import FILE, write


def notebooks(released, folder):
    write(released, folder)
    write(released, folder, {"value": "open('/tmp/HOSTILE-notebook', 'w')\nvalue = 0.0"})
    (folder / FILE).rename(folder / "Copy.ipynb")
    (folder / "broken.ipynb").write_text("{")
    write(released, folder)


def timestamp(released, folder):
    write(released, folder)
    (folder / "timestamp.txt").write_text("in the year 9999\n" * 1000)


def checkpoints(released, folder):
    (folder / ".ipynb_checkpoints").mkdir()
    write(released, folder / ".ipynb_checkpoints", {"value": "value = 0.0"})
    (folder / "autograded").symlink_to(folder.parents[2] / "source")
    write(released, folder)


FAMILY = {"notebooks": notebooks, "timestamp": timestamp, "checkpoints": checkpoints}
SCORE = 10.0
STATE = "graded"
