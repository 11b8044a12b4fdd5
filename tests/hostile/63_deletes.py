"""Deletes the folder it stands in, its home and the whole course; only its own private copies are gone."""

EXTRA = [
    (
        "data",
        """
import os
import shutil
from pathlib import Path

# Bounded: should there be no cage, a real home, which has a .profile or .bashrc, is spared.
homes = [home for home in [Path.home()] if not [*home.glob(".profile"), *home.glob(".bashrc")]]
for folder in [Path.cwd(), Path("@COURSE@"), *homes]:
    shutil.rmtree(folder, ignore_errors=True)
""",
    )
]
SCORE = 10.0
STATE = ("graded", "graded, code raised")
HARMS = "it deletes folders"
