"""Answers with something that never ends when it is read; it is no number, and nobody waits for it."""

FAMILY = {
    "generator": {"value": "import itertools\n\nvalue = itertools.count()"},
    "list": {
        "value": """
class Endless(list):
    def __iter__(self):
        while True:
            yield 0.0

    def __len__(self):
        return 10**18


value = Endless([0.0])
"""
    },
    "nest": {
        "value": """
class Nest:
    def __getattr__(self, name):
        return self

    def __call__(self, *arguments, **options):
        return self

    __getitem__ = __call__

    def __iter__(self):
        while True:
            yield self


value = Nest()
"""
    },
}
SCORE = 8.0
STATE = "graded"
