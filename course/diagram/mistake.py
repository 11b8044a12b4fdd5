"""The picture of a mistake: a network whose wrong gradients are lit, with the numbers that the learner has."""

from course.diagram.fold import fold
from course.diagram.layout import MISTAKE, arrange
from course.diagram.light import Light
from course.diagram.svg import as_picture, drawn
from course.diagram.values import number_text

MOST_NAMED = 8  # of what is off, to be drawn even in a layer too large to be drawn whole
MOST_TOLD = 12  # of what is off, in words
CAPTION = "Lit is what is off; the numbers are yours"


def mistake(dims, numbers, others=()):
    """Draw a network with some derivatives of J lit and written on their edges; no other number is shown.

    Args:
        dims: the number of neurons of each layer, the input's first.
        numbers: dict from a weight's or bias's Part to the learner's own number for dJ by it.
        others: parts to light without a number, such as the links of a chain that are off.

    Returns:
        A Picture.
    """
    named = tuple(numbers)[:MOST_NAMED]
    view = fold(dims, (*named, *others))
    values = {part: number_text(number) for part, number in numbers.items()}
    light = Light(named, (), (), dict.fromkeys((*numbers, *others), "lit"))
    biases = any(part.kind == "b" for part in numbers)
    where = ": dJ/dw on an edge, dJ/db under a square" if biases else ": dJ/dw on its edge" if numbers else ""
    layout = arrange(view, values, light, CAPTION + where, biases, MISTAKE)
    told = [f"dJ/d{part.name} = {text}" for part, text in values.items()] + [part.name for part in others]
    more = f" and {len(told) - MOST_TOLD} more" if len(told) > MOST_TOLD else ""
    words = f"{CAPTION}: {', '.join(told[:MOST_TOLD])}{more}."
    return as_picture(layout, drawn(layout, light), f"What is off, in a {'-'.join(map(str, dims))} network", words)
