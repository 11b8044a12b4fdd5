"""Where everything stands: one column a layer, each neuron a square and a circle, and the way to the cost."""

import math
from dataclasses import replace

from course.diagram.fold import Gap
from course.diagram.light import Light
from course.diagram.parts import Part
from course.diagram.places import clearance, hidden_label, slope, weight_labels
from course.diagram.shapes import ARROW_LENGTH, LABEL_HEIGHT, MARGIN, NODE, PADDING, Box, Edge, Label, Layout, symbol

# Sizes in pixels at 100 % zoom: 2-3-2-1 is 880 wide, the width of a notebook's output area.
PITCH, CROWDED_PITCH = 116, 104
GAP, COST_GAP, COST_WIDTH = 111, 36, 84
HEADING, CAPTION = 32, 34
BIAS_DROP, TARGET_DROP, TARGET_HEIGHT = 3, 14, 24
FOLD_GAP, FOLD_WIDTH = 60, 140  # beside and of the mark of layers that are not drawn
STILL, LIVE, MISTAKE = "still", "live", "mistake"  # what a picture is for
WIDEST = "\u22120.0736"  # the widest number that a live picture writes at the usual size
MOST_EDGES = 16  # between two layers, of those to be told apart: more are drawn thin and without labels


def arrange(view, values, light, caption, biases=False, manner=STILL):
    """Return the Layout of a picture.

    Args:
        view: which layers and neurons are drawn.
        values: the text of each number by part; empty to show names only.
        light: what is lit.
        caption: the line under the picture.
        biases: whether they are shown under the squares, where no deltas are.
        manner: STILL; or LIVE, where numbers and light will change: then every number has room for seven letters,
            every edge for an arrowhead, and a weight without room for its label has a hidden one; or MISTAKE, where
            only the weights in `values` have a label, and only that number in it.
    """
    live = manner == LIVE
    below_cost = TARGET_DROP + TARGET_HEIGHT * len(view.rows(view.last))
    height = max(_pitch(view) * view.height, NODE + 2 * below_cost)
    texts = dict.fromkeys(values, WIDEST) if live else values
    nodes = _nodes(view, texts, HEADING + height / 2)
    edges = _edges(view, nodes, light)
    weights = [edge for edge in edges if edge.part and edge.part.kind == "w"]
    if live:
        light = Light((), (None, *(edge.part for edge in edges)), (), {})  # any edge may be the next one on a path
    labels = weight_labels(weights, texts, light, spell=manner != MISTAKE)
    if len(weights) > len(labels) and manner != MISTAKE:
        caption += f"; weights without a label: {len(weights) - len(labels)} (light one to see it)"
    if view.weights > len(weights):
        caption += f"; weights not drawn: {view.weights - len(weights):,}"
    boxes = (*_headings(view, nodes), *nodes.values(), *labels.values(), *_badges(nodes, light),
             *_labels_below(nodes, texts, light, biases, named=manner != MISTAKE))
    if live:
        boxes += tuple(hidden_label(edge, WIDEST) for edge in weights if edge.part not in labels)
        boxes = tuple(replace(box, label=box.label._replace(value=values.get(box.part, box.label.value)))
                      for box in boxes)
    boxes += (_caption(caption, HEADING + height),)
    return Layout(
        width=max(box.x + box.width / 2 for box in boxes) + MARGIN,
        height=HEADING + height + CAPTION,
        boxes=boxes,
        edges=tuple(_with_arrow(edge, labels.get(edge.part), light, live) for edge in edges),
    )


def _pitch(view):
    """Return the distance between two neurons of a layer."""
    return PITCH if view.height <= 4 else CROWDED_PITCH


def _gap(layer, view, values):
    """Return the width of the space before a layer, enough for any of its weights' labels, lit or not."""
    parts = view.parts("w", layer)
    widest = max(symbol(part, values.get(part, "")).width(bold=True) for part in parts)
    tallest = max(len(view.rows(layer - 1)), len(view.rows(layer)))
    fan = 11 * len(parts) if len(parts) <= MOST_EDGES else GAP + 4 * tallest
    return max(GAP, fan, widest + 2 * PADDING + ARROW_LENGTH + 8)


def _nodes(view, values, middle):
    """Return the Box of each circle, square, target and the cost, by part, and of each mark, by Gap."""
    nodes, right = {}, MARGIN
    for column in view.columns:
        if isinstance(column, Gap):
            nodes[None, column] = _mark(column, right + FOLD_GAP + FOLD_WIDTH / 2, middle, "layers", FOLD_WIDTH)
            right += 2 * FOLD_GAP + FOLD_WIDTH
            continue
        if column and column - 1 in view.layers:
            right += _gap(column, view, values)
        rows = view.rows(column)
        heights = {item: middle + (i - (len(rows) - 1) / 2) * _pitch(view) for i, item in enumerate(rows)}
        across = right + (NODE if column else NODE / 2)
        room = 2 * NODE if column else NODE + 6  # beside a circle there may be labels of steep edges
        nodes |= {(column, gap): _mark(gap, across, heights[gap], width=room) for gap in rows if isinstance(gap, Gap)}
        for kind, shape in (("z", "square"), ("x", "circle"))[column == 0:]:
            for part in view.parts(kind, column):
                label = symbol(part, values.get(part, ""))
                nodes[part] = Box(shape, right + NODE / 2, heights[part.index[0]], NODE, NODE, label, part)
            right += NODE
    x, cost = right + COST_GAP + COST_WIDTH / 2, Part("J", view.last + 1)
    nodes[cost] = Box("cost", x, middle, COST_WIDTH, NODE, Label("J", value=values.get(cost, "")), cost)
    for place, item in enumerate(view.rows(view.last)):
        y = middle + NODE / 2 + TARGET_DROP + TARGET_HEIGHT * (place + 0.5)
        if isinstance(item, Gap):
            nodes["y", item] = _mark(item, x, y)
            continue
        part = Part("y", view.last, (item,))
        label = Label("y", lower=str(item) if view.dims[-1] > 1 else "", value=values.get(part, ""))
        nodes[part] = Box("target", x, y, COST_WIDTH, TARGET_HEIGHT - 2, label, part)
    return nodes


