"""The network picture: one sample's numbers in a layout of boxes and edges, drawn as inline SVG."""

import math
import operator
import re
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import sha256
from html import escape
from itertools import islice
from typing import NamedTuple

import numpy as np

MOST_NEURONS, MOST_LAYERS = 12, 6

# Sizes in pixels at 100 % zoom: 2-3-2-1 is 880 wide, the width of a notebook's output area.
MARGIN, NODE, PITCH, CROWDED_PITCH = 10, 58, 116, 104
GAP, COST_GAP, COST_WIDTH = 111, 36, 84
HEADING, CAPTION = 32, 34
FONT, SMALL = 12, 9
UPPER_EMS = 1.36  # the width of an upper index such as (2), between that in DejaVu Sans and that in Arial
LABEL_HEIGHT, NAME_HEIGHT, PADDING, CLEARANCE = 18, 22, 4, 6
BIAS_DROP, TARGET_DROP, TARGET_HEIGHT = 3, 14, 24
ARROW_LENGTH, ARROW_HALF_WIDTH = 12, 7
STEPS = np.linspace(0, 1, 35)  # the places along an edge where its label may stand
ROUNDS, CLASH = 30, 4.0  # how often labels are placed anew, and the first price of two that clash
MOST_SPELLED = 4  # between two layers, of weights that show their name as well as their value
MOST_EDGES = 16  # between two layers, of those to be told apart: more are drawn thin and without labels

# Colours of Okabe and Ito; either is 3:1 or better on white and on JupyterLab's dark #111.
ORANGE, BLUE = "#D55E00", "#0072B2"
COLOURS = {"lit": ORANGE, "A": ORANGE, "B": BLUE}
DASHES = {"lit": "", "A": "", "B": ' stroke-dasharray="8 4"'}
CROWD = ' stroke-width=".8" stroke-opacity=".45"'  # edges too many to follow one by one
FADED = ' opacity=".7"'  # text stays above 4.5:1 in both themes


# Parts of a network and their names

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


def _parts(kind, layer, dims):
    """Return all parts of a kind in a layer, in order."""
    ends = range(1, dims[layer] + 1)
    if kind == "w":
        return [Part("w", layer, (start, end)) for start in range(1, dims[layer - 1] + 1) for end in ends]
    return [Part(kind, layer, (neuron,)) for neuron in ends]


# What a letter names, one and many, and an example.
WORDS = {"w": ("weight", "weights", "w2_22"), "b": ("bias", "biases", "b1_2"),
         "z": ("square", "squares", "z1_2"), "x": ("neuron", "neurons", "x1_2")}


def _find(network, name, kinds):
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
    there = _parts(kind, layer, network.layers_dims)
    if part not in there:
        known = f"{there[0].name} ... {there[-1].name}" if len(there) > 1 else f"only {there[0].name}"
        raise ValueError(f"{missing}: layer {layer} has {many} {known}.")
    return part


# Numbers

def number_text(value):
    """Return a number with about three significant digits, or "?" for NaN."""
    size = abs(value)
    if math.isnan(size):
        return "?"
    if size == 0 or math.isinf(size):
        digits = "0" if size == 0 else "∞"
    elif 1e-3 <= size < 1e2:
        digits = f"{size:.3g}"
    elif 1e2 <= size < 1e4:
        digits = f"{size:.2f}".rstrip("0").rstrip(".")
    else:
        mantissa, exponent = f"{size:.2e}".split("e")
        digits = f"{mantissa}e{int(exponent)}".replace("-", "\u2212")
    return "\u2212" + digits if value < 0 else digits


def _forward(network, row):
    """Return the lists z and x of layers 1..L for one row, each entry of shape (n_l,)."""
    z, x = [], [network.X[row]]
    for W, b in zip(network.W, network.b, strict=True):
        z.append(x[-1] @ W + np.ravel(b))
        x.append(np.maximum(z[-1], 0))
    return z, [*x[1:-1], z[-1]]  # the output's activation is the identity


