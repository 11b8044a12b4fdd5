"""Which picture goes with a report: a network with the wrong gradients lit, where gradients are what was asked for."""

import re

import numpy as np

COURSE_DIMS = (2, 3, 2, 1)  # of the two networks that the lessons compute by hand
_GRADIENT = re.compile(r"d([Wb])([1-9])")
_SINGLE = re.compile(r"(?:practice-)?([wb])([1-3])-([1-9]{1,2})")


def picture_of(verdicts):
    """Return the picture of what is off in the gradients of one call of `check`.

    Answers named dW1, db1, ... are the gradients of a network's layers; an exercise named like "w2-22" or "b3-1" asks
    for one of them, its parts are the links of the chain. Only the learner's own numbers are shown.

    Args:
        verdicts: list of `Verdict`.

    Returns:
        A `Picture`, or None where no gradient is known to be off, or the network is not known.
    """
    if not any(verdict.off for verdict in verdicts):
        return None
    from course.diagram.mistake import mistake  # only now: a right answer needs no picture

    numbers, others, dims = {}, [], COURSE_DIMS
    if single := _SINGLE.fullmatch(verdicts[0].name.partition("/")[0]):
        numbers, others = _chain(single, verdicts)
    else:
        layers = _layers(verdicts)
        dims = _dims(layers)
        for kind, layer, verdict in layers:
            numbers |= _numbers(kind, layer, verdict)
    return mistake(dims, numbers, others) if dims and (numbers or others) else None


def _layers(verdicts):
    """Return kind, layer and verdict of each answer that is a layer's gradient."""
    found = [(_GRADIENT.fullmatch(verdict.name.rpartition("/")[2]), verdict) for verdict in verdicts]
    layers = [(match[1].lower(), int(match[2]), verdict) for match, verdict in found if match]
    return [each for each in layers if len(each[2].shape) == 2 or each[0] == "b" and each[2].shape]


def _dims(layers):
    """Return the network's dims: those that its weights have from layer 1 on, or the course's, or None."""
    shapes = {layer: verdict.shape for kind, layer, verdict in layers if kind == "w"}
    widths = {layer: verdict.shape[-1] for kind, layer, verdict in layers if kind == "b"}
    last = max(shapes, default=0)
    dims = tuple(shapes[layer][0] for layer in sorted(shapes)) + (shapes[last][1],) if shapes else ()
    complete = sorted(shapes) == list(range(1, last + 1)) and last > 1
    dims = dims if complete else COURSE_DIMS
    fits = all(layer < len(dims) and shape == dims[layer - 1 : layer + 1] for layer, shape in shapes.items())
    fits &= all(layer < len(dims) and width == dims[layer] for layer, width in widths.items())
    return dims if fits and layers else None


def _numbers(kind, layer, verdict):
    """Return {Part: the learner's number} of what is off in one layer's gradient."""
    from course.diagram.parts import Part

    places = [np.unravel_index(place, verdict.shape) for place in verdict.off]
    indices = [tuple(int(i) + 1 for i in place) for place in places]
    indices = [index if kind == "w" else index[-1:] for index in indices]
    return {Part(kind, layer, index): number for index, number in zip(indices, verdict.own, strict=True)}


def _chain(single, verdicts):
    """Return {Part: the learner's number} of a single gradient that is off, and the Parts of the links that are."""
    from course.diagram.parts import Part

    kind, layer, index = single[1], int(single[2]), tuple(map(int, single[3]))
    last = len(COURSE_DIMS) - 1
    links = {
        "error": Part("J", last + 1),
        "gate": Part("z", layer, index[-1:]),
        "neuron": Part("x", layer - 1, index[:1]),
        "input": Part("x", layer - 1, index[:1]),
        "weight": Part("w", layer + 1, (index[-1], 1)),
    }
    numbers, others = {}, []
    for verdict in verdicts:
        _, _, link = verdict.name.partition("/")
        if verdict.off and not link:
            numbers[Part(kind, layer, index)] = verdict.own[0]
        elif verdict.off and link in links:
            others.append(links[link])
    return numbers, others
