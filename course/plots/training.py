"""What happens during training: J step by step, J and accuracies epoch by epoch."""

from itertools import cycle

import numpy as np

from course.diagram import Frame, path, picture_of, px, tick_text
from course.plots.names import at_ends, room_at_ends, rows_at_ends
from course.plots.panel import (
    ABOVE,
    BELOW,
    BESIDE,
    CURVES,
    NARROWEST,
    WIDTH,
    beside_each_other,
    curve,
    logarithmic,
    panel,
    upright,
)

LOSS_HEIGHT, LEARNING_HEIGHT, DOT = 340, 310, 8  # of the pictures, and of the dot of a single step, in pixels
THIN, LEAST_RANGE = 1.8, 6  # of many loss curves, the width; from bottom to top, the factor at least
MOST_POINTS = 401  # of a curve that is drawn whole
LARGEST = 1e250  # of J that is drawn in its place, and the inverse of the smallest


def loss_curve(histories, title="J while training"):
    """Draw how J went during training, on a logarithmic axis, with the name of each curve at its end.

    Args:
        histories: dict from name to a list of J, one for each step; or one such list.
        title: what stands above.

    Returns:
        A Picture, which JupyterLab shows and `print` tells in words.

    Raises:
        ValueError: if there is no history, or one is no list of numbers.
    """
    named = histories if isinstance(histories, dict) else {"J": histories}
    if not named:
        raise ValueError("There is no history to draw.")
    curves = {str(name): _course(name, history) for name, history in named.items()}
    up = _axis_of_J(curves.values(), LOSS_HEIGHT - ABOVE - BELOW)
    steps = (0, max(1, *(steps[-1] for steps, _ in curves.values())))
    shapes, texts, height = _drawn([up], [curves], [title], "step", steps, LOSS_HEIGHT)
    description = " ".join(_course_in_words(name, *course) for name, course in curves.items())
    return picture_of(WIDTH, height, shapes, texts, title, description, NARROWEST)


def learning_curves(history, title="Training, epoch by epoch"):
    """Draw J on the left, on a logarithmic axis, and everything else, shares between 0 and 1, on the right.

    Args:
        history: dict from name to a list with one number for each epoch; "J" is the cost, the others are accuracies.
        title: what it is, in words, for those who do not see it.

    Returns:
        A Picture, which JupyterLab shows and `print` tells in words.

    Raises:
        ValueError: if there is no J, or an entry is no list of numbers.
    """
    if not isinstance(history, dict) or "J" not in history:
        raise ValueError('The history should be a dictionary whose entry "J" is a list of numbers, one for each epoch.')
    curves = {str(name).replace("_", " "): _course(name, values, above=0 if name == "J" else -np.inf)
              for name, values in history.items()}
    description = " ".join(_epochs_in_words(name, *course) for name, course in curves.items())
    counted = {name: (epochs + 1, values) for name, (epochs, values) in curves.items()}
    J = {"J": counted.pop("J")}
    height = LEARNING_HEIGHT - ABOVE - BELOW
    up = [_axis_of_J(J.values(), height), _axis_of_shares(counted.values(), height)]
    epochs = (1, max(2, *(epochs[-1] for epochs, _ in [*J.values(), *counted.values()])))
    titles = ["J on the training data", "the share that is right"]
    shapes, texts, height = _drawn(up, [J, counted], titles, "epoch", epochs, LEARNING_HEIGHT)
    return picture_of(WIDTH, height, shapes, texts, title, description, NARROWEST)


# Courses

def _course(name, history, above=0):
    """Return a history as (steps, J), those that are drawn: NaN where J is not finite or not above a limit.

    A logarithmic axis has no place for 0.

    Raises:
        ValueError: if it is no list of numbers.
    """
    try:
        J = np.array(history, dtype=np.float64)
    except (TypeError, ValueError):
        J = np.empty(0)
    if J.ndim != 1 or not J.size:
        raise ValueError(f"The history of {name} should be a list of numbers, one for each step or epoch.")
    J = np.where(np.isfinite(J) & (J > above), J, np.nan)
    steps = _drawn_steps(J)
    return steps, J[steps]


