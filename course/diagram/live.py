"""The live network picture: sliders, gradients and the chain rule in the browser, a still picture everywhere else."""

import sys
from dataclasses import dataclass

import numpy as np

from course.diagram.compose import compose
from course.diagram.fold import MOST_LAYERS, MOST_NEURONS
from course.diagram.parts import find
from course.diagram.svg import Picture
from course.networks import Network


def live(network, row=0, weight=None):
    """Show a network that moves: sliders for the inputs and for a weight, values or gradients, step by step.

    Where nobody could move a slider (graders, `nbconvert --execute`, plain Python) it is the picture of `draw`,
    with the paths of the weight lit.

    Args:
        network: a Network, or any object with X (n, n_in), Y (n, n_out) and lists W of (n_in, n_out) and b of
            (1, n_out), one array a layer; hidden layers are ReLU, the output is the identity.
        row: which sample, counted from 0.
        weight: the weight to begin with, such as "w1_12"; if not given w2_22, or the last one if there is none such.

    Returns:
        A live widget or a still picture; either has `x` (n_in,), `weight`, `weight_value` and `picture`.

    Raises:
        IndexError: if there is no such row.
        ValueError: if there is no such weight, an array has another shape, or the network is too large.
    """
    network = _as_network(network)
    dims = network.layers_dims
    if weight is None:
        weight = "w2_22" if len(dims) > 2 and min(dims[1:3]) > 1 else f"w{len(dims) - 1}_{dims[-2]}_{dims[-1]}"
    if max(dims) > MOST_NEURONS or len(dims) - 1 > MOST_LAYERS:
        raise ValueError(f"{network.name} is {'-'.join(map(str, dims))}: a live picture moves at most {MOST_NEURONS} "
                         f"neurons a layer and {MOST_LAYERS} layers after the input. diagram.draw shows larger ones.")
    part = find(network, weight, "w")
    still = Still(
        picture=compose(network, row, path=weight).picture(),
        row=row,
        x=network.X[row].tolist(),
        weight=part.name,
        weight_value=float(network.W[part.layer - 1][part.index[0] - 1, part.index[1] - 1]),
    )
    if not _somebody_watches():
        return still
    from course.diagram.live_widget import LivePicture  # anywidget takes 0.1 s to import: only where it is used

    return LivePicture(still, network)


@dataclass(frozen=True, repr=False)
class Still:
    """A live picture that cannot move: what it would show at first.

    Attributes:
        picture: the Picture, with the paths of the weight lit.
        row: which sample, counted from 0.
        x: its inputs, a list of n_in numbers.
        weight: the chosen weight's name.
        weight_value: its value.
    """

    picture: Picture
    row: int
    x: list
    weight: str
    weight_value: float

    def _repr_html_(self):
        return self.picture._repr_html_()

    def __repr__(self):
        return repr(self.picture)


def _somebody_watches():
    """Return whether a front-end with a person before it asked for this cell.

    Jupyter's protocol tells: a front-end that can ask its user for input sends `allow_stdin`. nbclient, and so
    nbconvert, nbgrader and papermill, sends False. A widget that opens its comm there would be written into the
    notebook's metadata, and nbconvert's page would then load the widgets' scripts from a CDN.
    """
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    kernel = getattr(shell, "kernel", None)
    if kernel is None:
        return False
    parent = kernel.get_parent() or {}
    return parent.get("content", {}).get("allow_stdin", True)


def _as_network(given):
    """Return a Network with the arrays of any object that has X, Y, W and b.

    Raises:
        ValueError: if one is missing or has a shape that does not fit the others; it says which.
    """
    if isinstance(given, Network):
        return given
    missing = [name for name in ("X", "Y", "W", "b") if not hasattr(given, name)]
    if missing:
        raise ValueError(f"A live picture needs an object with X, Y, W and b; yours has no {', '.join(missing)}.")
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
        raise ValueError(f"{name} holds NaN or infinity: a live picture needs numbers.")
    return array
