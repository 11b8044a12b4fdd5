"""Has a twin of itself, or a broken one, answer the grader; at most its own points are lost by that."""

BREAK = """
import sys


def refuse(*arguments, **options):
    {refusal}


for name, module in list(sys.modules.items()):
    if name.startswith("course.grading"):
        for kind in [thing for thing in vars(module).values() if isinstance(thing, type)]:
            for part in {parts}:
                if hasattr(kind, part):
                    setattr(kind, part, refuse)
value = 0.0
"""

FAMILY = {
    "twin": {"value": "import os\n\nos.fork()\nvalue = 0.0"},
    "raising": {"value": BREAK.format(refusal="raise ValueError('graded')", parts=("_do", "dump", "load"))},
    "lying": {"value": BREAK.format(refusal="return {'value': refuse, 'dJ_da': 10**9}", parts=("_do",))},
}
SCORE = tuple(range(9))
STATE = ("graded", "graded, code raised", "stopped")
