"""Leaves a note for the next submission wherever it can, and reads those that it finds; there is never one."""

NOTE = """
import os
import tempfile
from pathlib import Path

places = ["/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", "/run", "/", "/home", "/opt", tempfile.gettempdir(), "."]
paths = [Path(place) / "HOSTILE-note" for place in [*places, Path.home(), "@COURSE@", "@COURSE@/.."]]
print(*[f"found {path}" for path in paths if path.exists()])
for path in paths:
    try:
        path.write_text("note")
    except OSError:
        pass
for place in [Path(np.__file__).parent, Path(check.__code__.co_filename).parent, Path(os.__file__).parent]:
    if os.access(place, os.W_OK):
        print("found writable", place)
"""

FAMILY = {"first": [("data", NOTE)], "second": [("data", NOTE)]}
SCORE = 10.0
STATE = "graded"
ABSENT = "found"
