"""An activation above its slope: the tangent at z, and its slope as a point of the lower curve."""

import numpy as np

from course.diagram import BLUE, DOTS, LINE, ORANGE, Frame, number_text, path, picture_of, text
from course.explore.base import explorer

# The course's own slopes are the learners' to write: the picture measures them, as lesson 06 does.
FUNCTIONS = {
    "relu": lambda z: np.maximum(z, 0),
    "tanh": np.tanh,
    "sigmoid": lambda z: (1 + np.tanh(z / 2)) / 2,
    "identity": lambda z: z,
}
SHOWN = {"relu": "ReLU"}  # where a picture writes a name otherwise
HEIGHTS = {"relu": (-1, 6), "identity": (-6, 6)}  # of the upper frame; the others stay within 1
WIDTH, HEIGHT, FAR, NUDGE = 640, 402, 6, 1e-6
POINT = DOTS | {"stroke": ORANGE, "stroke_width": 11}


def activation(names=("relu", "tanh", "sigmoid"), z=1.0):
    """Show an activation and its derivative, with a slider for z and the tangent there.

    Args:
        names: which to choose from, of "relu", "tanh", "sigmoid" and "identity"; the first one is shown.
        z: where the slider stands at first, between -6 and 6.

    Returns:
        A widget, or a still picture of the first activation where nobody could move a slider.

    Raises:
        ValueError: if a name is unknown or z lies outside.
    """
    names = [names] if isinstance(names, str) else list(names)
    unknown = [name for name in names if name not in FUNCTIONS]
    if unknown or not names:
        raise ValueError(f"names is {names}: choose one or more of {', '.join(FUNCTIONS)}.")
    if not -FAR <= z <= FAR:
        raise ValueError(f"z is {z}: the slider goes from {-FAR} to {FAR}.")
    z = float(z)
    pictures = {name: _picture(name, z) for name in names}
    state = {"names": names, "z": z, "far": FAR, "svgs": {name: pictures[name].svg for name in names},
             "frames": {name: [frame.numbers for frame in _frames(name)] for name in names}}
    return explorer("slope", pictures[names[0]], state)


def slope(name, z):
    """Return the slope of an activation, measured by a central difference; the ReLU's is 0 at 0."""
    f = FUNCTIONS[name]
    measured = (f(z + NUDGE) - f(z - NUDGE)) / (2 * NUDGE)
    return np.where(np.asarray(z) == 0, 0.0, measured) if name == "relu" else measured


def _frames(name):
    return (Frame(46, 24, 580, 160, (-FAR, FAR), HEIGHTS.get(name, (-1.15, 1.15))),
            Frame(46, 212, 580, 150, (-FAR, FAR), (-0.1, 1.15)))


def _cross(frame):
    """Return the two axes through 0."""
    return path(frame.line(frame.x, [0, 0]) + frame.line([0, 0], frame.y), stroke_opacity=0.35)


def _picture(name, z):
    """Return the Picture of one activation with the tangent at z."""
    upper, lower = _frames(name)
    pieces = [np.linspace(-FAR, -NUDGE * 2, 101), np.linspace(NUDGE * 2, FAR, 101)]  # a jump at 0 is no steep line
    a, da = float(FUNCTIONS[name](z)), float(slope(name, z))
    shown, is_kink = SHOWN.get(name, name), name == "relu" and z == 0
    curve = "".join(upper.line(piece, FUNCTIONS[name](piece)) for piece in pieces)
    slopes = "".join(lower.line(piece, slope(name, piece)) for piece in pieces)
    ends = np.array([z - 2, z + 2])
    shapes, texts = zip(upper.axes("", "a(z)", x_ticks=False), lower.axes("z", "its slope, a′(z)"), strict=True)
    shapes = [
        *shapes,
        upper.clipped(_cross(upper), path(curve, stroke=BLUE, stroke_width=3),
                      path("" if is_kink else upper.line(ends, a + da * (ends - z)), "tangent", **LINE),
                      path("" if is_kink else upper.line([z, z + 1, z + 1], [a, a, a + da]), "rise",
                           stroke_dasharray="4 3"),
                      path(upper.dots([z], [a]), "point", **POINT)),
        lower.clipped(_cross(lower), path(slopes, stroke=BLUE, stroke_width=3),
                      path(lower.line([z, z], [0, da]), "stem", **LINE, stroke_dasharray="4 3"),
                      path(lower.dots([z], [da]), "slope-point", **POINT)),
    ]
    texts = [*texts, text(shown, upper.left + 12, upper.top + 21, "start", strong=True),
             text("a kink" if is_kink else f"slope {number_text(da)}", upper.left + 12, upper.top + 40, "start",
                  "slope", strong=True),
             text(f"a′ = {number_text(da)}", lower.left + 12, lower.top + 21, "start", "derivative", strong=True)]
    height = "the height of the lower curve, the derivative, at the same z."
    there = (f"It has a kink there: slope 0 on the left, 1 on the right, and no tangent. We take 0, which is {height}"
             if is_kink else f"The tangent there has slope {number_text(da)}, which is {height}")
    description = f"At z = {number_text(z)} its value is {number_text(a)}. {there}"
    return picture_of(WIDTH, HEIGHT, shapes, texts, f"The activation {shown} above its derivative", description)
