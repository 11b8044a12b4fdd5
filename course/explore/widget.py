"""The widget behind the explorers; imported only where a browser will show it."""

import os
import re
from pathlib import Path
from uuid import uuid4

import anywidget
import traitlets

from course import diagram
from course.diagram.live_widget import network_state
from course.networks import Network

_HERE, _LIVE = Path(__file__).parent, Path(diagram.__file__).parent


def _script():
    """Return one module: the live picture's numbers and elements, what the explorers share, and each of them."""
    files = [*(_LIVE / f"live_{name}.js" for name in ("numbers", "elements", "controls")),
             *(_HERE / f"{name}.js" for name in ("base", "slope", "surface", "region", "explore"))]
    return "\n".join(re.sub(r"(?ms)^import .*?;\n", "", file.read_text(encoding="utf-8")) for file in files)


class Explorer(anywidget.AnyWidget):
    """An explorer that computes in the browser; a still picture stands in where it cannot be shown."""

    _esm = _script()
    _css = "\n".join(file.read_text(encoding="utf-8") for file in (_LIVE / "live.css", _HERE / "base.css"))

    key = traitlets.Unicode().tag(sync=True)
    kind = traitlets.Unicode().tag(sync=True)
    svg = traitlets.Unicode().tag(sync=True)
    state = traitlets.Dict().tag(sync=True)

    def __init__(self, still):
        """Begin where a Still stands."""
        self.picture = still.picture
        state = {name: network_state(value) if isinstance(value, Network) else value
                 for name, value in still.state.items()}
        super().__init__(key=uuid4().hex, kind=still.kind, svg=still.picture.svg, state=state)

    def __repr__(self):
        return repr(self.picture)

    def _repr_mimebundle_(self, **kwargs):
        """Return the still picture in an element that comes alive, as a LivePicture does, and elsewhere the view."""
        bundle = {"text/html": self.html(), "text/plain": repr(self)}
        if "JPY_SESSION_NAME" in os.environ:  # set for the kernels of JupyterLab and Jupyter Notebook
            return bundle, {}
        view, metadata = super()._repr_mimebundle_(**kwargs)
        return view | bundle, metadata

    def html(self):
        """Return the still picture in its element."""
        return f'<nn-explorer key="{self.key}">{self.picture._repr_html_()}</nn-explorer>'