def _own(network, row, letter, arrays):
    """Return the learner's own z or x of one row, each entry of shape (n_l,), NaN where unknown.

    Raises:
        ValueError: if there are too many or too few layers, or one has another shape.
    """
    widths, n = network.layers_dims[1:], len(network.X)
    if len(arrays) != len(widths):
        raise ValueError(f"{letter} holds {len(arrays)} arrays, expected {len(widths)}: "
                         f"one for each layer 1 to {len(widths)} of {network.name}.")
    rows = []
    for layer, (array, width) in enumerate(zip(arrays, widths, strict=True), start=1):
        where = f"{letter}[{layer - 1}] (layer {layer})"
        expected = f"expected {(width,)}, {(1, width)} or {(n, width)}"
        unknown = array is None or array is ...  # the stub's placeholder
        try:  # None becomes NaN
            array = np.atleast_1d(np.array([None] * width if unknown else array, dtype=np.float64))
        except (TypeError, ValueError):
            raise ValueError(f"{where} is not an array of numbers, {expected}.") from None
        if array.shape not in {(width,), (1, width), (n, width)}:
            raise ValueError(f"{where} has shape {array.shape}, {expected}.")
        rows.append(array[row] if len(array) == n and array.ndim == 2 else array.ravel())
    return rows


def _values(network, row, show, z, x, delta):
    """Return the text of every number that is shown, by part; nothing for show="names"."""
    if show == "names":
        return {}
    dims = network.layers_dims
    known_z, known_x = _forward(network, row)
    if show == "given":
        known_z = known_x = [np.full(width, np.nan) for width in dims[1:]]
    shown_z = known_z if z is None else _own(network, row, "z", z)
    shown_x = known_x if x is None else _own(network, row, "x", x)
    cost = np.nan if show == "given" else 0.5 * np.sum((shown_x[-1] - network.Y[row]) ** 2)
    columns = [("x", 0, network.X[row]), ("y", len(dims) - 1, network.Y[row])]
    for layer in range(1, len(dims)):
        columns += [("w", layer, network.W[layer - 1]), ("b", layer, network.b[layer - 1]),
                    ("z", layer, shown_z[layer - 1]), ("x", layer, shown_x[layer - 1])]
    if delta is not None:
        columns += [("d", layer, array) for layer, array in enumerate(_own(network, row, "delta", delta), start=1)]
    values = {Part("J", len(dims)): number_text(float(cost))}
    for kind, layer, array in columns:
        numbers = map(number_text, np.ravel(array).tolist())
        values.update(zip(_parts(kind, layer, dims), numbers, strict=True))
    return values


# Light

def _feeds(dims, part):
    """Return the parts that a part influences directly, one step towards the cost."""
    kind, layer, index = part
    last = len(dims) - 1
    if kind in "wb":
        return [Part("z", layer, index[-1:])]
    if kind == "z":
        return [Part("x", layer, index)]
    if kind == "x" and layer < last:
        return [Part("w", layer + 1, (*index, end)) for end in range(1, dims[layer + 1] + 1)]
    if kind == "x":
        return [Part("J", last + 1, index)]
    return [Part("J", last + 1)] if index else []


def _downstream(dims, part):
    """Return a part and all that lies between it and the cost."""
    reached, frontier = [], [part]
    while frontier:
        reached += frontier
        frontier = list(dict.fromkeys(step for each in frontier for step in _feeds(dims, each)))
    return reached


def _paths(dims, part):
    """Yield each path from a part to the cost, as a tuple of parts."""
    steps = _feeds(dims, part)
    if not steps:
        yield (part,)
    for step in steps:
        for rest in _paths(dims, step):
            yield (part, *rest)


class Light(NamedTuple):
    """What is lit, and how.

    `named` are the parts in question, `downstream` the start of a path and all that follows it, `paths` the
    ways from there to the cost if there are one or two, `styles` each lit part's "lit", "A" or "B".
    """

    named: tuple
    downstream: tuple
    paths: tuple
    styles: dict


