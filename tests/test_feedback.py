"""Feedback: pages tell what nbgrader's tell, and nothing that a learner planted runs, loads or leaks."""

import html
import re
import shutil
import time
from html.parser import HTMLParser

import nbformat
import pytest
from nbconvert.exporters import HTMLExporter
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output, new_raw_cell
from traitlets.config import Config

import toy
from conftest import LESSONS, ROOT
from course import WORKED, diagram, notebooks, plots
from course.checks.report import Report
from course.checks.verdict import Verdict
from course.grading import batch
from course.nbgrader_app import open_course
from course.report.clean import clean_html, clean_markdown, clean_notebook
from course.report.feedback import TEMPLATES, ActiveContent, FeedbackExporter, HideTests, markdown2html, refuse_active

RUN = "window.PWNED=1"
EVIL = "http://evil.test/x"

# What runs or loads something in HTML, SVG or MathML.
MARKUP = [
    f"<script>{RUN}</script>",
    f"<SCRIPT SRC={EVIL}></SCRIPT>",
    f"<scr<script>ipt>{RUN}</scr</script>ipt>",
    f"<img src=x onerror={RUN}>",
    f"<img src={EVIL}>",
    f"<img src=//evil.test/x srcset='{EVIL} 2x'>",
    f"<img/src='x'/onerror='{RUN}'//",
    f"<svg onload={RUN}></svg>",
    f"<svg><script>{RUN}</script></svg>",
    f"<svg><script href={EVIL} /></svg>",
    f"<svg><a xlink:href='javascript:{RUN}'><text y=20>x</text></a></svg>",
    f"<svg><animate onbegin={RUN} attributeName=x dur=1s></svg>",
    f"<svg><a><set attributeName=href to='javascript:{RUN}'/><text y=9>x</text></a></svg>",
    f"<svg><foreignObject><img src=x onerror={RUN}></foreignObject></svg>",
    f"<svg><image href='{EVIL}'/><use href='{EVIL}#a'/></svg>",
    "<svg><use href='data:image/svg+xml,<svg id=x xmlns=http://www.w3.org/2000/svg onload=PWNED=1>#x'/></svg>",
    f"<svg><rect fill='url({EVIL}#a)' style='filter:url({EVIL}#b)' width=9 height=9 /></svg>",
    f"<svg><style>@import '{EVIL}';</style></svg>",
    f"<svg><title><style><img src=x onerror={RUN}></style></title></svg>",
    f"<svg></p><style><g title='</style><img src=x onerror={RUN}>'></svg>",
    f"<math><maction actiontype='statusline#{EVIL}' xlink:href='javascript:{RUN}'>x</maction></math>",
    f"<math href='javascript:{RUN}'><mi>x</mi></math>",
    f"<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=x onerror={RUN}&gt;'>",
    f"<math><annotation-xml encoding='text/html'><img src=x onerror={RUN}></annotation-xml></math>",
    f"<form><math><mtext></form><form><mglyph><style></math><img src onerror={RUN}>",
    f"<a href='javascript:{RUN}'>x</a>",
    f"<a href=' &#x6A;ava&Tab;script&colon;{RUN}'>x</a>",
    f"<a href='data:text/html,<script>{RUN}</script>'>x</a>",
    f"<a href='vbscript:{RUN}' ping='{EVIL}'>x</a>",
    f"<iframe srcdoc='<script>parent.{RUN}</script>'></iframe>",
    f"<iframe src='javascript:parent.{RUN}'></iframe>",
    f"<object data='{EVIL}'></object>",
    f"<embed src='{EVIL}'>",
    f"<base href='{EVIL}'>",
    f"<meta http-equiv=refresh content='0;url={EVIL}'>",
    "<meta http-equiv=Content-Security-Policy content='default-src *'>",
    f"<link rel=stylesheet href='{EVIL}'>",
    f"<form action='{EVIL}'><button formaction='javascript:{RUN}'>x</button></form>",
    f"<input autofocus onfocus={RUN}>",
    f"<details open ontoggle={RUN}>x</details>",
    f"<div style='background:url({EVIL})'>x</div>",
    f"<div style='background-image:u\\72l({EVIL})'>x</div>",
    f"<div style='--a:url({EVIL});list-style:var(--a)'>x</div>",
    f"<div style='width:expression({RUN})'>x</div>",
    "<div style='position:fixed;inset:0;z-index:9999'>x</div>",
    f"<style>body{{background:url({EVIL})}}</style>",
    f"<video src='{EVIL}' poster='{EVIL}' onerror={RUN}></video>",
    f"<audio src='{EVIL}' autoplay></audio>",
    f"<table background='{EVIL}'><tr><td>x</td></tr></table>",
    f"<body onload={RUN} background='{EVIL}'>",
    f"<marquee onstart={RUN}>x</marquee>",
    f"<noscript><p title='</noscript><img src=x onerror={RUN}>'></noscript>",
    f"<textarea><img title='</textarea><img src=x onerror={RUN}>'>",
    f"<xmp><p title='</xmp><img src=x onerror={RUN}>'>",
    f"<template><img src=x onerror={RUN}></template>",
    f"<!--><img src=x onerror={RUN}>-->",
    f"<![CDATA[><img src=x onerror={RUN}>]]>",
    f"</div></div></div></section></main></body><script>{RUN}</script>",
    "<div id='cell-twice-check' class='full-credit score btn' data-link='x'>x</div>",
]
# What becomes so only through Markdown or TeX.
WRITING = [
    f"[x](javascript:{RUN})",
    f"[x](<javascript:{RUN}>)",
    f"[x]( JaVaScRiPt:{RUN} 'title')",
    f"[x](java&#115;cript:{RUN})",
    f"[x](&#1;javascript:{RUN})",
    f"[x](\njavascript:{RUN})",
    "[x](data:text/html;base64,PHNjcmlwdD4xPC9zY3JpcHQ+)",
    f"[x][r]\n\n[r]: javascript:{RUN}",
    f"> [x][r]\n>\n> [r]:\n> javascript:{RUN}",
    f"<javascript:{RUN}>",
    f"![x]({EVIL})",
    f"![x][r]\n\n[r]: {EVIL}",
    f"![x](x\" onerror=\"{RUN})",
    "![x](attachment:missing.png)",
    f"```mermaid\n</pre><script>{RUN}</script>\n```",
    f"``` <img src=x onerror={RUN}>\ncode\n```",
    f"`<script>`\n\n<details>\n\n<script>{RUN}</script>",
    f"# <img src=x onerror={RUN}>",
    f"| a |\n|---|\n| <img src=x onerror={RUN}> |",
    f"$\\href{{javascript:{RUN}}}{{x}}$",
    f"$$\\text{{<img src=x onerror={RUN}>}}$$",
    f"$\\style{{background:url({EVIL})}}{{x}}$ \\(\\unicode{{x3c}}\\)",
    f"\\begin{{<script>}}{RUN}\\end{{<script>}} $</math><script>{RUN}</script>$",
]
GRADES = {"notebook": "n", "assignment": "a", "student": "s", "score": 1, "max_score": 2, "late_penalty": 0}


