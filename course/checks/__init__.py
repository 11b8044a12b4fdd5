"""`check`: tells a learner at once whether a step is right and, if not, which mistake it looks like."""

import os
from contextlib import contextmanager
from pathlib import Path

from course.checks import sealed_file
from course.checks.report import Report
from course.checks.sealed_file import CheckError

__all__ = ["CheckError", "CheckFailed", "check", "judged_by", "unpack"]

_NOTHING = object()
_judge = None
_deliver = None


class CheckFailed(AssertionError):
    """At least one answer is not right; the message holds every verdict in words."""

    def __init__(self, report):
        super().__init__(str(report))
        self.report = report

    def _render_traceback_(self):
        # In a notebook the card above says it all. nbgrader's Validate shows nothing but this.
        if os.environ.get("NBGRADER_EXECUTION") == "validate":
            return [f"CheckFailed: {self}"]
        return [f"CheckFailed: {self.report.summary}"]


def check(exercise, answer=_NOTHING, /, **parts):
    """Check an exercise's answer, its parts, or both, and say what is right and what is not.

        check("z1-row1", z1_1)
        check("w2-22", dJ_dw2_22, weight=dz3_dx2_2, gate=dx2_2_dz2_2, neuron=dz2_2_dw2_22)

    Args:
        exercise: the exercise's name; "w2-22/gate" checks one part alone.
        answer: the exercise's own value, if it has one: in a chain, the product.
        **parts: values that lead to it, judged one by one and shown in this order, before the answer.

    Raises:
        CheckFailed: if anything is not right; all the verdicts have been shown by then.
        CheckError: if there are no sealed answers, or none of this name.
    """
    given = {f"{exercise}/{part}": value for part, value in parts.items()}
    if answer is not _NOTHING:
        given[exercise] = answer
    if not given:
        raise CheckError(f'check("{exercise}") has nothing to check: write check("{exercise}", value).')
    judge = _judge or sealed_file.load(sealed_file.find(Path.cwd())).judge
    report = Report(judge(given))
    if _deliver:
        _deliver(report)
        return
    report.show()
    if not report.is_right:
        raise CheckFailed(report)


def unpack(value, count):
    """Return the things that a learner's function gave, with None for what did not come: `check` has words for it.

        W, b = unpack(collapse(W1, b1, W2, b2), 2)

    Args:
        value: what the function gave: a tuple or a list of `count` things, or only the first of them.
        count: how many things it should give.

    Returns:
        A tuple of at least `count` things; of more, where more came.
    """
    things = tuple(value) if isinstance(value, (tuple, list)) else (value,)
    return things + (None,) * (count - len(things))


@contextmanager
def judged_by(judge, deliver=None):
    """Let another judge than the sealed file decide, as recording and trusted grading do.

    Args:
        judge: function from a dict {answer name: value} to a list of `Verdict`.
        deliver: function that takes the `Report` of each call; `check` then neither shows it nor raises.
    """
    global _judge, _deliver
    before = _judge, _deliver
    _judge, _deliver = judge, deliver
    try:
        yield
    finally:
        _judge, _deliver = before