def _light(network, path, light):
    """Return the Light of a weight's or bias's paths to the cost, and of the parts lit by themselves."""
    if isinstance(light, str):  # light="x1_2" is meant, not its letters
        light = (light,)
    alone = tuple(_find(network, name, "wbzx") for name in light)
    if path is None:
        return Light(alone, (), (), dict.fromkeys(alone, "lit"))
    dims, start = network.layers_dims, _find(network, path, "wb")
    downstream = tuple(_downstream(dims, start))
    paths = tuple(islice(_paths(dims, start), 3))
    styles = dict.fromkeys((*alone, *downstream), "lit")
    if len(paths) == 2:
        styles |= {part: "A" for part in paths[0] if part not in paths[1]}
        styles |= {part: "B" for part in paths[1] if part not in paths[0]}
    return Light((start, *alone), downstream, paths if len(paths) < 3 else (), styles)


# Layout

class Label(NamedTuple):
    """A short text: a symbol with upper and lower index, a value, or "symbol = value"."""

    symbol: str = ""
    upper: str = ""
    lower: str = ""
    value: str = ""

    def width(self, bold=False):
        """Return a careful estimate of its width in pixels at the usual font size."""
        letter = 0.69 if bold else 0.62
        width = FONT * letter * len(self.value)
        if self.symbol:
            width += FONT * 0.9 + SMALL * max(UPPER_EMS if self.upper else 0, letter * len(self.lower))
        if self.symbol and self.value:
            width += FONT * 1.5
        return width

    @property
    def height(self):
        """Return the height of the box that it stands in; indices need more."""
        return NAME_HEIGHT if self.upper else LABEL_HEIGHT


def _symbol(part, value=""):
    """Return the Label of a part's name, w with (2) above and 22 below, and of its value if given."""
    lower = ("," if max(part.index) > 9 else "").join(map(str, part.index))
    return Label(part.kind, f"({part.layer})", lower, value)


@dataclass(frozen=True)
class Box:
    """A rectangle that nothing else may cover, with what stands in it; x and y are its centre."""

    kind: str  # circle, square, cost, target, weight, bias, delta, badge, heading or caption
    x: float
    y: float
    width: float
    height: float
    label: Label
    part: Part = None

    def overlaps(self, other):
        """Return whether two boxes share an area; touching is allowed."""
        return (abs(self.x - other.x) < (self.width + other.width) / 2 - 1e-9
                and abs(self.y - other.y) < (self.height + other.height) / 2 - 1e-9)


@dataclass(frozen=True)
class Edge:
    """A straight line; `crowded` if it is one of too many, `tip` where its arrowhead, if any, points to."""

    part: Part
    start: tuple
    end: tuple
    crowded: bool = False
    tip: tuple = None


@dataclass(frozen=True)
class Layout:
    """Where everything stands: the picture's size, its boxes and its edges."""

    width: float
    height: float
    boxes: tuple
    edges: tuple


def _layout(network, values, light, caption):
    """Return the Layout of a picture.

    Args:
        network: the Network to draw.
        values: the text of each number by part; empty to show names only.
        light: what is lit.
        caption: the line under the picture.
    """
    dims = network.layers_dims
    below_cost = TARGET_DROP + TARGET_HEIGHT * dims[-1]
    height = max(_pitch(dims) * max(dims), NODE + 2 * below_cost)
    nodes = _nodes(dims, values, HEADING + height / 2)
    edges = _edges(dims, nodes, light)
    weights = _weight_labels(edges, values, light)
    unlabelled = sum(edge.part.kind == "w" for edge in edges) - len(weights)
    if unlabelled:
        caption += f"; weights without a label: {unlabelled} (light one to see it)"
    boxes = (*_headings(dims, nodes), *nodes.values(), *weights.values(), *_badges(nodes, light),
             *_labels_below(network, nodes, values, light), _caption(caption, HEADING + height))
    return Layout(
        width=max(box.x + box.width / 2 for box in boxes) + MARGIN,
        height=HEADING + height + CAPTION,
        boxes=boxes,
        edges=tuple(_with_arrow(edge, weights.get(edge.part), light) for edge in edges),
    )


def _pitch(dims):
    """Return the distance between two neurons of a layer."""
    return PITCH if max(dims) <= 4 else CROWDED_PITCH


def _gap(layer, dims, values):
    """Return the width of the space before a layer, enough for any of its weights' labels, lit or not."""
    widest = max(_symbol(part, values.get(part, "")).width(bold=True) for part in _parts("w", layer, dims))
    count = dims[layer - 1] * dims[layer]
    fan = 11 * count if count <= MOST_EDGES else GAP + 4 * max(dims[layer - 1:layer + 1])
    return max(GAP, fan, widest + 2 * PADDING + ARROW_LENGTH + 8)


