"""Untrusted notebooks made harmless: what a learner wrote or printed is shown, but runs and loads nothing."""

import html
import re
from collections import Counter
from functools import lru_cache, wraps

import nh3

# Learners' ids are told from those of the page that shows them, so that they cannot stand in for one.
ID_PREFIX = "shown-"

_HTML_TAGS = set(
    "a abbr b blockquote br caption code col colgroup dd del details div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 "
    "hr i img ins kbd li mark ol p pre q s samp small span strong sub summary sup table tbody td tfoot th thead tr u "
    "ul var".split()
)
_SVG_TAGS = set(
    "svg g defs use title desc path rect circle ellipse line polygon polyline text tspan clipPath "
    "linearGradient stop".split()
)
_MATHML_TAGS = set(
    "math mi mo mn ms mtext mspace mrow mfrac msqrt mroot msub msup msubsup munder mover munderover mstyle mphantom "
    "menclose mtable mtr mtd".split()
)
_DROPPED_WITH_CONTENT = set(
    "script style iframe object noscript template textarea select noembed noframes xmp plaintext metadata".split()
)

_SHARED_ATTRIBUTES = set("id class title role style aria-label aria-labelledby aria-hidden".split())
_SVG_ATTRIBUTES = set(
    "xmlns viewBox preserveAspectRatio width height x y x1 y1 x2 y2 cx cy r rx ry dx dy d points transform offset "
    "fill fill-opacity fill-rule stroke stroke-width stroke-opacity stroke-dasharray stroke-linecap stroke-linejoin "
    "opacity color clip-path clip-rule clipPathUnits gradientUnits gradientTransform stop-color stop-opacity "
    "font-family font-size font-weight font-style text-anchor dominant-baseline".split()
)
_MATHML_ATTRIBUTES = set(
    "xmlns display mathvariant stretchy fence separator minsize maxsize accent accentunder width height lspace rspace "
    "scriptlevel displaystyle linebreak linethickness notation columnalign columnspacing rowspacing largeop "
    "movablelimits symmetric form".split()
)
_ATTRIBUTES = {
    "*": _SHARED_ATTRIBUTES,
    **dict.fromkeys(_SVG_TAGS, _SVG_ATTRIBUTES),
    **dict.fromkeys(_MATHML_TAGS, _MATHML_ATTRIBUTES),
    "a": {"href"},
    "use": {"href", *_SVG_ATTRIBUTES},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "ol": {"start"},
    "details": {"open"},
}

# No position, z-index, float, transform or background: an output stays in its place and loads nothing.
_STYLE_PROPERTIES = set(
    "color background-color display width height min-width max-width min-height max-height margin margin-top "
    "margin-right margin-bottom margin-left padding padding-top padding-right padding-bottom padding-left border "
    "border-top border-right border-bottom border-left border-color border-style border-width border-collapse "
    "border-radius border-spacing overflow overflow-x text-align text-decoration vertical-align white-space "
    "line-height font font-family font-size font-style font-weight opacity --paper fill fill-opacity fill-rule stroke "
    "stroke-width stroke-opacity stroke-dasharray stroke-dashoffset stroke-linecap stroke-linejoin stroke-miterlimit "
    "stop-color stop-opacity text-anchor".split()
)
_FUNCTIONS = set("var rgb rgba hsl hsla translate rotate scale matrix skewX skewY".split())

# All tags but those whose number costs parsers only time in proportion.
_CHEAP_TAGS = (_SVG_TAGS | _MATHML_TAGS | {"tr", "td", "th", "span"}) - {"title"}
_NESTING_TAG = re.compile(rf"<(?!(?:{'|'.join(sorted(_CHEAP_TAGS))})\b)[A-Za-z]", re.IGNORECASE)
_MOST_NESTING_TAGS = 2000

_CLASS = re.compile(r"[a-z]{1,2}[a-z0-9]?|highlight|dataframe|alert(-info|-success|-warning|-danger)?")
_LINK = re.compile(r"https?://|mailto:", re.IGNORECASE)
_PICTURE = re.compile(r"data:image/(png|jpeg);base64,[A-Za-z0-9+/=]*")
_OWN_URL = re.compile(rf"url\(#(?:{ID_PREFIX})?([\w.-]+)\)")
_CALL = re.compile(r"([\w-]*)\s*\(")
_MOST_REMEMBERED = 30_000  # letters
_NEGATIVE = re.compile(r"(?:^|[\s:,])-\s*[\d.]")


def _remembered(clean):
    """Remember what short texts become: a class draws the same pictures, and reads the same lesson."""
    remembering = lru_cache(maxsize=1024)(clean)

    @wraps(clean)
    def cleaned(text, *more):
        return (remembering if len(text) <= _MOST_REMEMBERED else clean)(text, *more)

    return cleaned


@_remembered
def clean_html(text):
    """Return HTML, SVG or MathML with nothing in it but what the allow-lists hold.

    Args:
        text: an untrusted fragment.

    Returns:
        A well-formed fragment; cleaning it again changes nothing. Thousands of nested blocks would take minutes, in
        browsers as well: they are shown as text.
    """
    if len(_NESTING_TAG.findall(text)) > _MOST_NESTING_TAGS:
        text = f"<pre>{html.escape(text)}</pre>"
    return _defused_tex(_CLEANER.clean(text))


