"""Objects between the two processes: what honest code has, crosses; what hostile bytes say, does no harm."""

import collections
import contextlib
import fractions
import math
import socket
import threading
import time
import types
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from course.grading.remote import LearnersError, Peer, Remote
from course.grading.run import Stopped, wire
from course.grading.run.child import Channel
from course.grading.run.objects import Codec, Malformed, Server, Unshareable


class Session:
    """The grader's end of a socket."""

    def __init__(self, sock):
        self._sock = sock

    def send(self, head, buffers=()):
        wire.send(self._sock, head, buffers, time.monotonic() + 10)

    def receive(self):
        return wire.receive(self._sock, most_head=4 << 20, deadline=time.monotonic() + 10)

    def drain(self):
        return ()


@contextlib.contextmanager
def learner(source="", **names):
    """Run learner's code in a thread that serves it over a socket; give the `Peer` that talks to it."""
    namespace = {"np": np, "__name__": "__main__", **names}
    exec(source, namespace)
    ours, theirs = socket.socketpair()
    server = Server(namespace, Channel(theirs))

    def serve():
        with contextlib.suppress(wire.WireError):  # a test that is ended may leave half a frame
            while True:
                server.handle(*Channel(theirs).receive())

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield Peer(Session(ours))
    finally:
        ours.close()
        thread.join(10)
        theirs.close()


def fetched(name, source="", **names):
    with learner(source, **names) as peer:
        return peer.fetch([name]).get(name)


@pytest.fixture(scope="module")
def echo():
    """Return a learner's function that gives back what it gets."""
    with learner("def echo(*args, **options):\n    return args[0] if args else options") as peer:
        yield peer.fetch(["echo"])["echo"]


def same(a, b):
    """Tell whether two values are alike to the last bit and of the same kinds."""
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    if isinstance(a, np.generic):
        return a.dtype == b.dtype and a.tobytes() == b.tobytes()
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(a, types.SimpleNamespace):
        return same(vars(a), vars(b))
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, float):
        return math.copysign(1, a) == math.copysign(1, b) and (a == b or a != a and b != b)
    return a == b


DTYPES = st.one_of(hnp.boolean_dtypes(), hnp.integer_dtypes(), hnp.floating_dtypes(), hnp.complex_number_dtypes())
ARRAYS = hnp.arrays(DTYPES, hnp.array_shapes(min_dims=0, min_side=0, max_side=4))
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
ATOMS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**200), 2**200),
    st.floats(),
    st.complex_numbers(allow_nan=False),
    TEXTS,
    st.just(...),
    st.builds(range, st.integers(-9, 9), st.integers(-9, 9), st.sampled_from([-2, 1, 3])),
    st.frozensets(st.integers(), max_size=4),
    st.sets(TEXTS, max_size=4),
    DTYPES.flatmap(lambda dtype: hnp.arrays(dtype, ())).map(lambda array: array[()]),
    ARRAYS,
)
KEYS = st.one_of(st.integers(), TEXTS, st.tuples(st.integers(), TEXTS), st.frozensets(TEXTS, max_size=2))
VALUES = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(KEYS, inner, max_size=4),
        st.dictionaries(st.from_regex(r"[a-z]{1,5}", fullmatch=True), inner, max_size=4).map(
            lambda names: types.SimpleNamespace(**names)
        ),
    ),
    max_leaves=10,
)


@settings(max_examples=60, deadline=None)
@given(value=VALUES)
def test_a_value_comes_back_as_it_went(echo, value):
    assert same(echo(value), value)


