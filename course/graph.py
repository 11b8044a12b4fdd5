"""The computation-graph picture: operations in circles, values above the edges, gradients below, as inline SVG."""

import difflib
import math
import re
from dataclasses import dataclass, replace
from itertools import combinations
from typing import NamedTuple

import numpy as np

from course.diagram import FADED, MARGIN, ORANGE, Box, Label, Layout, as_picture, number_text, px, text_element

# The graphs of lesson 02, one step a line.
NEURON = """
    p1 = x1 * w1
    p2 = x2 * w2
    s = p1 + p2
    z = s + b
    a = sigma(z)
    J = cost(a, y)
"""
FORK = """
    z1 = u * h
    z2 = h * v
    a1 = sigma(z1)
    a2 = sigma(z2)
    o = a1 + a2
    J = cost(o, t)
"""
SWISH = """
    s = sigma(x)
    f = s * x
"""

# Sizes in pixels at 100 % zoom: NEURON is as wide as the network picture.
RADIUS, DOT, ROW = 21, 3, 52
HEIGHT, PADDING = 18, 6  # of a label
ROOM, BEND = 80, 22  # the least length of the level part of an edge, and the length of its slanted part
ABOVE, BELOW, CAPTION = 11, 13, 30  # from an edge to the middle of its value and of its gradient; the last line

SIGNS = {"*": "×", "+": "+", "-": "−", "sigma": "σ"}
WORDS = {"*": "times", "+": "plus", "-": "minus"}
NAME = r"[A-Za-z]\d?"


# A graph and its lines

class Step(NamedTuple):
    """One line of a graph: the name of its result, the operation, the names that it takes."""

    result: str
    operation: str
    takes: tuple


def read(lines):
    """Read a graph from its lines.

    Args:
        lines: text with one step a line: "s = p1 + p2", "p = x * w", "d = a - y", "a = sigma(z)", "J = cost(a, y)".

    Returns:
        A tuple of `Step`.

    Raises:
        ValueError: for a line that is no step, a name that is defined twice, or one used before its line.
    """
    graph = tuple(_step(line.strip()) for line in lines.splitlines() if line.strip())
    if not graph:
        raise ValueError("A graph needs at least one line, such as 's = p1 + p2'.")
    results = [step.result for step in graph]
    for number, step in enumerate(graph):
        if step.result in results[:number]:
            raise ValueError(f"{step.result} is defined twice: give each result a name of its own.")
        late = [name for name in step.takes if name in results[number:]]
        if late:
            raise ValueError(f"{step.result} takes {late[0]} before {late[0]} is defined: put its line first.")
    return graph


def _step(line):
    """Return the Step that a line states."""
    if match := re.fullmatch(rf"({NAME})\s*=\s*({NAME})\s*([-+*])\s*({NAME})", line):
        return Step(match[1], match[3], (match[2], match[4]))
    if match := re.fullmatch(rf"({NAME})\s*=\s*([a-z]{{2,5}})\(({NAME})(?:,\s*({NAME}))?\)", line):
        return Step(match[1], match[2], tuple(filter(None, match.groups()[2:])))
    raise ValueError(f"{line!r} is no step: write it like 's = p1 + p2' or 'a = sigma(z)', "
                     "each name a letter with or without a digit.")


def _users(graph):
    """Return {name: the results of the steps that take it}."""
    users = {}
    for step in graph:
        for name in step.takes:
            users.setdefault(name, []).append(step.result)
    return users


# Layout

class Place(NamedTuple):
    """Where a step or a fork stands: columns count from the left, rows from the top and may be halves."""

    column: int
    row: float


@dataclass(frozen=True)
class Edge:
    """One edge: the way of a value from a step, a fork or the left border to a step, a fork or the right border.

    Attributes:
        name: of the value, "h"; of a branch behind a fork, "h->z1".
        start, end: `Place`.
        row: where its level part runs.
        begins, ends: "step", "fork", or "" at a border.
        points: the corners of its line, in pixels.
    """

    name: str
    start: Place
    end: Place
    row: float
    begins: str
    ends: str
    points: tuple = ()

    @property
    def value(self):
        return self.name.partition("->")[0]


