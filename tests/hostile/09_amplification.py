"""Answers with little that becomes much where it is read: no entries with a huge sum, one array many times over."""

FAMILY = {
    "sums": {"plain": "def plain(x, centre):\n    return np.empty((0, 100_000_000))"},
    "copies": {"value": "value = [np.zeros(1_000_000)] * 200"},
    "callback": {"plain": "def plain(x, centre):\n    return x - centre(np.empty((0, 100_000_000)))[:2]"},
}
SCORE = 8.0
STATE = ("graded", "graded, code raised", "stopped")
