"""The bare limit: the cells of submissions, run one after the other by `exec` in one warm process, as JSON on stdout.

    python -m benchmarks.bare NOTEBOOK...  ->  {"seconds": [for each notebook]}

No kernel, no fork, no cage, no tests, no result kept. What a notebook would show is made all the same: the rich form
of a cell's last value, and a PNG of each figure that a cell leaves open.
"""

import ast
import contextlib
import gc
import io
import json
import os
import sys
import time
import warnings
from pathlib import Path

import matplotlib.pyplot as plt
from IPython.core.pylabtools import print_figure

_RICH = ("_repr_mimebundle_", "_repr_html_", "_repr_svg_", "_repr_png_")


def run(cells):
    """Run a submission's cells in a fresh namespace; a cell that raises is left there, as a kernel would.

    Args:
        cells: list of their sources.
    """
    names = {"__name__": "__main__"}
    for source in cells:
        with contextlib.suppress(Exception):
            tree = ast.parse(source)
            last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
            exec(compile(tree, "<cell>", "exec"), names)
            if last:
                _show(eval(compile(ast.Expression(last.value), "<cell>", "eval"), names))
        for number in plt.get_fignums():
            print_figure(plt.figure(number), "png", bbox_inches="tight")
        plt.close("all")


def _show(value):
    """Make what a notebook would show of a value."""
    if value is not None:
        repr(value)
        for method in _RICH:
            if hasattr(value, method):
                getattr(value, method)()


def code_cells(path):
    """Return the sources of a submission's code cells that are no tests."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [
        "".join(cell["source"])
        for cell in cells
        if cell["cell_type"] == "code" and not cell["metadata"].get("nbgrader", {}).get("grade")
    ]


def main(paths):
    submissions = [(path.parent, code_cells(path)) for path in paths]
    seconds = []
    nowhere = io.StringIO()
    with contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        run(submissions[0][1])  # imports
        gc.freeze()
        for folder, cells in submissions:
            os.chdir(folder)
            started = time.perf_counter()
            run(cells)
            seconds.append(time.perf_counter() - started)
    print(json.dumps({"seconds": seconds}))


if __name__ == "__main__":
    main([Path(name).resolve() for name in sys.argv[1:]])
