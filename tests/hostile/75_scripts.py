"""Shows scripts to whoever opens the feedback, in outputs and in prose of its own; none gets there."""

import json

from hostile.corpus import FILE, filled_in, own_cell

SCRIPT = (
    "<script>window.HOSTILE = 1</script><img src=x onerror='window.HOSTILE = 2'><iframe src=//example.org></iframe>"
)


def submission(released, folder):
    shown = f"from IPython.display import HTML, Javascript, display\n\ndisplay(HTML({SCRIPT!r}))"
    notebook = filled_in(released, extra=[("data", f"{shown}\ndisplay(Javascript('window.HOSTILE = 1'))")])
    notebook["cells"].insert(5, own_cell(f"# My notes\n\n{SCRIPT}", "markdown"))
    notebook["cells"].insert(6, own_cell(SCRIPT, "raw"))
    notebook["metadata"]["title"] = SCRIPT
    (folder / FILE).write_text(json.dumps(notebook))


SCORE = 10.0
STATE = "graded"
ABSENT = r"<script[^>]*>[^<]*HOSTILE|<[a-z][^>]+onerror|<iframe[^>]+example"
