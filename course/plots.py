"""Plots for the lessons: functions beside their slopes, drawn by matplotlib as inline SVG with a text alternative."""

import logging
import re
import warnings
from hashlib import sha256
from html import escape
from io import StringIO
from itertools import cycle

import numpy as np

from course.diagram import Picture

WIDTH_IN_INCHES = 8.8
FONT, SMALL = 9, 8  # points; at 100 % zoom the 634 points of the width become 880 pixels
LABEL_EMS = 0.66  # the width of a letter of a curve's label, about
POINTS_A_CURVE, MEASURED_POINTS, NUDGE = 401, 17, 1e-5
THIN, LEAST_RANGE = 1.3, 6  # of many loss curves, the width; from bottom to top, the factor at least

# Colours of Okabe and Ito, 3:1 or better on white and on JupyterLab's dark #111. The dashes say the same without them;
# later curves are thinner, so that one that covers another lets it show.
CURVES = (("#0072B2", "solid", 3.4), ("#D55E00", (0, (5, 2.5)), 2.0), ("#009E73", (0, (1.2, 1.6)), 2.4),
          ("#8A8A8A", (0, (7, 2, 1.5, 2)), 1.6))
INK = "#010203"  # stands for the page's own text colour, which is light on dark pages


def functions(named, low=-4.0, high=4.0):
    """Draw functions of one variable on the left and their slopes on the right.

    The lines on the right are the derivatives as given. The circles are the functions' own slopes, measured by
    central differences: a right derivative runs through its circles. What cannot be drawn is named instead.

    Args:
        named: dict from label to a pair (function, derivative), at most four; each takes an array of any length.
        low, high: ends of the z axis.

    Returns:
        A Picture, which JupyterLab shows and `print` tells in words.

    Raises:
        ValueError: if there are more than four functions.
    """
    if len(named) > len(CURVES):
        raise ValueError(f"These are {len(named)} functions: a plot holds at most {len(CURVES)}.")
    z = np.linspace(low, high, POINTS_A_CURVE)
    at = np.linspace(low, high, MEASURED_POINTS)
    values = {label: _values(f, z) for label, (f, _) in named.items()}
    slopes = {f"{label}′": _values(df, z) for label, (_, df) in named.items()}
    measured = [_measured(f, at) for f, _ in named.values()]

    figure = _figure(height=3.1)
    left, right = figure.subplots(1, 2)
    _panel(left, "functions", z, values)
    circles = "circles: measured" if any(found is not None for found in measured) else ""
    _panel(right, "their slopes", z, slopes, circles, [(at, found) for found in measured])
    title = f"{_listed(named)}: functions on the left, their slopes on the right"
    description = " ".join(_in_words(label, z, found) for label, found in (values | slopes).items())
    return Picture(_svg(figure, title, description), title, description)


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
    curves = {name: _course(name, history) for name, history in named.items()}
    figure = _figure(height=3.4)
    axes = figure.subplots()
    _dress_for_steps(axes, title, list(curves.values()))
    for (colour, dashes, width), (steps, J) in zip(cycle(CURVES), curves.values()):  # noqa: B905, cycle is endless
        width = width if len(curves) <= len(CURVES) else THIN
        axes.plot(steps, J, color=colour, linestyle=dashes, linewidth=width, dash_capstyle="butt")
    _write_ends(axes, curves)
    description = " ".join(_course_in_words(name, *course) for name, course in curves.items())
    return Picture(_svg(figure, title, description), title, description)


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

def _figure(height):
    """Return an empty matplotlib Figure that belongs to no pyplot."""
    # A first import may build the font cache, which it reports on stderr, in red.
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
    from matplotlib.figure import Figure

    return Figure(figsize=(WIDTH_IN_INCHES, height), dpi=72, layout="constrained")


def _panel(axes, title, z, found, note="", circles=()):
    """Draw curves into one pair of axes, each with its name beside it."""
    drawn = {label: y for label, y in found.items() if not isinstance(y, str)}
    missing = [f"{label}: {why}" for label, why in found.items() if isinstance(why, str)]
    styles = dict(zip(found, CURVES, strict=False))
    _dress(axes, title, z, list(drawn.values()))
    jump = 0.1 * np.ptp(axes.get_ylim())
    for label, y in drawn.items():
        colour, dashes, width = styles[label]
        axes.plot(z, _broken_at_jumps(y, jump), color=colour, linestyle=dashes, linewidth=width, dash_capstyle="butt")
    for at, y in circles:
        if y is not None:
            axes.plot(at, y, "o", color=INK, markerfacecolor="none", markersize=5, markeredgewidth=0.9, clip_on=False)
    axes.set_xlabel("z", fontsize=FONT, color=INK)
    notes = [*missing, note] if note else missing
    axes.set_title("\n".join(notes), loc="right", fontsize=SMALL, color=INK)
    axes.figure.draw_without_rendering()  # lays the axes out, so that places on them are known
    _write_names(axes, z, drawn, styles)


