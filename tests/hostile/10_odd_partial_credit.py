"""Publishes a partial credit that is no number of points; nbgrader would give full marks, here it earns nothing."""


def plain(credit):
    return {"plain": f"def plain(x, centre):\n    get_ipython().displayhook({credit})\n    return x"}


FAMILY = {"nan": plain("float('nan')"), "negative": plain("-1.0"), "huge": plain("1e300")}
SCORE = 8.0
STATE = "graded"
