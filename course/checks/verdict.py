"""The verdict on an answer: right, or what it looks like instead."""

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from course.checks import answer as answers
from course.checks import seal as seals

RIGHT = "right"
UNANSWERED = "unanswered"
WRONG_KIND = "kind"
WRONG_SHAPE = "shape"
NOT_FINITE = "not finite"
MISTAKE = "mistake"
WRONG_VALUE = "value"
INHERITED = "inherited"

# A named mistake costs one slow digest to recognise. Beyond this many wrong parts of one exercise
# the learner is better told to mend the first ones.
MOST_LOOKUPS = 3


@dataclass(frozen=True)
class Verdict:
    """What is said of one answer.

    Attributes:
        name: the exercise, "w2-22", or one of its parts, "w2-22/gate".
        state: one of the constants of this module.
        words: what the learner is told, in a sentence or two; `code` stands in backticks.
        mistake: the short name of the recognised mistake, or "".
    """

    name: str
    state: str
    words: str
    mistake: str = ""

    @property
    def is_right(self):
        return self.state == RIGHT


@dataclass(frozen=True)
class SealedAnswer:
    """One answer as the sealed file holds it.

    Attributes:
        right: the `Seal` of the right value.
        mistakes: `Seal`s of the values that known mistakes lead to; each message is "name\\nwords".
        salt: text that the seals were made with.
    """

    right: seals.Seal
    mistakes: tuple
    salt: str

    def mistake_salt(self, number):
        return f"{self.salt}|mistake {number}"


@dataclass(frozen=True)
class SealedExercise:
    """The sealed answers of one exercise.

    Attributes:
        name: "w2-22".
        answers: dict from full name ("w2-22/gate", "w2-22") to `SealedAnswer`.
        calls: dict from the names that one call of `check` hands in together, a tuple, to one digest over all.
        salt: text that these digests were made with.
    """

    name: str
    answers: dict
    calls: dict
    salt: str


@dataclass(frozen=True)
class _Examined:
    """A learner's answer, as far as one digest can judge it."""

    name: str
    sealed: SealedAnswer
    read: answers.Answer | None
    state: str
    words: str = ""


def judge(exercise, given):
    """Judge the answers to one exercise.

    Where all are right this takes one slow digest. Otherwise the order is: not answered yet; wrong
    kind; wrong shape; not finite; a named mistake; which entries are off. The exercise's own value,
    the last link of a chain, is not searched for mistakes while a part of it is wrong: it inherits those.

    Args:
        exercise: a `SealedExercise`.
        given: dict from the answer's full name to the learner's value, parts first.

    Returns:
        A list of `Verdict`, one for each of `given`, in its order.
    """
    examined = [_read(name, exercise.answers[name], value) for name, value in given.items()]
    if _all_right_at_once(exercise, examined):
        return [Verdict(item.name, RIGHT, "right.") for item in examined]
    # Both slow steps run in threads: scrypt lets go of the interpreter's lock.
    with ThreadPoolExecutor(max_workers=4) as pool:
        examined = list(pool.map(_compare, examined))
        return _explain(exercise.name, examined, pool)


def _read(name, sealed, value):
    """Read a value and judge everything that needs no digest."""
    try:
        read = answers.read(value)
    except answers.NotAnswered:
        return _Examined(name, sealed, None, UNANSWERED, "not answered yet.")
    except answers.WrongKind as problem:
        return _Examined(name, sealed, None, WRONG_KIND, f"this is {problem}; expected {_expected(sealed.right)}.")
    right = sealed.right
    if read.kind != right.kind and not (read.kind == "names" and right.kind == "text" and read.shape == (1,)):
        return _Examined(name, sealed, read, WRONG_KIND, _wrong_kind(read, right))
    if read.shape != right.shape and read.kind == "array":
        return _Examined(name, sealed, read, WRONG_SHAPE, _wrong_shape(read, right))
    if not seals.is_finite(read):
        return _Examined(name, sealed, read, NOT_FINITE, _not_finite(read))
    return _Examined(name, sealed, read, "")


def _expected(right):
    if right.kind == "array":
        return f"an array of numbers of shape {right.shape}"
    return answers.KIND_IN_WORDS[right.kind]


def _wrong_kind(read, right):
    came = answers.KIND_IN_WORDS[read.kind]
    if read.kind == "array":
        came = f"an array of shape {read.shape}"
        if right.kind == "number" and len(read.entries) == 1:
            return f"this is {came}; expected the single number inside it: index it, or call `.item()`."
    return f"this is {came}; expected {_expected(right)}."