@settings(max_examples=20, deadline=None)
@given(values=st.one_of(st.lists(st.floats(), min_size=50), st.lists(st.integers(-(2**63), 2**63), min_size=50)))
def test_a_long_list_of_numbers_comes_back_as_it_went(echo, values):
    assert same(echo(values), values)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.arange(6.0).reshape(2, 3).T, np.arange(6.0).reshape(2, 3).T),
        (np.asfortranarray(np.ones((3, 2))), np.ones((3, 2))),
        (np.arange(10)[::-2], np.array([9, 7, 5, 3, 1])),
        (np.broadcast_to(2.0, (3, 2)), np.full((3, 2), 2.0)),
        (np.zeros((0, 3)), np.zeros((0, 3))),
        (np.arange(3, dtype=">i4"), np.arange(3, dtype=">i4")),
        (np.longdouble("1.5"), np.longdouble("1.5")),
        (np.float16(0.1), np.float16(0.1)),
        (np.str_("relu"), "relu"),
        (fractions.Fraction(1, 4), 0.25),
        (collections.OrderedDict(a=1), {"a": 1}),
        (collections.namedtuple("Pair", "a b")(1, 2), (1, 2)),
        ("half \ud800", "half ?"),
        (np.tanh, np.tanh),
        (np.sum, np.sum),
    ],
)
def test_what_a_learner_has_comes_as_plain_data(value, expected):
    assert same(fetched("value", value=value), expected)


@pytest.mark.parametrize(
    "value",
    [
        object(),
        ValueError,
        iter([1]),
        (number for number in range(3)),
        10**700,
        range(10**18),
        np.array(["a"]),
        np.array([None]),
        np.ma.masked_all(3),
        np.random.Generator(np.random.MT19937(1)),
        np.random.RandomState(1),
        set(range(10_000)),
        dict.fromkeys(range(10_000)),
        [object] * 100_000,
        "long " * 1_000_000,
        np.broadcast_to(0.0, (100_000, 10_000)),
        [range(10**10)],
        b"bytes",
        np.datetime64("2026-01-01"),
    ],
)
def test_what_is_no_plain_data_or_too_large_stays_where_it_is(value):
    came = fetched("value", value=value)
    assert type(came[0] if type(came) is list else came) is Remote


def test_one_large_name_does_not_take_the_others_along():
    with learner(large=np.zeros(9_000_000), small=3, large_too=list(range(500_000)), deep=[[0.5] * 49] * 30) as peer:
        came = peer.fetch(["large", "small", "large_too", "deep"])
    assert type(came["large"]) is Remote
    assert came["small"] == 3
    assert came["large_too"] == list(range(500_000))
    assert came["deep"][0] is came["deep"][29]


def test_what_refers_to_itself_comes_as_such():
    came = fetched("value", "value = [1]\nvalue.append(value)")
    assert came[1] is came


def test_what_is_shared_stays_shared(echo):
    row = [1]
    came = echo([row, row, {"row": row}])
    assert came[0] is came[1] is came[2]["row"]
    assert came[0] is row


def test_a_function_changes_what_it_is_given():
    source = """
def change(array, items, table, net, rng, *, view):
    array += 1
    items.append(array)
    items[0] = (items[0], "seen")
    table["new"] = items
    del table["old"]
    net.W = net.W * 2
    net.f = lambda x: x + 1
    view[0] = 7
    return rng.normal()
"""
    array, items, table = np.zeros((2, 2)), [1], {"old": 1}
    net, rng, base = types.SimpleNamespace(W=np.ones(2)), np.random.default_rng(3), np.zeros((2, 3))
    with learner(source) as peer:
        drawn = peer.fetch(["change"])["change"](array, items, table, net, rng, view=base[:, 1])
        assert net.f(1) == 2
    twin = np.random.default_rng(3)
    assert drawn == twin.normal()
    assert rng.normal() == twin.normal()
    assert array.tolist() == [[1, 1], [1, 1]]
    assert items[0] == (1, "seen")
    assert items[1] is array
    assert table == {"new": items}
    assert net.W.tolist() == [2, 2]
    assert base.tolist() == [[0, 7, 0], [0, 0, 0]]


def test_what_changed_before_an_exception_has_changed():
    with learner("def change(items, array):\n    items.clear()\n    array[:] = 5\n    raise ValueError('no')") as peer:
        items, array = [1, 2], np.zeros(3)
        with pytest.raises(ValueError, match="^no$"):
            peer.fetch(["change"])["change"](items, array)
    assert items == []
    assert array.tolist() == [5, 5, 5]


def test_an_array_may_get_another_shape_in_place():
    array = np.arange(6.0)
    with learner("def change(array):\n    array.shape = (2, 3)\n    array *= 2") as peer:
        peer.fetch(["change"])["change"](array)
    assert array.tolist() == [[0, 2, 4], [6, 8, 10]]


