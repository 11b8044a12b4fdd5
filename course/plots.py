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
    circles = "circles: measured" if any(found is not None for found in measured) else ""
    _panel(left, "functions", z, values)
    _panel(right, "their slopes", z, slopes, circles, [(at, found) for found in measured])
    _lay_out(figure)
    figure.set_layout_engine(None)  # the names will stand inside the axes, and change nothing
    for axes, drawn in ((left, values), (right, slopes)):
        _write_names(axes, z, drawn)
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


def _lay_out(figure):
    """Give the axes their places, so that places on them are known, as drawing would, but at a third of its cost."""
    figure.get_layout_engine().execute(figure)


def _panel(axes, title, z, found, note="", circles=()):
    """Draw curves into one pair of axes."""
    drawn = _drawn(found)
    missing = [f"{label}: {why}" for label, why in found.items() if isinstance(why, str)]
    _dress(axes, title, z, [y for y, _ in drawn.values()])
    jump = 0.1 * np.ptp(axes.get_ylim())
    for y, (colour, dashes, width) in drawn.values():
        axes.plot(z, _broken_at_jumps(y, jump), color=colour, linestyle=dashes, linewidth=width, dash_capstyle="butt")
    for at, y in circles:
        if y is not None:
            axes.plot(at, y, "o", color=INK, markerfacecolor="none", markersize=5, markeredgewidth=0.9, clip_on=False)
    axes.set_xlabel("z", fontsize=FONT, color=INK)
    notes = [*missing, note] if note else missing
    axes.set_title("\n".join(notes), loc="right", fontsize=SMALL, color=INK)


def _drawn(found):
    """Return what can be drawn of a panel: a dict from label to (y, look); a look stays with its place in the dict."""
    return {label: (y, look) for (label, y), look in zip(found.items(), CURVES, strict=False) if not isinstance(y, str)}


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


