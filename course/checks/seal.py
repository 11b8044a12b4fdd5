"""Sealed answers: enough to recognise a value, not enough to read it.

A number a is put on a logarithmic grid: cell = floor(ln|a| / width - offset / 8), with its sign. The
offset, an eighth of a cell between 0 and 7, moves the grid so that the right value v lies within a
sixteenth of the middle of its cell. With width = 4 * tolerance every a with |a - v| <= tolerance * |v|
falls into v's cell (7/16 of a cell are 1.75 tolerances) and none that is off by more than 2.26
tolerances does, wherever v lies: a match is never a matter of how digits round. Numbers up to `zero`
in size count as 0, so -0.0 and the 1e-17 of rounding do too.

One scrypt digest covers kind, shape and all cells of an answer. What stands beside it in the file is
no help in guessing: the grid is the same for every answer, so nothing tells a number's size; an offset
says where in some cell the value lies, but not in which; a zero carries an offset like any other
entry. A single real number therefore hides among

    2 signs * ln(10**12) / (4e-6) = 1.4e7 cells

for sizes between 1e-6 and 1e6. A guess takes about 15 to 20 ms (scrypt, n = 2**13, 8 MB of memory), so
trying them all takes two days and a half of one core; whoever knows the sign and the decade of the
value, about two hours and a half. That is more work than the exercise. An answer with few possible
values (a gate that is 0 or 1, a shape, a name) can always be guessed, as it could by asking `check`.

Arrays also carry one tag of 8 bits an entry, which tells *which* entries are off. Each tag leaves one
in 256 cells (never both of a number and its negative), so even two entries of known sign and decade
hide among (5.8e5 / 256)**2 = 5e6 pairs of 15 ms; a single number has none.
"""

import base64
import hashlib
import json
import math
from dataclasses import dataclass, replace

TOLERANCE = 1e-6
ZERO = 1e-12
_WIDTH_IN_TOLERANCES = 4
_SCRYPT = {"n": 2**13, "r": 8, "p": 1, "dklen": 48}


@dataclass(frozen=True)
class Seal:
    """A sealed value.

    Attributes:
        kind, shape: those of the `Answer`, in the open: the verdict names what is expected.
        offsets: one octal digit for each number, "" for texts.
        digest: 16 bytes in hex.
        tags: for arrays of two or more entries one byte an entry in hex, else "".
        message: base64 of the text that only the sealed value opens, or "".
        tolerance: relative, for numbers.
        zero: size up to which a number counts as 0.
    """

    kind: str
    shape: tuple
    offsets: str
    digest: str
    tags: str = ""
    message: str = ""
    tolerance: float = TOLERANCE
    zero: float = ZERO


@dataclass(frozen=True)
class Known(Seal):
    """The same value in the open, for those who may read it: graders, who need no slow digest.

    Attributes:
        cells: tuple of the value's cells on its grid.
        text: what a match says.
    """

    cells: tuple = ()
    text: str = ""


@dataclass(frozen=True)
class Match:
    """An answer that fits a seal, and the text that it opened."""

    message: str


def seal(answer, salt, *, message="", with_tags=True, tolerance=TOLERANCE):
    """Seal an answer.

    Args:
        answer: an `Answer` whose numbers are finite.
        salt: text that differs from answer to answer; it may be known, and makes seals reproducible.
        message: text to lock with the answer.
        with_tags: whether an array gets a tag for each entry.
        tolerance: relative tolerance within which a number is accepted.

    Returns:
        The `Seal`.

    Raises:
        ValueError: if a number is not finite.
    """
    grid, cells, tags = _grid(answer, salt, with_tags, tolerance)
    digest, key = _digest(grid, cells, salt)
    return replace(grid, digest=digest, tags=tags, message=_lock(message, key))


def know(answer, salt, *, message="", with_tags=True, tolerance=TOLERANCE):
    """Put an answer on the grid that `seal` would give it, without sealing it: both accept the same values.

    Args:
        answer, salt, message, with_tags, tolerance: as for `seal`.

    Returns:
        The `Known`.

    Raises:
        ValueError: if a number is not finite.
    """
    grid, cells, tags = _grid(answer, salt, with_tags, tolerance)
    return Known(**{**vars(grid), "tags": tags}, cells=tuple(cells), text=message)


def _grid(answer, salt, with_tags, tolerance):
    """Return a seal that has its grid but no digest yet, the answer's cells on it, and their tags."""
    numeric = answer.kind in ("number", "array")
    if numeric and not all(math.isfinite(entry) for entry in answer.entries):
        raise ValueError("an answer that is NaN or infinite cannot be sealed")
    zero = _zero_for(answer.entries) if numeric else ZERO
    offsets = _offsets(answer.entries, salt, tolerance, zero) if numeric else ""
    grid = Seal(answer.kind, answer.shape, offsets, "", tolerance=tolerance, zero=zero)
    cells = _cells(answer, grid)
    tags = _tags(cells, salt) if with_tags and answer.kind == "array" and len(cells) > 1 else ""
    return grid, cells, tags