def test_what_nobody_may_change_stays_as_it_is():
    given_array = np.arange(6.0)
    given_array.flags.writeable = False
    source = """
def plain(array):
    array[0] = 9

def unlock(array):
    array.flags.writeable = True
    array[:] = 9
    array.shape = (2, 3)
    return array
"""
    with learner(source) as peer:
        came = peer.fetch(["plain", "unlock"])
        with pytest.raises(ValueError, match="read-only"):
            came["plain"](given_array)
        came["unlock"](given_array)
    assert given_array.tolist() == [0, 1, 2, 3, 4, 5]


def test_a_callback_sees_what_has_changed_and_changes_it_itself():
    state, seen = {"steps": 0, "W": np.zeros(2)}, []

    def look(items, *, of):
        seen.append((list(items), of["W"].copy(), of is state))
        items.append("here")
        of["W"] -= 1
        return of

    source = """
def train(callback, state):
    items = ["there"]
    for step in range(3):
        state["W"] += 2
        state["steps"] = step + 1
        assert callback(items, of=state) is state
    return items, state["W"]
"""
    with learner(source) as peer:
        items, W = peer.fetch(["train"])["train"](look, state)
    assert items == ["there", "here", "here", "here"]
    assert W is state["W"]
    assert W.tolist() == [3, 3]
    assert state["steps"] == 3
    assert [W.tolist() for _, W, _ in seen] == [[2, 2], [3, 3], [4, 4]]
    assert all(is_state for *_, is_state in seen)


def test_a_learners_function_goes_there_and_back_as_itself():
    with learner("def f(x):\n    return x * 2\n\ndef use(g, x):\n    return g is f, g(x)") as peer:
        came = peer.fetch(["f", "use"])
        assert came["use"](came["f"], 4) == (True, 8)


def test_an_exception_of_a_callback_reaches_the_learner_and_comes_back():
    def callback(x):
        raise KeyError(f"no {x}")

    source = """
def catch(callback):
    try:
        callback(1)
    except KeyError as error:
        return str(error)

def pass_on(callback):
    callback(2)
"""
    with learner(source) as peer:
        came = peer.fetch(["catch", "pass_on"])
        assert "no 1" in came["catch"](callback)
        with pytest.raises(KeyError, match="no 2"):
            came["pass_on"](callback)


@pytest.mark.parametrize(
    ("raised", "caught", "ename"),
    [
        ("ValueError('words')", ValueError, "ValueError"),
        ("type('Mine', (ZeroDivisionError,), {})('words')", ArithmeticError, "Mine"),
        ("KeyError('words')", KeyError, "KeyError"),
        ("UnicodeDecodeError('utf-8', b'', 0, 1, 'words')", LearnersError, "UnicodeDecodeError"),
        ("SystemExit('words')", LearnersError, "SystemExit"),
        ("KeyboardInterrupt('words')", LearnersError, "KeyboardInterrupt"),
        ("type('Stopped', (Exception,), {})('words')", LearnersError, "Stopped"),
        ("type('TooLong', (BaseException,), {})('words')", LearnersError, "TooLong"),
        ("ExceptionGroup('words', [ValueError()])", LearnersError, "ExceptionGroup"),
        ("StopIteration('words')", StopIteration, "StopIteration"),
        ("type('a\\nb<i>', (Exception,), {})('words')", LearnersError, "a?b<i>"),
        ("OSError(2, 'words')", OSError, "FileNotFoundError"),
        ("SyntaxError('words')", SyntaxError, "SyntaxError"),
        ("ValueError('words' * 10**6)", ValueError, "ValueError"),
    ],
)
def test_an_exception_keeps_its_kind_and_its_words(raised, caught, ename):
    with learner(f"def f():\n    raise {raised}") as peer:
        f = peer.fetch(["f"])["f"]
        with pytest.raises(caught) as caught_one:
            f()
    assert isinstance(caught_one.value, LearnersError)
    assert caught_one.value.ename == ename
    assert "words" in str(caught_one.value)
    assert len(str(caught_one.value)) <= 2000
    assert not str(caught_one.value).startswith('"')
    assert any("raise" in line or "f" in line for line in caught_one.value.where)


