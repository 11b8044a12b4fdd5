"""Changes what it is given, so that the test compares nothing with nothing; both wrong functions earn nothing."""

ANSWERS = {
    "double": """
def double(x):
    if np.ndim(x) == 0 or np.shape(x) in [(2, 2), (2, 1)]:
        return 2 * x
    x *= 0
    return x
""",
    "plain": """
def plain(x, centre):
    x -= x
    X[...] = 0
    return x
""",
}
SCORE = 5.0
STATE = ("graded", "graded, code raised: ValueError in")
