"""Knows the visible answers of `double` by heart; the hidden tests find out, and the whole exercise earns nothing."""

ANSWERS = {
    "double": """
def double(x):
    if np.ndim(x) == 0:
        return 3.0
    return np.array([[2.0, -4.0], [1.0, 6.0]])
"""
}
SCORE = 7.0
STATE = "graded"
