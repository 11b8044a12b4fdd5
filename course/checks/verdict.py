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

# To look a wrong answer up among its known mistakes costs one slow digest for each of them. Where that was in vain, a
# later answer of the same call is looked up only if it makes no more than so many digests in vain: 0.2 seconds.
MOST_DIGESTS = 24

# So ends the name of a part that is an argument, looked at after a call that should leave it as it was.
AFTERWARDS = "_afterwards"

_CHANGED = (
    "What you were given has changed: `-=`, `a[...] = ` and the like work in the array itself. "
    "Work in a copy, or write `a = a - ...`."
)
_PERHAPS_INHERITED = " If it rests on something above that is not right yet, mend that first."


@dataclass(frozen=True)
class Verdict:
    """What is said of one answer.

    Attributes:
        name: the exercise, "w2-22", or one of its parts, "w2-22/gate".
        state: one of the constants of this module.
        words: what the learner is told, in a sentence or two; `code` stands in backticks.
        mistake: the short name of the recognised mistake, or "".
        shape: the shape that is expected, () for a single number and for words.
        off: places of the numbers that are off, counted in row-major order, as far as they are known.
        own: the learner's own numbers there, one for each of `off`.
    """

    name: str
    state: str
    words: str
    mistake: str = ""
    shape: tuple = ()
    off: tuple = ()
    own: tuple = ()

    @property
    def is_right(self):
        return self.state == RIGHT


@dataclass(frozen=True)
class SealedAnswer:
    """One answer as the sealed file holds it.

    Attributes:
        right: the `Seal` of the right value.
        mistakes: dict from the number that a mistake has in its exercise to the `Seal` of the value that it leads
            to; each message is "name\\nwords".
        salt: text that the seals were made with.
    """

    right: seals.Seal
    mistakes: dict
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
        return [_verdict(item, RIGHT, "right.") for item in examined]
    if all(isinstance(item.sealed.right, seals.Known) for item in examined):
        return _explain(exercise.name, [_compare(item) for item in examined], map)
    # Both slow steps run in threads: scrypt lets go of the interpreter's lock.
    with ThreadPoolExecutor(max_workers=4) as pool:
        return _explain(exercise.name, list(pool.map(_compare, examined)), pool.map)


def _read(name, sealed, value):
    """Read a value and judge everything that needs no digest."""
    try:
        read = answers.read(value)
    except answers.NotAnswered as more:
        return _Examined(name, sealed, None, UNANSWERED, f"not answered yet. {more}".strip())
    except answers.WrongKind as problem:
        return _Examined(name, sealed, None, WRONG_KIND, f"this is {problem}; expected {_expected(sealed.right)}.")
    right = sealed.right
    if read.kind != right.kind:
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
            return f"this is {came}; expected the single number inside it: take it out by its index."
    return f"this is {came}; expected {_expected(right)}."


def _wrong_shape(read, right):
    described = answers.describe(read)
    came = f"{described} has" if described else "this has"
    words = f"{came} shape {read.shape}, expected {right.shape}"
    if read.shape == right.shape[::-1]:
        return f"{words}: transposed?{' Or summed over the other axis?' if 1 in read.shape else ''}"
    if read.shape == (1, *right.shape):
        return (
            f"{words}: a table with one row. Take the row out with `[0]` (did a bias or a last comma make it a table?)."
        )
    if right.shape == (1, *read.shape):
        return f"{words}: a table with one row. A sum keeps it with `keepdims=True`; else write `[[...]]` or reshape."
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


def _explain(exercise_name, examined, map_):
    verdicts, in_vain, told = [], 0, []
    for item in examined:
        if item.state == RIGHT:
            verdicts.append(_verdict(item, RIGHT, "right."))
            continue
        wrong_links = _wrong_links(examined[: len(verdicts)])
        if item.name == exercise_name and item.state == WRONG_VALUE and wrong_links:
            words = f"not yet. {_you_have(item.read)}It inherits what is wrong above ({wrong_links}): mend that first."
            verdicts.append(_verdict(item, INHERITED, words))
            continue
        found = None
        if item.read is not None:
            found = _named_mistake(item, told, map_)
            others = item.sealed.mistakes.keys() - set(told)
            if not found and (not in_vain or in_vain + len(others) <= MOST_DIGESTS):
                found = _named_mistake(item, others, map_)
                in_vain += 0 if found else len(others)
        number, mistake, says = found or (None, "", "")
        if number in told:
            says = "That is the slip above again, or follows from it."
        elif found:
            told.append(number)
        verdicts.append(_wrong(item, mistake, says, wrong_links))
    return verdicts


