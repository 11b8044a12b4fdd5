"""Frames over a stream socket: a small JSON head and any number of raw buffers, between two sides of unequal trust.

A frame is `magic, length of the head, number of buffers`, the head (JSON, UTF-8, an object), the buffers' sizes and
the buffers. Each size is checked before anything is allocated, nothing is unpickled, and no call waits past its
deadline. After an exception the two sides are out of step: close the socket.
"""

import json
import re
import struct
import time

MOST_BUFFERS = 1 << 16

_MAGIC = b"NNC1"
_PREFIX = struct.Struct(">4sII")
# A lone surrogate gets past UTF-8 only as an escape; most heads hold none that could be one.
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


class WireError(Exception):
    """What came is not a frame, or what was to be sent cannot be put into one."""


class Closed(WireError):
    """The other side is gone."""


class TooLate(Exception):
    """The deadline passed before the frame was through."""


def send(sock, head, buffers=(), deadline=None):
    """Send one frame.

    Args:
        sock: a connected stream socket; its timeout is changed.
        head: dict of plain JSON values.
        buffers: bytes-like objects, contiguous.
        deadline: `time.monotonic()` at which to give up, or None to wait as long as it takes.

    Raises:
        WireError: if this cannot be put into a frame.
        Closed: if the other side is gone.
        TooLate: if the deadline passed, for instance since the other side does not read.
    """
    try:
        text = json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode()
        views = [memoryview(buffer) for buffer in buffers]
        # An empty array has zeros in its shape, which `cast` refuses.
        views = [view.cast("B") if view.nbytes else memoryview(b"") for view in views]
        prefix = _PREFIX.pack(_MAGIC, len(text), len(views))
    except (TypeError, ValueError, RecursionError, struct.error) as error:
        raise WireError(f"this cannot be sent: {error}") from None
    sizes = struct.pack(f">{len(views)}Q", *(view.nbytes for view in views))
    for part in (prefix + text + sizes, *views):
        _call(sock, sock.sendall, part, deadline)


def receive(sock, *, most_head=16 << 20, most_bytes=64 << 20, deadline=None):
    """Receive one frame.

    Args:
        sock: a connected stream socket; its timeout is changed.
        most_head: bytes that the head may have.
        most_bytes: bytes that all buffers together may have.
        deadline: `time.monotonic()` at which to give up, or None to wait as long as it takes.

    Returns:
        (head, buffers): a dict and a list of bytearrays.

    Raises:
        WireError: if what came is not a frame, or is too large.
        Closed: if the other side is gone.
        TooLate: if the deadline passed.
    """
    magic, length, count = _PREFIX.unpack(_read(sock, _PREFIX.size, deadline))
    if magic != _MAGIC:
        raise WireError("what came is not a frame")
    if length > most_head or count > MOST_BUFFERS:
        raise WireError(f"a head of {length} bytes and {count} buffers is too large")
    rest = _read(sock, length + 8 * count, deadline)
    head = _parse(bytes(rest[:length]))
    sizes = struct.unpack(f">{count}Q", rest[length:])
    if sum(sizes) > most_bytes:
        raise WireError(f"buffers of {sum(sizes)} bytes are too large")
    return head, [_read(sock, size, deadline) for size in sizes]


def _parse(text):
    """Return a head's dict, which holds nothing that could not be written as UTF-8 JSON again."""
    try:
        head = json.loads(text.decode())
        if _SURROGATE.search(text):
            json.dumps(head, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:  # UnicodeError and JSONDecodeError are ValueErrors
        raise WireError(f"a head is not JSON: {type(error).__name__}") from None
    if not isinstance(head, dict):
        raise WireError("a head is not an object")
    return head


def _read(sock, size, deadline):
    """Return exactly so many bytes, as a bytearray."""
    data = bytearray(size)
    view = memoryview(data)
    while view:
        got = _call(sock, sock.recv_into, view, deadline)
        if not got:
            raise Closed("the other side is gone")
        view = view[got:]
    return data


def _call(sock, operation, argument, deadline):
    """Call an operation of a socket with what is left of the time."""
    left = None if deadline is None else deadline - time.monotonic()
    if left is not None and left <= 0:
        raise TooLate("the time is over")
    try:
        sock.settimeout(left)
        return operation(argument)
    except TimeoutError:
        raise TooLate("the time is over") from None
    except OSError as error:
        raise Closed(f"the other side is gone: {error}") from None