def hostile_notebook(payload):
    """Return a notebook with a payload in every place that an exporter copies to its page."""
    bundle = {
        "text/html": payload,
        "application/javascript": RUN,
        "application/vnd.jupyter.widget-view+json": {"model_id": payload},
    }
    outputs = [
        new_output("display_data", bundle),
        *(new_output("display_data", {kind: payload, "text/plain": payload}) for kind in SHOWN),
        new_output("execute_result", {"text/plain": payload}),
        new_output("stream", name="stdout", text=payload),
        new_output("error", ename=payload, evalue=payload, traceback=[payload]),
        new_output("display_data", {"image/png": "iVBO"}, metadata={"image/png": {"width": f"1 onload={RUN}"}}),
    ]
    code = new_code_cell(payload, outputs=outputs)
    code.execution_count = payload
    code.metadata.tags = [payload]
    code.metadata.nbgrader = {"grade_id": payload, "solution": True, "points": payload, "comment": payload}
    written = new_markdown_cell(payload, attachments={payload: {"image/svg+xml": payload}})
    raw = new_raw_cell(payload, metadata={"raw_mimetype": "text/html"})
    cells = [written, code, raw]
    for cell in cells:
        cell.id = payload
    metadata = {"title": payload, "widgets": {payload: payload}, "language_info": {"name": payload}}
    return nbformat.from_dict({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5})


