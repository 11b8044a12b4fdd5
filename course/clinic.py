"""The bug clinic: it lets a learner's function loose on a patient, and says what kept it from being checked.

What a mended function has to give is not known here: that is the business of the lesson and of `check`.
"""

import traceback
from types import SimpleNamespace

import numpy as np

WORDS = ("order", "transpose", "sign", "samples", "outputs", "slope")


class CannotBeChecked(Exception):
    """What a function gave cannot be checked; the message says why."""


def attempt(collect, tried, name, parts=1):
    """Return what a check collects from a learner's function; where there is nothing to collect, print why.

        J, inputs = attempt(losses_by, mended_loss, "mended_loss", parts=2)

    Args:
        collect: function that calls the learner's function as it likes and returns as many things as `parts`.
        tried: the learner's function.
        name: what messages call it.
        parts: how many things are collected.

    Returns:
        collect(tried). If that fails, the exception in its place, once for each part, which `check` refuses as a value
        of another kind; `...` for a function that is still to be written.
    """
    inside = []

    def called(*given):
        inside.append(True)  # and it stays so, if an error comes out of it
        came = tried(*given)
        inside.pop()
        return came

    try:
        return collect(called)
    except NotImplementedError:
        problem = ...
    except RecursionError as error:
        problem = error
        print(f"{name} never ends: does it call the method whose place it takes, and so itself?")
    except CannotBeChecked as error:
        problem = error
        print(f"{name} {error}.")
    except Exception as error:
        problem = error
        what = f"{name} raised" if inside else f"what came of {name} cannot be used:"
        print(f"{what} {type(error).__name__}: {error}{_line(error, name)}")
    return problem if parts == 1 else (problem,) * parts


def _line(error, name):
    """Say in which line of a function an error was raised, if that is known."""
    lines = [at.line for at in traceback.extract_tb(error.__traceback__) if at.name == name]
    return f", in the line: {lines[-1]}" if lines else ""


def demand(is_fit, came, expected):
    """Refuse what a function returned, unless it is fit to be checked.

    Args:
        is_fit: whether it is.
        came: what it returned.
        expected: what it should return, in words.

    Raises:
        CannotBeChecked: with what came and what was expected, in words.
    """
    if not is_fit:
        missing = " (is a `return` missing?)" if came is None else ""
        raise CannotBeChecked(f"returned {_in_words(came)}{missing}; expected: {expected}")


def is_number(value):
    """Tell whether a value is one real number: Python's, NumPy's, or an array of no dimensions."""
    return not isinstance(value, (list, tuple)) and np.shape(value) == () and _is_numeric(value)


def lists_of(value, count):
    """Tell whether a value holds two lists or tuples, for weights and for biases, with `count` arrays each."""
    if not isinstance(value, (list, tuple)) or len(value) != 2:
        return False
    if not all(isinstance(half, (list, tuple)) and len(half) == count for half in value):
        return False
    return all(_is_numeric(gradient) for half in value for gradient in half)


def _is_numeric(value):
    try:
        return np.asarray(value).dtype.kind in "iuf"
    except ValueError:  # rows that differ in length
        return False


def _in_words(value):
    if isinstance(value, (list, tuple)):
        brackets = "()" if isinstance(value, tuple) else "[]"
        return f"{brackets[0]}{', '.join(map(_in_words, value))}{brackets[1]}"
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}"
    return "None" if value is None else f"a value of type {type(value).__name__}"


def lent(network, methods, taken, **more):
    """Return a stand-in for a network, with its data and methods, but without the one that a learner writes anew.

    Graders keep a learner's code apart from theirs: between the two only plain data and functions pass.

    Args:
        network: the network, or one part of it.
        methods: names of its methods that the stand-in has, too.
        taken: name of the method whose place the learner's function takes: who calls it is told so.
        **more: further attributes.

    Returns:
        A namespace.
    """
    self = SimpleNamespace(**vars(network), **more)

    def method(name):
        def call(*given, **named):
            result = getattr(network, name)(*given, **named)
            for kept in vars(network).keys() & {"a", "x", "z"}:  # what a forward pass leaves behind
                setattr(self, kept, getattr(network, kept))
            return result

        return call

    vars(self).update({name: method(name) for name in methods}, **{taken: _calls_itself})
    return self


def _calls_itself(*given):
    raise RecursionError


def farthest_from_1(own, measured):
    """Return that ratio of two arrays, own to measured, entry by entry, which is the farthest from 1."""
    ratios = np.ravel(np.asarray(own) / measured)
    return ratios[np.argmax(np.abs(ratios - 1))]


def alike(came, right):
    """Tell whether two sequences of numbers and arrays are the same but for rounding."""
    try:
        pairs = zip(came, right, strict=True)
        return all(np.shape(one) == np.shape(other) and np.allclose(one, other) for one, other in pairs)
    except (TypeError, ValueError):  # an exception in place of a number; rows that differ in length
        return False


def one_of_six(word):
    """Return a diagnosis as it is, and say so if it is none of the six words."""
    if isinstance(word, str) and word.strip().lower() not in WORDS:
        print(f"{word!r} is none of the six words: {', '.join(WORDS)}")
    return word


def in_yes_and_no(table):
    """Return a table of truth values as one text, so that a verdict on it does not tell which of its entries are off.

    Args:
        table: rows of True and False, or of 1 and 0.

    Returns:
        A text such as "yes no, no yes"; for anything else one that says what it is. What is not answered yet stays.
    """
    if table is None or table is ... or isinstance(table, str):
        return table
    try:
        array = np.asarray(table, dtype=object)
    except ValueError:
        return "rows that differ in length"
    entries = array.ravel().tolist()
    if any(entry is None or entry is ... for entry in entries):
        return ...
    if array.ndim != 2:
        return f"no table of three rows and columns, but one of shape {array.shape}"
    if not all(isinstance(entry, (bool, int, float, np.generic)) and entry in (0, 1) for entry in entries):
        return "a table of other things than True and False"
    return ", ".join(" ".join("yes" if entry else "no" for entry in row) for row in array)