def _wrong_shape(read, right):
    words = f"this has shape {read.shape}, expected {right.shape}"
    if read.shape == right.shape[::-1]:
        return f"{words}: transposed?"
    if len(read.entries) == len(right.offsets):
        return f"{words}: the right number of entries, arranged otherwise."
    return f"{words}."


def _not_finite(read):
    if read.kind == "number":
        return "this is not a finite number (NaN or infinite): was something divided by 0, or did a number overflow?"
    count = sum(not math.isfinite(entry) for entry in read.entries)
    which = "one entry is" if count == 1 else f"{count} entries are"
    return f"{which} NaN or infinite: was something divided by 0, or did a number overflow?"


def _all_right_at_once(exercise, examined):
    """Compare all answers of a call with its one digest."""
    digest = exercise.calls.get(tuple(item.name for item in examined))
    if digest is None or any(item.state for item in examined):
        return False
    reads = [item.read for item in examined]
    return seals.together(reads, [item.sealed.right for item in examined], exercise.salt) == digest


def _compare(item):
    if item.state:
        return item
    right = seals.match(item.sealed.right, item.read, item.sealed.salt)
    return _Examined(item.name, item.sealed, item.read, RIGHT if right else WRONG_VALUE)


def _explain(exercise_name, examined, pool):
    verdicts, lookups = [], 0
    for item in examined:
        if item.state == RIGHT:
            verdicts.append(Verdict(item.name, RIGHT, "right."))
        elif item.name == exercise_name and item.state == WRONG_VALUE and any(not v.is_right for v in verdicts):
            verdicts.append(Verdict(item.name, INHERITED, _inherited(item, verdicts)))
        else:
            mistake, says = ("", "")
            if lookups < MOST_LOOKUPS and item.read is not None:
                mistake, says = _named_mistake(item, pool)
                lookups += 1
            verdicts.append(_wrong(item, mistake, says, verdicts))
    return verdicts


def _inherited(item, verdicts):
    wrong = [verdict.name.rpartition("/")[2] for verdict in verdicts if not verdict.is_right]
    return f"{_you_have(item.read)}It inherits what is wrong above ({', '.join(wrong)}): mend that first."


def _named_mistake(item, pool):
    """Look an answer up among the known mistakes; return its name and words, or two empty texts."""
    sealed = item.sealed
    pairs = [(mistake, sealed.mistake_salt(number)) for number, mistake in enumerate(sealed.mistakes)]
    for found in pool.map(lambda pair: seals.match(pair[0], item.read, pair[1]), pairs):
        if found:
            name, _, says = found.message.partition("\n")
            return name, says
    return "", ""


def _wrong(item, mistake, says, earlier):
    """Word the verdict on one wrong answer."""
    if any(mistake and mistake == verdict.mistake for verdict in earlier):
        says = "The same slip as above."
    if item.state == WRONG_VALUE:
        state = MISTAKE if mistake else WRONG_VALUE
        return Verdict(item.name, state, f"not yet. {_you_have(item.read)}{says or _what_is_off(item)}", mistake)
    words = f"not yet: {item.words}" if item.state != UNANSWERED else item.words
    return Verdict(item.name, item.state, f"{words} {says}".strip(), mistake)


def _you_have(read):
    described = answers.describe(read)
    return f"You have {described}. " if described else ""


def _what_is_off(item):
    """Say which entries are off, for an answer that is no known mistake."""
    right, read = item.sealed.right, item.read
    if read.kind == "names":
        return "That is not the whole set, or there is one too many."
    if not right.tags:
        return "It is none of the common slips: go back to the formula, factor by factor."
    off = seals.entries_off(right, read, item.sealed.salt)
    if not off:
        return "At least one entry is off."
    total = len(read.entries)
    if len(off) == total:
        return f"All {total} entries are off."
    places = [_place(index, read.shape) for index in off[:6]]
    more = f" and {len(off) - 6} more" if len(off) > 6 else ""
    verb = "is" if len(off) == 1 else "are"
    return f"{'Entry' if len(off) == 1 else 'Entries'} {', '.join(places)}{more} {verb} off; the other {total - len(off)} look right."


def _place(index, shape):
    place = np.unravel_index(index, shape)
    return f"[{', '.join(str(int(i)) for i in place)}]"
