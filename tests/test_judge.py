"""Judging: points for what is right, none for what only seems so, and a named end for whatever goes on and on."""

import contextlib
import hashlib
import io
import json
import time

import numpy as np
import pytest

from course import WORKED
from course.checks import answer as answers
from course.checks import seal
from course.checks.sealed_file import SealedBook
from course.checks.verdict import SealedAnswer, SealedExercise
from course.grading.judge import Judge, without_hidden
from course.grading.key import Key, KeyExercise
from course.grading.remote import Peer
from course.grading.run import Sandbox, Stopped
from course.grading.submission import ANSWER, GIVEN, TEST, Cell, Limits
from test_objects import Hostile, answer, learner, shared

HIDDEN = "### BEGIN HIDDEN TESTS\n{}\n### END HIDDEN TESTS"


def make_key(test, solution="", given="", right=None, points=2):
    """Make the key of a lesson with one exercise, whose answers are those of `right`."""
    cells = (
        Cell(GIVEN, "code", f"import numpy as np\nfrom course import check\n{given}", id="given"),
        Cell(ANSWER, "code", solution, "work", "work"),
        Cell(TEST, "code", test, "work-check", "work-check"),
    )
    right = right or {}
    known = {name: SealedAnswer(seal.know(answers.read(value), name), {}, name) for name, value in right.items()}
    exercise = KeyExercise("work", "work-check", points, tuple(right))
    book = SealedBook("toy", {"work": SealedExercise("work", known, {}, "")})
    digest = hashlib.sha256("|".join(cell.source for cell in cells).encode()).hexdigest()
    return Key("toy", "toy.ipynb", cells, {}, (exercise,), book, {}, digest)


def run(key, peer, seconds=20.0):
    judge = Judge(key, "secret")
    judge.follow(0, peer, seconds)
    judge.follow(1, peer, seconds)
    return judge.test(2, key.exercises[0], peer, seconds)


def judged(test, code="", *, seconds=20.0, **lesson):
    """Judge a learner's code by a test."""
    lesson.setdefault("solution", "f = g = h = x = y = None")
    key = make_key(test, **lesson)
    with learner(f"import numpy as np\n{lesson.get('given', '')}\n{code}") as peer:
        return run(key, peer, seconds)


def text(result):
    return json.dumps(result.outputs)


TWO = {"work/a": 1.5, "work": 3.0}


@pytest.mark.parametrize(
    ("code", "score", "verdict"),
    [
        ("x, y = 1.5, 3.0", 2, "right"),
        ("x, y = np.float32(1.5), np.array(3)", 2, "right"),
        ("x, y = 1.5, 4.0", 1, "value"),
        ("x, y = 1.0, 3.0", 1, "value"),
        ("x, y = 1.5, None", 1, "unanswered"),
        ("x, y = 1.5, object()", 1, "kind"),
        ("x, y = float('nan'), 10**700", 0, "not finite"),
        ("x = 1.5", 0, "NameError"),
        ("", 0, "NameError"),
    ],
)
def test_points_are_shared_among_the_answers(code, score, verdict):
    result = judged('check("work", y, a=x)', code, right=TWO)
    assert (result.score, result.verdict) == (score, verdict)


def test_a_third_of_the_points_is_rounded():
    result = judged('check("work", a=x, b=y, c=f)', "x, y, f = 1, 0, 0", right={"work/a": 1, "work/b": 2, "work/c": 3})
    assert result.score == 0.67


def test_a_statement_that_fails_costs_only_what_needs_it():
    test = 'first = f(1)\ncheck("work/a", first)\nsecond = f(2)\ncheck("work", second)'
    result = judged(test, "def f(x):\n    if x == 1:\n        raise ValueError('one')\n    return 3", right=TWO)
    assert (result.score, result.verdict, result.fault) == (1, "ValueError", "ValueError")
    assert "one" in text(result)


def test_what_an_earlier_statement_made_does_not_stand_in_for_what_a_later_one_fails_to_make():
    test = """
out = f(1)
check("work/a", out)
between = f(2)
out = between * 1
check("work", out)
"""
    code = "def f(x):\n    if x == 2:\n        raise ValueError\n    return 3"
    assert judged(test, code, right={"work/a": 3, "work": 3}).score == 1


