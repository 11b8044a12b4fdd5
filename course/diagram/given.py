"""A learner's own arrays as a Network, with words for those that do not fit."""

import numpy as np

from course.networks import Network


def as_network(given):
    """Return a Network with the arrays of any object that has X, Y, W and b.

    Raises:
        ValueError: if one is missing or has a shape that does not fit the others; it says which.
    """
    if isinstance(given, Network):
        return given
    missing = [name for name in ("X", "Y", "W", "b") if not hasattr(given, name)]
    if missing:
        raise ValueError(f"A picture that moves needs an object with X, Y, W and b; yours has no {', '.join(missing)}.")
    name = getattr(given, "name", "your network")
    X, Y = (_array(getattr(given, letter), letter) for letter in "XY")
    W = tuple(_array(array, f"W[{i}]") for i, array in enumerate(given.W))
    b = tuple(_array(np.atleast_2d(array), f"b[{i}]") for i, array in enumerate(given.b))
    if not W or len(W) != len(b):
        raise ValueError(f"W holds {len(W)} arrays and b {len(b)}: expected one each for every layer.")
    width = X.shape[1]
    for i, (weights, bias) in enumerate(zip(W, b, strict=True)):
        if weights.shape[0] != width:
            raise ValueError(f"W[{i}] has shape {weights.shape}, expected ({width}, ...): "
                             f"a row for each neuron of the layer before.")
        width = weights.shape[1]
        if bias.shape != (1, width):
            raise ValueError(f"b[{i}] has shape {bias.shape}, expected (1, {width}).")
    if Y.shape != (len(X), width):
        raise ValueError(f"Y has shape {Y.shape}, expected ({len(X)}, {width}).")
    return Network(name, X, Y, W, b)


def _array(array, name):
    """Return a finite array of two dimensions as float64."""
    array = np.asarray(array, dtype=np.float64)
    if array.ndim != 2:
        raise ValueError(f"{name} has shape {array.shape}, expected two dimensions.")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} holds NaN or infinity: a picture that moves needs numbers.")
    return array