def _mark(gap, x, y, of="", width=COST_WIDTH):
    """Return the Box that stands for neurons or layers that are not drawn."""
    label = Label(value=f"… {gap.count:,} more {of}".strip())
    return Box("fold", x, y, min(width, label.width() + 2 * PADDING), LABEL_HEIGHT, label)


def _edges(view, nodes, light):
    """Return all edges: the weights', those to and from layers not drawn, and those from outputs and target to J."""
    edges, last = [], view.last
    for before, column, after in zip(view.columns, view.columns[1:], (*view.columns[2:], None), strict=False):
        if isinstance(column, Gap):
            mark = nodes[None, column]
            edges += [replace(_edge(None, nodes[part], mark), crowded=True) for part in view.parts("x", before)]
            right = (mark.x + mark.width / 2, mark.y)
            edges += [Edge(None, right, (nodes[part].x - NODE / 2, nodes[part].y), crowded=True)
                      for part in view.parts("z", after)]
        elif not isinstance(before, Gap):
            parts = view.parts("w", column)
            lit = [part for part in parts if part in light.styles]
            for part in parts:
                start, end = part.index
                circle, square = nodes[Part("x", column - 1, (start,))], nodes[Part("z", column, (end,))]
                crowded = len(lit if part in light.styles else parts) > MOST_EDGES
                edges.append(_edge(part, circle, square, crowded))
    cost, target = nodes[Part("J", last + 1)], nodes[Part("y", last, (1,))]
    for part in view.parts("x", last):
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


def _with_arrow(edge, label, light, live):
    """Return an edge on a path with its arrowhead: at its left end, or at the label of the path's weight."""
    if edge.part is None or edge.part not in light.downstream or edge.crowded and not live:
        return edge
    tip = edge.start
    if edge.part == light.downstream[0] and label:
        run = clearance(slope(edge), label.width, label.height)
        tip = (label.x + run, label.y + slope(edge) * run)
    return replace(edge, tip=tip)


def _labels_below(nodes, values, light, biases, named):
    """Return the boxes under the squares: deltas if there are any, else biases if they are wanted.

    If not `named`, a number stands alone.
    """
    if any(part.kind == "d" for part in values):
        kind, name, letter = "delta", "d", "\u03b4"
    elif biases:
        kind, name, letter = "bias", "b", "b"
    else:
        return []
    boxes = []
    for square in [box for box in nodes.values() if box.kind == "square"]:
        part = square.part._replace(kind=name)
        label = Label(letter if named else "", value=values.get(part, ""))
        if named and part in light.named or not label.value:
            label = symbol(part, label.value)
        width = label.width(bold=part in light.styles) + 2 * PADDING
        drop = ARROW_LENGTH if part in light.downstream else BIAS_DROP
        x, y = square.x - NODE / 2 + width / 2, square.y + NODE / 2 + drop + label.height / 2
        boxes.append(Box(kind, x, y, width, label.height, label, part))
    return boxes


def _badges(nodes, light):
    """Return the boxes of the letters A and B, above the square where each of two paths goes its own way."""
    boxes = []
    for part, style in light.styles.items():
        if style != "lit" and part.kind == "z" and part in nodes:
            x, y = nodes[part].x + NODE / 2, nodes[part].y - NODE / 2 - 11
            boxes.append(Box("badge", x, y, 18, 18, Label(value=style), part))
    return boxes


def _headings(view, nodes):
    """Return the boxes of the words above the columns; a layer with neurons that are not drawn says how many it has."""
    columns = [("input", nodes[Part("x", 0, (1,))].x), ("cost", nodes[Part("J", view.last + 1)].x)]
    for layer in view.layers[1:]:
        words = f"output layer {layer}" if layer == view.last else f"layer {layer}"
        columns.append((words, nodes[Part("z", layer, (1,))].x + NODE / 2))
    for place, layer in zip((0, *range(2, len(columns))), view.layers, strict=True):
        if len(view.neurons[layer]) < view.dims[layer]:
            columns[place] = (f"{columns[place][0]} ({view.dims[layer]:,})", columns[place][1])
    for column in view.columns:
        if isinstance(column, Gap):
            columns.append((f"layers {column.first} to {column.last}", nodes[None, column].x))
    widths = [Label(value=words).width() for words, _ in columns]
    return [Box("heading", max(x, width / 2 + 2), HEADING - 10, width, LABEL_HEIGHT, Label(value=words))
            for (words, x), width in zip(columns, widths, strict=True)]


def _caption(words, top):
    """Return the Box of the line under the picture."""
    label = Label(value=words)
    return Box("caption", MARGIN + label.width() / 2, top + CAPTION - 13, label.width(), LABEL_HEIGHT, label)
