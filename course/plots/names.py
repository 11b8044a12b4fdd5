"""Where the names of curves stand: beside them where there is room, or to the right of their ends."""

import textwrap

import numpy as np

from course.diagram import FONT, path, px, shortened, text, text_width

LINE = 1.4 * FONT  # from one name to the next below it
CLOSE = 0.6 * FONT  # curves whose ends are closer share a name
LONGEST, ALONE, FAR = 300, 33, 140  # pixels: of a name, from its curve to the next, more than counts
PIECE = 2  # pixels across, of the lines that names shall not cover
EDGE = 4  # pixels that a name keeps clear of its frame
BEFORE = 9  # pixels from the end of a curve to its name


# Beside curves

def beside(frame, curves):
    """Write each curve's name beside it, where no other curve or name is near, underlined in the curve's colour.

    Args:
        frame: the Frame.
        curves: dict from name to (x, y, look).

    Returns:
        Shapes and texts.
    """
    lines = {name: _line(frame, x, y) for name, (x, y, _) in curves.items()}
    shapes, texts, taken = [], [], []
    for name, line in lines.items():
        starts = _starts(line)
        if not len(starts):
            continue
        others = [other for label, other in lines.items() if label != name]
        label = shortened(name, 0.6 * frame.width)
        half = np.array([text_width(label), 1.3 * FONT]) / 2
        sides = np.array([(0, -half[1] - 5), (0, half[1] + 5), (half[0] + 8, 0), (-half[0] - 8, 0)])
        places = (starts[:, np.newaxis] + sides).reshape(-1, 2)
        x, y = place = places[np.argmin(_costs(places, starts, half, line, others, taken, frame))]
        taken.append((place, half))
        texts.append(text(label, x, y + 0.35 * FONT, faded=False))
        left, width = px(x - 0.9 * half[0]), px(1.8 * half[0])
        shapes.append(path(f"M{left} {px(y + half[1])}h{width}", stroke=curves[name][2].colour, stroke_width=1.4))
    return shapes, texts


def _line(frame, x, y):
    """Return a curve in pixels, shape (m, 2): every other point, as these are PIECE apart, and all that end at gaps."""
    kept = np.convolve(np.isnan(y), [1, 1, 1], "same") > 0
    kept[::2] = True
    return np.column_stack([frame.across(x[kept]), frame.down(y[kept])])


def _starts(line):
    """Return the points of a curve that a name may stand beside, away from its ends if it can be."""
    finite = np.isfinite(line).all(axis=1)
    inner = line[5:-5:3][finite[5:-5:3]]
    return inner if len(inner) else line[finite][::3]


def _costs(places, starts, half, line, others, taken, frame):
    """Return how bad places for a name are: covering lines, crowded by names, far from being its curve's alone.

    Args:
        places: middles of the name, shape (n, 2), in pixels, as everything here.
        starts: the points of the curve that equally many places each are beside, shape (k, 2).
        half: half the name's width and height.
        line, others: the curve and the other curves, each of shape (m, 2).
        taken: list of (middle, half) of the names that stand already.
        frame: the Frame.

    Returns:
        Shape (n,).
    """
    sides = len(places) // len(starts)
    low, high = places - half, places + half
    beyond = np.hstack([[frame.left, frame.top] - low, high - [frame.right, frame.bottom]]) + EDGE
    covered = sum(_covered(each, places, half + 3) for each in [line, *others])
    overlapping = sum(np.all(np.abs(places - other) < half + size + 3, axis=1) for other, size in taken)
    apart = np.min([np.full(len(starts), FAR), *(_distance(other, starts) for other in others)], axis=0)
    crowded = np.repeat(np.maximum(0, ALONE - apart), sides)
    at_its_side = np.tile(np.arange(sides) > 1, len(starts))
    outside = np.sum(np.maximum(0, beyond), axis=1)
    return 30 * outside + 10 * covered + 1000 * overlapping + 2 * crowded + 2 * at_its_side