def _nodes(dims, values, middle):
    """Return the Box of each circle, square, target and the cost, by part."""
    nodes, right, last = {}, MARGIN, len(dims) - 1
    for layer, width in enumerate(dims):
        right += _gap(layer, dims, values) if layer else 0
        for kind, shape in (("z", "square"), ("x", "circle"))[layer == 0:]:
            for part in _parts(kind, layer, dims):
                y = middle + (part.index[0] - (width + 1) / 2) * _pitch(dims)
                label = _symbol(part, values.get(part, ""))
                nodes[part] = Box(shape, right + NODE / 2, y, NODE, NODE, label, part)
            right += NODE
    x, cost = right + COST_GAP + COST_WIDTH / 2, Part("J", last + 1)
    nodes[cost] = Box("cost", x, middle, COST_WIDTH, NODE, Label("J", value=values.get(cost, "")), cost)
    for part in _parts("y", last, dims):
        y = middle + NODE / 2 + TARGET_DROP + TARGET_HEIGHT * (part.index[0] - 0.5)
        label = Label("y", lower=str(part.index[0]) if dims[-1] > 1 else "", value=values.get(part, ""))
        nodes[part] = Box("target", x, y, COST_WIDTH, TARGET_HEIGHT - 2, label, part)
    return nodes


def _edges(dims, nodes, light):
    """Return all edges: the weights', and those from the output neurons and the target to the cost."""
    edges, last = [], len(dims) - 1
    for layer in range(1, last + 1):
        parts = _parts("w", layer, dims)
        lit = [part for part in parts if part in light.styles]
        for part in parts:
            start, end = part.index
            circle, square = nodes[Part("x", layer - 1, (start,))], nodes[Part("z", layer, (end,))]
            crowded = len(lit if part in light.styles else parts) > MOST_EDGES
            edges.append(_edge(part, circle, square, crowded))
    cost, target = nodes[Part("J", last + 1)], nodes[Part("y", last, (1,))]
    for part in _parts("x", last, dims):
        edges.append(_edge(Part("J", last + 1, part.index), nodes[part], cost))
    top, bottom = target.y - target.height / 2, cost.y + cost.height / 2
    return [*edges, Edge(target.part, (cost.x, top), (cost.x, bottom))]


def _edge(part, circle, box, crowded=False):
    """Return the Edge from a circle to the middle of a box's left side."""
    end = (box.x - box.width / 2, box.y)
    return Edge(part, _leave(circle, end), end, crowded)


def _leave(circle, end):
    """Return the point of a circle where the edge to `end` starts, at most 35 degrees off its right end.

    A steeper edge would run through the circles above or below.
    """
    angle = math.atan2(end[1] - circle.y, end[0] - circle.x)
    angle = max(-math.radians(35), min(math.radians(35), angle))
    return circle.x + NODE / 2 * math.cos(angle), circle.y + NODE / 2 * math.sin(angle)


def _weight_labels(edges, values, light):
    """Return the Box of each weight's label, by part; a weight without room for one is left out."""
    boxes = {}
    for layer in sorted({edge.part.layer for edge in edges if edge.part.kind == "w"}):
        lines = [edge for edge in edges if edge.part.kind == "w" and edge.part.layer == layer]
        wanted = [edge for edge in lines if edge.part in light.named or not edge.crowded]
        wanted.sort(key=lambda edge: (edge.part not in light.named, edge.part not in light.styles))
        spelled = [edge.part for edge in wanted if edge.part in light.named]
        if len(spelled) > MOST_SPELLED:  # "w = 0.02" is long: many of them have no room beside each other
            spelled = []
        labels = [_weight_label(edge.part, values, edge.part in spelled) for edge in wanted]
        boxes |= _place(lines, list(zip(wanted, labels, strict=True)), light)
    return boxes


def _weight_label(part, values, spelled):
    """Return a weight's Label: its name, its value, or both if it is spelled out."""
    if not values:
        return _symbol(part)
    return _symbol(part, values[part]) if spelled else Label(value=values[part])


