"""nbgrader's feedback pages, written so that they run nothing, load nothing and show no hidden test."""

import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import jinja2
from latex2mathml.converter import convert
from markupsafe import Markup, escape
from nbconvert.exporters import Exporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat import from_dict
from nbgrader.preprocessors import ClearHiddenTests, NbGraderPreprocessor
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer
from traitlets import default

from course.report.clean import clean_html, clean_notebook

_HERE = Path(__file__).parent
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
LONGEST_MARKDOWN = 50_000  # characters: on some texts the renderer's time grows with their square
TEMPLATES = str(_HERE / "templates")


class ActiveContent(Exception):
    """A finished page would run or load something; it is not written."""


class FeedbackExporter(Exporter):
    """Turns a graded notebook into one page of HTML without scripts, for `c.GenerateFeedback.exporter_class`."""

    @default("file_extension")
    def _file_extension_default(self):
        return ".html"

    output_mimetype = "text/html"

    def from_notebook_node(self, nb, resources=None, **kw):
        """Return the page of a notebook, and its resources.

        Raises:
            ActiveContent: if anything in the page would run or load something.
        """
        nb, resources = super().from_notebook_node(from_dict(clean_notebook(nb)), resources, **kw)
        page = _environment().get_template("feedback.html.j2").render(
            policy=POLICY, style=_style(), grades=resources["nbgrader"], rows=_rows(nb.cells), cells=nb.cells
        )
        refuse_active(page)
        return page, resources


def _rows(cells):
    """Return the rows of the score table: graded cells and commented ones, each under its heading."""
    rows, heading = [], ""
    for cell in cells:
        if cell.cell_type == "markdown":
            heading = (re.findall(r"^#+ +(.+)", cell.source, re.MULTILINE) or [heading])[-1]
        graded = cell.metadata.get("nbgrader", {})
        has_points = graded.get("grade") or graded.get("task")
        if has_points or graded.get("comment"):
            rows.append(
                {
                    "heading": heading,
                    "name": graded["grade_id"],
                    "comment": graded.get("comment"),
                    "score": graded.get("score"),
                    "max_score": graded.get("points") if has_points else None,
                }
            )
    return rows


@cache
def _environment():
    """Return the templates' environment: it escapes all but what a filter here declares clean."""
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True)
    environment.filters |= {
        "cleaned": lambda text: Markup(clean_html(text)),
        "highlighted": lambda code: Markup(highlight(code, PythonLexer(), HtmlFormatter())),
        "markdown2html": markdown2html,
        "one_line": lambda text: "".join(text.split()),
        "without_ansi": lambda text: re.sub(r"\x1b\[[\d;]*[A-Za-z]|[\x00-\x08\x0b-\x1f]", "", text),
    }
    return environment


@cache
def _style():
    return Markup((_HERE / "feedback.css").read_text(encoding="utf-8") + HtmlFormatter().get_style_defs(".highlight"))


# Markdown and formulas

class _MathMLRenderer(IPythonRenderer):
    """Renders formulas as MathML, which browsers show without a script."""

    def block_math(self, body):
        return _mathml(body, "block")

    def inline_math(self, body):
        return _mathml(body, "inline")

    def latex_environment(self, name, body):
        return _mathml(rf"\begin{{{name}}}{body}\end{{{name}}}", "block")


def _mathml(tex, display):
    """Return a formula as MathML, or its source where it cannot be converted."""
    try:
        return convert(tex, display=display)
    except Exception:  # A learner's formula may be anything, and the converter has no one exception of its own.
        return f"<code>{escape(tex)}</code>"


@jinja2.pass_context
def markdown2html(context, source, cell=None):
    """Return Markdown as clean HTML with its formulas as MathML; a filter, also for `c.HTMLExporter.filters`."""
    cell = cell or context.get("cell") or {}  # nbconvert's templates name none
    renderer = _MathMLRenderer(escape=False, attachments=cell.get("attachments", {}), exclude_anchor_links=True)
    try:
        if len(source) > LONGEST_MARKDOWN:
            raise ValueError(f"{len(source)} characters")
        html = MarkdownWithMath(renderer=renderer).render(source)
    except Exception:  # Nesting without end, an image that is not there: what cannot be rendered is shown as it is.
        html = f"<pre>{escape(source)}</pre>"
    return Markup(clean_html(html))