def _covered(line, places, half):
    """Return how much of a line, which goes from left to right, the box around each place covers, shape (n,).

    Of a level line it is the number of its pieces, of a steep one more.
    """
    (x, y), (across, down) = line.T, places.T
    low, high = (np.append(end(y[:-1], y[1:]), np.nan) for end in (np.minimum, np.maximum))  # NaN at a gap
    first = np.maximum(1, np.searchsorted(x, across - half[0])) - 1
    last = np.searchsorted(x, across + half[0])
    window = first[:, np.newaxis] + np.arange(np.max(last - first))  # all others are too far to the left or right
    seen, down = np.minimum(window, len(y) - 1), down[:, np.newaxis]
    depth = np.minimum(high[seen], down + half[1]) - np.maximum(low[seen], down - half[1])
    return np.sum(np.where((depth >= 0) & (window < last[:, np.newaxis]), 1 + depth / PIECE, 0), axis=1)


def _distance(points, places):
    """Return the distance of every place from the nearest of the points, shape (n,)."""
    (x, y), (across, down) = points.T, places.T[..., np.newaxis]
    return np.sqrt(np.fmin.reduce((x - across) ** 2 + (y - down) ** 2, axis=1, initial=FAR**2))


# At the ends of curves

def rows_at_ends(frame, curves):
    """Return (height, words) of each row of names, from the top down, as high as the curves end.

    Curves that end together share a name, and long names take several rows.

    Args:
        frame: the Frame; only its heights count.
        curves: dict from name to (x, y).
    """
    heights = {}
    for name, (_, y) in curves.items():
        seen = y[np.isfinite(y)]
        if seen.size:
            heights[name] = float(np.clip(frame.down(seen[-1]), frame.top, frame.bottom))
    groups = []  # (height, names), from the lowest up
    for name in sorted(heights, key=heights.get, reverse=True):
        if groups and groups[-1][0] - heights[name] < CLOSE:
            groups[-1][1].append(name)
        else:
            groups.append((heights[name], [name]))
    rows = []
    for height, names in reversed(groups):
        pieces = textwrap.wrap(_together([name for name in curves if name in names]), int(LONGEST / (0.64 * FONT)))
        rows += [(height + (i - (len(pieces) - 1) / 2) * LINE, piece) for i, piece in enumerate(pieces)]
    return rows


def at_ends(frame, rows):
    """Write rows of names to the right of a frame, none over another, each as near to its height as can be."""
    heights = _spread([height for height, _ in rows], LINE, frame.top + 0.3 * FONT, frame.bottom)
    return [text(words, frame.right + BEFORE, height + 0.35 * FONT, "start", faded=False)
            for height, (_, words) in zip(heights, rows, strict=True)]


def room_at_ends(rows):
    """Return the pixels across and down that rows of names need."""
    return BEFORE + 4 + max((text_width(words) for _, words in rows), default=0), LINE * len(rows)


def _together(names):
    """Return names as one text; what they begin with is said once: "seed 0, 3, 7"."""
    first = names[0].rpartition(" ")[0]
    if first and all(name.rpartition(" ")[0] == first for name in names):
        names = [names[0], *(name.rpartition(" ")[2] for name in names[1:])]
    return ", ".join(names)


def _spread(heights, gap, top, bottom):
    """Return heights moved as little as can be, so that each is a gap below the one before."""
    pools = []  # (mean, number) of heights that have come together, each with the gaps above it taken off
    for i, height in enumerate(heights):
        mean, number = height - i * gap, 1
        while pools and pools[-1][0] > mean:
            before, many = pools.pop()
            mean, number = (before * many + mean * number) / (many + number), many + number
        pools.append((mean, number))
    means = [mean for mean, number in pools for _ in range(number)]
    return [min(max(mean, top), bottom - (len(heights) - 1) * gap) + i * gap for i, mean in enumerate(means)]