def _place(lines, wanted, light):
    """Return the Box of each wanted label, by part: on its edge, clear of other labels, crossing few edges.

    Each label in turn takes the cheapest place along its edge, round after round until none overlap. Every
    clash makes the next one of the same two labels dearer, so that in the end a third one has to give way.

    Args:
        lines: the edges between two layers.
        wanted: pairs (edge, Label), the most important first: where there is no room, the last are left out.
        light: what is lit.
    """
    lines = np.array([(*edge.start, _slope(edge), 3 if edge.part in light.styles else 1) for edge in lines]).T
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
    y = edge.start[1] + _slope(edge) * (x - edge.start[0])
    x1, y1, slopes, importance = lines
    distance = np.abs(y1 + slopes * (x[:, None] - x1) - y[:, None])
    touching = (label.height + np.abs(slopes) * width) / 2
    nearness = 0.5 * (distance < touching) + 0.5 * (distance < touching + CLEARANCE)
    astray = STEPS if edge.part in light.downstream[:1] else np.abs(STEPS - 0.5)
    return width, x, y, nearness @ importance + astray


def _slope(edge):
    """Return how many pixels an edge falls for each pixel to the right."""
    return (edge.end[1] - edge.start[1]) / (edge.end[0] - edge.start[0])


def _tip(slope, width, height):
    """Return how far to the right of a label's middle an arrowhead on a line of that slope is clear of it."""
    if slope == 0:
        return width / 2
    leaves = height / 2 / abs(slope)
    barb = max(0, ARROW_HALF_WIDTH / abs(slope) - ARROW_LENGTH)  # a flat arrowhead reaches back behind it
    return min(width / 2, leaves + barb / math.hypot(1, slope))


def _reach(edge, width, height, light):
    """Return the leftmost and the rightmost centre of a label on an edge, clear of nodes and arrowhead."""
    left, right = width / 2 + 9, width / 2 + 4  # an edge may start some 5 pixels inside its circle's box
    slope = _slope(edge)
    arrow = _tip(slope, width, height) + ARROW_LENGTH / math.hypot(1, slope) + 4
    if edge.part in light.downstream[:1]:
        right = max(right, arrow)
    elif edge.part in light.downstream:
        left = max(left, arrow)
    return edge.start[0] + left, edge.end[0] - right


def _with_arrow(edge, label, light):
    """Return an edge on a path with its arrowhead: at its left end, or at the label of the path's weight."""
    if edge.part not in light.downstream or edge.crowded:
        return edge
    tip = edge.start
    if edge.part == light.downstream[0] and label:
        run = _tip(_slope(edge), label.width, label.height)
        tip = (label.x + run, label.y + _slope(edge) * run)
    return replace(edge, tip=tip)


def _labels_below(network, nodes, values, light):
    """Return the boxes under the squares: deltas if they are shown, else biases if one is not 0 or is named."""
    if any(part.kind == "d" for part in values):
        kind, name, letter = "delta", "d", "\u03b4"
    elif any(np.any(b) for b in network.b) or any(part.kind == "b" for part in light.named):
        kind, name, letter = "bias", "b", "b"
    else:
        return []
    boxes = []
    for square in [box for box in nodes.values() if box.kind == "square"]:
        part = square.part._replace(kind=name)
        label = Label(letter, value=values.get(part, ""))
        if part in light.named or not values:
            label = _symbol(part, label.value)
        width = label.width(bold=part in light.styles) + 2 * PADDING
        drop = ARROW_LENGTH if part in light.downstream else BIAS_DROP
        x, y = square.x - NODE / 2 + width / 2, square.y + NODE / 2 + drop + label.height / 2
        boxes.append(Box(kind, x, y, width, label.height, label, part))
    return boxes


def _badges(nodes, light):
    """Return the boxes of the letters A and B, above the square where each of two paths goes its own way."""
    boxes = []
    for part, style in light.styles.items():
        if style != "lit" and part.kind == "z":
            x, y = nodes[part].x + NODE / 2, nodes[part].y - NODE / 2 - 11
            boxes.append(Box("badge", x, y, 18, 18, Label(value=style), part))
    return boxes


