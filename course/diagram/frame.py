"""A rectangle of a picture that shows an interval of x and one of y."""

from dataclasses import dataclass

import numpy as np

from course.diagram.elements import text
from course.diagram.svg import px
from course.diagram.ticks import ticks
from course.diagram.values import number_text


@dataclass(frozen=True)
class Frame:
    """A rectangle of a picture, in pixels, and the intervals of x and y that it shows."""

    left: float
    top: float
    width: float
    height: float
    x: tuple
    y: tuple
    logarithmic: bool = False  # whether y is: then ten times as much is always equally far up

    @property
    def right(self):
        """Return where it ends, in pixels from the left."""
        return self.left + self.width

    @property
    def bottom(self):
        """Return where it ends, in pixels from the top."""
        return self.top + self.height

    def across(self, x):
        """Return where x stands, in pixels from the left."""
        return self.left + (np.asarray(x) - self.x[0]) / (self.x[1] - self.x[0]) * self.width

    def down(self, y):
        """Return where y stands, in pixels from the top."""
        y, (low, high) = np.asarray(y), self.y
        if self.logarithmic:
            y, low, high = np.log10(y), np.log10(low), np.log10(high)
        return self.top + (high - y) / (high - low) * self.height

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
        shapes = [f'<rect x="{px(self.left)}" y="{px(self.top)}" width="{px(self.width)}" height="{px(self.height)}" '
                  f'fill="none" stroke-opacity=".55"/>']
        texts = [text(x_name, (self.left + self.right) / 2, self.bottom + 33),
                 text(y_name, self.left, self.top - 7, "start")]
        for tick in ticks(self.x, self.width / 45) if x_ticks else ():
            x = px(float(self.across(tick)))
            shapes.append(f'<path d="M{x} {px(self.bottom)}v4"/>')
            texts.append(text(number_text(tick), float(x), self.bottom + 16))
        for tick in ticks(self.y, self.height / 30) if y_ticks else ():
            y = px(float(self.down(tick)))
            shapes.append(f'<path d="M{px(self.left)} {y}h-4"/>')
            texts.append(text(number_text(tick), self.left - 7, float(y) + 4, "end"))
        return "".join(shapes), "".join(texts)

    @property
    def numbers(self):
        """Return what a script needs of it."""
        return [self.left, self.top, self.width, self.height, *map(float, (*self.x, *self.y))]
