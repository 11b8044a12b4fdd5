"""Answers with something of several gigabytes that costs nothing to make; nobody copies it, and it is wrong."""

FAMILY = {
    "view": {"value": "value = np.broadcast_to(0.0, (100_000, 10_000))"},
    "claim": {
        "value": """
class Claim:
    shape, ndim, size, nbytes = (50_000, 50_000), 2, 2_500_000_000, 20_000_000_000
    dtype = np.dtype(float)

    def __len__(self):
        return 50_000

    def __array__(self, dtype=None, copy=None):
        return np.broadcast_to(0.0, self.shape)


value = Claim()
"""
    },
    "range": {"value": "value = [range(10**10)] * 1000"},
}
SCORE = 8.0
STATE = ("graded", "graded, code raised")
