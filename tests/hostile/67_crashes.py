"""Runs out of stack after lifting Python's limit, or reads at address 0; that exercise is lost, the rest counts."""

FAMILY = {
    "stack": {
        "value": """
import sys

sys.setrecursionlimit(10**9)


class Deep:
    def __repr__(self):
        return repr(self)


value = repr(Deep())
"""
    },
    "pointer": {"value": "import ctypes\n\nvalue = ctypes.string_at(0)"},
}
SCORE = 8.0
STATE = ("stopped: crashed in value", "stopped: out of memory in value", "graded, code raised: MemoryError in value")
