"""A network's picture put together: what is lit, its numbers, their layout, the drawing and the words."""

import operator
from itertools import chain
from typing import NamedTuple

import numpy as np

from course.diagram.fold import View, fold
from course.diagram.layout import LIVE, STILL, arrange
from course.diagram.light import Light, light_up, named_parts
from course.diagram.shapes import Layout
from course.diagram.svg import as_picture, drawn
from course.diagram.values import shown
from course.diagram.words import caption, description, title


class Composed(NamedTuple):
    """All that a network's picture is drawn and told from.

    `view` tells which layers and neurons are drawn, `light` what is lit, `values` the text of each number by part,
    `layout` where everything stands.
    """

    view: View
    light: Light
    values: dict
    layout: Layout
    title: str
    description: str

    def picture(self, hooks=False):
        """Return the Picture; with `hooks` a script finds its elements, see `svg.drawn`."""
        return as_picture(self.layout, drawn(self.layout, self.light, hooks), self.title, self.description)


def compose(network, row=0, *, path=None, light=(), show="forward", z=None, x=None, delta=None, live=False):
    """Put a network's picture together.

    Args:
        network, row, path, light, show, z, x, delta: as for `draw`.
        live: whether a script will change its numbers and its light, see `layout.arrange`; then what is named is drawn,
            not lit.

    Returns:
        The `Composed`.

    Raises:
        IndexError, ValueError: as `draw`.
    """
    n = len(network.X)
    if not 0 <= operator.index(row) < n:
        raise IndexError(f"There is no row {row} in {network.name}: its rows are 0 to {n - 1}.")
    if show not in ("forward", "given", "names"):
        raise ValueError(f"show is {show!r}: choose 'forward', 'given' or 'names'.")
    start, alone = named_parts(network, path, light)
    view = fold(network.layers_dims, (*alone, *filter(None, [start])))
    if live:  # the script lights what is chosen
        start, alone = None, ()
    lit = light_up(view, start, alone)
    values = shown(network, row, show, [*view.all_parts(), *chain(*lit.paths)], z, x, delta)
    own = [letter for letter, given in (("z", z), ("x", x), ("delta", delta)) if given is not None and values]
    biases = live or any(np.any(b) for b in network.b) or any(part.kind == "b" for part in lit.named)
    layout = arrange(view, values, lit, caption(network, row, show), biases, LIVE if live else STILL)
    return Composed(view, lit, values, layout, title(network, row, lit, show), description(view, values, lit, own))


def draw(network, row=0, *, path=None, light=(), show="forward", z=None, x=None, delta=None):
    """Draw a network with the numbers of one sample: squares z, circles x, and the way to the cost J.

    Args:
        network: a fully connected Network; of layers of more than 12 neurons, and of more than 6 layers after the
            input, the first and last ones are drawn, and all that is named.
        row: which sample, counted from 0.
        path: a weight or bias, such as "w2_22" or "b1_2"; lights every path from it to J.
        light: names of weights, biases, squares or neurons to light by themselves, such as ["w2_21", "x1_2"].
        show: "forward" for all numbers, "given" for inputs, weights, biases and target, "names" for none.
        z, x: your own numbers, one array for each layer 1..L of shape (n_l,), (1, n_l) or (n, n_l);
            NaN or None is shown as "?".
        delta: derivatives of J by the squares, shaped like z, shown under them in the place of the biases.

    Returns:
        A Picture, which JupyterLab shows and `print` tells in words.

    Raises:
        IndexError: if there is no such row.
        ValueError: if a name, `show`, or a shape does not fit the network.
    """
    return compose(network, row, path=path, light=light, show=show, z=z, x=x, delta=delta).picture()
