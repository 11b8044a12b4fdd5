"""What is lit: single parts, and the ways from a weight or bias to the cost."""

from itertools import islice
from typing import NamedTuple

from course.diagram.fold import whole
from course.diagram.parts import Part, find


def feeds(view, part):
    """Return the drawn parts that a part influences directly, one step towards the cost."""
    kind, layer, index = part
    if kind in "wb":
        return [Part("z", layer, index[-1:])]
    if kind == "z":
        return [Part("x", layer, index)]
    if kind == "x" and layer < view.last:
        if layer + 1 in view.layers:
            return [Part("w", layer + 1, (*index, end)) for end in view.neurons[layer + 1]]
        return view.parts("z", min(each for each in view.layers if each > layer))  # through layers not drawn
    if kind == "x":
        return [Part("J", view.last + 1, index)]
    return [Part("J", view.last + 1)] if index else []


def follow(view, part):
    """Return a part and all drawn ones that lie between it and the cost."""
    reached, frontier = [], [part]
    while frontier:
        reached += frontier
        frontier = list(dict.fromkeys(step for each in frontier for step in feeds(view, each)))
    return reached


def paths_from(dims, part):
    """Yield each path from a part to the cost, drawn or not, as a tuple of parts."""
    view = whole(dims)

    def onwards(part):
        steps = feeds(view, part)
        if not steps:
            yield (part,)
        for step in steps:
            for rest in onwards(step):
                yield (part, *rest)

    return onwards(part)


class Light(NamedTuple):
    """What is lit, and how.

    `named` are the parts in question, `downstream` the start of a path and all that follows it, `paths` the
    ways from there to the cost if there are one or two, `styles` each lit part's "lit", "A" or "B".
    """

    named: tuple
    downstream: tuple
    paths: tuple
    styles: dict


def named_parts(network, path, light):
    """Return the weight or bias that a path starts at, if any, and a tuple of the parts to light by themselves.

    Raises:
        ValueError: if a name does not fit the network.
    """
    if isinstance(light, str):  # light="x1_2" is meant, not its letters
        light = (light,)
    alone = tuple(find(network, name, "wbzx") for name in light)
    return (None if path is None else find(network, path, "wb")), alone


def light_up(view, start, alone):
    """Return the Light of a weight's or bias's paths to the cost, and of the parts lit by themselves."""
    if start is None:
        return Light(alone, (), (), dict.fromkeys(alone, "lit"))
    downstream = tuple(follow(view, start))
    paths = tuple(islice(paths_from(view.dims, start), 3))
    styles = dict.fromkeys((*alone, *downstream), "lit")
    if len(paths) == 2:
        styles |= {part: "A" for part in paths[0] if part not in paths[1]}
        styles |= {part: "B" for part in paths[1] if part not in paths[0]}
    return Light((start, *alone), downstream, paths if len(paths) < 3 else (), styles)
