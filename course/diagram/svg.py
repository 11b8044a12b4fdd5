"""A layout drawn as inline SVG."""

import math
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from html import escape

from course.diagram.shapes import ARROW_HALF_WIDTH, ARROW_LENGTH, FONT, NODE, SMALL, UPPER_EMS, Label

# Colours of Okabe and Ito; either is 3:1 or better on white and on JupyterLab's dark #111.
ORANGE, BLUE = "#D55E00", "#0072B2"
COLOURS = {"lit": ORANGE, "A": ORANGE, "B": BLUE}
DASHES = {"lit": "", "A": "", "B": ' stroke-dasharray="8 4"'}
CROWD = ' stroke-width=".8" stroke-opacity=".45"'  # edges too many to follow one by one
FADED = ' opacity=".7"'  # text stays above 4.5:1 in both themes


def px(value):
    """Return a length with at most one decimal."""
    return f"{value:.1f}".removesuffix(".0")


def _fitting(label, width, bold):
    """Return the font size at which a Label fits into a width."""
    return FONT * min(1, width / label.width(bold))


@lru_cache(maxsize=1024)
def _markup(label):
    """Return a Label as SVG text: its upper index raised, the lower one set back under it."""
    value = escape(label.value)
    if not label.symbol:
        return value
    text, value = label.symbol, f" = {value}" if value else ""
    if not label.lower:
        return text + value
    down, ahead = 'dy="4"', 0
    if label.upper:
        back = SMALL * UPPER_EMS
        text += f'<tspan dy="-5" font-size="{SMALL}">{label.upper}</tspan>'
        down, ahead = f'dx="{px(-back)}" dy="9"', max(0, back - SMALL * 0.62 * len(label.lower))
    text += f'<tspan {down} font-size="{SMALL}">{label.lower}</tspan>'
    return text + (f'<tspan dx="{px(ahead)}" dy="-4">{value}</tspan>' if value else "")


def text_element(label, x, y, manner="", size=FONT, more=""):
    """Return a text element centred on x, with its baseline at y; `more` is markup that follows the label's."""
    size = "" if size == FONT else f' font-size="{px(size)}"'
    return f'<text x="{px(x)}" y="{px(y)}"{size}{manner}>{_markup(label)}{more}</text>'


def _stroke(part, light):
    """Return the attributes of a part's line: lit, faded because others are lit, or plain."""
    if part in light.styles:
        style = light.styles[part]
        return f' stroke="{COLOURS[style]}"{DASHES[style]}'
    return ' stroke-opacity=".6"' if light.styles else ""


def _manner(part, light):
    """Return the attributes of a part's text: bold if lit, faded if others are, or plain."""
    if part in light.styles:
        return ' font-weight="bold"'
    return FADED if light.styles else ""


def _draw_edge(edge, light, hook):
    """Return an edge's line, interrupted by its arrowhead if it has one."""
    points, arrowhead = [edge.start, edge.end], ""
    if edge.tip:
        share = ARROW_LENGTH / math.dist(edge.tip, edge.end)
        base = tuple(tip + share * (end - tip) for tip, end in zip(edge.tip, edge.end, strict=True))
        points = [edge.start, edge.tip, base, edge.end]
        arrowhead = _arrowhead(edge.tip, base, light.styles.get(edge.part, "lit"), hook(edge.part, "arrow"))
    hooked = hook(edge.part, "edge")
    if hooked and edge.tip:
        hooked += f' data-lit="{_line(points)}"'
        points = [edge.start, edge.end]
    if edge.part in light.styles:
        look = f' stroke-width="{1.6 if edge.crowded else 4}"{_stroke(edge.part, light)}'
    else:
        look = CROWD if edge.crowded else _stroke(edge.part, light)
    return f'<path d="{_line(points)}"{look}{hooked}/>{arrowhead}'


def _line(points):
    """Return the path data of pieces of a line, each from one point to the next."""
    return "".join(f"{'ML'[i % 2]}{px(x)} {px(y)}" for i, (x, y) in enumerate(points))


def _arrowhead(tip, base, style, hooked=""):
    """Return a triangle from the middle of its base to its tip."""
    share = ARROW_HALF_WIDTH / math.dist(tip, base)
    across_x, across_y = share * (base[1] - tip[1]), share * (tip[0] - base[0])
    corners = (tip, (base[0] + across_x, base[1] + across_y), (base[0] - across_x, base[1] - across_y))
    points = " ".join(f"{px(x)},{px(y)}" for x, y in corners)
    return f'<polygon points="{points}" fill="{COLOURS[style]}" stroke="none"{hooked}/>'


def _draw_shape(box, light, hook):
    """Return a box's outline, filled so that no edge shows through its words."""
    if box.kind in ("heading", "caption"):
        return ""
    if box.kind in ("circle", "badge"):
        shape = f'circle cx="{px(box.x)}" cy="{px(box.y)}" r="{px(box.width / 2)}"'
    else:
        corner = f'x="{px(box.x - box.width / 2)}" y="{px(box.y - box.height / 2)}"'
        rounded = "" if box.kind == "square" else f' rx="{8 if box.kind == "cost" else 3}"'
        shape = f'rect {corner} width="{px(box.width)}" height="{px(box.height)}"{rounded}'
    if box.kind in ("circle", "square", "cost", "target"):
        width = ' stroke-width="3.5"' if box.part in light.styles else ""
        return f"<{shape}{width}{_stroke(box.part, light)}{hook(box.part, 'box')}/>"
    shape += hook(box.part, "box", box.hidden)
    if box.part not in light.styles:
        return f'<{shape} stroke="none"/>'
    return f'<{shape} stroke="{COLOURS[light.styles[box.part]]}"/>{_bias_arrowhead(box, light)}'