def _kept_attribute(tag, name, value):
    """Return an attribute's value as it may stand, or None if the attribute must go."""
    if name == "class":
        return " ".join(filter(_CLASS.fullmatch, value.split())) or None
    if name == "id":
        return _own_id(value)
    if name == "aria-labelledby":
        return " ".join(map(_own_id, value.split()))
    if name == "href" and value.startswith("#"):
        return f"#{_own_id(value[1:])}"
    if name == "href":
        return value if tag == "a" and _LINK.match(value) else None
    if name == "src":
        return value if _PICTURE.fullmatch(value) else None
    if name in ("alt", "title", "aria-label"):
        return value
    if name == "style" and _NEGATIVE.search(value):  # a negative margin reaches over other cells
        return None
    return _without_calls(value)


def _own_id(value):
    return f"{ID_PREFIX}{value.removeprefix(ID_PREFIX)}"


def _without_calls(value):
    """Return a value whose functions are all harmless, or None; without one, and without escapes, nothing loads."""
    if "\\" in value:
        return None
    if "(" not in value:
        return value
    value = _OWN_URL.sub(rf"url(#{ID_PREFIX}\1)", value)
    return value if set(_CALL.findall(_OWN_URL.sub("", value))) <= _FUNCTIONS else None


_CLEANER = nh3.Cleaner(
    tags=_HTML_TAGS | _SVG_TAGS | _MATHML_TAGS,
    clean_content_tags=_DROPPED_WITH_CONTENT,
    attributes=_ATTRIBUTES,
    attribute_filter=_kept_attribute,
    url_schemes={"http", "https", "mailto", "data"},
    filter_style_properties=_STYLE_PROPERTIES,
)


# Markdown

_TAG_START = re.compile(r"<(?=[A-Za-z/!?])")
_PAIRED_TAG = r"(?:details|summary|kbd|b|i|u|s|em|strong|code|sub|sup|p|ul|ol|li|table|thead|tbody|tr|th|td|blockquote)"
_TAG_START_NOT_PLAIN = re.compile(rf"<(?=[A-Za-z/!?])(?!/?{_PAIRED_TAG}>|[bh]r ?/?>)")
_OPENED, _CLOSED = (re.compile(rf"<{slash}({_PAIRED_TAG})>") for slash in ("", "/"))
# Where a link's address may begin, unless it is a web address, or one that names no scheme.
_DANGEROUS_LINK = re.compile(
    r"\](?=[(:])(?!.\s*+(?:(?:https?://|mailto:)[^\s\\<>\]]*+|data:image/(?:png|jpeg);base64,[A-Za-z0-9+/=]*"
    r"|attachment:[\w.-]+|[^\s:&\\<>\]]*+)(?:[\s)]|$))",
    re.IGNORECASE,
)
_IMAGE = re.compile(
    r"!\[(?!(?P<alt>[^\[\]]*)\]\((?:data:image/(?:png|jpeg);base64,[A-Za-z0-9+/=]*|attachment:(?P<name>[\w.-]+))\))"
)
_ATTACHED = re.compile(r"!\[(?=[^\[\]]*\]\(attachment:([\w.-]+)\))")
_TEX = re.compile(r"\\(?=(?:href|url|style|class|cssId|data|require|unicode|html[A-Za-z]*|includegraphics)\b)")


@_remembered
def clean_markdown(text, attached=()):
    """Return Markdown in which nothing becomes active content, whatever renders it.

    What is not allowed is broken by a space, so that it is read as text: a tag (but for plain ones such as
    `<details>`), a link to anything but the web, an image from elsewhere, a TeX command that makes links or markup.

    Args:
        text: untrusted Markdown.
        attached: the names of the images that the cell holds.
    """
    unbalanced = Counter(_OPENED.findall(text)) != Counter(_CLOSED.findall(text))
    text = (_TAG_START if unbalanced else _TAG_START_NOT_PLAIN).sub("< ", text)
    text = _DANGEROUS_LINK.sub("] ", text)
    text = _IMAGE.sub("! [", text)
    text = _ATTACHED.sub(lambda match: match[0] if match[1] in attached else "! [", text)
    return _defused_tex(text)


def _defused_tex(text):
    return _TEX.sub(r"\\ ", text)


# Notebooks