def _headings(dims, nodes):
    """Return the boxes of the words above the columns."""
    last = len(dims) - 1
    columns = [("input", nodes[Part("x", 0, (1,))].x), ("cost", nodes[Part("J", last + 1)].x)]
    for layer in range(1, last + 1):
        words = f"output layer {layer}" if layer == last else f"layer {layer}"
        columns.append((words, nodes[Part("z", layer, (1,))].x + NODE / 2))
    return [Box("heading", x, HEADING - 10, Label(value=words).width(), LABEL_HEIGHT, Label(value=words))
            for words, x in columns]


def _caption(words, top):
    """Return the Box of the line under the picture."""
    label = Label(value=words)
    return Box("caption", MARGIN + label.width() / 2, top + CAPTION - 13, label.width(), LABEL_HEIGHT, label)


# Words

def _caption_words(network, row, show):
    """Return which network and which sample a picture shows."""
    return network.name if show == "names" else f"{network.name}, sample {row + 1} of {len(network.X)}"


def _title(network, row, light, show):
    """Return the picture's title: which network, which sample, which path."""
    title = f"{_caption_words(network, row, show)}: a {'-'.join(map(str, network.layers_dims))} network"
    return f"{title}, lit from J back to {light.downstream[0].name}" if light.downstream else title


def _description(network, values, light, own):
    """Return in words what the picture shows: the numbers, layer by layer, and what is lit."""
    dims = network.layers_dims
    last = len(dims) - 1

    def listed(kind, layer):
        return ", ".join(values.get(part, part.name) for part in _parts(kind, layer, dims))

    sentences = [f"Input x: {listed('x', 0)}."]
    for layer in range(1, last + 1):
        rows = listed("w", layer).split(", ")
        rows = [", ".join(rows[i:i + dims[layer]]) for i in range(0, len(rows), dims[layer])]
        sentences.append(f"Layer {layer}: weights W, a row for each neuron they leave: {'; '.join(rows)}. "
                         f"Biases b: {listed('b', layer)}. z: {listed('z', layer)}. x: {listed('x', layer)}.")
        if Part("d", layer, (1,)) in values:
            sentences.append(f"Deltas: {listed('d', layer)}.")
    if values:
        sentences.append(f"Target y: {listed('y', last)}. Cost J: {values[Part('J', last + 1)]}.")
    if own:
        sentences.append(f"Your own numbers are shown for {' and '.join(own)}.")
    return " ".join(sentences + _lit_in_words(dims, values, light))


def _lit_in_words(dims, values, light):
    """Return sentences that name what is lit; a path is read from right to left, as a derivative is."""
    def told(parts):
        return ", ".join(f"{part.name} = {values[part]}" if part in values else part.name for part in parts)

    def backwards(path):
        return told(part for part in reversed(path) if part.kind != "J" or not part.index)

    sentences = []
    alone = light.named[1:] if light.downstream else light.named
    if light.paths:
        letters = ["path"] if len(light.paths) == 1 else ["path A", "path B"]
        sentences += [f"Lit {letter}, from right to left: {backwards(path)}."
                      for letter, path in zip(letters, light.paths, strict=True)]
    elif light.downstream:
        start = light.downstream[0]
        count = math.prod(dims[start.layer + 1:])
        sentences.append(f"Lit: all {count} paths from J back to {told([start])}.")
    if alone:
        sentences.append(f"Lit: {told(alone)}.")
    return sentences


# SVG

def px(value):
    """Return a length with at most one decimal."""
    return f"{value:.1f}".removesuffix(".0")


def _fitting(label, width, bold):
    """Return the font size at which a Label fits into a width."""
    return FONT * min(1, width / label.width(bold))


@lru_cache(maxsize=1024)
def _markup(label):
    """Return a Label as SVG text: its upper index raised, the lower one set back under it."""
    value = escape(label.value)
    if not label.symbol:
        return value
    text, value = label.symbol, f" = {value}" if value else ""
    if not label.lower:
        return text + value
    down, ahead = 'dy="4"', 0
    if label.upper:
        back = SMALL * UPPER_EMS
        text += f'<tspan dy="-5" font-size="{SMALL}">{label.upper}</tspan>'
        down, ahead = f'dx="{px(-back)}" dy="9"', max(0, back - SMALL * 0.62 * len(label.lower))
    text += f'<tspan {down} font-size="{SMALL}">{label.lower}</tspan>'
    return text + (f'<tspan dx="{px(ahead)}" dy="-4">{value}</tspan>' if value else "")


