"""The loss over two weights of a network, all others fixed: a map of J, and where gradient descent goes on it."""

from functools import partial

import numpy as np

from course.diagram import DOTS, LINE, ORANGE, Frame, number_text, path, picture_of, text
from course.diagram.given import as_network
from course.diagram.parts import find
from course.explore.base import explorer, positive

WIDTH, HEIGHT, SIDE = 690, 372, 300
FINE, RINGS, STEPS, NUDGE, MOST_WORK = 41, 10, 20, 1e-5, 10_000
CURVE = Frame(432, 24, 240, SIDE, (0, 1), (0, 1))


def loss_surface(network, weights=("w3_11", "w3_21"), learning_rate=0.1, start=None, reach=2.0):
    """Show J over two weights as a map, and the path of gradient descent for them, all other numbers fixed.

    Args:
        network: as for `diagram.live`: X, Y, W and b, hidden layers ReLU, the output the identity.
        weights: the names of two weights.
        learning_rate: the middle of its slider, which goes from a hundredth to a hundred times as much.
        start: where the path begins, two numbers; if not given, at the network's own weights.
        reach: how far the map goes from the network's own weights, to each side.

    Returns:
        A widget, or a still picture with the first 20 steps where nobody could press a button.

    Raises:
        ValueError: if there is no such weight, the network is too large, or a number makes no sense.
    """
    network = as_network(network)
    parts = [find(network, name, "w") for name in weights]
    if len(set(parts)) != 2 or len(parts) != 2:
        raise ValueError(f"weights is {weights}: expected two different ones, such as ('w3_11', 'w3_21').")
    positive(learning_rate=learning_rate, reach=reach)
    if len(network.X) * sum(W.size for W in network.W) > MOST_WORK:
        raise ValueError(f"{network.name} is too large: at most {MOST_WORK} samples times weights. Take fewer samples.")
    own = np.array([network.W[part.layer - 1][part.index[0] - 1, part.index[1] - 1] for part in parts])
    start = own if start is None else np.array(start, dtype=np.float64)
    if start.shape != (2,) or not np.all(np.abs(start - own) <= reach):
        raise ValueError(f"start is {start.tolist()}: expected two numbers, within {reach} of {own.tolist()}.")
    world = Frame(52, 24, SIDE, SIDE, *((middle - reach, middle + reach) for middle in own))
    state = {"network": network, "names": [part.name for part in parts], "start": start.tolist(), "reach": float(reach),
             "rate": float(learning_rate), "frames": [world.numbers, CURVE.numbers]}
    return explorer("surface", _picture(network, parts, start, learning_rate, world), state)


def cost(network, parts, values):
    """Return J of a network with other values for some of its weights."""
    W = [weights.copy() for weights in network.W]
    for part, value in zip(parts, values, strict=True):
        W[part.layer - 1][part.index[0] - 1, part.index[1] - 1] = value
    x = network.X
    for weights, bias in zip(W[:-1], network.b[:-1], strict=True):
        x = np.maximum(x @ weights + bias, 0)
    return float(np.sum((x @ W[-1] + network.b[-1] - network.Y) ** 2) / (2 * len(x)))


def descent(network, parts, start, rate):
    """Return the places of a few steps, shape (n, 2), and J there; the derivatives are measured, as in lesson 05."""
    J, places = partial(cost, network, parts), [start]
    while len(places) <= STEPS and J(places[-1]) <= 1e6 * (J(start) + 1):
        at = places[-1]
        slopes = [(J(at + nudge) - J(at - nudge)) / (2 * NUDGE) for nudge in NUDGE * np.eye(2)]
        places.append(at - rate * np.array(slopes))
    return np.array(places), np.array([J(at) for at in places])


def _rings(world, J):
    """Return the shapes of a map: lines of equal J, each ring shaded once more."""
    from contourpy import contour_generator  # matplotlib's own
    levels = J.min() + np.ptp(J) * (np.arange(1, RINGS) / RINGS) ** 2  # of a bowl, at equal distances
    contours = contour_generator(*(np.linspace(*interval, FINE) for interval in (world.x, world.y)), J)
    for level in levels if np.ptp(J) else ():
        lines = [world.line(*points[i:j].T) for points, offsets in zip(*contours.filled(level, np.inf), strict=True)
                 for i, j in zip(offsets[:-1], offsets[1:], strict=True)]
        yield path("".join(lines), fill="currentColor", fill_opacity=0.06, fill_rule="evenodd", stroke_opacity=0.45)


def _picture(network, parts, start, rate, world):
    """Return the Picture: the map with a path on the left, J along the path on the right."""
    across, down = (np.linspace(*interval, FINE) for interval in (world.x, world.y))
    J = np.array([[cost(network, parts, (x, y)) for x in across] for y in down])
    places, costs = descent(network, parts, start, rate)
    top, last, names = costs.max() or 1.0, len(costs) - 1, [part.name for part in parts]
    along = np.arange(len(costs)) / last, costs / top
    axes, texts = zip(world.axes(*names), CURVE.axes("steps", "J along the path", False, False), strict=True)
    shapes = [*axes, world.clipped(*_rings(world, J), path(world.line(*places.T), "path", **LINE),
                                    path(world.dots(*places.T), "dots", **DOTS, stroke_width=5),
                                    path(world.dots(*places[-1:].T), "here", **DOTS, stroke=ORANGE, stroke_width=13)),
              path(CURVE.line(*along), "curve", **LINE), path(CURVE.dots(*along), "curve-dots", **DOTS, stroke_width=5)]
    texts = [*texts, text("0", CURVE.left, 340), text("0", CURVE.left - 7, 328, "end"),
             text(number_text(top), CURVE.left - 7, CURVE.top + 4, "end", "top"),
             text(str(last), CURVE.left + CURVE.width, 340, role="last")]
    low, high, first, end, rate = map(number_text, (J.min(), J.max(), costs[0], costs[-1], rate))
    description = (f"On the map J goes from {low} to {high}. In {last} steps with learning rate {rate} "
                   f"J goes from {first} to {end}.")
    return picture_of(WIDTH, HEIGHT, shapes, texts, f"J of {network.name} over {' and '.join(names)}", description)