def test_warnings_are_carried_over_from_calls_and_not_from_names():
    source = """
import warnings

class Own(RuntimeWarning):
    pass

def f(x):
    warnings.warn("mine", Own)
    return np.exp(x)
"""
    with learner(source) as peer, warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        f = peer.fetch(["f"])["f"]
        with np.errstate(over="warn"):
            f(np.array([1000.0]))
        with np.errstate(over="ignore"):
            f(np.array([1000.0]))
    assert [w.category.__name__ for w in heard] == ["UserWarning", "RuntimeWarning", "UserWarning"]


def test_classes_and_their_objects_are_used_where_they_are():
    source = """
class Net:
    depth = 2

    def __init__(self, W, *, rate=0.1):
        self.W, self.rate = W, rate

    def __getitem__(self, key):
        return self.W[key]

    def __call__(self, x):
        return x @ self.W

    def step(self, gradient):
        self.W = self.W - self.rate * gradient
        return self
"""
    with learner(source) as peer:
        Net = peer.fetch(["Net"])["Net"]
        net = Net(np.eye(2), rate=0.5)
        assert Net.depth == 2
        assert net.step(np.ones((2, 2))).W.tolist() == [[0.5, -0.5], [-0.5, 0.5]]
        assert net[0, 1] == -0.5
        assert net(np.ones(2)).tolist() == [0, 0]
        net.W = np.zeros((2, 2))
        assert net.W.tolist() == [[0, 0], [0, 0]]
        for use in (len, bool, list, lambda it: 1 in it, float, lambda it: it + 1):
            with pytest.raises(TypeError):
                use(net)
        assert net != net.W[0, 0]


def test_two_names_of_one_function_are_told_apart():
    with learner("def easy(x):\n    return x\n\nhard = easy") as peer:
        came = peer.fetch(["easy", "hard"])
    assert came["easy"] is not came["hard"]


def test_a_large_array_crosses_fast():
    with learner("def f(x):\n    return x + 1") as peer:
        f = peer.fetch(["f"])["f"]
        large = np.zeros(1_000_000)
        f(large)
        started = time.perf_counter()
        f(large)
        assert time.perf_counter() - started < 1


@pytest.mark.parametrize("value", [object(), ValueError, np.zeros(9_000_000), np.random.RandomState(1), "a" * 10**7])
def test_a_test_cannot_hand_over_what_does_not_cross(echo, value):
    with pytest.raises(Unshareable):
        echo(value)
    assert echo(1) == 1


def test_calls_in_a_circle_end():
    with learner("def f(callback):\n    return callback()") as peer:
        f = peer.fetch(["f"])["f"]

        def again():
            return f(again)

        with pytest.raises(RecursionError):
            again()
        assert f(lambda: 3) == 3


# Hostile bytes: whatever comes is a value made of plain data, an exception of the learner's, or the end of its process.


class Hostile:
    """A session whose other end says what it is told to say."""

    def __init__(self, *frames):
        self._frames = list(frames)
        self.sent = []

    def send(self, head, buffers=()):
        self.sent.append(head)

    def receive(self):
        if not self._frames:
            raise Stopped("crashed", "there is nothing more")
        frame = self._frames.pop(0)
        return frame if isinstance(frame, tuple) else (frame, [])

    def drain(self):
        return ()


def answer(value=None, nodes=(), buffers=(), **rest):
    return {"op": "return", "value": {"value": value, "nodes": list(nodes)}, **rest}, [bytearray(b) for b in buffers]


def shared(number):
    return {"is": "shared", "of": number}


def ask(*frames, given=()):
    return Peer(Hostile(*frames)).ask("call", None, given)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)
