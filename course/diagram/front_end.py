"""Who asked for a cell: a person before a front-end, or a program."""

import sys


def somebody_watches():
    """Return whether a front-end with a person before it asked for this cell.

    Jupyter's protocol tells: a front-end that can ask its user for input sends `allow_stdin`. nbclient, and so
    nbconvert, nbgrader and papermill, sends False. A widget that opens its comm there would be written into the
    notebook's metadata, and nbconvert's page would then load the widgets' scripts from a CDN.
    """
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    kernel = getattr(shell, "kernel", None)
    if kernel is None:
        return False
    parent = kernel.get_parent() or {}
    return parent.get("content", {}).get("allow_stdin", True)
