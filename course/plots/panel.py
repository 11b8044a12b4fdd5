"""What the plots of curves share: the looks of curves, and a frame with its title, notes, ticks and numbers."""

import textwrap
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from course.diagram import Frame, logarithmic_ticks, path, px, shortened, text, text_width, tick_text, ticks

WIDTH, NARROWEST = 880, 600
TITLE, SMALL = 14, 11  # sizes of letters; names have the usual one
ABOVE, BELOW, BESIDE, ROW = 30, 42, 20, 15  # pixels around a frame; the height of a row of notes
EACH_ACROSS, EACH_DOWN, MOST_ACROSS = 42, 26, 10  # pixels from tick to tick, at least about; ticks at most
TOLERANCE, FAR = 0.1, 1e6  # pixels that a thinned curve may be off, or away from its picture
COARSE = 100  # every how many points of a curve are kept in any case


class Look(NamedTuple):
    """How a curve is drawn: its colour, its dashes in multiples of its width, its width in pixels."""

    colour: str
    dashes: tuple
    width: float

    def attributes(self, width=None):
        """Return the look of a path, of another width if given."""
        width = width or self.width
        dashes = {"stroke_dasharray": " ".join(px(dash * width) for dash in self.dashes)} if self.dashes else {}
        return {"stroke": self.colour, "stroke_width": width, **dashes, "stroke_linejoin": "round"}


# Colours of Okabe and Ito, 3:1 or better on white and on JupyterLab's dark #111. The dashes say the same without them;
# later curves are thinner, so that one that covers another lets it show.
CURVES = (Look("#0072B2", (), 4.7), Look("#D55E00", (5, 2.5), 2.8), Look("#009E73", (1.2, 1.6), 3.3),
          Look("#8A8A8A", (7, 2, 1.5, 2), 2.2))


@dataclass(frozen=True)
class Axis:
    """The interval that an axis shows, its ticks and what is written at them."""

    interval: tuple
    ticks: list
    labels: list
    logarithmic: bool = False

    @property
    def margin(self):
        """Return the pixels that an upright axis needs on its left."""
        return 14 + max((text_width(label, SMALL) for label in self.labels), default=0)


def upright(interval, height, write=tick_text):
    """Return an upright Axis whose ticks are written by a function."""
    found = ticks(interval, height / EACH_DOWN)
    return Axis(interval, found, [write(tick) for tick in found])


def logarithmic(interval, height):
    """Return an upright logarithmic Axis."""
    found = logarithmic_ticks(interval, height / EACH_DOWN)
    return Axis(interval, found, [tick_text(tick) for tick in found], logarithmic=True)


def level(interval, width, room=BESIDE, whole=False):
    """Return a level Axis on which no number touches another one or leaves the room on the right.

    Args:
        interval: what it shows.
        width: its length in pixels.
        room: the pixels beyond its end that may be written on.
        whole: whether only whole numbers have ticks.
    """
    low, high = interval
    most = min(MOST_ACROSS, width / EACH_ACROSS)
    while True:
        found = [tick for tick in ticks(interval, most) if not whole or tick == int(tick)]
        labels = [tick_text(tick) for tick in found]
        sizes = [text_width(label, SMALL) for label in labels]
        if len(found) < 2 or max(sizes) + 8 <= (found[1] - found[0]) / (high - low) * width:
            break
        most *= 0.7
    fits = [(high - tick) / (high - low) * width + room >= size / 2 for tick, size in zip(found, sizes, strict=True)]
    return Axis(interval, *([each for each, fit in zip(both, fits, strict=True) if fit] for both in (found, labels)))


def beside_each_other(axes, top, height, interval, room=BESIDE, whole=False, total=WIDTH):
    """Return frames of equal width beside each other, and the level Axis of each.

    Args:
        axes: the upright Axis of each.
        top, height: of the frames, in pixels.
        interval: what each level axis shows.
        room: pixels to the right of the last one.
        whole: whether only whole numbers have ticks.
        total: the width of them all, in pixels.
    """
    margins = [axis.margin for axis in axes]
    width = (total - sum(margins) - BESIDE * (len(axes) - 1) - room) / len(axes)
    lefts = np.cumsum(margins) + np.arange(len(axes)) * (width + BESIDE)
    frames = [Frame(left, top, width, height, interval, axis.interval, axis.logarithmic)
              for left, axis in zip(lefts.tolist(), axes, strict=True)]
    return frames, level(interval, width, whole=whole)