def _columns(graph, users):
    """Return {result: column}: right of all that the step takes. A fork takes a column of its own."""
    columns = {}
    for step in graph:
        columns[step.result] = 1 + max(columns.get(name, 0) + (len(users[name]) > 1) for name in step.takes)
    return columns


def _arrange(graph):
    """Return the places of the steps by result, and all edges, in rows that leave each label its room.

    A step stands in the middle of what it takes. What comes from the left border or from a fork has a row of its
    own; beside something computed it stands below that, or above it if it is taken first.
    """
    users = _users(graph)
    columns = _columns(graph, users)
    places, arriving, rows = {}, [], 0  # arriving: (name, result, row) of each level part that leads to a step
    for step in graph:
        column = columns[step.result]
        computed = [name for name in step.takes if name in places and len(users[name]) == 1]
        others = [name for name in step.takes if name not in computed]
        if computed:
            row = float(np.mean([places[name].row for name in computed]))
            arriving += [(name, step.result, places[name].row) for name in computed]
        else:
            row = rows + (len(others) - 1) / 2
        for name in others:
            if computed:
                beside = row - 1 if name == step.takes[0] else row + 1
            else:
                beside, rows = rows, rows + 1
            arriving.append((name, step.result, beside))
        places[step.result] = Place(column, row)
    return places, _edges(graph, users, places, arriving)


def _edges(graph, users, places, arriving):
    """Return all edges: into steps, into forks, and the last one, which leaves the picture."""
    edges, forks = [], {}
    for name in [name for name in users if len(users[name]) > 1]:
        lanes = [row for taken, _, row in arriving if taken == name]
        source = places.get(name, Place(0, float(np.mean(lanes))))
        forks[name] = Place(source.column + 1, source.row)
        edges.append(Edge(name, source, forks[name], source.row, "step" if name in places else "", "fork"))
    for name, result, row in arriving:
        end = places[result]
        if name in forks:
            edges.append(Edge(f"{name}->{result}", forks[name], end, row, "fork", "step"))
        elif name in places:
            edges.append(Edge(name, places[name], end, row, "step", "step"))
        else:
            edges.append(Edge(name, Place(end.column - 1, row), end, row, "", "step"))
    last = graph[-1].result
    end = Place(places[last].column + 1, places[last].row)
    return [*edges, Edge(last, places[last], end, end.row, "step", "")]


def _layout(graph, values, gradients, caption):
    """Return the Layout of a picture.

    Args:
        graph: tuple of `Step`.
        values, gradients: the text of each number by name; `values` may be empty, to show names only.
        caption: the line under the picture, or "".

    Raises:
        ValueError: if two things would lie over each other.
    """
    places, edges = _arrange(graph)
    labels = [_labels(edge, values, gradients) for edge in edges]
    x = _middles(edges, labels)
    top = MARGIN + ABOVE + HEIGHT / 2 - ROW * min(edge.row for edge in edges)
    boxes = []
    for step in graph:
        column, row = places[step.result]
        sign = Label(value=SIGNS.get(step.operation, step.operation))
        boxes.append(Box("operation", x[column], top + ROW * row, 2 * RADIUS, 2 * RADIUS, sign, step.result))
    wires = [_wire(edge, x, top) for edge in edges]
    for edge, (value, gradient) in zip(wires, labels, strict=True):
        left, right = _level(edge, x)
        middle, y = (left + right) / 2, top + ROW * edge.row
        boxes.append(Box("value", middle, y - ABOVE, value.width(), HEIGHT, value, edge.name))
        if gradient:
            width = gradient.width() + 2 * PADDING
            boxes.append(Box("gradient", middle, y + BELOW, width, HEIGHT, gradient, edge.name))
    height = max(box.y + box.height / 2 for box in boxes) + MARGIN
    if caption:
        label = Label(value=caption)
        boxes.append(Box("caption", MARGIN + label.width() / 2, height + CAPTION / 2 - 5, label.width(), HEIGHT, label))
        height += CAPTION
    _refuse_tangles(boxes, wires)
    width = max([box.x + box.width / 2 for box in boxes] + [wire.points[-1][0] for wire in wires]) + MARGIN
    return Layout(width, height, tuple(boxes), tuple(wires))