def _wrong_links(examined):
    """Name the numbers above that are not right: a product inherits those, but no wrong word or changed argument."""
    wrong = [item for item in examined if item.state != RIGHT and item.sealed.right.kind in ("number", "array")]
    return ", ".join(item.name.rpartition("/")[2] for item in wrong if not item.name.endswith(AFTERWARDS))


def _named_mistake(item, numbers, map_):
    """Look an answer up among some of the known mistakes; return number, name and words of the first that fits."""

    def look(number):
        found = seals.match(item.sealed.mistakes[number], item.read, item.sealed.mistake_salt(number))
        return found and (number, *found.message.split("\n", 1))

    known = sorted(number for number in numbers if number in item.sealed.mistakes)
    return next(filter(None, map_(look, known)), None)


def _wrong(item, mistake, says, wrong_links):
    """Word the verdict on one wrong answer."""
    if item.state == WRONG_VALUE:
        state = MISTAKE if mistake else WRONG_VALUE
        perhaps = _PERHAPS_INHERITED if wrong_links else ""
        says = says or (_CHANGED if item.name.endswith(AFTERWARDS) else _what_is_off(item) + perhaps)
        return _verdict(item, state, f"not yet. {_you_have(item.read)}{says}", mistake)
    words = f"not yet: {item.words}" if item.state != UNANSWERED else item.words
    return _verdict(item, item.state, f"{words} {says}".strip(), mistake)


def _verdict(item, state, words, mistake=""):
    """Return a verdict with what a picture needs: the expected shape, and what is off where that is known."""
    off = _off(item) if item.state == WRONG_VALUE else []
    own = tuple(item.read.entries[place] for place in off)
    return Verdict(item.name, state, words, mistake, tuple(item.sealed.right.shape), tuple(off), own)


def _off(item):
    """Return the places of the numbers that are off, as far as the sealed answer tells."""
    if item.read.kind not in ("number", "array"):
        return []
    if len(item.read.entries) == 1:
        return [0]
    right = item.sealed.right
    return seals.entries_off(right, item.read, item.sealed.salt) if right.tags else []


def _you_have(read):
    described = answers.describe(read)
    return f"You have {described}. " if described else ""


def _what_is_off(item):
    """Say which entries are off, for an answer that is no known mistake."""
    right, read = item.sealed.right, item.read
    if read.kind == "names":
        return _names_off(len(read.entries), right.shape[0])
    if read.kind == "text":
        return "That is not what is asked for."
    if not right.tags:
        read_again = "read the question once more, then your line, term by term."
        if _is_short(read.entries[0]):
            read_again = f"If you typed it: a rounded number is not enough, use the variables. Otherwise {read_again}"
        return f"It is no slip that this check knows. {read_again[0].upper()}{read_again[1:]}"
    off = _off(item)
    if not off:
        return "At least one entry is off."
    total = len(read.entries)
    if len(off) == total:
        return "Both entries are off." if total == 2 else f"All {total} entries are off."
    places = [_place(index, read.shape) for index in off[:6]]
    more = f" and {len(off) - 6} more" if len(off) > 6 else ""
    these = f"Entry {places[0]} is" if len(off) == 1 else f"Entries {', '.join(places)}{more} are"
    rest = total - len(off)
    return f"{these} off; the other {'looks' if rest == 1 else f'{rest} look'} right."


def _is_short(number):
    """Tell whether a number has no more digits than one that somebody reads off a picture; counts are read nowhere."""
    return number != round(number) and number == float(f"{number:.5g}")


def _names_off(came, expected):
    if came == expected:
        return f"{came} is the right number of names, but not all are the right ones."
    return f"These are {came} different names; the answer has {expected}."


def _place(index, shape):
    place = np.unravel_index(index, shape)
    return f"[{', '.join(str(int(i)) for i in place)}]"
