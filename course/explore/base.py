"""What the explorers share: the choice between a widget and a still picture, and what numbers they take."""

import math
from dataclasses import dataclass

from course.diagram import Picture
from course.diagram.front_end import somebody_watches
from course.diagram.svg import Pictured


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


def positive(**numbers):
    """Refuse what is no positive number.

    Raises:
        ValueError: naming the first one.
    """
    for name, number in numbers.items():
        if not (math.isfinite(number) and number > 0):
            raise ValueError(f"{name} is {number}: expected a positive number.")