def _labels(edge, values, gradients):
    """Return the labels above and below an edge; the second one is None where no gradient is to be shown."""
    value = Label(edge.value[0], lower=edge.value[1:], value=values.get(edge.value, ""))
    gradient = gradients.get(edge.name)
    return value, Label(value=f"← {gradient}") if gradient else None


def _middles(edges, labels):
    """Return the x of the middle of each column, with room between them for every label."""
    x = [MARGIN + DOT]
    for column in range(1, 1 + max(edge.end.column for edge in edges)):
        room, slant = ROOM, 0
        for edge, (value, gradient) in zip(edges, labels, strict=True):
            if edge.end.column == column:
                room = max(room, value.width(), gradient.width() + 2 * PADDING if gradient else 0)
                slant = max(slant, BEND if edge.begins == "fork" else RADIUS if edge.begins == "step" else 0)
        x.append(x[-1] + slant + room + PADDING + BEND + RADIUS)
    return x


def _level(edge, x):
    """Return where the part of an edge that carries its labels begins and ends: in the gap before its last column."""
    before = edge.end.column - 1
    left = x[before] + RADIUS * (before > 0)
    if edge.start.column == before:
        left = x[before] + {"fork": BEND, "step": RADIUS, "": 0}[edge.begins]
    is_straight = edge.ends == "step" and edge.row == edge.end.row
    return left, x[edge.end.column] - RADIUS - BEND * (not is_straight)


def _wire(edge, x, top):
    """Return an Edge with the corners of its line."""
    y, (end_x, end_y) = top + ROW * edge.row, (x[edge.end.column], top + ROW * edge.end.row)
    start = x[edge.start.column] + {"fork": BEND, "step": RADIUS, "": 0}[edge.begins]
    points = [(start, y)]
    if edge.begins == "fork":
        points = [(x[edge.start.column], top + ROW * edge.start.row), (start, y)]
    knee = end_x - RADIUS - BEND
    if edge.ends != "step":
        points.append((end_x if edge.ends == "fork" else knee, y))
    elif y == end_y:
        points.append((end_x - RADIUS, y))
    else:
        share = 1 - RADIUS / math.dist((knee, y), (end_x, end_y))
        points += [(knee, y), (knee + share * (end_x - knee), y + share * (end_y - y))]
    return replace(edge, points=tuple(points))


def _refuse_tangles(boxes, wires):
    """Raise where two boxes, or a box and a line that runs through it, lie over each other."""
    pairs = [(a.part, b.part) for a, b in combinations(boxes, 2) if a.overlaps(b)]
    pairs += [(box.part, wire.name) for box in boxes for wire in wires if crosses(wire, box)]
    if pairs:
        one, other = pairs[0]
        raise ValueError(f"This graph is too tangled for a picture: {one} and {other} lie over each other. "
                         "Try its lines, or what they take, in another order.")


def crosses(wire, box):
    """Return whether the line of an edge runs through a box; touching its border is allowed.

    Args:
        wire: an `Edge` with its points.
        box: a `Box`; an operation counts as its circle.
    """
    for (x1, y1), (x2, y2) in zip(wire.points, wire.points[1:], strict=False):
        along = np.linspace(0, 1, 60)
        dx, dy = abs(x1 + along * (x2 - x1) - box.x), abs(y1 + along * (y2 - y1) - box.y)
        if box.kind == "operation":
            inside = np.hypot(dx, dy) < box.width / 2 - 0.1
        else:
            inside = (dx < box.width / 2 - 0.1) & (dy < box.height / 2 - 0.1)
        if inside.any():
            return True
    return False


# Numbers and words

def _texts(given, known, what):
    """Return the text of each number by name, "?" for one that is not known yet.

    Args:
        given: {name: number, None, `...` or NaN}.
        known: the names that the graph has for it.
        what: "values" or "gradients", for messages.

    Raises:
        ValueError: for a name that the graph does not have, or a value that is no single number.
    """
    texts = {}
    for name, value in given.items():
        if name not in known:
            nearest = difflib.get_close_matches(str(name), known, n=1, cutoff=0.5)
            hint = f"Did you mean {nearest[0]!r}?" if nearest else f"There are {', '.join(known)}."
            raise ValueError(f"{what} names {name!r}, which this graph does not have. {hint}")
        try:
            number = math.nan if value is None or value is ... else float(np.asarray(value, dtype=np.float64).item())
        except (TypeError, ValueError):
            raise ValueError(f"{what}[{name!r}] is not a single number.") from None
        texts[name] = number_text(number)
    return texts


