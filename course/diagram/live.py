"""The live network picture: sliders, gradients and the chain rule in the browser, a still picture everywhere else."""

from dataclasses import dataclass

from course.diagram.compose import compose
from course.diagram.front_end import somebody_watches
from course.diagram.given import as_network
from course.diagram.parts import find
from course.diagram.svg import Picture, Pictured

MOST_NUMBERS = 200_000  # weights, inputs and targets that a page is sent, 4 MB at most


def live(network, row=0, weight=None):
    """Show a network that moves: sliders for the inputs and for a weight, values or gradients, step by step.

    Where nobody could move a slider (graders, `nbconvert --execute`, plain Python) it is the picture of `draw`,
    with the paths of the weight lit.

    Args:
        network: a Network, or any object with X (n, n_in), Y (n, n_out) and lists W of (n_in, n_out) and b of
            (1, n_out), one array a layer; hidden layers are ReLU, the output is the identity.
            Of a large network everything is computed, and drawn is what `draw` draws.
        row: which sample, counted from 0.
        weight: the weight to begin with, such as "w1_12"; if not given w2_22, or the last one if there is none such.

    Returns:
        A live widget or a still picture; either has `x` (n_in,), `weight`, `weight_value` and `picture`.

    Raises:
        IndexError: if there is no such row.
        ValueError: if there is no such weight, an array has another shape, or the network is too large.
    """
    network = as_network(network)
    dims = network.layers_dims
    if weight is None:
        weight = "w2_22" if len(dims) > 2 and min(dims[1:3]) > 1 else f"w{len(dims) - 1}_{dims[-2]}_{dims[-1]}"
    weights, samples = sum(W.size for W in network.W), network.X.size + network.Y.size
    if weights + samples > MOST_NUMBERS:
        advice = "Take fewer samples, or draw it" if weights < MOST_NUMBERS else "Draw it"
        raise ValueError(f"{network.name} has {weights:,} weights and {samples:,} numbers in its samples; "
                         f"a live picture takes at most {MOST_NUMBERS:,} in all. {advice} with diagram.draw.")
    part = find(network, weight, "w")
    still = Still(
        picture=compose(network, row, path=weight).picture(),
        row=row,
        x=network.X[row].tolist(),
        weight=part.name,
        weight_value=float(network.W[part.layer - 1][part.index[0] - 1, part.index[1] - 1]),
    )
    if not somebody_watches():
        return still
    from course.diagram.live_widget import LivePicture  # anywidget takes 0.1 s to import: only where it is used

    return LivePicture(still, network)


@dataclass(frozen=True, repr=False)
class Still(Pictured):
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
