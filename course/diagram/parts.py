"""The parts of a network and their names: w2_22, b1_2, z1_2, x0_1, J."""

import re
from typing import NamedTuple

# What a letter names, one and many, and an example.
WORDS = {"w": ("weight", "weights", "w2_22"), "b": ("bias", "biases", "b1_2"),
         "z": ("square", "squares", "z1_2"), "x": ("neuron", "neurons", "x1_2")}


class Part(NamedTuple):
    """One weight, bias, square, circle, target or the cost; layers and neurons count from 1, as in the book.

    The cost is `Part("J", L + 1)`; with an index it is the edge from that output neuron to the cost.
    """

    kind: str
    layer: int
    index: tuple = ()

    @property
    def name(self):
        """Return the name that a learner types: w2_22, b1_2, z1_2, x0_1, J."""
        if self.kind == "J":
            return "J"
        return f"{self.kind}{self.layer}_{('_' if max(self.index) > 9 else '').join(map(str, self.index))}"

    @property
    def key(self):
        """Return a name that is its own for each part: the edge from the first output neuron to the cost is J_1."""
        return f"J_{self.index[0]}" if self.kind == "J" and self.index else self.name


def parts_of(kind, layer, dims):
    """Return all parts of a kind in a layer, in order."""
    ends = range(1, dims[layer] + 1)
    if kind == "w":
        return [Part("w", layer, (start, end)) for start in range(1, dims[layer - 1] + 1) for end in ends]
    return [Part(kind, layer, (neuron,)) for neuron in ends]


def find(network, name, kinds):
    """Return the part that a learner's name means.

    Args:
        network: the Network it should belong to.
        name: such as "w2_22", "w2-22", "w2_10_2", "b1_2".
        kinds: the letters that are allowed here.

    Raises:
        ValueError: if there is no such part; it says which there are.
    """
    match = re.fullmatch(r"([wbzx])(\d+)[_-](\d+)(?:[_-](\d+))?", str(name))
    if not match or match[1] not in kinds:
        words, _, examples = zip(*(WORDS[kind] for kind in kinds), strict=True)
        raise ValueError(f"{name!r} is not the name of a {' or '.join(words)}: "
                         f"write it like {' or '.join(examples)}.")
    kind, layer = match[1], int(match[2])
    index = [digits for digits in match.groups()[2:] if digits]
    if kind == "w" and len(index) == 1:
        index = match[3]  # w2_22: one digit for each neuron
    part = Part(kind, layer, tuple(map(int, index)))
    first, last = (0 if kind == "x" else 1), len(network.layers_dims) - 1
    one, many, _ = WORDS[kind]
    missing = f"There is no {one} {name!r} in {network.name}"
    if not first <= layer <= last:
        raise ValueError(f"{missing}: its {many} are in layers {first} to {last}.")
    there = parts_of(kind, layer, network.layers_dims)
    if part not in there:
        known = f"{there[0].name} ... {there[-1].name}" if len(there) > 1 else f"only {there[0].name}"
        raise ValueError(f"{missing}: layer {layer} has {many} {known}.")
    return part
