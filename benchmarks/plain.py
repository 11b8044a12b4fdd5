"""`check` as an ordinary author of tests would write it: the right answers in the open, compared by `assert`.

The others are measured with this one, since the course's own `check` makes guessing slow on purpose, which would count
against them. Imported by lessons in a kernel; the file of answers is named by the environment.
"""

import json
import os
from pathlib import Path

import numpy as np

from course.checks.answer import read

ANSWERS = "BENCH_ANSWERS"
_NOTHING = object()
_answers = {}


def check(exercise, answer=_NOTHING, /, **parts):
    """Compare values with the right ones, as `course.check` is called.

    Args:
        exercise: the exercise's name.
        answer: its own value, if it has one.
        **parts: values that lead to it.

    Raises:
        AssertionError: at the first one that is not right.
    """
    if not _answers:
        _answers.update(json.loads(Path(os.environ[ANSWERS]).read_text(encoding="utf-8")))
    given = {f"{exercise}/{part}": value for part, value in parts.items()}
    if answer is not _NOTHING:
        given[exercise] = answer
    for name, value in given.items():
        kind, shape, entries = _answers[name]
        came = read(value)
        assert came.kind == kind and list(came.shape) == shape, f"{name} is of the wrong kind or shape"
        if kind in ("number", "array"):
            np.testing.assert_allclose(came.entries, entries, rtol=2e-6, atol=1e-12, err_msg=name)
        else:
            assert list(came.entries) == entries, f"{name} is wrong"