def test_an_untouched_stub_is_unanswered_and_no_fault():
    result = judged('check("work", f(1))', "def f(x):\n    raise NotImplementedError('stub')", right={"work": 3})
    assert (result.score, result.verdict, result.fault) == (0, "unanswered", "")


def test_an_answer_that_is_asked_for_twice_has_to_be_right_twice():
    test = 'for n in (1, 2):\n    check("work", f(n))'
    assert judged(test, "def f(n):\n    return 3 * n", right={"work": 3}).score == 0
    assert judged(test, "def f(n):\n    return 3 / n", right={"work": 3}).score == 0
    assert judged(test, "def f(n):\n    return 3", right={"work": 3}).score == 2


def test_a_name_that_no_answer_has_is_told():
    result = judged('check("wrok", x)\ncheck("work", x)', "x = 3", right={"work": 3})
    assert "has no exercise called 'wrok'" in text(result)


RAISES_ELSEWHERE = "def f(x):\n    if x != 1:\n        raise TypeError\n    return 3"


@pytest.mark.parametrize(
    "demand",
    [
        "assert f(2) == 6",
        "second = f(2)\nassert second == 6",
        "np.testing.assert_allclose(f(2), 6)",
        "for n in (2, 3):\n    np.testing.assert_allclose(f(n), 3 * n)",
        "for n in (2, 3):\n    assert f(n) == 3 * n",
        "def demand(tried):\n    assert tried(2) == 6\n\n\ndemand(f)",
        "agrees(f, 2)",
        "second = f(2)\nthird = second\nagrees(f, third)",
        HIDDEN.format("f(2)"),
        HIDDEN.format("second = f(2)"),
        f"second = f(2)\n{HIDDEN.format('assert second == 6')}",
    ],
)
def test_a_demand_is_not_escaped_by_raising(demand):
    test = f'from course.checks.fresh import agrees\n\ncheck("work", f(1))\n{demand}'
    solution = "def f(x):\n    return 3 * x"
    assert judged(test, RAISES_ELSEWHERE, solution=solution, right={"work": 3}).score == 0
    assert judged(test, "def f(x):\n    return 3 * x", solution=solution, right={"work": 3}).score == 2


@pytest.mark.parametrize(
    ("last", "score"),
    [
        ("None", 2),
        ("True", 2),
        ("np.isclose(1, 1)", 2),
        ("1.25", 1.25),
        ("np.float32(0.5) + np.int8(1)", 1.5),
        ("2", 2),
        ("0", 0),
        ("-0.0", 0),
        ("False", 0),
        ("np.bool_(False)", 0),
        ("-1", 0),
        ("2.01", 0),
        ("float('nan')", 0),
        ("float('inf')", 0),
        ("np.float64('nan')", 0),
        ("10**5000", 0),
        ("-10**5000", 0),
        ("1j", 0),
        ("'2'", 0),
        ("[2]", 0),
        ("np.array(2)", 0),
        ("np.array([2, 2])", 0),
        ("x", 0),
        ("f", 0),
        ("x**9", 0),
        ("1 / 0", 0),
        ("assert y", 2),
        ("assert not y", 0),
        ("np.testing.assert_equal(x, x)", 2),
    ],
)
def test_a_cell_without_check_gives_all_or_nothing_or_what_its_last_line_says(last, score):
    result = judged(f"x == 3\n{last}", "x, y = 10**600, 1\nf = lambda: 2")
    assert result.score == score
    assert str(result.score) != "-0.0"


def test_a_plain_test_ends_at_the_first_failure():
    result = judged("assert f(1) == 3\nprint('seen')\n2", RAISES_ELSEWHERE.replace("!= 1", "== 1"))
    assert (result.score, result.verdict) == (0, "TypeError")
    assert "seen" not in text(result)


SHOWS = "def f(x):\n    print('printed', x)\n    if x == 777:\n        raise ValueError(f'raised {x}')\n    return 3"


