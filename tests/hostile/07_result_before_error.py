"""Publishes full marks as an execute_result from inside the tested function, before its test fails; earns nothing."""

ANSWERS = {
    "plain": """
def plain(x, centre):
    get_ipython().displayhook(2.0)
    return x
"""
}
SCORE = 8.0
STATE = "graded"
