"""Frames between the trusted and the untrusted side: whatever comes, it is a frame, a named error, or too late."""

import json
import socket
import struct
import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course.grading.run import wire

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)
HEADS = st.dictionaries(st.text(), JSON)
SMALL = {"most_head": 1 << 16, "most_bytes": 1 << 16}


@pytest.fixture
def pair():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def receive(data, **settings):
    """Return what comes of bytes after which the other side hangs up."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(data)  # all of it fits into the socket's own memory
        theirs.shutdown(socket.SHUT_WR)
        return wire.receive(ours, deadline=time.monotonic() + 5, **(SMALL | settings))


def frame(head, buffers=()):
    """Return the bytes of a frame whose head is given as bytes."""
    prefix = struct.pack(">4sII", b"NNC1", len(head), len(buffers))
    return prefix + head + struct.pack(f">{len(buffers)}Q", *map(len, buffers)) + b"".join(buffers)


@given(HEADS, st.lists(st.binary(max_size=200), max_size=5))
def test_a_frame_comes_out_as_it_went_in(head, buffers):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        # A lone surrogate is no text; anything else goes through.
        if _is_encodable(head):
            wire.send(theirs, head, buffers)
            assert wire.receive(ours) == (head, buffers)
        else:
            with pytest.raises(wire.WireError):
                wire.send(theirs, head, buffers)


def _is_encodable(head):
    try:
        json.dumps(head, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


@settings(max_examples=300)
@given(st.binary(max_size=500))
def test_arbitrary_bytes_are_never_more_than_an_error(data):
    with pytest.raises(wire.WireError):
        receive(data)


@given(HEADS, st.lists(st.binary(max_size=50), max_size=3), st.data())
def test_a_changed_frame_is_a_frame_or_an_error(head, buffers, data):
    changed = bytearray(frame(json.dumps(head).encode(), buffers))
    for _ in range(data.draw(st.integers(1, 5))):
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    try:
        got, _ = receive(bytes(changed[: data.draw(st.integers(0, len(changed)))]))
    except wire.WireError:
        return
    assert isinstance(got, dict)
    json.dumps(got, ensure_ascii=False).encode()


@pytest.mark.parametrize(
    "head",
    [
        b"[]",
        b"1",
        b"null",
        b"",
        b"{",
        b"\xff{}",
        b"\xef\xbb\xbf{}",
        b'{"a": "\xed\xa0\x80"}',
        b'{"a": "\\ud800"}',
        b'{"\\uDFFF": 1}',
        b'{"a": ' + b"9" * 5000 + b"}",
        b'{"a":' * 10000 + b"1" + b"}" * 10000,
        b'{"a":' + b"[" * 50000,
    ],
)
def test_a_head_that_is_no_plain_object_is_refused(head):
    with pytest.raises(wire.WireError):
        receive(frame(head))


def test_a_pair_of_escaped_surrogates_is_text():
    assert receive(frame(b'{"a": "\\ud83d\\ude00"}'))[0] == {"a": "😀"}


@pytest.mark.parametrize(
    "data",
    [
        struct.pack(">4sII", b"NNC1", 2**32 - 1, 0),
        struct.pack(">4sII", b"NNC1", 2, 2**32 - 1) + b"{}",
        struct.pack(">4sII", b"NNC1", 2, 1) + b"{}" + struct.pack(">Q", 2**64 - 1),
        struct.pack(">4sII", b"NNC1", 2, 2) + b"{}" + struct.pack(">QQ", 2**63, 2**63),
    ],
)
def test_sizes_are_checked_before_anything_is_allocated(data, pair):
    ours, theirs = pair
    theirs.sendall(data)  # and stays open: a reader that believed it would wait for more
    with pytest.raises(wire.WireError, match="too large"):
        wire.receive(ours, deadline=time.monotonic() + 2)


@pytest.mark.parametrize("head", [{"a": {1, 2}}, {"a": "\ud800"}, {"a": b"x"}])
def test_what_is_not_json_cannot_be_sent(head, pair):
    with pytest.raises(wire.WireError):
        wire.send(pair[0], head)


def test_a_head_that_holds_itself_cannot_be_sent(pair):
    head = {}
    head["a"] = head
    with pytest.raises(wire.WireError):
        wire.send(pair[0], head)


def test_a_peer_that_is_gone_is_named(pair):
    ours, theirs = pair
    theirs.close()
    with pytest.raises(wire.Closed):
        wire.receive(ours)
    with pytest.raises(wire.Closed):
        wire.send(ours, {}, [bytes(1 << 20)])


def test_no_call_waits_past_its_deadline(pair):
    ours, _ = pair
    for call in (
        lambda deadline: wire.receive(ours, deadline=deadline),
        lambda deadline: wire.send(ours, {}, [bytes(50 << 20)], deadline=deadline),
        lambda deadline: wire.send(ours, {}, deadline=time.monotonic() - 1),
    ):
        start = time.monotonic()
        with pytest.raises(wire.TooLate):
            call(start + 0.2)
        assert time.monotonic() - start < 1


def test_a_peer_that_trickles_gains_no_time(pair):
    ours, theirs = pair
    stop = threading.Event()

    def trickle():
        for byte in frame(json.dumps({"a": "x" * 1000}).encode()):
            theirs.send(bytes([byte]))
            if stop.wait(0.02):
                break

    thread = threading.Thread(target=trickle)
    thread.start()
    start = time.monotonic()
    with pytest.raises(wire.TooLate):
        wire.receive(ours, deadline=start + 0.3)
    assert time.monotonic() - start < 1
    stop.set()
    thread.join()


def test_arrays_of_any_shape_are_sent_as_bytes(pair):
    np = pytest.importorskip("numpy")
    ours, theirs = pair
    wire.send(ours, {}, [np.arange(6.0).reshape(2, 3), np.zeros((0, 3)), memoryview(b"abc")])
    assert [len(buffer) for buffer in wire.receive(theirs)[1]] == [48, 0, 3]