def text_element(label, x, y, manner="", size=FONT):
    """Return a text element centred on x, with its baseline at y."""
    size = "" if size == FONT else f' font-size="{px(size)}"'
    return f'<text x="{px(x)}" y="{px(y)}"{size}{manner}>{_markup(label)}</text>'


def _stroke(part, light):
    """Return the attributes of a part's line: lit, faded because others are lit, or plain."""
    if part in light.styles:
        style = light.styles[part]
        return f' stroke="{COLOURS[style]}"{DASHES[style]}'
    return ' stroke-opacity=".6"' if light.styles else ""


def _manner(part, light):
    """Return the attributes of a part's text: bold if lit, faded if others are, or plain."""
    if part in light.styles:
        return ' font-weight="bold"'
    return FADED if light.styles else ""


def _draw_edge(edge, light):
    """Return an edge's line, interrupted by its arrowhead if it has one."""
    points, arrowhead = [edge.start, edge.end], ""
    if edge.tip:
        share = ARROW_LENGTH / math.dist(edge.tip, edge.end)
        base = tuple(tip + share * (end - tip) for tip, end in zip(edge.tip, edge.end, strict=True))
        points = [edge.start, edge.tip, base, edge.end]
        arrowhead = _arrowhead(edge.tip, base, light.styles[edge.part])
    steps = "".join(f"{'ML'[i % 2]}{px(x)} {px(y)}" for i, (x, y) in enumerate(points))
    if edge.part in light.styles:
        look = f' stroke-width="{1.6 if edge.crowded else 4}"{_stroke(edge.part, light)}'
    else:
        look = CROWD if edge.crowded else _stroke(edge.part, light)
    return f'<path d="{steps}"{look}/>{arrowhead}'


def _arrowhead(tip, base, style):
    """Return a triangle from the middle of its base to its tip."""
    share = ARROW_HALF_WIDTH / math.dist(tip, base)
    across_x, across_y = share * (base[1] - tip[1]), share * (tip[0] - base[0])
    corners = (tip, (base[0] + across_x, base[1] + across_y), (base[0] - across_x, base[1] - across_y))
    points = " ".join(f"{px(x)},{px(y)}" for x, y in corners)
    return f'<polygon points="{points}" fill="{COLOURS[style]}" stroke="none"/>'


def _draw_shape(box, light):
    """Return a box's outline, filled so that no edge shows through its words."""
    if box.kind in ("heading", "caption"):
        return ""
    if box.kind in ("circle", "badge"):
        shape = f'circle cx="{px(box.x)}" cy="{px(box.y)}" r="{px(box.width / 2)}"'
    else:
        corner = f'x="{px(box.x - box.width / 2)}" y="{px(box.y - box.height / 2)}"'
        rounded = "" if box.kind == "square" else f' rx="{8 if box.kind == "cost" else 3}"'
        shape = f'rect {corner} width="{px(box.width)}" height="{px(box.height)}"{rounded}'
    if box.kind in ("circle", "square", "cost", "target"):
        width = ' stroke-width="3.5"' if box.part in light.styles else ""
        return f"<{shape}{width}{_stroke(box.part, light)}/>"
    if box.part not in light.styles:
        return f'<{shape} stroke="none"/>'
    return f'<{shape} stroke="{COLOURS[light.styles[box.part]]}"/>{_bias_arrowhead(box, light)}'


def _bias_arrowhead(box, light):
    """Return the arrowhead from a square down to the bias that a path starts at."""
    if box.kind != "bias" or box.part not in light.downstream:
        return ""
    x, top = box.x - box.width / 2 + NODE / 2, box.y - box.height / 2
    return _arrowhead((x, top), (x, top - ARROW_LENGTH), "lit")