def _dress(axes, title, z, curves):
    """Give axes their title, limits, ticks and the two lines through 0."""
    heights = np.concatenate([*curves, [0.0, 1.0]])
    bottom, top = np.nanmin(heights), np.nanmax(heights)
    margin = 0.16 * (top - bottom)
    axes.set_ylim(bottom - margin, top + margin)
    axes.set_xlim(z[0], z[-1])
    axes.set_title(title, loc="left", fontsize=FONT + 1, fontweight="bold", color=INK)
    axes.tick_params(labelsize=SMALL, color=INK, labelcolor=INK, length=3)
    for name, spine in axes.spines.items():
        spine.set_visible(name in ("left", "bottom"))
        spine.set_color(INK)
    axes.axhline(0, color=INK, linewidth=0.6, alpha=0.5)
    axes.axvline(0, color=INK, linewidth=0.6, alpha=0.5)


def _broken_at_jumps(y, jump):
    """Return a curve with a gap where it jumps, so that no upright line pretends to be part of it."""
    broken = y.copy()
    broken[1:][np.abs(np.diff(y)) > jump] = np.nan
    return broken


def _write_names(axes, z, drawn, styles):
    """Write each curve's name beside it, where no other curve or name is near."""
    to_points = axes.transData.transform
    lines = {label: to_points(np.column_stack([z, y])) for label, y in drawn.items()}
    box = axes.get_window_extent()
    taken = []
    for label, line in lines.items():
        others = [other for name, other in lines.items() if name != label]
        half = np.array([len(label) * LABEL_EMS * FONT, 1.3 * FONT]) / 2
        beside = [(0, half[1] + 4), (0, -half[1] - 4), (half[0] + 6, 0), (-half[0] - 6, 0)]
        choices = [(start + shift, start) for start in line[10:-10:5] if np.isfinite(start).all() for shift in beside]
        if not choices:
            continue
        place, _ = min(choices, key=lambda choice: _cost(*choice, half, line, others, taken, box))
        taken.append((place, half))
        x, y = axes.transData.inverted().transform(place)
        axes.text(x, y, label, color=INK, fontsize=FONT, ha="center", va="center", clip_on=False)
        _underline(axes, styles[label][0], place, half)


def _underline(axes, colour, place, half):
    """Underline a curve's name in the curve's colour."""
    ends = axes.transData.inverted().transform([place - half * [0.9, 1], place + half * [0.9, -1]])
    axes.plot(*ends.T, color=colour, linewidth=1, clip_on=False)


def _cost(place, on_curve, half, line, others, taken, box):
    """Return how bad a place for a name is: covering lines, crowded by names, far from being its curve's alone."""
    low, high = place - half, place + half
    outside = np.sum(np.maximum(0, [box.x0 - low[0], high[0] - box.x1, box.y0 - low[1], high[1] - box.y1]))
    crossed = sum(_inside(points, low - 2, high + 2) for points in [line, *others])
    overlapping = sum(np.all(np.abs(place - other) < half + size + 2) for other, size in taken)
    apart = min((np.nanmin(np.hypot(*(other - on_curve).T), initial=99.0) for other in others), default=99.0)
    at_its_side = abs(place[0] - on_curve[0]) > 1
    return 10 * outside + 5 * crossed + 1000 * overlapping + 3 * max(0.0, 24 - apart) + 2 * at_its_side


def _inside(points, low, high):
    return np.count_nonzero(np.all((points > low) & (points < high), axis=1))


# Courses of J

def _course(name, history):
    """Return a history as (steps, J): at most POINTS_A_CURVE points, NaN where a logarithmic axis has no place for J.

    Raises:
        ValueError: if it is no list of numbers.
    """
    try:
        J = np.array(history, dtype=np.float64)
    except (TypeError, ValueError):
        J = np.empty(0)
    if J.ndim != 1 or not J.size:
        raise ValueError(f"The history of {name} should be a list of numbers, one for each step.")
    steps = np.unique(np.linspace(0, J.size - 1, POINTS_A_CURVE).round().astype(int))
    J = J[steps]
    return steps, np.where(np.isfinite(J) & (J > 0), J, np.nan)


