"""What the explorers share: frames with axes, pictures of them, and the choice between a widget and a still picture."""

import math
from dataclasses import dataclass
from html import escape

import numpy as np

from course.diagram import FADED, ORANGE, Layout, Picture, as_picture, number_text, px
from course.diagram.front_end import somebody_watches
from course.diagram.svg import Pictured

DIGITS = 12  # significant, of ticks: 0.1 + 0.2 is 0.3
LINE, DOTS = {"fill": "none", "stroke": ORANGE, "stroke_width": 2}, {"fill": "none", "stroke_linecap": "round"}


@dataclass(frozen=True, repr=False)
class Still(Pictured):
    """An explorer that cannot move: its kind, what it would show at first, and what its script would be told."""

    kind: str
    picture: Picture
    state: dict


def explorer(kind, picture, state):
    """Return a widget where a person watches, elsewhere (graders, nbconvert, plain Python) a Still."""
    still = Still(kind, picture, state)
    if not somebody_watches():
        return still
    from course.explore.widget import Explorer  # anywidget takes 0.1 s to import: only where it is used

    return Explorer(still)


@dataclass(frozen=True)
class Frame:
    """A rectangle of a picture, in pixels, and the intervals of x and y that it shows."""

    left: float
    top: float
    width: float
    height: float
    x: tuple
    y: tuple

    def across(self, x):
        """Return where x stands, in pixels from the left."""
        return self.left + (np.asarray(x) - self.x[0]) / (self.x[1] - self.x[0]) * self.width

    def down(self, y):
        """Return where y stands, in pixels from the top."""
        return self.top + (self.y[1] - np.asarray(y)) / (self.y[1] - self.y[0]) * self.height

    def line(self, x, y):
        """Return the path data of a line through points, x and y of shape (n,)."""
        points = zip(self.across(x), self.down(y), strict=True)
        return "".join(f"{'L' if i else 'M'}{px(x)} {px(y)}" for i, (x, y) in enumerate(points))

    def dots(self, x, y):
        """Return the path data of points: lines of no length, to be drawn with round ends."""
        return "".join(f"M{px(x)} {px(y)}h0" for x, y in zip(self.across(x), self.down(y), strict=True))

    def clipped(self, *shapes):
        """Return shapes of which nothing shows outside."""
        box = " ".join(px(side) for side in (self.left, self.top, self.width, self.height))
        left, top, width, height = box.split()
        return (f'<svg x="{left}" y="{top}" width="{width}" height="{height}" viewBox="{box}">'
                f'<g fill="none">{"".join(shapes)}</g></svg>')

    def axes(self, x_name, y_name, x_ticks=True, y_ticks=True):
        """Return the shapes and the texts around it: a border, round numbers and names."""
        bottom, right = self.top + self.height, self.left + self.width
        shapes = [f'<rect x="{px(self.left)}" y="{px(self.top)}" width="{px(self.width)}" height="{px(self.height)}" '
                  f'fill="none" stroke-opacity=".55"/>']
        texts = [text(x_name, (self.left + right) / 2, bottom + 33), text(y_name, self.left, self.top - 7, "start")]
        for tick in ticks(self.x, self.width / 45) if x_ticks else ():
            x = px(float(self.across(tick)))
            shapes.append(f'<path d="M{x} {px(bottom)}v4"/>')
            texts.append(text(number_text(tick), float(x), bottom + 16))
        for tick in ticks(self.y, self.height / 30) if y_ticks else ():
            y = px(float(self.down(tick)))
            shapes.append(f'<path d="M{px(self.left)} {y}h-4"/>')
            texts.append(text(number_text(tick), self.left - 7, float(y) + 4, "end"))
        return "".join(shapes), "".join(texts)

    @property
    def numbers(self):
        """Return what a script needs of it."""
        return [self.left, self.top, self.width, self.height, *map(float, (*self.x, *self.y))]


def positive(**numbers):
    """Refuse what is no positive number.

    Raises:
        ValueError: naming the first one.
    """
    for name, number in numbers.items():
        if not (math.isfinite(number) and number > 0):
            raise ValueError(f"{name} is {number}: expected a positive number.")


def ticks(interval, most):
    """Return round numbers within an interval, at most about `most`."""
    low, high = interval
    rough = (high - low) / most
    power = 10.0 ** math.floor(math.log10(rough))
    by = next(each * power for each in (1, 2, 5, 10) if each * power >= rough * (1 - 1e-9))
    return [float(f"{k * by:.{DIGITS}g}") for k in range(math.ceil(low / by - 1e-9), math.floor(high / by + 1e-9) + 1)]


def path(d, role="", **look):
    """Return a path element; a look such as `stroke_width=2` is an attribute, a role is what a script finds it by."""
    look = "".join(f' {name.replace("_", "-")}="{value}"' for name, value in look.items())
    role = f' data-role="{role}"' if role else ""
    return f'<path{role} d="{d}"{look}/>'


def text(words, x, y, anchor="middle", role="", strong=False):
    """Return a text element, with a role if a script changes it."""
    anchor = "" if anchor == "middle" else f' text-anchor="{anchor}"'
    look = ' font-weight="bold"' if strong else FADED
    role = f' data-role="{role}"' if role else ""
    return f'<text x="{px(x)}" y="{px(y)}"{anchor}{look}{role}>{escape(words)}</text>'


def draw(width, height, shapes, texts, title, description):
    """Return a Picture of shapes and texts."""
    drawn = "".join([*shapes, '</g><g fill="currentColor" text-anchor="middle">', *texts])
    return as_picture(Layout(width, height, (), ()), drawn, title, description)
