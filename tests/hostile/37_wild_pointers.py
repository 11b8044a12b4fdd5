"""Answers with an object whose array interface points nowhere; whoever follows it dies, and that is not the grader."""

FAMILY = {
    "zero": {
        "value": """
class Wild:
    __array_interface__ = {"shape": (1000,), "typestr": "<f8", "data": (8, False), "version": 3}


value = Wild()
"""
    },
    "function": {
        "plain": """
class Wild:
    __array_interface__ = {"shape": (2, 2), "typestr": "<f8", "data": (8, False), "version": 3}


def plain(x, centre):
    return np.asarray(Wild())
"""
    },
}
SCORE = 8.0
STATE = ("graded", "graded, code raised", "stopped: crashed in")