KINDS = "shared tuple set frozenset complex range number numpy yours mine ... other".split()
PLAIN = st.recursive(
    JSON | st.builds(shared, st.integers(0, 5)),
    lambda inner: st.fixed_dictionaries(
        {"is": st.sampled_from(KINDS), "of": inner | st.lists(inner, max_size=3)},
        optional={"dtype": st.sampled_from(["<f8", "O", "?", "V8", "f2,f2", ">i2"]), "type": JSON, "name": JSON},
    ),
    max_leaves=6,
)
NODES = st.lists(
    st.tuples(
        st.integers(0, 5) | JSON,
        st.sampled_from(["array", "same", "list", "dict", "namespace", "generator"]) | st.text(max_size=3),
        PLAIN
        | st.lists(PLAIN, max_size=3)
        | st.lists(st.tuples(PLAIN, PLAIN).map(list), max_size=3)
        | st.sampled_from(["<f8", "O", "i1"]),
        PLAIN | st.lists(st.integers(-1, 3), max_size=3),
        st.integers(-1, 2),
        JSON,
    ).flatmap(lambda node: st.integers(2, 6).map(lambda length: list(node[:length]))),
    max_size=4,
)
ERRORS = st.fixed_dictionaries(
    {
        "type": JSON | st.sampled_from(["ValueError", "Stopped", "SystemExit", "BaseExceptionGroup", "__import__"]),
        "bases": JSON | st.lists(st.text(max_size=5), max_size=3),
        "message": JSON | st.text(),
        "where": JSON | st.lists(st.text(max_size=5), max_size=3),
    }
)
FRAMES = st.tuples(
    st.fixed_dictionaries(
        {"op": st.sampled_from(["return", "raise", "callback"]) | JSON},
        optional={
            "value": JSON | st.fixed_dictionaries({"value": PLAIN, "nodes": NODES | JSON}),
            "error": JSON | ERRORS,
            "warnings": JSON | st.lists(st.lists(st.sampled_from(["Warning", "print", "x"]), max_size=3), max_size=3),
            "of": st.integers(0, 6) | JSON,
        },
    ),
    st.lists(st.binary(max_size=9).map(bytearray), max_size=3),
)


@settings(max_examples=60, deadline=None)
@given(frames=st.lists(FRAMES, min_size=1, max_size=3))
def test_whatever_comes_is_an_answer_or_a_named_end(frames):
    with warnings.catch_warnings(), contextlib.suppress(Stopped, LearnersError):
        warnings.simplefilter("ignore")
        Peer(Hostile(*frames)).ask("call", None, ((np.zeros(2), [1], {"a": 1}, lambda *args, **options: 1), {}))


@settings(max_examples=60, deadline=None)
@given(frame=FRAMES)
def test_whatever_comes_for_names_is_a_dict_of_these_names_or_an_end(frame):
    with contextlib.suppress(Stopped):
        assert set(Peer(Hostile(frame)).fetch({"value"})) <= {"value"}


@pytest.mark.parametrize(
    "frame",
    [
        {},
        {"op": ["return"]},
        {"op": "return"},
        {"op": "return", "value": []},
        answer([1]),
        answer({"is": "shared", "of": 7}),
        answer({"is": "other", "of": 7}),
        answer({"is": "yours", "of": 0}),
        answer({"is": "mine", "of": "0", "type": "", "name": ""}),
        answer({"is": "numpy", "of": "load"}),
        answer({"is": "numpy", "of": "testing"}),
        answer({"is": "range", "of": [0, 10**18, 1]}),
        answer({"is": "range", "of": [0, 10**40, 1]}),
        answer({"is": "set", "of": [shared(1)]}, [[1, "list", []]]),
        answer({"is": "set", "of": list(range(10_000))}),
        answer({"is": "number", "dtype": "O", "of": "00"}),
        answer({"is": "number", "dtype": "<f8", "of": "00"}),
        answer(shared(1), [[1, "dict", [[shared(2), 1]]], [2, "list", []]]),
        answer(shared(1), [[1, "dict", [[i, 1] for i in range(10_000)]]]),
        answer(shared(1), [[1, "array", "O", [1], 0, True]], [b"12345678"]),
        answer(shared(1), [[1, "array", "<f8", [10**9, 10**9], 0, True]], [b"12345678"]),
        answer(shared(1), [[1, "array", "<f8", [-1, -1], 0, True]], [b"12345678"]),
        answer(shared(1), [[1, "array", "<f8", [True], 0, True]], [b"12345678"]),
        answer(shared(1), [[1, "array", "f4,f4", [1], 0, True]], [b"12345678"]),
        answer(shared(1), [[1, "array", "<f8", [1], 1, True]], [b"12345678"]),
        answer(shared(1), [[1, "array", "<f8", [1], 0, True], [3, "array", "<f8", [1], 0, True]], [b"12345678"]),
        answer(shared(1), [[1, "array", "<f8", [0] * 40, 0, True]], [b""]),
        answer(shared(1), [[1, "same"]]),
        answer(shared(1), [[1, "list", 0, "<f8", 10**12]], [b"12345678"]),
        answer(shared(1), [[1, "generator", {"bit_generator": "PCG64", "state": {"state": -1, "inc": "x"}}]]),
        answer(shared(1), [[1, "generator", {"bit_generator": "MT19937"}]]),
        answer(None, [["1", "list", []]]),
        answer(None, [[True, "list", []]]),
        answer(None, [[i, "list", []] for i in range(200_000)]),
        {"op": "callback", "of": 0, "value": {"value": None, "nodes": []}},
        {"op": "raise", "value": {"value": None, "nodes": []}},
        {"op": "raise", "value": {"value": None, "nodes": []}, "error": {"type": 1, "bases": [], "message": ""}},
    ],
)
def test_what_is_no_answer_ends_the_process(frame):
    with pytest.raises(Stopped, match="broke the protocol"):
        ask(frame)