_MIME = {
    "text/plain": lambda text: text,
    "text/html": clean_html,
    "image/svg+xml": lambda text: clean_html(text).replace("&nbsp;", "&#160;"),  # XML knows no other name for it
    "text/markdown": clean_markdown,
    "text/latex": _defused_tex,
    "image/png": lambda text: text if _BASE64.fullmatch(text) else None,
    "image/jpeg": lambda text: text if _BASE64.fullmatch(text) else None,
}
_BASE64 = re.compile(r"[A-Za-z0-9+/=\s]*")
_PLAIN_WORDS = re.compile(r"[\w ./:()+-]*")
_CELL_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def clean_notebook(nb):
    """Return a copy of a notebook that is safe to show, to an instructor as well.

    Outputs are limited to text, HTML, SVG, Markdown, LaTeX, PNG and JPEG; HTML, SVG and Markdown are cleaned; of the
    metadata only what nbgrader and the course need is kept. Code, printed text and pictures stay as they are.

    Args:
        nb: an untrusted notebook of format 4; it is not changed.

    Returns:
        A notebook of format 4.5, as plain data: `nbformat` takes a second to load, and graders need it not.
    """
    cells = [cell for cell in nb["cells"] if cell["cell_type"] in ("code", "markdown", "raw")]
    return {
        "cells": [_clean_cell(cell, number) for number, cell in enumerate(cells)],
        "metadata": _notebook_metadata(nb["metadata"]),
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _clean_cell(cell, number):
    identifier, source = str(cell.get("id", "")), _text(cell["source"])
    clean = {
        "cell_type": cell["cell_type"],
        "id": identifier if _CELL_ID.fullmatch(identifier) else f"cell-{number}",
        "metadata": _plain_metadata(cell["metadata"], "nbgrader", "deletable", "editable"),
        "source": source,
    }
    if cell["cell_type"] == "code":
        outputs = map(_clean_output, cell["outputs"])
        clean |= {
            "execution_count": _count(cell.get("execution_count")),
            "outputs": [output for output in outputs if output],
        }
    elif cell["cell_type"] == "raw":  # exporters take it over as it stands
        clean["source"] = _TAG_START.sub("< ", source)
    else:
        attachments = _pictures(cell.get("attachments") or {})
        clean["source"] = clean_markdown(source, frozenset(attachments))
        if attachments:
            clean["attachments"] = attachments
    return clean


def _pictures(attachments):
    """Return the attachments that are PNG or JPEG pictures."""
    kept = {}
    for name, bundle in attachments.items():
        pictures = {mime: data for mime, data in _clean_bundle(bundle).items() if mime in ("image/png", "image/jpeg")}
        if pictures and re.fullmatch(r"[\w.-]+", name):
            kept[name] = pictures
    return kept


def _clean_output(output):
    """Return a cleaned output, or None if nothing of it may be shown."""
    kind = output["output_type"]
    if kind == "stream":
        name = "stderr" if output.get("name") == "stderr" else "stdout"
        return {"output_type": kind, "name": name, "text": _text(output["text"])}
    if kind == "error":
        lines = [_text(line) for line in output["traceback"]]
        return {
            "output_type": kind,
            "ename": _text(output["ename"]),
            "evalue": _text(output["evalue"]),
            "traceback": lines,
        }
    if kind not in ("display_data", "execute_result"):
        return None
    clean = {
        "output_type": kind,
        "data": _clean_bundle(output["data"]),
        "metadata": _output_metadata(output.get("metadata", {})),
    }
    if kind == "execute_result":
        clean["execution_count"] = _count(output.get("execution_count"))
    return clean if clean["data"] else None


def _clean_bundle(bundle):
    cleaned = {mime: _MIME[mime](_text(data)) for mime, data in bundle.items() if mime in _MIME}
    return {mime: data for mime, data in cleaned.items() if data is not None}


def _output_metadata(metadata):
    """Return the course's verdicts and the sizes of pictures: exporters copy anything else into their pages."""
    kept = {"course": metadata["course"]} if "course" in metadata else {}
    for mime in ("image/png", "image/jpeg"):
        given = metadata.get(mime)
        sizes = {key: given[key] for key in ("width", "height") if key in given} if isinstance(given, dict) else {}
        if sizes and all(_is_number(size) for size in sizes.values()):
            kept[mime] = sizes
    return kept


def _notebook_metadata(metadata):
    """Return what names the kernel and the language, where it is complete: half of it makes a notebook invalid."""
    kept = _plain_metadata(metadata, "kernelspec", "language_info")
    for name, needed in (("kernelspec", {"name", "display_name"}), ("language_info", {"name"})):
        if name in kept and not (isinstance(kept[name], dict) and needed <= kept[name].keys()):
            del kept[name]
    return kept


def _plain_metadata(metadata, *names):
    """Return the named entries and the course's own, but no text that could be markup."""
    kept = {name: _plain(metadata[name]) for name in names if name in metadata}
    return {**kept, "course": metadata["course"]} if "course" in metadata else kept


def _plain(value):
    if isinstance(value, dict):
        entries = {name: _plain(entry) for name, entry in value.items() if _PLAIN_WORDS.fullmatch(name)}
        return {name: entry for name, entry in entries.items() if entry is not None}
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return value if isinstance(value, str) and _PLAIN_WORDS.fullmatch(value) else None


def _is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _count(value):
    return value if _is_number(value) and isinstance(value, int) and value >= 0 else None


def _text(value):
    """Return a notebook's text as one string that can be written; a file may hold a list of lines, or half letters."""
    text = "".join(map(str, value)) if isinstance(value, list) else str(value)
    return text.encode("utf-8", "replace").decode("utf-8")