def _bias_arrowhead(box, light):
    """Return the arrowhead from a square down to the bias that a path starts at."""
    if box.kind != "bias" or box.part not in light.downstream:
        return ""
    x, top = box.x - box.width / 2 + NODE / 2, box.y - box.height / 2
    return _arrowhead((x, top), (x, top - ARROW_LENGTH), "lit")


def _draw_text(box, light, hook):
    """Return a box's words: a node's name over its value, else one line."""
    bold, manner = box.part in light.styles, _manner(box.part, light)
    if box.kind == "heading":
        return text_element(box.label, box.x, box.y + 4)
    if box.kind == "caption":
        return text_element(box.label, box.x - box.width / 2, box.y + 4, f'{FADED} text-anchor="start"')
    hooked = hook(box.part, "value", box.hidden)
    if box.kind in ("circle", "square", "cost") and (box.label.value or hooked):
        name, value = box.label._replace(value=""), Label(value=box.label.value)
        return (text_element(name, box.x, box.y - 8, manner + hook(box.part, "name"))
                + text_element(value, box.x, box.y + 13, manner + hooked, _fitting(value, box.width - 10, bold)))
    if hooked and box.label.symbol:
        name, value = box.label._replace(value=""), f"<tspan{hooked}>{escape(box.label.value)}</tspan>"
        equals = '<tspan dy="-4"> = </tspan>' if name.lower else " = "
        return text_element(name, box.x, box.y + 4, manner + hook(box.part, "name"), more=equals + value)
    return text_element(box.label, box.x, box.y + 4, manner + hooked, _fitting(box.label, box.width, bold))


def drawn(layout, light, hooks=False):
    """Return the SVG elements of a network's picture.

    Args:
        layout: its Layout.
        light: what is lit.
        hooks: whether the elements say in `data-part` and `data-role` which part's edge, arrow, box, name or value
            they are, for a script that changes them.
    """
    hook = _hook if hooks else _no_hook
    edges = sorted(layout.edges, key=lambda edge: edge.part in light.styles)  # lit ones over the others
    return "".join([
        *(_draw_edge(edge, light, hook) for edge in edges),
        *(_draw_shape(box, light, hook) for box in layout.boxes),
        '</g><g fill="currentColor" text-anchor="middle">',
        *(_draw_text(box, light, hook) for box in layout.boxes),
    ])


def _hook(part, role, hidden=False):
    """Return the attributes by which a script finds an element."""
    if part is None:
        return ""
    hidden = ' visibility="hidden"' if hidden or role == "arrow" else ""
    return f' data-part="{part.key}" data-role="{role}"{hidden}'


def _no_hook(part, role, hidden=False):
    return ""


@dataclass(frozen=True, repr=False)
class Picture:
    """A finished picture: inline SVG, its title and description in words, and its layout, if it has one."""

    svg: str
    title: str
    description: str
    layout: object = None

    def _repr_html_(self):
        """Return the SVG in a container that scrolls where the window is narrow."""
        return f'<div style="max-width:100%;overflow-x:auto">{self.svg}</div>'

    def __repr__(self):
        return f"{self.title}\n{self.description}"


class Pictured:
    """Something that is shown and told as its `picture`."""

    def _repr_html_(self):
        return self.picture._repr_html_()

    def __repr__(self):
        return repr(self.picture)


def as_picture(layout, drawn, title, description, narrowest=None):
    """Return a Picture of what has been drawn: one inline SVG element with its text alternative.

    Its ids come from its content: the same picture has the same ids, and another picture others.

    Args:
        layout: has the width and height in pixels at 100 % zoom.
        drawn: SVG elements in those pixels, shapes first, then `</g><g ...>` and the words.
        title, description: what it is and what it shows, in words.
        narrowest: the width down to which it shrinks in a narrow window, in pixels; 85 % of its own unless told.
    """
    drawn = f'<rect width="{px(layout.width)}" height="{px(layout.height)}" stroke="none"/>{drawn}'
    key = sha256((escape(title) + escape(description) + drawn).encode()).hexdigest()[:10]
    width = round(layout.width)
    narrowest = width * 85 // 100 if narrowest is None else narrowest
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="t{key} d{key}" '
        f'viewBox="0 0 {px(layout.width)} {px(layout.height)}" font-size="{FONT}" '
        f'font-family="DejaVu Sans, Arial, sans-serif" '
        f'style="display:block;width:100%;min-width:{narrowest}px;max-width:{width}px;height:auto;'
        f'color:var(--jp-content-font-color1,#222);--paper:var(--jp-layout-color0,#fff)">'
        f'<title id="t{key}">{escape(title)}</title><desc id="d{key}">{escape(description)}</desc>'
        f'<g fill="var(--paper)" stroke="currentColor" stroke-width="1.2">{drawn}</g></svg>'
    )
    return Picture(svg, title, description, layout)
