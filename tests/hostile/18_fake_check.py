"""Replaces `check`, its code, its judge, or the modules that it comes from; the wrong `value` earns nothing."""

FAMILY = {
    "function": {
        "value": """
check.__code__ = (lambda exercise, answer=None, /, **parts: None).__code__
check = lambda *arguments, **parts: None
value = 0.0
"""
    },
    "judge": {
        "value": """
import course.checks
from course.checks.verdict import RIGHT, Verdict

course.checks._judge = lambda given: [Verdict(name, RIGHT, "right.") for name in given]
value = 0.0
"""
    },
    "modules": {
        "value": """
import sys
import types


class Anything(types.ModuleType):
    def __getattr__(self, name):
        return lambda *arguments, **options: None


for name in list(sys.modules):
    if name.split(".")[0] == "course":
        sys.modules[name] = Anything(name)
from course import check

value = 0.0
"""
    },
}
SCORE = 8.0
STATE = "graded"
