"""What a picture is made of: labels, boxes and edges, in pixels at 100 % zoom."""

from dataclasses import dataclass
from typing import NamedTuple

from course.diagram.parts import Part

# Sizes in pixels at 100 % zoom.
MARGIN, NODE = 10, 58
FONT, SMALL = 12, 9
UPPER_EMS = 1.36  # the width of an upper index such as (2), between that in DejaVu Sans and that in Arial
LABEL_HEIGHT, NAME_HEIGHT, PADDING = 18, 22, 4
ARROW_LENGTH, ARROW_HALF_WIDTH = 12, 7


class Label(NamedTuple):
    """A short text: a symbol with upper and lower index, a value, or "symbol = value"."""

    symbol: str = ""
    upper: str = ""
    lower: str = ""
    value: str = ""

    def width(self, bold=False):
        """Return a careful estimate of its width in pixels at the usual font size."""
        letter = 0.69 if bold else 0.62
        width = FONT * letter * len(self.value)
        if self.symbol:
            width += FONT * 0.9 + SMALL * max(UPPER_EMS if self.upper else 0, letter * len(self.lower))
        if self.symbol and self.value:
            width += FONT * 1.5
        return width

    @property
    def height(self):
        """Return the height of the box that it stands in; indices need more."""
        return NAME_HEIGHT if self.upper else LABEL_HEIGHT


def symbol(part, value=""):
    """Return the Label of a part's name, w with (2) above and 22 below, and of its value if given."""
    lower = ("," if max(part.index) > 9 else "").join(map(str, part.index))
    return Label(part.kind, f"({part.layer})", lower, value)


@dataclass(frozen=True)
class Box:
    """A rectangle that nothing else may cover, with what stands in it; x and y are its centre."""

    kind: str  # circle, square, cost, target, weight, bias, delta, badge, heading or caption
    x: float
    y: float
    width: float
    height: float
    label: Label
    part: Part = None
    hidden: bool = False  # until a script shows it, where there is room for one at a time

    def overlaps(self, other):
        """Return whether two boxes share an area; touching is allowed."""
        return (abs(self.x - other.x) < (self.width + other.width) / 2 - 1e-9
                and abs(self.y - other.y) < (self.height + other.height) / 2 - 1e-9)


@dataclass(frozen=True)
class Edge:
    """A straight line; `crowded` if it is one of too many, `tip` where its arrowhead, if any, points to."""

    part: Part
    start: tuple
    end: tuple
    crowded: bool = False
    tip: tuple = None


@dataclass(frozen=True)
class Layout:
    """Where everything stands: the picture's size, its boxes and its edges."""

    width: float
    height: float
    boxes: tuple
    edges: tuple
