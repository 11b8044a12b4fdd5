"""The eyes of these tests: whatever can go wrong on a page is seen and named, so that silence means something."""

WRONG_CELLS = {
    "title": "Bold that does not **end, and \\\\frac without mathematics.",
    "what-is-given": r"Two exponents, $x^1^2$.",
    "rates-multiply": r"An unknown command, $\nosuchcommand{x}$.",
    "backwards": r"A fraction that is cut short, $\frac{1}{$.",
    "nudge": '''
from IPython.display import HTML

HTML("""
<div style="width: 3000px">wide</div>
<img src="http://192.0.2.1/far-away.png">
<svg width="50" height="20"><text x="0" y="15">too long for its picture</text></svg>
<script>console.error("an error in the page")</script>
""")
''',
}


def test_what_goes_wrong_on_a_page_is_seen(open_lesson):
    notebook = open_lesson("04-chain-rule", WRONG_CELLS)
    notebook.run("nudge")
    notebook.show_all(seconds=5)
    seen = "\n".join(notebook.faults())
    assert 'title: shows raw text, "Bold that does not **end' in seen
    assert "what-is-given: mathematics that cannot be set, Double exponent" in seen
    assert r"rates-multiply: mathematics with an unknown command, \nosuchcommand" in seen
    assert 'backwards: shows raw text, "A fraction that is cut short' in seen
    assert "nudge: is 2" in seen and "pixels too wide" in seen
    assert "nudge: has a picture that is not there" in seen
    assert 'nudge: its label "too long for its picture" is cut off' in seen
    complaints = "\n".join(notebook.window.complaints())
    assert "asked for http://192.0.2.1/far-away.png" in complaints
    assert "an error in the page" in complaints
