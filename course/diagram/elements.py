"""Elements of a picture that is no network: paths, texts, and the Picture of them."""

from html import escape

from course.diagram.shapes import FONT, Layout
from course.diagram.svg import FADED, ORANGE, as_picture, px

LINE, DOTS = {"fill": "none", "stroke": ORANGE, "stroke_width": 2}, {"fill": "none", "stroke_linecap": "round"}

# Widths of letters in DejaVu Sans, in ems; few fonts are wider. Other letters are at most as wide as a digit.
NARROW, WIDE, BOLD = frozenset(" !'()*,-./:;I[]fijlrt|′"), frozenset("%@MWmw+<=>~−…→"), 1.12
NARROW_EMS, USUAL_EMS, CAPITAL_EMS, WIDE_EMS = 0.42, 0.64, 0.79, 1.0


def path(d, role="", **look):
    """Return a path element; a look such as `stroke_width=2` is an attribute, a role is what a script finds it by."""
    look = "".join(f' {name.replace("_", "-")}="{value}"' for name, value in look.items())
    role = f' data-role="{role}"' if role else ""
    return f'<path{role} d="{d}"{look}/>'


def text(words, x, y, anchor="middle", role="", strong=False, faded=True, size=FONT):
    """Return a text element, with a role if a script changes it; what is strong is not faded."""
    anchor = "" if anchor == "middle" else f' text-anchor="{anchor}"'
    size = "" if size == FONT else f' font-size="{size}"'
    look = ' font-weight="bold"' if strong else FADED if faded else ""
    role = f' data-role="{role}"' if role else ""
    return f'<text x="{px(x)}" y="{px(y)}"{anchor}{size}{look}{role}>{escape(words)}</text>'


def text_width(words, size=FONT, strong=False):
    """Return a careful estimate of a text's width in pixels."""
    return size * (BOLD if strong else 1) * sum(map(_ems, words))


def _ems(letter):
    if letter in NARROW:
        return NARROW_EMS
    if letter in WIDE or letter > "\u2e7f":  # beyond which Chinese, Japanese and Korean begin
        return WIDE_EMS
    return CAPITAL_EMS if letter.isupper() else USUAL_EMS


def shortened(words, width, size=FONT, strong=False):
    """Return a text, or as much of its beginning as fits into a width, with an ellipsis."""
    if text_width(words, size, strong) <= width:
        return words
    while words and text_width(f"{words}…", size, strong) > width:
        words = words[:-1].rstrip()
    return f"{words}…"


def picture_of(width, height, shapes, texts, title, description, narrowest=None):
    """Return a Picture of shapes and texts.

    Args:
        width, height: in pixels at 100 % zoom.
        shapes, texts: SVG elements in those pixels; texts stand over the shapes.
        title, description: what it is and what it shows, in words.
        narrowest: the width down to which it shrinks in a narrow window, in pixels.
    """
    drawn = "".join([*shapes, '</g><g fill="currentColor" text-anchor="middle">', *texts])
    return as_picture(Layout(width, height, (), ()), drawn, title, description, narrowest)
