"""Answers with a subclass, or a lie about its class, that wins every comparison; earns nothing."""

FAMILY = {
    "float": {
        "value": """
class Right(float):
    def __eq__(self, other):
        return True

    __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __eq__
    __hash__ = float.__hash__

    def __sub__(self, other):
        return Right(0)

    __rsub__ = __abs__ = lambda self, *other: Right(0)


value = Right(0)
"""
    },
    "array": {
        "plain": """
class Right(np.ndarray):
    def __array_ufunc__(self, *arguments, **options):
        return np.zeros(self.shape, dtype=bool)

    def __array_function__(self, *arguments):
        return np.ones(self.shape, dtype=bool)

    def sum(self, *arguments, **options):
        return np.zeros(2)

    mean = sum


def plain(x, centre):
    return (x + 1).view(Right)
"""
    },
    "class": {
        "value": """
class Liar:
    __class__ = property(lambda self: np.float64)
    dtype = np.dtype(float)

    def __float__(self):
        return 0.0

    def __eq__(self, other):
        return True


value = Liar()
"""
    },
}
SCORE = 8.0
STATE = "graded"
