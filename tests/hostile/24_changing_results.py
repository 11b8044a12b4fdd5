"""Is right the first three times it is called and wrong ever after; the fresh inputs find out."""

ANSWERS = {
    "double": """
calls = []


def double(x):
    calls.append(x)
    return 2 * x if len(calls) <= 3 else x
"""
}
SCORE = 7.0
STATE = "graded"