def _write_names(axes, z, found):
    """Write each curve's name beside it, where no other curve or name is near."""
    to_points, drawn = axes.transData.transform, _drawn(found)
    lines = {label: to_points(np.column_stack([z, y])) for label, (y, _) in drawn.items()}
    box = axes.get_window_extent()
    taken = []
    for label, line in lines.items():
        others = [other for name, other in lines.items() if name != label]
        half = np.array([len(label) * LABEL_EMS * FONT, 1.3 * FONT]) / 2
        beside = [(0, half[1] + 4), (0, -half[1] - 4), (half[0] + 6, 0), (-half[0] - 6, 0)]
        starts = line[10:-10:5]
        starts = np.repeat(starts[np.isfinite(starts).all(axis=1)], len(beside), axis=0)
        if not len(starts):
            continue
        places = starts + np.tile(beside, (len(starts) // len(beside), 1))
        place = places[np.argmin(_costs(places, starts, half, line, others, taken, box))]
        taken.append((place, half))
        x, y = axes.transData.inverted().transform(place)
        axes.text(x, y, label, color=INK, fontsize=FONT, ha="center", va="center", clip_on=False)
        _underline(axes, drawn[label][1][0], place, half)


def _underline(axes, colour, place, half):
    """Underline a curve's name in the curve's colour."""
    ends = axes.transData.inverted().transform([place - half * [0.9, 1], place + half * [0.9, -1]])
    axes.plot(*ends.T, color=colour, linewidth=1, clip_on=False)


def _costs(places, on_curve, half, line, others, taken, box):
    """Return how bad places for a name are: covering lines, crowded by names, far from being its curve's alone.

    Args:
        places: middles of the name, shape (n, 2), in points, as everything here.
        on_curve: the points of the curve that they are beside, shape (n, 2).
        half: half the name's width and height.
        line, others: the curve and the other curves, each of shape (m, 2).
        taken: list of (middle, half) of the names that stand already.
        box: of the axes.

    Returns:
        Shape (n,).
    """
    low, high = places - half, places + half
    beyond = np.hstack([[box.x0, box.y0] - low, high - [box.x1, box.y1]])
    crossed = sum(_inside(points, low - 2, high + 2) for points in [line, *others])
    overlapping = sum(np.all(np.abs(places - other) < half + size + 2, axis=1) for other, size in taken)
    apart = [np.nanmin(_distances(other, on_curve), axis=1, initial=99.0) for other in others]
    apart = np.min(apart, axis=0) if apart else np.full(len(places), 99.0)
    at_its_side = np.abs(places[:, 0] - on_curve[:, 0]) > 1
    outside = np.sum(np.maximum(0, beyond), axis=1)
    return 10 * outside + 5 * crossed + 1000 * overlapping + 3 * np.maximum(0, 24 - apart) + 2 * at_its_side


def _inside(points, low, high):
    """Return how many of the points lie in each box, shape (n,)."""
    points = points[:, np.newaxis]
    return np.count_nonzero(np.all((points > low) & (points < high), axis=2), axis=0)


def _distances(points, places):
    """Return the distance of every place from every point, shape (n places, n points)."""
    return np.hypot(*np.moveaxis(points - places[:, np.newaxis], 2, 0))


# Courses of J

def _course(name, history, above=0):
    """Return a history as (steps, J): at most POINTS_A_CURVE points, NaN where J is not finite or not above a limit.

    A logarithmic axis has no place for 0.

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
    return steps, np.where(np.isfinite(J) & (J > above), J, np.nan)


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
    _lay_out(axes.figure)
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


# What a classifier learns and says

TILE, GAP, COLUMNS, MOST_TILES = 66, 14, 10, 30  # pixels of a digit, between two, digits in a row, digits in all
LEVELS = 8  # of grey: a pixel is drawn with the nearest
CELL, MOST_CLASSES = 46, 20  # pixels of a cell of a confusion matrix; classes that it has room for
WRONG = "#D55E00"


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
    figure = _figure(height=3.1)
    left, right = figure.subplots(1, 2)
    _dress_for_steps(left, "J on the training data", [curves["J"]])
    shares = {name: course for name, course in curves.items() if name != "J"}
    _dress_for_shares(right, list(shares.values()))
    for axes, named in ((left, {"J": curves["J"]}), (right, shares)):
        axes.set_xlabel("epoch", fontsize=FONT, color=INK)
        axes.set_xlim(1, max(2, *(epochs[-1] + 1 for epochs, _ in curves.values())))
        for (colour, dashes, width), (epochs, values) in zip(cycle(CURVES), named.values()):  # noqa: B905
            marker = "o" if epochs[-1] == 0 else None  # one epoch is a dot
            axes.plot(epochs + 1, values, color=colour, linestyle=dashes, linewidth=width, marker=marker,
                      dash_capstyle="butt")
    _write_ends(right, {name: (epochs + 1, values) for name, (epochs, values) in shares.items()})
    description = " ".join(_epochs_in_words(name, *course) for name, course in curves.items())
    return Picture(_svg(figure, title, description), title, description)


def digits(images, labels, said=None, *, shape=None, classes=None, most=MOST_TILES, title=None):
    """Draw images in a grid, each with what it is; with `said` the wrongly read ones come first, framed and crossed.

    Args:
        images: shape (n, d), values from 0 (paper) to 1 (ink).
        labels: what they are, shape (n,), whole numbers.
        said: what a network says that they are, shape (n,).
        shape: height and width of an image; without it they are square.
        classes: names of the classes; without them their numbers.
        most: how many to draw.
        title: what stands above; without it, how many are wrong.

    Returns:
        A Picture, which JupyterLab shows and `print` tells in words.

    Raises:
        ValueError: if the shapes do not fit each other.
    """
    images, labels, said, shape = _as_images(images, labels, said, shape)
    name = (lambda k: str(classes[k])) if classes is not None else str
    is_wrong = np.zeros(len(labels), dtype=bool) if said is None else said != labels
    chosen = np.argsort(~is_wrong, kind="stable")[:most]
    count = int(is_wrong.sum())
    if title is None:
        title = f"{len(chosen)} images" if said is None else (
            f"{count} of {len(labels)} are wrong" + ("; these come first" if 0 < count < len(chosen) else ""))
    words, shapes, told = [], [f'<text x="0" y="13" font-weight="bold">{escape(title)}</text>'], []
    inks = [[] for _ in range(LEVELS + 1)]
    for place, i in enumerate(chosen):
        x, y = place % COLUMNS * (TILE + GAP) + 2, place // COLUMNS * (TILE + 2.6 * GAP) + 26
        _ink(inks, images[i].reshape(shape), x, y)
        label = f"✘ {name(said[i])}, is {name(labels[i])}" if is_wrong[i] else name(labels[i])
        colour, width = (WRONG, 2.6) if is_wrong[i] else ("currentColor", 0.6)
        shapes.append(f'<rect x="{x}" y="{y}" width="{TILE}" height="{TILE}" fill="none" stroke="{colour}" '
                      f'stroke-width="{width}"/>')
        weight = ' font-weight="bold"' if is_wrong[i] else ""
        words.append(f'<text x="{x + TILE / 2:g}" y="{y + TILE + 15:g}" text-anchor="middle"{weight}>'
                     f"{escape(label)}</text>")
        told.append(f"{name(labels[i])} read as {name(said[i])}" if is_wrong[i] else name(labels[i]))
    paths = [f'<path d="{"".join(ink)}" fill-opacity="{level / LEVELS:g}" shape-rendering="crispEdges"/>'
             for level, ink in enumerate(inks) if ink]
    rows = -(-len(chosen) // COLUMNS)
    size = (COLUMNS * (TILE + GAP), 26 + rows * (TILE + 2.6 * GAP))
    description = f"{title}. Drawn, row by row: {'; '.join(told)}."
    return Picture(_page(size, "".join([*paths, *shapes, *words]), title, description), title, description)


def confusion(matrix, classes=None, title="What is taken for what"):
    """Draw a confusion matrix: a row for each true class, a column for each class that was said.

    Right answers lie on the diagonal, framed; mistakes beside it are bold, on a ground that is the darker the more
    there are.

    Args:
        matrix: counts, shape (k, k), as scikit-learn's `confusion_matrix(truth, said)` gives them.
        classes: names of the classes; without them their numbers.
        title: what stands above.

    Returns:
        A Picture, which JupyterLab shows and `print` tells in words.

    Raises:
        ValueError: if it is no square table of counts, or has more than 20 classes.
    """
    matrix = np.asarray(matrix)
    k = len(matrix) if matrix.ndim == 2 else 0
    if matrix.shape != (k, k) or not 0 < k <= MOST_CLASSES or matrix.dtype.kind not in "biu" or np.any(matrix < 0):
        raise ValueError(f"A confusion matrix is a square table of counts, of {MOST_CLASSES} classes at most; "
                         f"this has shape {matrix.shape}.")
    names = [str(i) if classes is None else str(classes[i]) for i in range(k)]
    left = 58 + 7 * max(map(len, names))
    most = max(1, int(np.max(matrix - np.diag(np.diag(matrix)))))
    drawn = [f'<text x="0" y="13" font-weight="bold">{escape(title)}</text>',
             f'<text x="{left + k * CELL / 2:g}" y="36" text-anchor="middle">what the network says</text>',
             f'<text x="0" y="{66 + k * CELL / 2:g}">truth</text>']
    for i in range(k):
        drawn += [_word(left + (i + 0.5) * CELL, 56, names[i]),
                  _word(left - 8, 66 + (i + 0.62) * CELL, names[i], "end"),
                  _word(left + k * CELL + 12, 66 + (i + 0.62) * CELL, _share(matrix[i, i], matrix[i].sum()), "start")]
        drawn += [_cell(left + j * CELL, 66 + i * CELL, int(matrix[i, j]), i == j, most) for j in range(k)]
    pairs = [(int(matrix[i, j]), names[i], names[j]) for i in range(k) for j in range(k) if i != j and matrix[i, j]]
    worst = [f"{count} times {truth} was read as {told}" for count, truth, told in sorted(pairs, key=lambda p: -p[0])]
    silent = [names[j] for j in range(k) if not matrix[:, j].any()]
    description = (f"{int(np.trace(matrix))} of {int(matrix.sum())} are right. "
                   + ("; ".join(worst[:5]) or "Nothing is mistaken") + "."
                   + (f" Never said: {', '.join(silent)}." if silent else ""))
    size = (left + k * CELL + 150, 76 + k * CELL)
    return Picture(_page(size, "".join(drawn), title, description), title, description)


def _dress_for_shares(axes, courses):
    """Give axes for accuracies their limits, a little below the lowest, and ticks in per cent."""
    values = np.concatenate([values for _, values in courses]) if courses else np.empty(0)
    lowest = np.nanmin(values) if np.isfinite(values).any() else 0.0
    axes.set_ylim(max(0.0, lowest - 0.15 * (1.02 - lowest)), 1.0 + 0.02 * (1 - lowest))
    axes.set_title("the share that is right", loc="left", fontsize=FONT + 1, fontweight="bold", color=INK)
    axes.yaxis.set_major_formatter(lambda value, _: f"{100 * value:g} %")
    axes.grid(axis="y", color=INK, linewidth=0.4, alpha=0.3)
    axes.tick_params(labelsize=SMALL, color=INK, labelcolor=INK, length=3)
    for side, spine in axes.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color(INK)


def _epochs_in_words(name, epochs, values):
    """Say where a course starts and ends, and its best where that is not the end."""
    if np.isnan(values[0]) or np.isnan(values[-1]):
        return f"{name}: not a finite number throughout."
    return f"{name}: {values[0]:.4g} in epoch 1, {values[-1]:.4g} in epoch {epochs[-1] + 1}."


def _as_images(images, labels, said, shape):
    """Return images, labels, what was said and the shape of an image, as they fit each other.

    Raises:
        ValueError: if they do not.
    """
    images, labels = np.asarray(images, dtype=np.float64), np.asarray(labels)
    if images.ndim != 2 or labels.shape != images.shape[:1]:
        raise ValueError(f"There should be a row and a label for each image; images have shape {images.shape}, "
                         f"labels {labels.shape}.")
    said = None if said is None else np.asarray(said)
    if said is not None and said.shape != labels.shape:
        raise ValueError(f"What is said has shape {said.shape}; expected {labels.shape}, one for each image.")
    side = int(round(images.shape[1] ** 0.5))
    shape = tuple(shape or (side, side))
    if len(shape) != 2 or shape[0] * shape[1] != images.shape[1]:
        raise ValueError(f"An image of {images.shape[1]} pixels has not the shape {shape}: give shape=(height, width).")
    return images, labels, said, shape


def _ink(inks, image, x, y):
    """Add an image's pixels to the paths of their greys: runs of one grey in a row are one rectangle."""
    height, width = image.shape
    side = TILE / max(height, width)
    x, y = x + (TILE - side * width) / 2, y + (TILE - side * height) / 2
    greys = np.nan_to_num(np.clip(image, 0, 1) * LEVELS).round().astype(int)
    for row, line in enumerate(greys):
        starts = [0, *(np.flatnonzero(np.diff(line)) + 1), width]
        for start, end in zip(starts[:-1], starts[1:], strict=True):
            if line[start]:
                inks[line[start]].append(f"M{x + side * start:.4g} {y + side * row:.4g}h{side * (end - start):.4g}"
                                         f"v{side:.4g}h-{side * (end - start):.4g}z")


def _cell(x, y, count, is_right, most):
    """Return one cell of a confusion matrix."""
    if is_right:
        return (f'<rect x="{x + 1}" y="{y + 1}" width="{CELL - 2}" height="{CELL - 2}" fill="none" '
                f'stroke="currentColor" stroke-width="1.4"/>{_word(x + CELL / 2, y + 0.62 * CELL, count)}')
    if not count:
        return _word(x + CELL / 2, y + 0.62 * CELL, "·")
    return (f'<rect x="{x + 1}" y="{y + 1}" width="{CELL - 2}" height="{CELL - 2}" fill="{WRONG}" '
            f'fill-opacity="{0.15 + 0.35 * count / most:.2g}"/>'
            f'{_word(x + CELL / 2, y + 0.62 * CELL, count, weight="bold")}')


def _word(x, y, text, anchor="middle", weight="normal"):
    return f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" font-weight="{weight}">{escape(str(text))}</text>'


def _share(part, whole):
    return f"{100 * part / whole:.0f} % of {whole}" if whole else "none"


def _page(size, drawn, title, description):
    """Return SVG elements as one inline picture that reads out its title and description."""
    width, height = size
    key = sha256(f"{title}{description}{drawn}".encode()).hexdigest()[:8]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="t{key} d{key}" '
        f'viewBox="0 0 {width:g} {height:g}" font-size="12" font-family="DejaVu Sans, Arial, sans-serif" '
        f'style="display:block;width:100%;max-width:{width:g}px;min-width:{0.75 * width:g}px;height:auto;'
        f'color:var(--jp-content-font-color1,#222)">'
        f'<title id="t{key}">{escape(title)}</title><desc id="d{key}">{escape(description)}</desc>'
        f'<g fill="currentColor">{drawn}</g></svg>'
    )
