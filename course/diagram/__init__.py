"""Pictures: one of a network, from its numbers to inline SVG, and the frames, ticks and texts of all the others."""

from course.diagram.compose import draw
from course.diagram.elements import DOTS, LINE, path, picture_of, shortened, text, text_width
from course.diagram.frame import Frame
from course.diagram.live import live
from course.diagram.shapes import ARROW_LENGTH, FONT, MARGIN, Box, Edge, Label, Layout
from course.diagram.svg import BLUE, FADED, ORANGE, Picture, as_picture, px, text_element
from course.diagram.table import table
from course.diagram.ticks import logarithmic_ticks, tick_text, ticks
from course.diagram.values import number_text

__all__ = ["ARROW_LENGTH", "BLUE", "DOTS", "FADED", "FONT", "LINE", "MARGIN", "ORANGE", "Box", "Edge", "Frame", "Label",
           "Layout", "Picture", "as_picture", "draw", "live", "logarithmic_ticks", "number_text", "path", "picture_of",
           "px", "shortened", "table", "text", "text_element", "text_width", "tick_text", "ticks"]
