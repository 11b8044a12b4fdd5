"""A page in which a widget moves without Jupyter and without a network: for tests and for measuring."""

import json
from html import escape

import anywidget

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>%(title)s</title>
<style>%(css)s</style>
<body data-jp-theme-light="%(is_light)s">
%(html)s
<script type="module">
const state = %(state)s;
const listeners = {};
window.saved = 0;
window.model = {
  get: (name) => state[name],
  set: (name, value) => { state[name] = value; },
  save_changes: () => { window.saved += 1; },
  on: (event, listener) => { listeners[event] = listener; },
  off: (event) => { delete listeners[event]; },
  change: (name, value) => { state[name] = value; listeners[`change:${name}`](); },
};
const started = performance.now();
const source = new Blob([%(esm)s], { type: "text/javascript" });
window.live = await import(URL.createObjectURL(source));
live.default.initialize({ model });
requestAnimationFrame(() => setTimeout(() => { window.firstPaint = performance.now() - started; }));
</script>
</body>
</html>
"""
# JupyterLab's own colours, where there is no JupyterLab.
_DARK = """
:root { color-scheme: dark; --jp-layout-color0: #111; --jp-layout-color1: #212121; --jp-layout-color2: #424242;
  --jp-content-font-color1: #fff; --jp-content-font-color2: rgba(255, 255, 255, .7); --jp-border-color0: #bdbdbd;
  --jp-border-color2: #616161; --jp-brand-color1: #2196f3; }
body { background: #111; }
"""


def page(widget, dark=False):
    """Return a HTML page with an `Alive` widget."""
    told = set(widget.trait_names(sync=True)) - set(anywidget.AnyWidget.class_trait_names())
    return _PAGE % {
        "title": escape(f"{widget.picture.title}, live"),
        "css": "body { margin: 8px; }" + _DARK * dark + widget._css,
        "is_light": str(not dark).lower(),
        "html": widget._repr_html_(),
        "state": _literal({name: getattr(widget, name) for name in sorted(told) if name[0] != "_"}),
        "esm": _literal(widget._esm),
    }


def _literal(value):
    """Return a value as JSON that cannot end the script that it stands in."""
    return json.dumps(value).replace("<", "\\u003c")
