"""Which layers and neurons of a network are drawn: all of a small one, the first and last ones of a large one."""

from itertools import pairwise
from typing import NamedTuple

from course.diagram.parts import Part

MOST_NEURONS, MOST_LAYERS = 12, 6


class Gap(NamedTuple):
    """Neighbouring neurons or layers that are not drawn, from `first` to `last`."""

    first: int
    last: int

    @property
    def count(self):
        return self.last - self.first + 1


class View(NamedTuple):
    """What is drawn of a network.

    `dims` are the number of neurons of each layer, the input's first; `layers` the numbers of the layers that are
    drawn; `neurons`, by layer, the numbers of the neurons that are drawn, none in a layer that is not.
    """

    dims: tuple
    layers: tuple
    neurons: tuple

    @property
    def last(self):
        """Return the number of the output layer."""
        return len(self.dims) - 1

    @property
    def columns(self):
        """Return the layers from left to right, with a Gap where some are not drawn."""
        return _with_gaps(self.layers, 0, self.last)

    def rows(self, layer):
        """Return a layer's neurons from top to bottom, with a Gap where some are not drawn."""
        return _with_gaps(self.neurons[layer], 1, self.dims[layer])

    @property
    def height(self):
        """Return the number of rows of the tallest layer."""
        return max(len(self.rows(layer)) for layer in self.layers)

    @property
    def weights(self):
        """Return how many weights the network has, drawn or not."""
        return sum(n_in * n_out for n_in, n_out in pairwise(self.dims))

    def parts(self, kind, layer):
        """Return the drawn parts of a kind in a layer, in order."""
        ends = self.neurons[layer]
        if kind == "w":
            return [Part("w", layer, (start, end)) for start in self.neurons[layer - 1] for end in ends]
        return [Part(kind, layer, (neuron,)) for neuron in ends]

    def all_parts(self):
        """Return all drawn parts but the cost, layer by layer: weights, biases, squares, neurons, deltas, targets."""
        kinds = [("x", 0), *((kind, layer) for layer in self.layers[1:] for kind in "wbzxdy")]
        return [part for kind, layer in kinds for part in self.parts(kind, layer)]


def whole(dims):
    """Return the View that shows everything."""
    return View(tuple(dims), tuple(range(len(dims))), tuple(tuple(range(1, width + 1)) for width in dims))


def fold(dims, named=()):
    """Return the View of a network's picture.

    Args:
        dims: the number of neurons of each layer, the input's first.
        named: parts that have to be drawn, with their layers and neurons.
    """
    layers, neurons = set(), [set() for _ in dims]
    for kind, layer, index in named:
        if kind == "J":
            continue
        layers_of = (layer - 1, layer) if kind == "w" else (layer,)
        layers.update(layers_of)
        for each, neuron in zip(layers_of, index, strict=True):
            neurons[each].add(neuron)
    layers = (0, *_kept(len(dims) - 1, MOST_LAYERS, layers - {0}))
    kept = (_kept(width, MOST_NEURONS, neurons[i]) if i in layers else () for i, width in enumerate(dims))
    return View(tuple(dims), layers, tuple(kept))


def _kept(count, most, named):
    """Return which of the numbers 1 to `count` are drawn: the named ones, and of the first and last as many as fit."""
    if count <= most:
        return tuple(range(1, count + 1))
    ends = {1, count} | named
    kept = set(ends)
    first, last = 2, count - 1
    while len(kept) < most:  # two from the start for each from the end
        kept |= {first}
        if len(kept) < most:
            kept |= {first + 1}
        if len(kept) < most:
            kept |= {last}
        first, last = first + 2, last - 1
    for alone in range(2, count):  # where one number is missing, its mark would take the room of two
        if alone not in kept and {alone - 1, alone + 1} <= kept:
            spare = next((each for each in (alone + 1, alone - 1) if each not in ends), None)
            kept = kept - {spare} if spare else kept | {alone}
    return tuple(sorted(kept))


def _with_gaps(kept, first, last):
    """Return numbers in order, with a Gap for each run between `first` and `last` that is missing."""
    items, due = [], first
    for number in (*kept, last + 1):
        if number > due:
            items.append(Gap(due, number - 1))
        items.append(number)
        due = number + 1
    return items[:-1]
