"""The widget behind `diagram.live`; imported only where a browser will show it."""

import json
import os
import re
from html import escape
from pathlib import Path
from uuid import uuid4

import anywidget
import traitlets

from course.diagram.compose import compose

_HERE = Path(__file__).parent
_SCRIPTS = ("numbers", "elements", "controls", "picture", "equation", "table")


def _script():
    """Return the widget's JavaScript: its files joined into one module, without their imports of each other."""
    files = [_HERE / f"live_{name}.js" for name in _SCRIPTS] + [_HERE / "live.js"]
    return "\n".join(re.sub(r"(?ms)^import .*?;\n", "", file.read_text(encoding="utf-8")) for file in files)


class LivePicture(anywidget.AnyWidget):
    """A network picture that computes in the browser; a still picture stands in where it cannot be shown.

    Attributes:
        row, x, weight, weight_value: what is chosen; they follow the sliders, and the sliders follow them.
        picture: the still Picture, with the paths of the first weight lit.
    """

    _esm = _script()
    _css = (_HERE / "live.css").read_text(encoding="utf-8")

    key = traitlets.Unicode().tag(sync=True)
    network = traitlets.Dict().tag(sync=True)
    svg = traitlets.Unicode().tag(sync=True)
    row = traitlets.Int().tag(sync=True)
    x = traitlets.List(traitlets.Float()).tag(sync=True)
    weight = traitlets.Unicode().tag(sync=True)
    weight_value = traitlets.Float().tag(sync=True)

    def __init__(self, still, network):
        """Take the numbers of a Network and begin where a Still stands."""
        self.picture = still.picture
        super().__init__(
            key=uuid4().hex,
            network=network_state(network),
            svg=compose(network, still.row, live=True).picture(hooks=True).svg,
            row=still.row,
            x=still.x,
            weight=still.weight,
            weight_value=still.weight_value,
        )

    def __repr__(self):
        return repr(self.picture)

    def _repr_mimebundle_(self, **kwargs):
        """Return the still picture in an element that comes alive where the page has this widget's model.

        JupyterLab saves it as it is: a notebook that is opened again shows the still picture, where a widget's view
        would say "model not found". Other front-ends may have no models before a view asks for one: there the view
        goes along.
        """
        bundle = {"text/html": self.html(), "text/plain": repr(self)}
        if "JPY_SESSION_NAME" in os.environ:  # set for the kernels of JupyterLab and Jupyter Notebook
            return bundle, {}
        view, metadata = super()._repr_mimebundle_(**kwargs)
        return view | bundle, metadata

    def html(self):
        """Return the still picture in its element."""
        return f'<nn-live key="{self.key}">{self.picture._repr_html_()}</nn-live>'


def network_state(network):
    """Return what the browser needs of a Network: its name, layers_dims, samples, weights and biases as lists."""
    return {
        "name": network.name,
        "dims": list(network.layers_dims),
        "X": network.X.tolist(),
        "Y": network.Y.tolist(),
        "W": [W.tolist() for W in network.W],
        "b": [b.ravel().tolist() for b in network.b],
    }


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
    """Return a HTML page with a LivePicture that moves without Jupyter and without a network."""
    names = ("key", "network", "svg", "row", "x", "weight", "weight_value")
    return _PAGE % {
        "title": escape(f"{widget.network['name']}, live"),
        "css": "body { margin: 8px; }" + _DARK * dark + LivePicture._css,
        "is_light": str(not dark).lower(),
        "html": widget.html(),
        "state": _literal({name: getattr(widget, name) for name in names}),
        "esm": _literal(LivePicture._esm),
    }


def _literal(value):
    """Return a value as JSON that cannot end the script that it stands in."""
    return json.dumps(value).replace("<", "\\u003c")
