"""Reads IPython's history, where earlier sessions of the instructor may stand; it is not there."""

EXTRA = [
    (
        "data",
        """
import os
import re
import sqlite3
from pathlib import Path

get_ipython().run_line_magic("history", "-g CANARY*")
home = Path(os.environ.get("IPYTHONDIR", Path.home() / ".ipython"))
for path in [home, Path("@COURSE@").parent / "ipython"]:
    try:
        history = sqlite3.connect(f"file:{path}/profile_default/history.sqlite?mode=ro", uri=True)
        for (source,) in history.execute("SELECT source FROM history"):
            print(*re.findall("CANARY-[a-z]+", source))
    except sqlite3.Error as error:
        print(error)
""",
    )
]
SCORE = 10.0
STATE = ("graded", "graded, code raised")
