"""Fresh inputs: a function agrees with the solution in whatever style it is written, and by nothing else."""

from collections import OrderedDict
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from course.checks.fresh import Disagrees, agrees, compared_with, draws


def agree(came, expected):
    """Tell whether a function that gives one thing agrees with a solution that gives another."""
    with compared_with(lambda function: lambda: expected, seed=1):
        try:
            agrees(lambda: came)
        except Disagrees:
            return False
    return True


FLOATS = hnp.arrays(np.float64, hnp.array_shapes(min_dims=0, min_side=0, max_side=3))


@settings(max_examples=100, deadline=None)
@given(expected=FLOATS)
def test_an_array_may_come_as_a_list_or_in_another_precision(expected):
    assert agree(expected, expected)
    assert agree(expected.copy(order="F"), expected)
    if 0 not in expected.shape:
        assert agree(expected.tolist(), expected)


@settings(max_examples=100, deadline=None)
@given(expected=FLOATS, which=st.randoms())
def test_one_entry_that_is_off_is_enough(expected, which):
    came = expected.copy()
    if not came.size:
        return
    place = tuple(which.randrange(n) for n in came.shape)
    largest = max(1, np.abs(came[np.isfinite(came)]).max(initial=0))
    came[place] = came[place] / 2 + largest if np.isfinite(came[place]) else 1.0
    assert agree(came, expected) == np.array_equal(came, expected, equal_nan=True)


SAME = [
    (1, 1.0),
    (True, 1),
    (np.float32(0.5), 0.5),
    (np.array(0.5), 0.5),
    (0.5, np.array(0.5)),
    ((1, 2), [1, 2]),
    ([1, 2], np.array([1, 2])),
    (np.array([1, 2]), np.array([1.0, 2.0])),
    ([np.array([1.0]), 2], (np.array([1.0]), 2)),
    ([], np.zeros(0)),
    ({"W": [1]}, OrderedDict(W=np.ones(1))),
    ({1, 2}, {2, 1}),
    (None, None),
    ("relu", "relu"),
    (1j, 1j),
    (np.nan, np.nan),
    (-np.inf, -np.inf),
    (SimpleNamespace(W=1), SimpleNamespace(W=1)),
    (np.array([True]), np.array([1.0])),
]
DIFFERENT = [
    (1, 2),
    (1, 1 + 1e-5),
    (None, 1),
    (1, None),
    ("1", 1),
    (["1.0"], np.ones(1)),
    (np.array(["1.0"]), np.ones(1)),
    (np.array([1], dtype=object), np.ones(1)),
    ([None], np.array([np.nan])),
    ([[1], [2, 3]], np.ones((2, 1))),
    ([], np.zeros((0, 3))),
    (np.ones((1, 2)), np.ones(2)),
    (np.ones((2, 1)), np.ones((1, 2))),
    (np.ones(1), 1.0),
    (1.0, np.ones(1)),
    ([1, 2, 3], [1, 2]),
    ({"W": 1, "b": 2}, {"W": 1}),
    ({1, 2}, {1}),
    ([1], {1}),
    (1j, 1),
    (np.inf, -np.inf),
    (np.nan, 0.0),
    (1e300, np.inf),
    (object(), object()),
    (10**500, 1.0),
    (lambda: 1, 1),
    ([[[[1]]]] * 2, 1),
]


@pytest.mark.parametrize(("came", "expected"), SAME)
def test_what_is_the_same_agrees(came, expected):
    assert agree(came, expected)


@pytest.mark.parametrize(("came", "expected"), DIFFERENT)
def test_what_is_not_the_same_does_not(came, expected):
    assert not agree(came, expected)


def test_an_object_that_equals_everything_agrees_with_nothing():
    class Same:
        __eq__ = __gt__ = __lt__ = lambda self, other: True
        __hash__ = object.__hash__
        shape, dtype, size = (), np.dtype(float), 1

        def __array__(self, *_, **__):
            return np.ones(())

    for expected in (1.0, np.ones(2), "text", None, [1], {"a": 1}, {1}):
        assert not agree(Same(), expected)


def test_a_list_that_doubles_at_each_level_is_not_unfolded():
    came = [1.0, 2.0]
    for _ in range(60):
        came = [came, came]
    assert not agree(came, np.ones((2, 2)))
    assert not agree(came, [[1.0, 2.0], [1.0, 2.0]])
    endless = []
    endless.append(endless)
    assert not agree(endless, np.ones((1, 1)))


def test_each_call_gets_inputs_of_its_own():
    x = np.ones(2)

    def spoil(x):
        x *= 2
        return x

    with compared_with(lambda function: lambda x: x * 2, seed=1):
        agrees(spoil, x)
        agrees(spoil, x)
    assert x.tolist() == [1, 1]


def test_what_the_solution_gave_is_kept_before_the_other_is_tried():
    kept = np.zeros(2)

    def solution():
        kept[:] = 1
        return kept

    def other():
        kept[:] = 5
        return kept

    with compared_with(lambda function: solution, seed=1), pytest.raises(Disagrees):
        agrees(other)


def test_a_function_may_be_used_in_a_way_of_its_own():
    with compared_with(lambda function: lambda step: step(3), seed=1):
        agrees(lambda step: step(1) + step(1) + step(1), using=lambda tried: tried(lambda n: n))
        with pytest.raises(Disagrees):
            agrees(lambda step: step(2), using=lambda tried: tried(lambda n: n))


def test_draws_are_those_of_the_seed_and_start_anew_each_time():
    with compared_with(None, seed=7):
        assert draws().normal() == draws().normal() == np.random.default_rng(7).normal()
    assert draws().normal() != draws().normal()


def test_without_a_grader_a_function_only_has_to_do_the_same_twice():
    agrees(lambda x: x + 1, 1)
    with pytest.raises(Disagrees):
        agrees(lambda counter=[]: counter.append(1) or len(counter))  # noqa: B006


def test_what_was_compared_with_before_is_so_again_afterwards():
    with compared_with(lambda function: lambda: 1, seed=1):
        with pytest.raises(ZeroDivisionError), compared_with(lambda function: lambda: 2, seed=2):
            1 / 0  # noqa: B018
        agrees(lambda: 1)
