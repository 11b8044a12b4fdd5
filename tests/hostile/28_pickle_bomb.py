"""Answers with an object that runs a command where it is unpickled; nobody unpickles it."""

BOMB = """
import os


class Bomb:
    def __reduce__(self):
        return os.system, ("touch @COURSE@/HOSTILE-pickle /tmp/HOSTILE-pickle",)


"""
FAMILY = {
    "object": {"value": f"{BOMB}value = Bomb()"},
    "array": {"value": f"{BOMB}value = np.array([Bomb()], dtype=object)"},
    "error": {
        "value": f"{BOMB}class Trap(Exception):\n    __reduce__ = Bomb.__reduce__\n\n\nraise Trap(Bomb())",
    },
}
SCORE = 8.0
STATE = ("graded", "graded, code raised: Trap in value")