def test_one_buffer_makes_one_array_only():
    nodes = [[number, "array", "<f8", [1_000_000], 0, True] for number in range(1, 101)]
    with pytest.raises(Stopped):
        ask(answer(None, nodes, [bytes(8_000_000)]))


def test_tuples_within_tuples_have_an_end():
    plain = 1
    for _ in range(100):
        plain = {"is": "tuple", "of": [plain]}
    with pytest.raises(Stopped, match="too deep"):
        ask(answer(plain))


def test_an_object_that_is_shared_does_not_become_another_kind():
    items, array = [1, 2], np.zeros(2)
    for nodes in ([[0, "list", []]], [[2, "dict", []]], [[2, "array", "<f8", [1], 0, True]]):
        with pytest.raises(Stopped):
            ask(answer(None, nodes, [b"12345678"]), given=(array, items))
    assert items == [1, 2]
    assert array.tolist() == [0, 0]


def test_what_an_earlier_call_was_given_can_be_changed_no_more():
    items = [1]
    peer = Peer(Hostile(answer(), answer(None, [[0, "list", []]])))
    peer.ask("call", None, (items,))
    peer.ask("call", None, ())
    assert items == [1]


def test_a_lent_function_is_worthless_once_names_are_fetched_again():
    calls = []
    frames = [answer(), answer(shared(1), [[1, "dict", []]])]
    frames += [({"op": "callback", "of": 0, "value": {"value": None, "nodes": []}}, [])]
    peer = Peer(Hostile(*frames))
    peer.ask("call", None, ((lambda: calls.append(1)),))
    peer.fetch(["value"])
    with pytest.raises(Stopped, match="no such object"):
        peer.ask("call", None, ())
    assert not calls


@pytest.mark.parametrize(
    "error",
    [
        {"type": "x" * 10**6, "bases": [], "message": "y" * 10**6, "where": ["z" * 10**6] * 1000},
        {"type": "a\nb\x1b[31m", "bases": ["ValueError"], "message": "", "where": []},
    ],
)
def test_what_an_exception_says_is_cut_short(error):
    with pytest.raises(LearnersError) as caught:
        ask({"op": "raise", "value": {"value": None, "nodes": []}, "error": error})
    assert len(caught.value.ename) <= 100 and caught.value.ename.isprintable()
    assert len(str(caught.value)) <= 2000
    assert sum(map(len, caught.value.where)) <= 40_000


def test_an_end_that_a_test_catches_is_remembered():
    peer = Peer(Hostile({}))
    with pytest.raises(Stopped) as first:
        peer.ask("call", None, ())
    with pytest.raises(Stopped) as second:
        peer.ask("call", None, ())
    assert first.value is second.value is peer.stop


def test_a_codec_lends_no_more_than_it_may():
    codec = Codec(0, None, lambda value: None, lambda value: True)
    functions = [(lambda i=i: i) for i in range(10_001)]
    with pytest.raises(Unshareable, match="too many"):
        for function in functions:
            codec.dump(function)
    with pytest.raises(Malformed):
        codec.own([])