def _course_in_words(name, steps, J):
    """Say where a course starts and ends, and where it is halfway."""
    if np.isnan(J[0]) or np.isnan(J[-1]):
        return f"{name}: J is not a finite, positive number throughout."
    middle = len(steps) // 2
    return (f"{name}: J is {J[0]:.4g} at first, {J[middle]:.4g} at step {steps[middle]} "
            f"and {J[-1]:.4g} at step {steps[-1]}.")


def _dress_for_steps(axes, title, courses):
    """Give axes their title, their limits, and ticks that read 0.05, 1, 200."""
    from matplotlib.ticker import LogLocator, NullLocator

    J = np.concatenate([J for _, J in courses])
    bottom, top = (np.nanmin(J), np.nanmax(J)) if np.isfinite(J).any() else (0.1, 1.0)
    margin = max(1.1 * (top / bottom) ** 0.05, (LEAST_RANGE * bottom / top) ** 0.5)
    axes.set_yscale("log")
    axes.set_ylim(bottom / margin, top * margin)
    axes.set_xlim(0, max(1, *(steps[-1] for steps, _ in courses)))
    axes.set_title(title, loc="left", fontsize=FONT + 1, fontweight="bold", color=INK)
    axes.set_xlabel("step", fontsize=FONT, color=INK)
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if top / bottom < 1e3 else (1,)))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.tick_params(labelsize=SMALL, color=INK, labelcolor=INK, length=3)
    for side, spine in axes.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color(INK)


def _write_ends(axes, curves):
    """Write the names to the right of the curves' ends: one line for those that end together, no line over another."""
    axes.figure.draw_without_rendering()  # lays the axes out, so that heights on them are known
    heights = {}
    for name, (steps, J) in curves.items():
        seen = np.flatnonzero(np.isfinite(J))
        if seen.size:
            heights[name] = axes.transData.transform((steps[-1], J[seen[-1]]))[1]
    groups = []  # (height in points, names), from the lowest up
    for name in sorted(heights, key=heights.get):
        if groups and heights[name] - groups[-1][0] < 0.5 * FONT:
            groups[-1][1].append(name)
        else:
            groups.append((heights[name], [name]))
    line = 1.4 * FONT
    free = -np.inf
    for height, names in groups:
        free = max(height, free + line)
        _, at = axes.transAxes.inverted().transform((0, height))
        label = _together([name for name in curves if name in names])
        axes.annotate(label, (1, at), xycoords="axes fraction", xytext=(8, free - height), textcoords="offset points",
                      va="center", fontsize=FONT, color=INK, annotation_clip=False)


def _together(names):
    """Return names as one text; what they begin with is said once: "seed 0, 3, 7"."""
    first = names[0].rpartition(" ")[0]
    if first and all(name.rpartition(" ")[0] == first for name in names):
        names = [names[0], *(name.rpartition(" ")[2] for name in names[1:])]
    return ", ".join(names)


# Output

def _svg(figure, title, description):
    """Return a figure as inline SVG that reads out its title and description and follows the page's colours."""
    import matplotlib

    width, height = (72 * size for size in figure.get_size_inches())
    key = sha256(f"{title}{description}".encode()).hexdigest()[:8]
    written = StringIO()
    # Without a salt the names inside the file would be drawn by lot; text stays text, to be searched and read out.
    with matplotlib.rc_context({"svg.hashsalt": key, "svg.fonttype": "none"}):
        figure.savefig(written, format="svg", transparent=True, metadata={"Date": None})
    inside = written.getvalue().partition("<svg")[2].partition(">")[2].rpartition("</svg>")[0]
    # matplotlib's style sheet would hold for the whole page, and the names of its groups for every plot on it.
    inside = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>", "", inside, flags=re.DOTALL)
    inside = re.sub(r'<g id="[^"]*">', "<g>", inside).replace(INK, "currentColor")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" role="img" '
        f'aria-labelledby="t{key} d{key}" viewBox="0 0 {width:g} {height:g}" stroke-linejoin="round" '
        f'style="display:block;width:100%;max-width:880px;min-width:600px;height:auto;'
        f'color:var(--jp-content-font-color1,#222)">'
        f'<title id="t{key}">{escape(title)}</title><desc id="d{key}">{escape(description)}</desc>{inside}</svg>'
    )
