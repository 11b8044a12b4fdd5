"""Where the labels of weights stand: on their edges, clear of each other."""

import math

import numpy as np

from course.diagram.shapes import ARROW_HALF_WIDTH, ARROW_LENGTH, PADDING, Box, Label, symbol

CLEARANCE = 6  # between a label and a line beside it, in pixels
STEPS = np.linspace(0, 1, 35)  # the places along an edge where its label may stand
ROUNDS, CLASH = 30, 4.0  # how often labels are placed anew, and the first price of two that clash
MOST_SPELLED = 4  # between two layers, of weights that show their name as well as their value


def weight_labels(edges, values, light, spell=True):
    """Return the Box of each weight's label, by part; a weight without room for one is left out.

    Args:
        edges: those of the weights.
        values: the text of each number by part; empty to show names only.
        light: what is lit.
        spell: whether the weights in question show their name as well as their value.
    """
    boxes = {}
    for layer in sorted({edge.part.layer for edge in edges}):
        lines = [edge for edge in edges if edge.part.layer == layer]
        wanted = [edge for edge in lines if edge.part in light.named or not edge.crowded]
        wanted = [edge for edge in wanted if edge.part in values or not values]
        wanted.sort(key=lambda edge: (edge.part not in light.named, edge.part not in light.styles))
        spelled = [edge.part for edge in wanted if edge.part in light.named]
        if not spell or len(spelled) > MOST_SPELLED:  # "w = 0.02" is long: many of them have no room beside each other
            spelled = []
        labels = [_weight_label(edge.part, values, edge.part in spelled) for edge in wanted]
        boxes |= _place(lines, list(zip(wanted, labels, strict=True)), light)
    return boxes


def _weight_label(part, values, spelled):
    """Return a weight's Label: its name, its value, or both if it is spelled out."""
    if not values:
        return symbol(part)
    return symbol(part, values[part]) if spelled else Label(value=values[part])


def hidden_label(edge, value):
    """Return the hidden Box of a weight's label in the middle of its edge."""
    label = Label(value=value)
    x, y = ((start + end) / 2 for start, end in zip(edge.start, edge.end, strict=True))
    return Box("weight", x, y, label.width() + 2 * PADDING, label.height, label, edge.part, hidden=True)


def _place(lines, wanted, light):
    """Return the Box of each wanted label, by part: on its edge, clear of other labels, crossing few edges.

    Each label in turn takes the cheapest place along its edge, round after round until none overlap. Every
    clash makes the next one of the same two labels dearer, so that in the end a third one has to give way.

    Args:
        lines: the edges between two layers.
        wanted: pairs (edge, Label), the most important first: where there is no room, the last are left out.
        light: what is lit.
    """
    lines = np.array([(*edge.start, slope(edge), 3 if edge.part in light.styles else 1) for edge in lines]).T
    choices = [_places(edge, label, lines, light) for edge, label in wanted]
    x, y = np.array([[xs[0], ys[0]] for _, xs, ys, _ in choices]).reshape(-1, 2).T
    widths = np.array([width for width, *_ in choices])
    heights = np.array([label.height for _, label in wanted])

    def clashes(label, xs, ys):
        return ((np.abs(xs - x) < (widths[label] + widths) / 2 + 2)
                & (np.abs(ys - y) < (heights[label] + heights) / 2 + 2)
                & (np.arange(len(wanted)) != label))

    price = np.full((len(wanted), len(wanted)), CLASH)
    for _ in range(ROUNDS):
        clashed = False
        for label, (_, xs, ys, cost) in enumerate(choices):
            clash = clashes(label, xs[:, None], ys[:, None])
            best = np.argmin(cost + clash @ price[label])
            x[label], y[label] = xs[best], ys[best]
            price[label] += CLASH * clash[best]
            clashed |= clash[best].any()
        if not clashed:
            break
    return {edge.part: Box("weight", float(x[i]), float(y[i]), widths[i], label.height, label, edge.part)
            for i, (edge, label) in enumerate(wanted) if not clashes(i, x[i], y[i])[:i].any()}


def _places(edge, label, lines, light):
    """Return a label's width, its possible centres x and y along its edge, and the cost of each.

    Lying over another line costs 1, lying close to it half of that, three times as much if that line is lit;
    being off the middle costs up to a half. A path's weight stands left, to leave its arrowhead room.
    """
    width = label.width(bold=edge.part in light.styles) + 2 * PADDING
    left, right = _reach(edge, width, label.height, light)
    x = left + (right - left) * STEPS
    y = edge.start[1] + slope(edge) * (x - edge.start[0])
    x1, y1, slopes, importance = lines
    distance = np.abs(y1 + slopes * (x[:, None] - x1) - y[:, None])
    touching = (label.height + np.abs(slopes) * width) / 2
    nearness = 0.5 * (distance < touching) + 0.5 * (distance < touching + CLEARANCE)
    astray = STEPS if edge.part in light.downstream[:1] else np.abs(STEPS - 0.5)
    return width, x, y, nearness @ importance + astray


def slope(edge):
    """Return how many pixels an edge falls for each pixel to the right."""
    return (edge.end[1] - edge.start[1]) / (edge.end[0] - edge.start[0])


def clearance(slope, width, height):
    """Return how far to the right of a label's middle an arrowhead on a line of that slope is clear of it."""
    if slope == 0:
        return width / 2
    leaves = height / 2 / abs(slope)
    barb = max(0, ARROW_HALF_WIDTH / abs(slope) - ARROW_LENGTH)  # a flat arrowhead reaches back behind it
    return min(width / 2, leaves + barb / math.hypot(1, slope))


def _reach(edge, width, height, light):
    """Return the leftmost and the rightmost centre of a label on an edge, clear of nodes and arrowhead."""
    left, right = width / 2 + 9, width / 2 + 4  # an edge may start some 5 pixels inside its circle's box
    steep = slope(edge)
    arrow = clearance(steep, width, height) + ARROW_LENGTH / math.hypot(1, steep) + 4
    if edge.part in light.downstream[:1]:
        right = max(right, arrow)
    elif edge.part in light.downstream:
        left = max(left, arrow)
    return edge.start[0] + left, edge.end[0] - right