def _draw_text(box, light):
    """Return a box's words: a node's name over its value, else one line."""
    bold, manner = box.part in light.styles, _manner(box.part, light)
    if box.kind == "heading":
        return text_element(box.label, box.x, box.y + 4)
    if box.kind == "caption":
        return text_element(box.label, box.x - box.width / 2, box.y + 4, f'{FADED} text-anchor="start"')
    if box.kind in ("circle", "square", "cost") and box.label.value:
        name, value = box.label._replace(value=""), Label(value=box.label.value)
        return (text_element(name, box.x, box.y - 8, manner)
                + text_element(value, box.x, box.y + 13, manner, _fitting(value, box.width - 10, bold)))
    return text_element(box.label, box.x, box.y + 4, manner, _fitting(box.label, box.width, bold))


def _drawn(layout, light):
    """Return the SVG elements of a network's picture."""
    edges = sorted(layout.edges, key=lambda edge: edge.part in light.styles)  # lit ones over the others
    return "".join([
        *(_draw_edge(edge, light) for edge in edges),
        *(_draw_shape(box, light) for box in layout.boxes),
        '</g><g fill="currentColor" text-anchor="middle">',
        *(_draw_text(box, light) for box in layout.boxes),
    ])


@dataclass(frozen=True, repr=False)
class Picture:
    """A finished picture: inline SVG, its title and description in words, and its layout, if it has one."""

    svg: str
    title: str
    description: str
    layout: object = None

    def _repr_html_(self):
        """Return the SVG in a container that scrolls where the window is narrow."""
        return f'<div style="max-width:100%;overflow-x:auto">{self.svg}</div>'

    def __repr__(self):
        return f"{self.title}\n{self.description}"


def as_picture(layout, drawn, title, description):
    """Return a Picture of what has been drawn: one inline SVG element with its text alternative.

    Its ids come from its content: the same picture has the same ids, and another picture others.

    Args:
        layout: has the width and height in pixels at 100 % zoom.
        drawn: SVG elements in those pixels, shapes first, then `</g><g ...>` and the words.
        title, description: what it is and what it shows, in words.
    """
    drawn = f'<rect width="{px(layout.width)}" height="{px(layout.height)}" stroke="none"/>{drawn}'
    key = sha256((escape(title) + escape(description) + drawn).encode()).hexdigest()[:10]
    width = round(layout.width)
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="t{key} d{key}" '
        f'viewBox="0 0 {px(layout.width)} {px(layout.height)}" font-size="{FONT}" '
        f'font-family="DejaVu Sans, Arial, sans-serif" '
        f'style="display:block;width:100%;min-width:{width * 85 // 100}px;max-width:{width}px;height:auto;'
        f'color:var(--jp-content-font-color1,#222);--paper:var(--jp-layout-color0,#fff)">'
        f'<title id="t{key}">{escape(title)}</title><desc id="d{key}">{escape(description)}</desc>'
        f'<g fill="var(--paper)" stroke="currentColor" stroke-width="1.2">{drawn}</g></svg>'
    )
    return Picture(svg, title, description, layout)


def draw(network, row=0, *, path=None, light=(), show="forward", z=None, x=None, delta=None):
    """Draw a network with the numbers of one sample: squares z, circles x, and the way to the cost J.

    Args:
        network: a fully connected Network of at most 6 layers and 12 neurons a layer.
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
        ValueError: if a name, `show`, or a shape does not fit the network, or the network is too large.
    """
    dims, n = network.layers_dims, len(network.X)
    if max(dims) > MOST_NEURONS or len(dims) - 1 > MOST_LAYERS:
        raise ValueError(f"{network.name} is {'-'.join(map(str, dims))}: a picture holds at most "
                         f"{MOST_NEURONS} neurons a layer and {MOST_LAYERS} layers after the input.")
    if not 0 <= operator.index(row) < n:
        raise IndexError(f"There is no row {row} in {network.name}: its rows are 0 to {n - 1}.")
    if show not in ("forward", "given", "names"):
        raise ValueError(f"show is {show!r}: choose 'forward', 'given' or 'names'.")
    lit = _light(network, path, light)
    values = _values(network, row, show, z, x, delta)
    own = [letter for letter, given in (("z", z), ("x", x), ("delta", delta)) if given is not None and values]
    title = _title(network, row, lit, show)
    description = _description(network, values, lit, own)
    layout = _layout(network, values, lit, _caption_words(network, row, show))
    return as_picture(layout, _drawn(layout, lit), title, description)