def clean_before_showing(nb, resources):
    """Clean a notebook that the formgrader is about to show; for `c.HTMLExporter.preprocessors`."""
    return from_dict(clean_notebook(nb)), resources


# Hidden tests

class HideTests(NbGraderPreprocessor):
    """Takes hidden tests out of a graded notebook, and the lines of tracebacks that quote them."""

    def preprocess(self, nb, resources):
        markers = ClearHiddenTests(parent=self.parent)
        region = re.compile(
            rf"^[^\n]*{re.escape(markers.begin_test_delimeter)}.*?"
            rf"(?:^[^\n]*{re.escape(markers.end_test_delimeter)}[^\n]*(?:\n|\Z)|\Z)",
            re.DOTALL | re.MULTILINE,
        )
        hidden = set()
        for cell in nb.cells:
            regions = region.findall(cell.source)
            hidden |= {line.strip() for text in regions for line in text.splitlines() if line.strip()}
            cell.source = region.sub("", cell.source)
            for output in cell.get("outputs", []):
                if regions and output.output_type == "error":
                    output.traceback = []
        for cell in nb.cells:
            for output in cell.get("outputs", []):
                if output.output_type == "error":
                    output.traceback = [_without_lines(hidden, entry) for entry in output.traceback]
        return nb, resources


def _without_lines(hidden, text):
    """Return a traceback's text without the lines that quote hidden code."""
    kept = []
    for line in text.split("\n"):
        quoted = re.sub(r"^(-+>)?\s*\d*\s*", "", re.sub(r"\x1b\[[\d;]*m", "", line).strip()).strip()
        if not any(secret == quoted or len(secret) > 7 and secret in quoted for secret in hidden):
            kept.append(line)
    return "\n".join(kept)


# The last look

_FORBIDDEN_TAGS = set(
    "script iframe frame frameset object embed applet base form input button link audio video source track portal "
    "foreignobject animate animatemotion animatetransform set image feimage maction semantics annotation-xml".split()
)
_LOADING_ATTRIBUTES = set(
    "src srcset srcdoc href xlink:href data poster background action formaction ping manifest codebase cite "
    "actiontype dynsrc lowsrc".split()
)


def refuse_active(page):
    """Refuse a page that would run or load something.

    Raises:
        ActiveContent: naming the first thing that would.
    """
    _LastLook(page)


class _LastLook(HTMLParser):
    def __init__(self, page):
        super().__init__()
        self.policy = {"http-equiv": "Content-Security-Policy", "content": POLICY}
        self.tags, self.metas = [], []
        self.feed(page)
        self.close()
        if self.tags[:3] != ["html", "head", "meta"] or self.metas[0] != self.policy:
            raise ActiveContent("The page does not begin with its Content-Security-Policy.")

    def handle_starttag(self, tag, attrs):
        attrs = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        if tag in _FORBIDDEN_TAGS or (tag == "style" and self.tags.count("style") > 1):
            raise ActiveContent(f"The page holds <{tag}>.")
        if tag == "meta":
            self.metas.append(attrs)
            if "http-equiv" in attrs and attrs != self.policy:
                raise ActiveContent("The page holds a <meta http-equiv> of its own.")
        for name, value in attrs.items():
            if name.startswith("on") or name in _LOADING_ATTRIBUTES and not _is_inert(tag, name, value):
                raise ActiveContent(f"The page holds <{tag} {name}={value[:40]!r}>.")
            if name not in ("alt", "title", "aria-label", "content") and re.search(r"url\((?!#)|\\", value):
                raise ActiveContent(f"The page holds <{tag} {name}={value[:40]!r}>.")


def _is_inert(tag, name, value):
    """Return whether an address is a picture within the page, a place on it or, for a link, the web."""
    if name == "src":
        return tag == "img" and value.startswith(("data:image/png;base64,", "data:image/jpeg;base64,"))
    if name in ("href", "xlink:href"):
        return value.startswith("#") or tag == "a" and bool(re.match(r"https?://|mailto:", value, re.IGNORECASE))
    return False
