"""The network picture: one sample's numbers in a layout of boxes and edges, drawn as inline SVG."""

from course.diagram.compose import draw
from course.diagram.live import live
from course.diagram.shapes import ARROW_LENGTH, FONT, MARGIN, Box, Edge, Label, Layout
from course.diagram.svg import BLUE, FADED, ORANGE, Picture, as_picture, px, text_element
from course.diagram.table import table
from course.diagram.values import number_text

__all__ = ["ARROW_LENGTH", "BLUE", "FADED", "FONT", "MARGIN", "ORANGE", "Box", "Edge", "Label", "Layout", "Picture",
           "as_picture", "draw", "live", "number_text", "px", "table", "text_element"]