@pytest.mark.parametrize(
    "hidden",
    [
        HIDDEN.format('check("work", f(777))'),
        HIDDEN.format('wrong = 777\ncheck("work", wrong)'),
        HIDDEN.format("print(f(776) * 259)\nassert f(776) == 777, 777"),
        "for n in (2, 3):\n    pass\n    ### BEGIN HIDDEN TESTS\n    f(n + 774)\n    ### END HIDDEN TESTS",
        "### BEGIN HIDDEN TESTS (of all)\nf(777)\n### END HIDDEN TESTS (of all)",
    ],
)
def test_nothing_hidden_shows(hidden):
    test = f'check("work", f(1))\n{hidden}'
    key = make_key(test, "f = None", right={"work": 3})
    with Sandbox_of(SHOWS) as peer:
        result = run(key, peer)
    assert "777" not in text(result) and "776" not in text(result)
    assert "printed 1" in text(result)
    assert result.score == 0
    assert "777" not in without_hidden(test)


class Sandbox_of:
    """A real child that has run some code, as the `Peer` to it."""

    sandbox = None

    def __init__(self, code):
        self.code = code

    def __enter__(self):
        if Sandbox_of.sandbox is None:
            Sandbox_of.sandbox = Sandbox("/", Limits(cell_seconds=5, submission_seconds=30, memory=256 << 20))
        self.session = Sandbox_of.sandbox.session()
        self.result = self.session.run_cell(self.code, 1)
        self.session.start_clock()
        return Peer(self.session)

    def __exit__(self, *_):
        self.session.close()


@pytest.fixture(scope="module", autouse=True)
def no_sandbox_stays():
    yield
    if Sandbox_of.sandbox is not None:
        Sandbox_of.sandbox.close()
        Sandbox_of.sandbox = None


def test_what_a_test_makes_can_be_changed_though_given_data_has_gone():
    """CPython gives a new array the id of one that is gone; only what still exists is kept from changes."""
    with Sandbox_of("def add_one(a):\n    a += 1") as peer:
        for _ in range(20):
            given = [np.zeros(4) for _ in range(50)]
            peer.keep(given)
            del given
            mine = [np.zeros(4) for _ in range(50)]
            add_one = peer.fetch(["add_one"])["add_one"]
            for array in mine[:5]:
                add_one(array)
                assert array.tolist() == [1, 1, 1, 1]


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("import os\ndef f(x):\n    os._exit(1)", "crashed"),
        ("import ctypes\ndef f(x):\n    ctypes.string_at(0)", "crashed"),
        ("def f(x):\n    while True: pass", "timed out"),
    ],
)
@pytest.mark.parametrize("test", ["f(1)", "try:\n    f(1)\nexcept Exception:\n    pass\ncheck('work', 3)"])
def test_a_process_that_ends_in_a_test_is_named_even_where_the_test_catches_it(code, kind, test):
    key = make_key(test, "f = None", right={"work": 3})
    with Sandbox_of(code) as peer, pytest.raises(Stopped, match=f"^({kind})"):
        peer._session._deadline = time.monotonic() + 1
        run(key, peer)


def test_a_process_that_ends_in_an_instructors_cell_is_named():
    key = make_key("used", "f = None", right={"work": 3})
    cells = (*key.cells[:2], Cell(GIVEN, "code", "used = f(1)", "use", "use"), key.cells[2])
    key = Key("toy", "", cells, {}, key.exercises, key.book, {}, "instructors cell")
    judge = Judge(key, "secret")
    with Sandbox_of("import os\ndef f(x):\n    os._exit(1)") as peer:
        judge.follow(0, peer)
        with pytest.raises(Stopped, match="^crashed"):
            judge.follow(2, peer)
    with learner("f = 10**12") as peer, pytest.raises(Stopped, match="^timed out"):
        used = Cell(GIVEN, "code", "used = [n for n in range(f) if n < 0]", "use", "use")
        key = Key("toy", "", (*key.cells[:2], used, key.cells[3]), {}, key.exercises, key.book, {}, "endless cell")
        Judge(key, "secret").follow(2, peer, 0.3)


LATE = "class Late:\n    def __del__(self):\n        while True:\n            pass\n\n\nLate()\nwhile True:\n    pass"