SHOWN = ["image/svg+xml", "text/markdown", "text/latex", "image/png", "image/jpeg", "text/vnd.mermaid"]


def feedback_page(notebook):
    page, _ = FeedbackExporter().from_notebook_node(notebook, {"nbgrader": dict(GRADES)})
    return page


def body_by_nbconvert(notebook):
    page, _ = HTMLExporter(template_name="basic").from_notebook_node(notebook)
    return page


class Witness(HTMLParser):
    """Notes everything in a page that could run or load something."""

    harmless = set("id class title role style alt width height colspan rowspan rel lang charset name content".split())

    def __init__(self, page):
        super().__init__()
        self.seen = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        if re.fullmatch("script|iframe|object|embed|base|link|form|input|button|frame|image|set|animate|foreignobject"
                        "|video|audio|maction|mglyph|annotation-xml|template|textarea|noscript", tag):
            self.seen.append(tag)
        for name, value in attrs:
            value = re.sub(r"[\s\x00-\x20]", "", html.unescape(value or "")).lower()
            active = name.startswith("on") or "script:" in value and name not in ("alt", "title")
            loads = re.match(r"(https?:|//|data:(?!image/(png|jpeg|svg\+xml);base64,))", value)
            loads = loads and not name.startswith("xmlns") and (tag, name) not in (("a", "href"), ("a", "title"))
            styled = name == "style" and re.search(r"url|position|expression|\\|@", value)
            if active or loads and name not in ("alt", "title") or styled:
                self.seen.append((tag, name, value))


@pytest.mark.parametrize("payload", MARKUP + WRITING)
def test_nothing_planted_is_active_in_a_feedback_page(payload):
    page = feedback_page(hostile_notebook(payload))
    assert page.count("<meta http-equiv") == 1 and page.count("<style") == 1
    assert Witness(page).seen == []


@pytest.mark.parametrize("payload", MARKUP + WRITING)
def test_nothing_planted_is_active_where_nbconvert_exports_the_cleaned_notebook(payload):
    assert Witness(body_by_nbconvert(nbformat.from_dict(clean_notebook(hostile_notebook(payload))))).seen == []


def test_the_witness_sees_what_nbconvert_makes_of_notebooks_that_are_not_cleaned():
    unseen = [payload for payload in MARKUP if not Witness(payload).seen]
    assert len(unseen) <= 12, unseen  # the rest is active by what browsers repair
    assert Witness(body_by_nbconvert(new_notebook(cells=[new_markdown_cell(WRITING[0])]))).seen


@pytest.mark.parametrize("payload", MARKUP)
def test_cleaning_again_changes_nothing(payload):
    cleaned = clean_notebook(hostile_notebook(payload))
    assert clean_notebook(cleaned) == cleaned


@pytest.mark.parametrize("active", [
    "<script>1</script>", "<img src=x>", "<img src=http://e/x>", "<p onclick=x>", "<a href=javascript:x>", "<iframe>",
    "<p style='color:url(http://e)'>", "<base>", "<form>", "<meta http-equiv=refresh content=0>", "<style></style>",
    "<svg><use href='http://e#x'>", "<svg><image>", "<link href=x>",
])
def test_the_last_look_refuses_a_page_with_active_content(active):
    page = feedback_page(new_notebook())
    refuse_active(page)
    with pytest.raises(ActiveContent):
        refuse_active(page.replace("<main>", f"<main>{active}"))


def test_a_page_without_its_policy_at_the_top_is_refused():
    page = feedback_page(new_notebook())
    with pytest.raises(ActiveContent):
        refuse_active(re.sub(r"<meta http-equiv.*?>", "", page))


# What lessons need stays

@pytest.mark.parametrize("name", LESSONS)
def test_the_lessons_own_markdown_stays_as_it_is(name):
    (path,) = (ROOT / "source" / name).glob("*.ipynb")
    for cell in notebooks.read(path).cells:
        if cell.cell_type == "markdown":
            assert clean_markdown(cell.source) == cell.source


