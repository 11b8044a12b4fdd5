"""Fills the disk: with one file of 3 GB, with many of them, or with one that is only claimed to be big."""

FILL = """
import tempfile
from pathlib import Path

piece = b"x" * (1 << 20)


def fill(folder, megabytes, files):
    try:
        for number in range(files):
            with open(Path(folder) / f"HOSTILE-{number}", "wb") as file:
                for _ in range(megabytes // files):
                    file.write(piece)
    except OSError as error:
        print(folder, error.strerror)
    else:
        print("HOSTILE wrote it all")


"""

FAMILY = {
    "one": [("data", f"{FILL}fill('.', 3000, 1)\nfill(tempfile.gettempdir(), 3000, 1)")],
    "many": [("data", f"{FILL}fill('.', 3000, 600)\nfill(Path.home(), 3000, 600)\nfill('/dev/shm', 3000, 600)")],
    "claimed": [("data", "with open('HOSTILE-sparse', 'wb') as file:\n    file.truncate(1 << 40)")],
}
SCORE = 10.0
STATE = ("graded", "graded, code raised", "stopped")
ABSENT = "HOSTILE wrote it all"
HARMS = "it writes 3 GB"
