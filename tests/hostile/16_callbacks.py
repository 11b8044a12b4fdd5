"""Misuses the function that a test hands over: calls it without end, in a circle, or later; earns nothing."""

FAMILY = {
    "circle": {
        "plain": """
def plain(x, centre):
    class Circle:
        def mean(self, axis=None):
            return centre(self)

    return x - centre(Circle())
"""
    },
    "storm": {"plain": "def plain(x, centre):\n    while True:\n        centre(x)"},
    "later": {
        "plain": """
import threading
import time


def plain(x, centre):
    def keep_calling():
        for _ in range(200):
            time.sleep(0.005)
            centre(np.zeros((1000, 1000)))

    for _ in range(4):
        threading.Thread(target=keep_calling).start()
    return x
"""
    },
}
SCORE = 8.0
STATE = ("graded", "graded, code raised", "stopped")
