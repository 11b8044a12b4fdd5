"""Prints and displays what cannot be written down as it is: lone surrogates, NULs, escape sequences, raw bytes."""

FAMILY = {
    "text": [("data", r"print('\ud800 \x00 \x1b]0;HOSTILE\x07 \x1b[2J \x08\x08 \u202e', '\udcff' * 100)")],
    "display": [
        (
            "data",
            r"""
from IPython.display import display

display({"text/plain": "\ud800", "image/png": "no picture", "../../HOSTILE": "x", "": ""}, raw=True)
display({"text/html": 5, "application/json": float("nan")}, raw=True, metadata={"course": "none", "a\ud800": {}})
""",
        )
    ],
    "mime": [
        (
            "data",
            """
from IPython.display import display

display({"text/plain": b"bytes", "text/html": object(), 5: {}, "image/png": b"bytes"}, raw=True)
display({}, raw=True, metadata={"course": [{}]}, transient={"display_id": [1]})
""",
        )
    ],
}
SCORE = 10.0
STATE = ("graded", "graded, code raised", "stopped: broke the protocol in cell [")
