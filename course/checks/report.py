"""Verdicts shown: as a card in JupyterLab, as lines of text everywhere else."""

import html
import posixpath
import re
from contextlib import suppress

from course.checks.picture import picture_of
from course.checks.verdict import RIGHT, UNANSWERED

_SIGN = {RIGHT: "✔", UNANSWERED: "○"}
_COLOUR = {RIGHT: "var(--jp-success-color1, #2e7d32)", UNANSWERED: "var(--jp-ui-font-color2, #616161)"}
_WRONG_SIGN = "✘"
_WRONG_COLOUR = "var(--jp-error-color1, #c62828)"


class Report:
    """The verdicts of one call of `check`, in the order of the answers."""

    def __init__(self, verdicts):
        self.verdicts = verdicts
        self.note = "" if all(v.state == UNANSWERED for v in verdicts) else _note_on_the_cell_before()

    def __str__(self):
        lines = [f"{_sign(v)} {v.name}: {v.words}" for v in self.verdicts]
        return "\n".join([*lines, self.note] if self.note else lines)

    __repr__ = __str__

    @property
    def is_right(self):
        return all(verdict.is_right for verdict in self.verdicts)

    @property
    def summary(self):
        """Say in one line how many answers are right."""
        total = len(self.verdicts)
        if total == 1:
            return f"{self.verdicts[0].name} is not right yet; what to look at stands above."
        right = sum(verdict.is_right for verdict in self.verdicts)
        call = posixpath.commonpath([verdict.name for verdict in self.verdicts])
        return f"{call}: {right} of {total} right so far; what to look at stands above."

    def _repr_html_(self):
        rows = "".join(_row(verdict) for verdict in self.verdicts)
        if self.note:
            rows += f'<div style="padding:3px 14px">{html.escape(self.note)}</div>'
        with suppress(Exception):  # a picture helps; that it cannot be drawn must cost nobody a verdict
            if picture := picture_of(self.verdicts):
                rows += picture._repr_html_()
        return f'<div role="status" style="margin:4px 0;font-size:var(--jp-content-font-size1, 14px)">{rows}</div>'

    def metadata(self):
        """Return the verdicts as plain data, for reports that read executed notebooks."""
        return {"course": [{"name": v.name, "state": v.state, "mistake": v.mistake} for v in self.verdicts]}

    def show(self):
        """Display the card in a notebook, or print the lines where there is no notebook."""
        if _shell() is None:
            print(self)
        else:
            from IPython.display import display

            display(self, metadata=self.metadata())


def _shell():
    """Return the IPython shell of a notebook, or None outside of one."""
    try:
        from IPython import get_ipython
    except ImportError:
        return None
    return get_ipython()


def _note_on_the_cell_before():
    """Warn where the cell that ran last ended in an error, since its variables may then be those of an earlier run."""
    last = getattr(_shell(), "last_execution_result", None)
    error = last and (last.error_before_exec or last.error_in_exec)
    if not error or isinstance(error, AssertionError):
        return ""
    return (
        f"Note: the cell that ran before ended in {type(error).__name__}, so what is checked here may stem from an "
        "earlier run. Mend that cell first."
    )


def _sign(verdict):
    return _SIGN.get(verdict.state, _WRONG_SIGN)


def _row(verdict):
    colour = _COLOUR.get(verdict.state, _WRONG_COLOUR)
    words = re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(verdict.words))
    return (
        f'<div style="border-left:4px solid {colour};padding:3px 10px;margin:2px 0">'
        f'<span aria-hidden="true" style="color:{colour};font-weight:bold">{_sign(verdict)}</span> '
        f"<b>{html.escape(verdict.name)}</b>: {words}</div>"
    )