def _description(graph, values, gradients):
    """Return in words what the picture shows: each step with its numbers, each fork, each gradient."""
    def told(name):
        return f"{name} = {values[name]}" if name in values else name

    sentences = []
    for step in graph:
        taken = [told(name) for name in step.takes]
        if step.operation in WORDS:
            how = f" {WORDS[step.operation]} ".join(taken)
        else:
            how = f"{step.operation} of {' and '.join(taken)}"
        sentences.append(f"{told(step.result)} is {how}.")
    for name, results in _users(graph).items():
        if len(results) > 1:
            sentences.append(f"{name} forks, to {' and '.join(results)}.")
    if gradients:
        listed = ", ".join(f"{name.replace('->', ' by way of ')} {text}" for name, text in gradients.items())
        sentences.append(f"Gradients, below the edges: {listed}.")
    return " ".join(sentences)


# SVG

def _draw_line(wire):
    """Return an edge's line, with a dot where it comes from the border or from a fork."""
    steps = "".join(f"{'ML'[i > 0]}{px(x)} {px(y)}" for i, (x, y) in enumerate(wire.points))
    line = f'<path d="{steps}" fill="none"/>'
    if wire.begins == "step":
        return line
    x, y = wire.points[0]
    return f'{line}<circle cx="{px(x)}" cy="{px(y)}" r="{DOT}" fill="currentColor" stroke="none"/>'


def _draw_shape(box):
    """Return a box's outline: a circle for an operation, a pill for a gradient, nothing for words alone."""
    if box.kind == "operation":
        return f'<circle cx="{px(box.x)}" cy="{px(box.y)}" r="{RADIUS}" stroke-width="1.6"/>'
    if box.kind == "gradient":
        corner = f'x="{px(box.x - box.width / 2)}" y="{px(box.y - box.height / 2)}"'
        return f'<rect {corner} width="{px(box.width)}" height="{HEIGHT}" rx="{HEIGHT // 2}" stroke="{ORANGE}"/>'
    return ""


def _draw_words(box):
    """Return a box's text: signs are large, the caption is set from the left."""
    if box.kind == "operation" and len(box.label.value) == 1:
        return text_element(box.label, box.x, box.y + 7, size=20)
    if box.kind == "caption":
        return text_element(box.label, box.x - box.width / 2, box.y + 4, f'{FADED} text-anchor="start"')
    return text_element(box.label, box.x, box.y + 4)


def _drawn(layout):
    """Return the SVG elements of a graph's picture."""
    return "".join([
        *map(_draw_line, layout.edges),
        *map(_draw_shape, layout.boxes),
        '</g><g fill="currentColor" text-anchor="middle">',
        *map(_draw_words, layout.boxes),
    ])


def draw(lines, values=None, gradients=None, title=""):
    """Draw a computation graph: operations in circles, values above the edges, gradients below.

        graph.draw("q = u * v", values=dict(u=3, v=4, q=12), gradients=dict(q=0.5))

    Args:
        lines: the graph, one step a line, such as `graph.NEURON`.
        values: {name: number}; what is None, `...`, NaN or missing is shown as "?". Without values: names only.
        gradients: {name: number}, shown where given; behind a fork each branch has its own: {"h->z1": number}.
        title: what the picture is called, also under it.

    Returns:
        A Picture, which JupyterLab shows and `print` tells in words.

    Raises:
        ValueError: if a line is no step, a name is not in the graph, a value is no single number, or the graph is too
            tangled to be drawn.
    """
    graph = read(lines)
    names = list(dict.fromkeys(name for step in graph for name in (*step.takes, step.result)))
    forks = {name: results for name, results in _users(graph).items() if len(results) > 1}
    branches = [f"{name}->{result}" for name, results in forks.items() for result in results]
    shown = {} if values is None else dict.fromkeys(names, "?") | _texts(values, names, "values")
    pulled = _texts(gradients or {}, names + branches, "gradients")
    layout = _layout(graph, shown, pulled, title)
    title = f"Computation graph: {title or graph[-1].result}"
    description = _description(graph, shown, pulled)
    return as_picture(layout, _drawn(layout), title, description)