def match(sealed, answer, salt):
    """Compare an answer with a seal; one slow digest, at most, and none where the answer is known.

    Args:
        sealed: a `Seal`, or a `Known`.
        answer: an `Answer`.
        salt: the text it was sealed with.

    Returns:
        A `Match` with the seal's message, or None.
    """
    if (answer.kind, answer.shape) != (sealed.kind, sealed.shape) or not is_finite(answer):
        return None
    cells = _cells(answer, sealed)
    if isinstance(sealed, Known):
        return Match(sealed.text) if tuple(cells) == sealed.cells else None
    digest, key = _digest(sealed, cells, salt)
    return Match(_unlock(sealed.message, key)) if digest == sealed.digest else None


def entries_off(sealed, answer, salt):
    """Tell which entries of an array are off.

    Args:
        sealed: a `Seal` with tags.
        answer: an `Answer` of the same kind and shape, all finite.
        salt: the text it was sealed with.

    Returns:
        Flat indices of the entries whose tags differ; one wrong entry in 256 goes unnoticed.
    """
    tags = _tags(_cells(answer, sealed), salt)
    return [i for i in range(len(tags) // 2) if tags[2 * i : 2 * i + 2] != sealed.tags[2 * i : 2 * i + 2]]


def together(answers, seals, salt):
    """Return one digest over several answers, read on the grids of their seals.

    Args:
        answers: a sequence of `Answer`.
        seals: their `Seal`s, in the same order.
        salt: text of the whole exercise.

    Returns:
        The digest in hex, or None where an answer has another kind or shape than its seal or is not finite.
    """
    fits = all((a.kind, a.shape) == (s.kind, s.shape) and is_finite(a) for a, s in zip(answers, seals, strict=True))
    if not fits:
        return None
    cells = [[s.kind, list(s.shape), _cells(a, s)] for a, s in zip(answers, seals, strict=True)]
    return _scrypt(cells, salt)[:16].hex()


def is_finite(answer):
    """Tell whether an answer holds neither NaN nor an infinity."""
    return all(math.isfinite(entry) for entry in answer.entries if isinstance(entry, float))


def _zero_for(entries):
    """Return the size that counts as 0: a millionth of the smallest entry's decade, where that is below 1e-12.

    Entries below 1e-13 of the largest are rounding noise and do not count as smallest.
    """
    noise = 1e-13 * max(map(abs, entries), default=0.0)
    smallest = min((abs(entry) for entry in entries if abs(entry) > noise), default=1.0)
    return min(ZERO, 10.0 ** (math.floor(math.log10(smallest)) - 6))


def _offsets(entries, salt, tolerance, zero):
    width = _WIDTH_IN_TOLERANCES * tolerance
    noise = hashlib.sha256(f"{salt}|offsets".encode()).digest()
    digits = []
    for i, entry in enumerate(entries):
        if abs(entry) <= zero:
            digits.append(noise[i % len(noise)] % 8)
        else:
            digits.append(round(8 * (math.log(abs(entry)) / width % 1 - 0.5)) % 8)
    return "".join(map(str, digits))


def _cells(answer, grid):
    """Return each entry's cell as a short text: "0", or the sign and the cell's number; texts as they are."""
    if answer.kind not in ("number", "array"):
        return list(answer.entries)
    width = _WIDTH_IN_TOLERANCES * grid.tolerance
    cells = []
    for entry, offset in zip(answer.entries, grid.offsets, strict=True):
        size = abs(entry)
        if size <= grid.zero:
            cells.append("0")
        else:
            cell = math.floor(math.log(size) / width - int(offset) / 8)
            cells.append(f"{'-' if entry < 0 else '+'}{cell}")
    return cells


def _digest(grid, cells, salt):
    secret = _scrypt([grid.kind, list(grid.shape), cells], salt)
    return secret[:16].hex(), secret[16:]


def _scrypt(data, salt):
    return hashlib.scrypt(json.dumps(data).encode(), salt=salt.encode(), **_SCRYPT)


def _tags(cells, salt):
    """Return a byte for each cell, in hex; that of a number with its sign turned is always another one."""
    sizes = (hashlib.sha256(f"{salt}|{i}|{cell.lstrip('+-')}".encode()).digest()[0] for i, cell in enumerate(cells))
    return bytes(size ^ cell.startswith("-") for size, cell in zip(sizes, cells, strict=True)).hex()


def _lock(message, key):
    return base64.b64encode(_with_keystream(message.encode(), key)).decode()


def _unlock(message, key):
    return _with_keystream(base64.b64decode(message), key).decode()


def _with_keystream(data, key):
    stream = hashlib.shake_256(key).digest(len(data))
    return bytes(a ^ b for a, b in zip(data, stream, strict=True))