@pytest.mark.parametrize("name", LESSONS)
def test_every_formula_of_the_lessons_becomes_mathml(name):
    (path,) = (ROOT / "source" / name).glob("*.ipynb")
    for cell in notebooks.read(path).cells:
        if cell.cell_type == "markdown":
            shown = re.sub(r"<(code|pre)>.*?</\1>", "", markdown2html({}, cell.source), flags=re.DOTALL)
            assert "$" not in shown and "\\" not in shown


def test_a_formula_that_cannot_be_converted_shows_its_source():
    assert "<code>\\frac</code>" in markdown2html({}, "$\\frac$")


@pytest.mark.parametrize("picture", [
    diagram.draw(WORKED, path="w2-22")._repr_html_(),
    plots.functions({"square": (lambda z: z**2, lambda z: 2 * z)})._repr_html_(),
])
def test_the_courses_pictures_keep_their_look(picture):
    cleaned = clean_html(picture)
    for tag in ("svg", "title", "desc", "path", "rect", "circle", "text", "tspan", "use", "clipPath", "polygon"):
        assert cleaned.count(f"<{tag}") == picture.count(f"<{tag}")
    for attribute in ("fill", "stroke", "points", "d", "viewBox", "transform", "stroke-width", "clip-path", "style",
                      "font-size", "opacity", "id", "xlink:href", "aria-labelledby", "text-anchor"):
        assert cleaned.count(f' {attribute}="') == picture.count(f' {attribute}="')
    for place in re.findall(r'(?:href="|url\()#([^")]+)', cleaned):
        assert f'id="{place}"' in cleaned


def test_a_check_card_keeps_its_look():
    card = Report([Verdict("twice", "wrong", "That is `x`, not `y`.")])._repr_html_()
    # The cleaner writes styles without blanks and apostrophes as they are.
    assert clean_html(card).replace(" ", "") == html.unescape(card).replace(" ", "")


def test_text_pictures_and_nbgraders_metadata_stay_as_they_are():
    mark = {"grade_id": "w2-22", "grade": True, "locked": True, "points": 2.5, "schema_version": 3, "checksum": "0a"}
    verdicts = [{"name": "w2-22", "state": "mistake", "mistake": "forgot the gate's < 0"}]
    shown = new_output("display_data", {"text/plain": "<a> & b", "image/png": "iVBORw0KGgo=\n"},
                       metadata={"course": verdicts, "image/png": {"width": 640}})
    printed = new_output("stream", name="stderr", text="a < b\x1b[0m")
    notebook = new_notebook(cells=[new_code_cell("x<y", outputs=[shown, printed], metadata={"nbgrader": mark})])
    assert clean_notebook(notebook) == notebook | {"nbformat": 4, "nbformat_minor": 5}


def test_a_picture_pasted_into_an_answer_is_shown():
    cell = new_markdown_cell("![mine](attachment:image.png)", attachments={"image.png": {"image/png": "iVBORw0KGgo="}})
    assert 'src="data:image/png;base64,iVBORw0KGgo="' in feedback_page(new_notebook(cells=[cell]))


@pytest.mark.parametrize("flood", [
    "<div>" * 100_000, "](a" * 100_000, "![" * 100_000, "".join(f"<b id={i}><p>" for i in range(5000)),
    "[" * 100_000, "\\begin{a}" * 20_000, ">" * 40_000, "$" + "{" * 5000,
])
def test_a_flood_costs_seconds_at_most(flood):
    started = time.perf_counter()
    feedback_page(new_notebook(cells=[new_markdown_cell(flood), new_code_cell(
        outputs=[new_output("display_data", {"text/html": flood})])]))
    assert time.perf_counter() - started < 10


def test_half_a_letter_can_be_written():
    page = feedback_page(new_notebook(cells=[new_markdown_cell("\ud83d"), new_code_cell("'\ud83d'")]))
    assert page.encode("utf-8")


# With nbgrader

HIDDEN = "assert twice(3) == secret_number(7), 'no'"