@pytest.mark.parametrize(
    "test",
    [
        "for n in range(x):\n    pass",
        "while True:\n    try:\n        [n for n in range(x) if n < 0]\n    except Exception:\n        pass",
        "def spin(n):\n    while n:\n        pass\n\n\nf(spin)",
        "def spin(n):\n    while n:\n        pass\n\n\nfor n in range(x):\n    f(spin)",
        pytest.param(LATE, marks=pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")),
    ],
)
def test_a_test_that_goes_on_and_on_is_ended(test):
    started = time.monotonic()
    with pytest.raises(Stopped, match="^timed out: its test took longer than 0.3 s"):
        judged(test, "x = 10**12\ndef f(spin):\n    return spin(1)", seconds=0.3)
    assert time.monotonic() - started < 8


def test_a_short_test_leaves_no_interrupt_behind():
    for n in range(30):
        with contextlib.suppress(Stopped):
            judged("n = sum(i for i in range(10))\nx", "x = 2", seconds=0.002 + n % 10 / 5000)
    for _ in range(100_000):
        pass


def grown(levels, leaf=1.0):
    """Return the frame of a list in which each level holds the next one twice."""
    nodes = [[2 * n + 1, "list", [shared(2 * n + 3)] * 2] for n in range(levels)]
    return nodes + [[2 * levels + 1, "list", [leaf] * 2]]


def hostile(test, value, nodes=(), buffers=(), *, seconds=0.5, **lesson):
    """Judge what a learner's process says that `x` is."""
    lesson.setdefault("right", {"work": 3})
    key = make_key(test, "x = None", **lesson)
    nodes = [[-1, "dict", [["x", value]]], *nodes]
    peer_end = Hostile(answer(shared(-1), nodes, buffers), answer(), answer(), answer())
    return run(key, Peer(peer_end), seconds)


def test_a_list_that_doubles_at_each_level_is_no_answer_and_does_not_fill_the_memory():
    result = hostile('check("work", x)', shared(1), grown(60), seconds=20)
    assert result.score == 0 and "of more than 1,000,000 entries" in text(result)
    test = "from course.checks.fresh import agrees\n\nagrees(lambda: x)"
    assert hostile(test, shared(1), grown(60)).score == 0


def test_an_array_of_nothing_that_claims_to_be_long_ends_the_submission():
    with pytest.raises(Stopped, match="broke the protocol"):
        hostile('check("work", x)', shared(1), [[1, "array", "<f8", [0, 10**18], 0, True]], [b""])


@pytest.mark.parametrize(
    ("value", "nodes", "buffers"),
    [
        (shared(1), [[1, "list", [shared(1)]]], []),
        (shared(1), [[1, "array", "?", [4], 0, True]], [b"\2\3\4\5"]),
        (shared(1), [[1, "array", "<c16", [1], 0, True]], [bytes(16)]),
        (shared(1), [[1, "array", "<f8", [2_000_000], 0, True]], [bytes(16_000_000)]),
        (shared(1), [[1, "dict", [[float("nan"), 1], [float("nan"), 2]]]], []),
        (shared(1), [[1, "namespace", [["__class__", 1], ["shape", 2], ["__array__", 3]]]], []),
        ({"is": "mine", "of": 1, "type": "<script>", "name": "\n" * 500}, [], []),
        ({"is": "numpy", "of": "exp"}, [], []),
        ({"is": "range", "of": [0, 10**6, 1]}, [], []),
        ({"is": "number", "dtype": "<c8", "of": "00" * 8}, [], []),
        ({"is": "complex", "of": ["1"]}, [], []),
        ({"is": "..."}, [], []),
        (10**4000, [], []),
        ("long" * 500_000, [], []),
        (float("nan"), [], []),
    ],
)
def test_whatever_a_name_stands_for_is_at_most_a_wrong_answer(value, nodes, buffers):
    result = hostile('check("work", x)\nassert x is not None, x', value, nodes, buffers, seconds=20)
    assert result.score == 0
    assert len(text(result)) < 20_000
    assert "\\n\\n\\n" not in text(result)


def test_names_that_do_not_come_and_names_that_nobody_asked_for():
    key = make_key('check("work", x)', "x = None", right={"work": 3})
    with pytest.raises(Stopped, match="broke the protocol"):
        run(key, Peer(Hostile(answer(shared(1), [[1, "dict", [["check", 1]]]]))))
    error = {"type": "ValueError", "bases": [], "message": "", "where": []}
    raised = {"op": "raise", "value": {"value": None, "nodes": []}, "error": error}
    assert run(key, Peer(Hostile(raised))).verdict == "NameError"


@pytest.mark.parametrize("raised", ["assert x**9 == 4, x**9", "{}[x**9]", "print(x**9)", "raise ValueError(x**9)"])
def test_a_number_too_long_to_be_written_is_no_trouble(raised):
    assert judged(raised, "x = 10**600").score == 0


def test_what_is_shown_of_one_cell_has_an_end():
    result = judged("for n in range(20):\n    print(x)\nprint(x)\nassert x == 3, x", "x = 'long' * 150_000")
    assert len(text(result)) < 3_000_000
    assert result.score == 0


def test_the_name_decides_what_a_function_is_compared_with():
    test = "from course.checks.fresh import agrees\n\nagrees(g, 3)"
    solution = "def f(x):\n    return x\n\ndef g(x):\n    return x * x"
    used = f"f(1)\n{test}"
    assert judged(used, "def f(x):\n    return x\n\ng = f", solution=solution).score == 0
    assert judged(used, "def f(x):\n    return x\n\ng = lambda x: x**2", solution=solution).score == 2


@pytest.mark.parametrize(
    "code", ["g = 3", "g = None", "", "class g:\n    pass", "def g(x):\n    return g", "g = np.exp"]
)
def test_what_is_no_function_does_not_agree(code):
    test = "from course.checks.fresh import agrees\n\ncheck('work', 3)\nagrees(g, 3)"
    assert judged(test, code, solution="def g(x):\n    return x * x", right={"work": 3}).score == 0


def test_inputs_are_drawn_from_the_secret_and_each_side_gets_its_own():
    test = """
from course.checks.fresh import agrees, draws
x_new = draws().normal(size=3)
kept = x_new.copy()
agrees(f, x_new)
assert (x_new == kept).all()
check("work", float(x_new[0]))
"""
    code = "seen = []\ndef f(x):\n    seen.append(x.copy())\n    x *= 0\n    return seen[-1].sum()"
    seed = int.from_bytes(hashlib.sha256(b"secret|work").digest()[:8])
    drawn = float(np.random.default_rng(seed).normal(size=3)[0])
    assert judged(test, code, solution="def f(x):\n    return x.sum()", right={"work": drawn}).score == 2


def test_given_numbers_stay_whatever_a_learner_does_to_them():
    test = 'from course import WORKED\n\nf(WORKED.X, WORKED.W)\ncheck("work", WORKED.X[0, 0])'
    code = "def f(X, W):\n    for given in (X, *W):\n        given.flags.writeable = True\n        given[:] = 0"
    before = WORKED.X.copy()
    assert judged(test, code, right={"work": before[0, 0]}).score == 2
    assert np.array_equal(WORKED.X, before)
    assert WORKED.W[0].any()


def test_a_test_uses_what_an_earlier_test_made_and_what_cells_between_them_make():
    given = "%matplotlib inline\nW = np.ones(2)\n"
    result = judged("total = f(W)\nW += 1\ncheck('work', total + W[0])", "def f(w):\n    return w.sum()",
                    given="W = np.ones(2)", right={"work": 4})  # fmt: skip
    assert result.score == 2
    key = make_key("check('work', f(W))", "f = None", given, right={"work": 2})
    with learner("def f(w):\n    return w.sum()") as peer:
        assert run(key, peer).score == 2


def test_nothing_is_printed_in_the_trusted_process(capsys):
    code = "import warnings\ndef f(x):\n    warnings.warn('<hostile>')\n    return x"
    assert judged("print('told')\nf(3)\ncheck('work', f(3))", code, right={"work": 3}).score == 2
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "")


def test_a_process_that_warns_when_it_is_asked_for_names_is_not_heard(capsys):
    frame, buffers = answer(shared(1), [[1, "dict", [["x", 3]]]], warnings=[["UserWarning", "<hostile>"]] * 50)
    key = make_key('check("work", x)', "x = None", right={"work": 3})
    with contextlib.redirect_stderr(io.StringIO()) as said:
        assert run(key, Peer(Hostile((frame, buffers)))).score == 2
    assert said.getvalue() == ""