def _drawn_steps(J):
    """Return which steps are drawn: all of a short course; of a long one the lowest and the highest J of each bin.

    Of a zigzag every twelfth step, say, would look like a smooth wave. Both ends stay, and one step of each gap.
    """
    if J.size <= MOST_POINTS:
        return np.arange(J.size)
    kept = {0, J.size - 1}
    for steps in np.array_split(np.arange(J.size), MOST_POINTS // 2):
        gap = np.isnan(J[steps])
        kept.update(steps[gap][:1].tolist())
        if not gap.all():
            kept.update([int(steps[np.nanargmin(J[steps])]), int(steps[np.nanargmax(J[steps])])])
    return np.array(sorted(kept))


def _course_in_words(name, steps, J):
    """Say where a course starts and ends, and where it is halfway."""
    if np.isnan(J[0]) or np.isnan(J[-1]):
        return f"{name}: J is not a finite, positive number throughout."
    middle = np.searchsorted(steps, steps[-1] / 2)
    return (f"{name}: J is {J[0]:.4g} at first, {J[middle]:.4g} at step {steps[middle]} "
            f"and {J[-1]:.4g} at step {steps[-1]}.")


def _epochs_in_words(name, epochs, values):
    """Say where a course starts and ends, and its best where that is not the end."""
    if np.isnan(values[0]) or np.isnan(values[-1]):
        return f"{name}: not a finite number throughout."
    return f"{name}: {values[0]:.4g} in epoch 1, {values[-1]:.4g} in epoch {epochs[-1] + 1}."


# Drawing

def _axis_of_J(courses, height):
    """Return the logarithmic Axis of some courses of J."""
    J = np.concatenate([J for _, J in courses])
    J = np.log10(np.clip(J[np.isfinite(J)], 1 / LARGEST, LARGEST)) if np.isfinite(J).any() else np.array([-1.0, 0.0])
    bottom, top = float(J.min()), float(J.max())
    margin = max(np.log10(1.1) + 0.05 * (top - bottom), (np.log10(LEAST_RANGE) - (top - bottom)) / 2)
    return logarithmic((10 ** (bottom - margin), 10 ** (top + margin)), height)


def _axis_of_shares(courses, height):
    """Return the Axis of some accuracies, from a little below the lowest to 1, in per cent."""
    values = np.concatenate([[], *(values for _, values in courses)])
    lowest = float(np.clip(np.nanmin(values), 0, 1)) if np.isfinite(values).any() else 0.0
    span = 1.02 - lowest
    return upright((max(0.0, lowest - 0.15 * span), 1 + 0.02 * span), height, _per_cent)


def _per_cent(share):
    return f"{tick_text(float(f'{100 * share:.9g}'))} %"


def _drawn(axes, curves, titles, name, interval, height):
    """Return the shapes and the texts of panels beside each other, and how high the picture is.

    Names stand to the right of the last panel's curves.

    Args:
        axes: the upright Axis of each panel.
        curves: for each panel a dict from name to (x, y).
        titles: of the panels.
        name: what their level axes count, in whole numbers.
        interval: what these show.
        height: of the picture, in pixels; it becomes higher where the names need it.
    """
    tall = height - ABOVE - BELOW
    rows = rows_at_ends(Frame(0, ABOVE, 1, tall, interval, axes[-1].interval, axes[-1].logarithmic), curves[-1])
    room, needed = room_at_ends(rows)
    more = max(0, needed - tall)
    rows = [(ABOVE + (row - ABOVE) * (tall + more) / tall, words) for row, words in rows]
    frames, level = beside_each_other(axes, ABOVE, tall + more, interval, max(BESIDE, room), whole=True)
    shapes, texts = [], at_ends(frames[-1], rows)
    for frame, axis, named, title in zip(frames, axes, curves, titles, strict=True):
        around = panel(frame, level, axis, title, name)
        shapes += around[0] if axis.logarithmic else [*around[0], _grid(frame, axis)]
        texts += around[1]
        width = THIN if len(named) > len(CURVES) else None
        for look, (x, y) in zip(cycle(CURVES), named.values()):  # noqa: B905, cycle is endless
            shapes += curve(frame, x, y, look, width, DOT)
    return shapes, texts, height + more


def _grid(frame, axis):
    """Return a faint line at each tick of an upright axis."""
    lines = "".join(f"M{px(frame.left)} {px(y)}h{px(frame.width)}" for y in frame.down(axis.ticks).tolist())
    return path(lines, stroke_width=0.6, stroke_opacity=0.3)
