"""Breaks its own standard output; the exercises before and after it count."""

FAMILY = {
    "closed": [("data", "import sys\n\nsys.stdout.close()\nsys.stderr.close()")],
    "raising": [
        (
            "data",
            """
import sys


class Broken:
    def write(self, text):
        raise OSError("broken")

    flush = isatty = write


sys.stdout = sys.stderr = Broken()
""",
        )
    ],
    "none": [("data", "import sys\n\nsys.stdout = sys.stderr = sys.displayhook = None")],
}
SCORE = 10.0
STATE = ("graded", "graded, code raised", "stopped")
