"""Functions of one variable, alone or beside their slopes."""

import warnings
from dataclasses import replace

import numpy as np

from course.diagram import path, picture_of, px
from course.plots.names import beside
from course.plots.panel import (
    ABOVE,
    BELOW,
    CURVES,
    NARROWEST,
    ROW,
    WIDTH,
    beside_each_other,
    curve,
    panel,
    rows_of_notes,
    upright,
)

HEIGHT, RADIUS = 310, 3.5  # of the picture, and of a circle, in pixels
ALONE = 460, 240  # width and height of the picture of functions without slopes
POINTS_A_CURVE, MEASURED_POINTS, NUDGE = 401, 17, 1e-5
JUMP = 0.1  # of the height
LARGEST = 1e300  # that is drawn in its place: differences of numbers are numbers


def functions(named, low=-4.0, high=4.0):
    """Draw functions of one variable on the left and their slopes on the right.

    The lines on the right are the derivatives as given. The circles are the functions' own slopes, measured by
    central differences: a right derivative runs through its circles. What cannot be drawn is named instead.
    Functions that all come without a derivative are drawn alone, in a smaller picture.

    Args:
        named: dict from label to a pair (function, derivative), or to the function alone; at most four of them, each
            of which takes an array of any length.
        low, high: ends of the z axis.

    Returns:
        A Picture, which JupyterLab shows and `print` tells in words.

    Raises:
        ValueError: if there are more than four functions.
    """
    if len(named) > len(CURVES):
        raise ValueError(f"These are {len(named)} functions: a plot holds at most {len(CURVES)}.")
    low, high = sorted((low, high)) if low != high else (low - 0.5, high + 0.5)
    z = np.linspace(low, high, POINTS_A_CURVE)
    at = np.linspace(low, high, MEASURED_POINTS)
    pairs = {label: (one, None) if callable(one) else one for label, one in named.items()}
    values = {label: _values(f, z) for label, (f, _) in pairs.items()}
    slopes = {f"{label}′": _values(df, z) for label, (_, df) in pairs.items() if df}
    measured = [_measured(f, at) for f, df in pairs.values() if df]

    title = f"{_listed(named)}{': functions on the left, their slopes on the right' if slopes else ''}"
    description = " ".join(_in_words(label, z, found) for label, found in (values | slopes).items())
    return _picture(z, values, slopes, at, measured, title, description)


# Values

def _values(f, z):
    """Return f(z) as an array, or in words why there is none."""
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            y = f(z.copy())
        if y is None:
            return "returns nothing"
        y = np.array(y, dtype=np.float64)
    except NotImplementedError:
        return "not written yet"
    except Exception as error:  # A learner's function may raise anything; the plot of the others is still of use.
        return f"raises {type(error).__name__}"
    if y.shape != z.shape:
        return f"gives shape {y.shape} for z of shape {z.shape}"
    y[~np.isfinite(y)] = np.nan
    return y


def _measured(f, at):
    """Return the central differences of f at some places, or None if it cannot be called there."""
    up, down = _values(f, at + NUDGE), _values(f, at - NUDGE)
    with np.errstate(over="ignore"):
        return None if isinstance(up, str) or isinstance(down, str) else (up - down) / (2 * NUDGE)


def _in_words(label, z, found):
    """Say where a curve starts, is in the middle and ends."""
    if isinstance(found, str):
        return f"{label}: {found}."
    places = [f"{_rounded(found[i])} at z = {_rounded(z[i])}" for i in (0, len(z) // 2, -1)]
    return f"{label} is {places[0]}, {places[1]} and {places[2]}."


def _rounded(number):
    return f"{number + 0.0:.2g}".replace("-", "\u2212")


def _listed(words):
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


# Drawing

def _picture(z, values, slopes, at, measured, title, description):
    """Return the Picture: functions on the left, slopes (if any) and the circles of measured ones on the right."""
    panels = {"functions" if slopes or len(values) > 1 else "function": values}
    panels |= {"their slopes": slopes} if slopes else {}
    width, height = (WIDTH, HEIGHT) if slopes else ALONE
    looks = dict(zip(values, CURVES, strict=False))
    notes = [_missing(found) for found in panels.values()]
    if any(found is not None for found in measured):
        notes[1].append("circles: measured")
    up = [upright(_limits(found), height - ABOVE - BELOW) for found in panels.values()]
    frames, level = beside_each_other(up, ABOVE, height - ABOVE - BELOW, (z[0], z[-1]), total=width)
    rows = [rows_of_notes(*each, frames[0].width) for each in zip(notes, panels, strict=True)]
    more = ROW * max(0, *(len(each) - 1 for each in rows))  # the frames make way for notes
    shapes, texts = [], []
    for frame, axis, (name, found), row in zip(frames, up, panels.items(), rows, strict=True):
        frame = replace(frame, top=frame.top + more)
        drawn = {label: (z, y, looks[label.removesuffix("′")]) for label, y in found.items() if not isinstance(y, str)}
        around, names = panel(frame, level, axis, name, "z", row), beside(frame, drawn)
        shapes += [*around[0], _cross(frame), *_lines(frame, drawn), *names[0]]
        texts += [*around[1], *names[1]]
        if found is slopes:
            shapes.append(_circles(frame, at, measured))
    return picture_of(width, height + more, shapes, texts, title, description, min(width, NARROWEST))


def _missing(found):
    """Say for each function of which nothing can be drawn why."""
    reasons = {label: y if isinstance(y, str) else "is nowhere a finite number" if np.isnan(y).all() else ""
               for label, y in found.items()}
    return [f"{label}: {why}" for label, why in reasons.items() if why]


def _limits(found):
    """Return the interval of y that a panel shows."""
    heights = np.concatenate([*(y for y in found.values() if not isinstance(y, str)), [0.0, 1.0]])
    bottom, top = (np.clip(end(heights), -LARGEST, LARGEST) for end in (np.nanmin, np.nanmax))
    margin = 0.16 * (top - bottom)
    return float(bottom - margin), float(top + margin)


def _cross(frame):
    """Return the thin lines through 0, where the frame shows it."""
    ends = [(frame.x, (0, 0), frame.y), ((0, 0), frame.y, frame.x)]
    lines = "".join(frame.line(x, y) for x, y, (low, high) in ends if low <= 0 <= high)
    return path(lines, stroke_width=0.8, stroke_opacity=0.5)


def _lines(frame, drawn):
    """Yield the curves, with a gap where one jumps, so that no upright line pretends to be part of it."""
    for z, y, look in drawn.values():
        yield from curve(frame, z, y, look, jump=JUMP * (frame.y[1] - frame.y[0]))


def _circles(frame, at, measured):
    """Return a circle at each measured slope that the frame shows."""
    circles = []
    for slopes in measured:
        if slopes is not None:
            seen = (slopes >= frame.y[0]) & (slopes <= frame.y[1])
            circles += [f'<circle cx="{px(x)}" cy="{px(y)}" r="{RADIUS}"/>'
                        for x, y in zip(frame.across(at[seen]), frame.down(slopes[seen]), strict=True)]
    return f'<g fill="none">{"".join(circles)}</g>'