@pytest.fixture
def graded(released_toy, tmp_path):
    """Return a course with one graded submission."""
    course = shutil.copytree(released_toy, tmp_path / "course")
    planted = f"from IPython.display import HTML\nHTML({MARKUP[0]!r})"
    toy.hand_in(course, "ada", {"twice": f"answer = 2.46912\n{planted}"})
    assert [one.kind for one in batch.grade(course, [toy.NAME])] == ["graded"]
    return course


def test_nbgrader_writes_pages_with_scores_and_comments(graded):
    with open_course(graded).gradebook as gradebook:
        comment = gradebook.find_comment("square", "toy", toy.NAME, "ada")
        comment.manual_comment = f"Look at **x**. {MARKUP[0]}"
        gradebook.db.commit()
    assert open_course(graded).generate_feedback(toy.NAME)["success"]
    page = (graded / "feedback" / "ada" / toy.NAME / "toy.html").read_text()
    assert "<b>2 of 5 points</b>" in page
    for row in ("twice-check</a></td><td>2 of 2", "square-check</a></td><td>0 of 3"):
        assert row in page
    assert "Look at <strong>x</strong>." in page and 'href="#comment-square"' in page and 'id="comment-square"' in page
    assert Witness(page).seen == [] and len(page) < 40_000


def test_hidden_tests_are_not_shown():
    lines = ["check('twice', 2)", "### BEGIN HIDDEN TESTS", HIDDEN, "### END HIDDEN TESTS", "print('end')"]
    failure = new_output("error", ename="AssertionError", evalue="no", traceback=[f"\x1b[1m----> 3\x1b[0m {HIDDEN}"])
    helper = new_output("error", ename="E", evalue="e", traceback=[f"in mine\n   12 {HIDDEN}\n   13 mine()"])
    notebook = new_notebook(cells=[new_code_cell("\n".join(lines), outputs=[failure]),
                                   new_code_cell("mine()", outputs=[helper]),
                                   new_code_cell("### BEGIN HIDDEN TESTS\nforgotten_end()")])
    exporter = FeedbackExporter()
    exporter.register_preprocessor(HideTests)
    page, _ = exporter.from_notebook_node(notebook, {"nbgrader": dict(GRADES)})
    shown = html.unescape(re.sub(r"<[^>]*>", "", page))
    assert "secret_number" not in shown and "HIDDEN" not in shown and "forgotten_end" not in shown
    assert "check('twice', 2)\nprint('end')" in shown and "13 mine()" in shown and "AssertionError: no" in shown


def test_the_formgraders_page_is_clean_and_loads_nothing_from_afar():
    from nbgrader.server_extensions.formgrader.handlers import template_path

    config = Config()
    config.HTMLExporter.template_name = "formgrade"
    config.HTMLExporter.extra_template_basedirs = [TEMPLATES, template_path]
    config.HTMLExporter.preprocessors = ["course.report.feedback.clean_before_showing"]
    config.HTMLExporter.filters = {"markdown2html": "course.report.feedback.markdown2html"}
    graded = {"grade_id": "answer", "grade": True, "solution": True, "locked": False, "points": 1}
    cells = [new_markdown_cell(payload, metadata={"nbgrader": graded}) for payload in MARKUP + WRITING]
    page, _ = HTMLExporter(config=config).from_notebook_node(
        new_notebook(cells=cells), {"base_url": "", "index": 0, "total": 1, "assignment_id": "a", "notebook_id": "n"}
    )
    learners = page.partition('id="notebook-container"')[2]
    found = [what for what in Witness(learners).seen if what not in ("button", "input", "textarea")]
    assert found == [] and RUN not in page.partition("</head>")[0]
    from_afar = re.findall(r"<(?:script|link|img)[^>]*(?:src|href)=.https?://[^>]*>", page)
    assert from_afar == [] and "cdnjs" not in page and "MathJax.Hub" not in page


def test_a_notebook_read_from_a_file_is_cleaned_too():
    written = {"cell_type": "markdown", "metadata": {}, "source": ["a ", "<b onclick=x>"]}
    unknown = {"cell_type": "heading", "metadata": {}, "source": "x"}
    (cell,) = clean_notebook({"cells": [written, unknown], "metadata": {}, "nbformat": 4, "nbformat_minor": 2})["cells"]
    assert (cell["source"], cell["id"]) == ("a < b onclick=x>", "cell-0")
