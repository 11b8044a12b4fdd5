"""Hidden tests on fresh inputs: a learner's function must agree with the solution where nobody could look before.

    from course.checks.fresh import agrees, draws

    rng = draws()
    agrees(relu, rng.normal(size=(4, 3)))
    agrees(step, using=lambda tried: tried([np.ones(2)], [np.full(2, 0.5)], 0.1))

While a lesson is graded the solution comes from the source, in a process that the learner's code never sees, and
the inputs are drawn from a seed that the learner cannot know. Anywhere else (a source that is run with its own
solutions) the function stands for the solution too, and only has to give the same answer twice.
"""

import copy
from contextlib import contextmanager
from types import SimpleNamespace

import numpy as np

from course.checks.seal import TOLERANCE

_solution_of = None
_seed = None


class Disagrees(AssertionError):
    """A function differs from the solution on inputs that it has not been shown."""


def draws():
    """Return a random generator for inputs: seeded by the grader, otherwise by chance.

    Returns:
        A `numpy.random.Generator`; the first draws are the same for every call while one cell is graded.
    """
    return np.random.default_rng(_seed)


def agrees(function, *inputs, using=None):
    """Demand that a learner's function gives what the solution gives.

    Args:
        function: the learner's function.
        *inputs: what to call it with; each call gets copies of its own.
        using: function that takes the one to be tried, calls it as it likes, on inputs that it makes anew each time,
            and returns what is to be compared; in the place of `inputs`.

    Raises:
        Disagrees: if the results differ in kind, shape or value (relative tolerance 1e-6).
    """
    solution = _solution_of(function) if _solution_of else function
    use = using or (lambda tried: tried(*copy.deepcopy(inputs)))
    expected = copy.deepcopy(use(solution))
    came = use(function)
    name = getattr(solution, "__name__", "the function")
    if not _is_same(came, expected):
        raise Disagrees(f"{name} does not do what is asked for on inputs that are not shown.")


@contextmanager
def compared_with(solution_of, seed):
    """Let functions be compared with the solution, as trusted grading does.

    Args:
        solution_of: function from the learner's function to the solution's.
        seed: a whole number from which all inputs are drawn.
    """
    global _solution_of, _seed
    before = _solution_of, _seed
    _solution_of, _seed = solution_of, seed
    try:
        yield
    finally:
        _solution_of, _seed = before


def _is_same(came, expected):
    """Compare plain data: numbers and arrays by value, the rest by kind and content."""
    if isinstance(expected, dict):
        same_keys = type(came) is dict and came.keys() == expected.keys()
        return same_keys and all(_is_same(came[key], expected[key]) for key in expected)
    if isinstance(expected, SimpleNamespace):
        return type(came) is SimpleNamespace and _is_same(vars(came), vars(expected))
    if isinstance(expected, (list, tuple)):
        is_row = type(came) in (list, tuple) and len(came) == len(expected)
        return is_row and all(map(_is_same, came, expected))
    if isinstance(expected, (bool, int, float, complex, np.generic, np.ndarray)):
        return _is_close(came, np.asarray(expected))
    return type(came) is type(expected) and came == expected


def _is_close(came, expected):
    """Compare numbers and arrays of numbers; a list counts as an array, as it does for `check`."""
    if not _has_shape(came, expected.shape):
        return False
    try:
        came, expected = np.asarray(came, dtype=complex), np.asarray(expected, dtype=complex)
    except (TypeError, ValueError, OverflowError):
        return False
    if came.shape != expected.shape:  # as that of an empty list where there are no rows of three
        return False
    scale = np.max(np.abs(expected), initial=0.0, where=np.isfinite(expected))
    with np.errstate(over="ignore"):
        return bool(np.allclose(came, expected, rtol=TOLERANCE, atol=1e-9 * scale, equal_nan=True))


def _has_shape(came, shape):
    """Tell whether something is made of numbers and has a shape, without unfolding it further than that."""
    if isinstance(came, (list, tuple)):
        return bool(shape) and len(came) == shape[0] and all(_has_shape(row, shape[1:]) for row in came)
    if isinstance(came, (np.generic, np.ndarray)):
        return came.shape == shape and came.dtype.kind in "biufc"
    return isinstance(came, (bool, int, float, complex)) and shape == ()