def rows_of_notes(notes, title, width):
    """Return notes as rows that fit into a width; the last row is empty if the title leaves no room beside it."""
    rows = [row for note in notes for row in textwrap.wrap(note, int(width / (0.62 * SMALL)))]
    if rows and text_width(rows[-1], SMALL) + text_width(title, TITLE, strong=True) + 16 > width:
        rows.append("")
    return rows


def panel(frame, across, up, title, name, rows=()):
    """Return the shapes and the texts around a frame.

    Args:
        frame: the Frame.
        across, up: its Axis at the bottom and at the left.
        title: what stands above it.
        name: what its level axis shows.
        rows: of notes, at the right; the last one is in line with the title.
    """
    left, top, right, bottom = map(px, (frame.left, frame.top, frame.right, frame.bottom))
    xs, ys = frame.across(across.ticks).tolist(), frame.down(up.ticks).tolist()
    lines = path(f"M{left} {top}V{bottom}H{right}" + "".join(f"M{px(x)} {bottom}v4" for x in xs)
                 + "".join(f"M{left} {px(y)}h-4" for y in ys), fill="none")
    room = WIDTH - frame.left
    size = max(SMALL, TITLE * min(1, room / max(1, text_width(title, TITLE, strong=True))))
    title = shortened(title, room, size, strong=True)
    texts = [text(title, frame.left, frame.top - 11, "start", strong=True, size=px(size)),
             text(name, (frame.left + frame.right) / 2, frame.bottom + 34, faded=False),
             *(text(label, x, frame.bottom + 17, faded=False, size=SMALL)
               for label, x in zip(across.labels, xs, strict=True)),
             *(text(label, frame.left - 7, y + 4, "end", faded=False, size=SMALL)
               for label, y in zip(up.labels, ys, strict=True)),
             *(text(row, frame.right, frame.top - 11 - ROW * above, "end", faded=False, size=SMALL)
               for above, row in enumerate(reversed(rows)) if row)]
    return [lines], texts


def curve(frame, x, y, look, width=None, dot=None, jump=np.inf):
    """Return a curve as shapes: lines that end at the frame, and a dot wherever a point stands alone.

    Args:
        frame: the Frame.
        x: shape (n,), rising.
        y: shape (n,); where it is NaN there is a gap.
        look: its Look.
        width: of the lines, if not the look's.
        dot: the diameter of a dot in pixels, if not the width.
        jump: a larger step of y from one point to the next is no line but a gap.
    """
    with np.errstate(over="ignore"):  # of differences of huge numbers
        joined = np.abs(np.diff(y)) <= jump  # false beside NaN
    starts = np.flatnonzero(np.isfinite(y) & ~np.append(False, joined)).tolist()
    ends = np.flatnonzero(np.isfinite(y) & ~np.append(joined, False)).tolist()
    x, y = frame.across(x), np.clip(frame.down(y), -FAR, FAR)
    lines, dots = [], []
    for start, end in zip(starts, ends, strict=True):
        if end > start:
            kept = start + _kept(x[start:end + 1], y[start:end + 1])
            points = zip(x[kept].tolist(), y[kept].tolist(), strict=True)
            lines.append("M" + " ".join(f"{px(a)} {px(b)}" for a, b in points))
        elif frame.top <= y[start] <= frame.bottom:
            dots.append(f"M{px(x[start])} {px(y[start])}h0")
    look = look.attributes(width)
    shapes = [frame.clipped(path("".join(lines), **look))] if lines else []
    if dots:
        round_ends = {"stroke": look["stroke"], "stroke_width": dot or look["stroke_width"], "stroke_linecap": "round"}
        shapes.append(path("".join(dots), **round_ends))
    return shapes


def _kept(x, y):
    """Return which points of a line, which goes from left to right, are enough to draw it."""
    last = len(x) - 1
    kept = np.append(np.arange(0, last, COARSE), last)
    while True:
        off = np.abs(y - np.interp(x, x[kept], y[kept]))
        far = np.maximum.reduceat(off, kept[:-1]) > TOLERANCE
        if not far.any():
            return kept
        kept = np.sort(np.append(kept, (kept[:-1][far] + kept[1:][far]) // 2))
