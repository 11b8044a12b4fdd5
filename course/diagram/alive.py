"""What all widgets share: their files joined, and a still picture that comes alive where a page has their model."""

import os
import re
from pathlib import Path
from uuid import uuid4

import anywidget
import traitlets

from course.diagram.svg import Pictured

HERE = Path(__file__).parent


def joined(*files):
    """Return files of JavaScript as one module, without their imports of each other, or files of CSS as one."""
    return "\n".join(re.sub(r"(?ms)^import .*?;\n", "", file.read_text(encoding="utf-8")) for file in files)


class Alive(Pictured, anywidget.AnyWidget):
    """A widget that computes in the browser; a still picture stands in where it cannot be shown.

    Attributes:
        picture: the still Picture.
        key: what the page knows it by, see alive.js.
        svg: the picture that its script moves.
    """

    key = traitlets.Unicode().tag(sync=True)
    svg = traitlets.Unicode().tag(sync=True)

    def __init__(self, picture, **state):
        """Begin with a still Picture; `state` is what the script is told."""
        self.picture = picture
        super().__init__(key=uuid4().hex, **state)

    def _repr_html_(self):
        """Return the still picture in its element."""
        return f'<nn-live key="{self.key}">{self.picture._repr_html_()}</nn-live>'

    def _repr_mimebundle_(self, **kwargs):
        """Return the still picture in an element that comes alive where the page has this widget's model.

        JupyterLab saves it as it is: a notebook that is opened again shows the still picture, where a widget's view
        would say "model not found". Other front-ends may have no models before a view asks for one: there the view
        goes along.
        """
        bundle = {"text/html": self._repr_html_(), "text/plain": repr(self)}
        if "JPY_SESSION_NAME" in os.environ:  # set for the kernels of JupyterLab and Jupyter Notebook
            return bundle, {}
        view, metadata = super()._repr_mimebundle_(**kwargs)
        return view | bundle, metadata
