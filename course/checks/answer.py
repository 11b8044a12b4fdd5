"""What a learner hands in, read as plain data: its kind, its shape, its entries."""

import math
import numbers
from dataclasses import dataclass, field

import numpy as np

MOST_ENTRIES = 1_000_000

KIND_IN_WORDS = {
    "number": "a single number",
    "array": "an array of numbers",
    "text": "a text (a string)",
    "names": "a collection of names (texts)",
}


class NotAnswered(Exception):
    """The value is still the placeholder of the stub, or None; the message says more, if there is more to say."""


class WrongKind(Exception):
    """The value is nothing that an exercise asks for; the message says what it is instead."""


@dataclass(frozen=True)
class Answer:
    """A value reduced to what is compared.

    Attributes:
        kind: "number", "array", "text" or "names".
        shape: () for a number or a text, (k,) for k names, the array's shape for an array.
        entries: the numbers in row-major order as Python floats, or the texts, in lower case and with single spaces.
        written: the texts as they were written, in the same order; () for numbers.
    """

    kind: str
    shape: tuple
    entries: tuple
    written: tuple = field(default=(), compare=False)


def read(value):
    """Read any value that a learner may hand in.

    A list or tuple counts as an array, a 0-d array and a bool as a number, and the order and the
    repetition of names do not matter.

    Args:
        value: anything.

    Returns:
        The `Answer`.

    Raises:
        NotAnswered: for None, `...`, and for a list that still holds one of them.
        WrongKind: for anything else that holds neither numbers nor texts.
    """
    if isinstance(value, (list, tuple)) and _count_entries(value, MOST_ENTRIES) > MOST_ENTRIES:
        raise WrongKind(f"{_in_words(value)} of more than {MOST_ENTRIES:,} entries, more than any exercise asks for")
    if value is None:
        raise NotAnswered("It is None, which is also what a function gives that prints its result or returns nothing.")
    if _is_placeholder(value):
        raise NotAnswered
    if isinstance(value, str):
        return Answer("text", (), (_normal_text(value),), (str(value),))
    if isinstance(value, numbers.Real) or (isinstance(value, np.generic) and value.dtype.kind in "biuf"):
        return Answer("number", (), (_as_float(value),))
    if isinstance(value, (list, tuple, set, frozenset)):
        return _read_collection(value)
    if isinstance(value, np.ndarray) or (hasattr(value, "__array__") and not isinstance(value, type)):
        return _read_array(value)
    raise WrongKind(_in_words(value))


def _count_entries(value, most):
    """Count the entries of nested lists and arrays, but stop once there are more than `most`."""
    if isinstance(value, np.ndarray):
        return value.size
    if not isinstance(value, (list, tuple)):
        return 1
    count = 0
    for item in value:
        count += _count_entries(item, most - count)
        if count > most:
            break
    return count


def _is_placeholder(value):
    if isinstance(value, (list, tuple)):
        return any(_is_placeholder(item) for item in value)
    return value is None or value is ...


def _normal_text(text):
    return " ".join(str(text).split()).casefold()


def _as_float(value):
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def _read_collection(items):
    if items and all(isinstance(item, str) for item in items):
        written = {_normal_text(item): str(item) for item in items}
        names = tuple(sorted(written))
        return Answer("names", (len(names),), names, tuple(written[name] for name in names))
    if isinstance(items, (set, frozenset)):
        if not items:
            return Answer("names", (0,), ())
        raise WrongKind("a set, which keeps no order")
    return _read_array(items)


def _read_array(value):
    try:
        array = np.asarray(value.detach() if hasattr(value, "detach") else value)
    except ValueError:
        raise WrongKind("a list whose rows differ in length") from None
    if array.dtype.kind not in "biuf":
        raise WrongKind(f"{_in_words(value)} that holds something other than real numbers")
    if array.size > MOST_ENTRIES:
        raise WrongKind(f"an array of {array.size:,} entries, more than any exercise asks for")
    entries = tuple(array.astype(np.float64).ravel().tolist())
    return Answer("array" if array.ndim else "number", array.shape, entries)


def _in_words(value):
    """Say what a value is, in the words a beginner knows."""
    if isinstance(value, (list, tuple, np.ndarray)):
        return f"{'an' if isinstance(value, np.ndarray) else 'a'} {_type_name(value)}"
    if isinstance(value, type):
        return f"the class `{value.__name__}` itself"
    if callable(value):
        return "a function (are the parentheses of the call missing?)"
    return f"a value of type `{_type_name(value)}`"


def _type_name(value):
    return "array" if isinstance(value, np.ndarray) else type(value).__name__


def describe(answer):
    """Return a learner's own answer as a short text, or "" where it would be too long to help.

    Args:
        answer: an `Answer`.

    Returns:
        Numbers with up to 7 significant digits; arrays of up to 12 entries; at most 200 characters.
    """
    if answer.kind == "number":
        return f"{answer.entries[0] + 0.0:.7g}"
    if answer.kind == "array":
        if not 0 < len(answer.entries) <= 12:
            return ""
        array = np.array(answer.entries).reshape(answer.shape) + 0.0
        text = np.array2string(array, separator=", ", formatter={"float_kind": "{:.7g}".format})
        return " ".join(text.split())
    text = ", ".join(f"'{entry}'" for entry in answer.written)
    return text if len(text) <= 200 else text[:197] + "..."
