"""Names: a test finds what instructor's cells make and fetches what the learner makes, in any way that Python has."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course.grading import names
from course.grading.submission import ANSWER, GIVEN, OWN, TEST, Cell

G, A, T = GIVEN, ANSWER, TEST


def plan(*cells):
    """Plan a notebook of pairs (kind, source)."""
    return names.plan([Cell(kind, "code", source) for kind, source in cells])


def fetched(*cells):
    """Return what the last cell of a notebook fetches."""
    return plan(*cells).fetched.get(len(cells) - 1, set())


@pytest.mark.parametrize(
    "binding",
    [
        "x = 1",
        "x: int = 1",
        "x, *y = 1, 2",
        "[(x, y)] = [(1, 2)]",
        "for x in (1, 2):\n    pass",
        "for i in (1, 2):\n    if i:\n        x = i",
        "with open('f') as x:\n    pass",
        "with open('f') as (x, y):\n    pass",
        "try:\n    import x\nexcept ImportError:\n    x = None",
        "try:\n    pass\nexcept ValueError:\n    pass\nelse:\n    x = 1",
        "import x",
        "import x.y",
        "import y as x",
        "from y import x",
        "def x():\n    pass",
        "async def x():\n    pass",
        "class x:\n    pass",
        "while (x := 3) < 2:\n    pass",
        "match 3:\n    case x:\n        pass",
        "if True:\n    x = 1",
        "x = 1\nx += 1",
        "%matplotlib inline\nx = 1",
        "!ls\n  \nx = 1",
        "x = 1\nx?",
    ],
)
def test_whatever_binds_a_name_is_found(binding):
    assert plan((G, binding), (T, "use(x)")).given == {0}
    assert fetched((A, binding), (T, "use(x)")) == {"x"}


@pytest.mark.parametrize(
    "use",
    [
        "x",
        "f = lambda: x",
        "def f():\n    return x",
        "def f(y=x):\n    pass",
        "class C:\n    y = x\n",
        "class C:\n    def f(self):\n        return x",
        "@x\ndef f():\n    pass",
        "[y for y in x]",
        "{y: x for y in (1,)}",
        "list(x + y for y in (1,))",
        "f'{x}'",
        "x += 1",
        "x[0] = 1",
        "x.y = 1",
        "x[0] += 1",
        "del x",
        "for i in x:\n    pass",
        "with x:\n    pass",
        "y = 1\ny = x",
        "assert x",
        "match x:\n    case 1:\n        pass",
        "def f():\n    def g():\n        return x\n    return g",
    ],
)
def test_whatever_uses_a_name_is_found(use):
    if use != "del x":
        assert plan((G, "x = 1"), (T, use)).given == {0}
        assert fetched((A, "x = 1"), (T, use)) == {"x"}


@pytest.mark.parametrize(
    "use",
    [
        "x = 1\nx",
        "def f(x):\n    return x",
        "[x for x in (1,)]",
        "y.x",
        "f(x=1)",
        "'x'",
        "# x",
        "lambda x: x",
        "import x\nx",
    ],
)
def test_what_is_another_name_is_not(use):
    assert fetched((A, "x = 1"), (T, use)) == set()


def test_the_last_cell_above_decides():
    assert fetched((G, "x = 1"), (A, "x = 2"), (T, "x")) == {"x"}
    assert fetched((A, "x = 2"), (G, "x = 1"), (T, "x")) == set()
    assert fetched((A, "x = 2"), (T, "x = 1"), (T, "x")) == set()
    assert fetched((T, "x"), (A, "x = 2")) == set()
    assert fetched((OWN, "x = 2"), (T, "x")) == set()


def test_what_changes_an_object_comes_along():
    cells = [
        (G, "table = {}"),
        (G, "table['a'] = 1"),
        (G, "items = []"),
        (G, "items.append(1)"),
        (G, "class Net:\n    pass"),
        (G, "Net.train = 3"),
        (G, "other = 1"),
        (T, "table, items, Net"),
    ]
    assert plan(*cells).given == {0, 1, 2, 3, 4, 5}


def test_a_cell_that_a_test_needs_brings_what_it_needs_itself():
    cells = [
        (G, "import numpy as np"),
        (G, "X = np.ones(3)"),
        (G, "def scale(v):\n    return v * factor"),
        (G, "factor = 2"),
        (A, "def f(v):\n    return v"),
        (G, "Z = scale(f(X))"),
        (G, "print('not needed')"),
        (T, "check('z', Z)"),
    ]
    made = plan(*cells)
    assert made.given == {0, 1, 2, 3, 5}
    assert made.fetched[5] == {"f"}


def test_a_function_of_the_instructors_may_call_one_that_the_learner_writes_later():
    cells = [(G, "def both(v):\n    return later(v) + 1"), (A, "def later(v):\n    return v"), (T, "both(3)")]
    assert fetched(*cells) == {"later"}


def test_a_test_may_use_what_an_earlier_test_made():
    cells = [(A, "f = 1"), (T, "def demand(g):\n    return helper(g)"), (G, "helper = abs"), (T, "demand(3)")]
    assert plan(*cells[:2], *cells[2:]).fetched[3] == set()


def test_solutions_are_made_for_tests_that_compare_with_them():
    cells = [
        (G, "import numpy as np"),
        (A, "def relu(z):\n    return np.maximum(0, z)"),
        (A, "def net(z):\n    return relu(z) + late()"),
        (A, "def unused():\n    pass"),
        (A, "def late():\n    return 1"),
        (T, "agrees(net, 3)"),
        (T, "relu(3)"),
    ]
    assert plan(*cells).solutions == {0, 1, 2, 4}


def test_a_cell_that_is_no_python_stands_for_nothing():
    assert plan((G, "x = ("), (G, "%%html\n<b>x = 1</b>"), (T, "x")).given == set()


LINES = st.one_of(
    st.builds("{0} = {1}".format, st.sampled_from("abcd"), st.integers(0, 9)),
    st.builds("{0} = {1} * 2".format, st.sampled_from("abcd"), st.sampled_from("abcd")),
    st.builds("{0} = [{1} * 2]".format, st.sampled_from("abcd"), st.sampled_from("abcd")),
    st.builds("{0} += {1}".format, st.sampled_from("abcd"), st.sampled_from("abcd")),
    st.builds("{0}.append({1})".format, st.sampled_from("abcd"), st.integers(0, 9)),
    st.builds("for {0} in [1, 2]:\n    {1} = {0}".format, st.sampled_from("abcd"), st.sampled_from("abcd")),
    st.builds(
        "def {0}(c=1):\n    return [{1} * 2, c]".format,
        st.sampled_from("fg"),
        st.sampled_from(["a", "b", "c", "d", "f()"]),
    ),
    st.builds("{0} = [{1} * 2 for c in [3]]".format, st.sampled_from("abcd"), st.sampled_from("abc")),
    st.builds("{0} = {1}()".format, st.sampled_from("abcd"), st.sampled_from("fg")),
)
START = "a, b, c, d = 1, [2], [3], 4\ndef f():\n    return 5\ndef g():\n    return 6"


def outcome(cells, wanted):
    """Run cells in one namespace; return the wanted name, or None where a cell that makes it fails."""
    namespace = {}
    for source in cells:
        try:
            exec(source, namespace)
        except Exception:
            return None, True
    value = namespace.get(wanted)
    return ("function" if callable(value) else repr(value)), False


@settings(max_examples=150, deadline=None)
@given(cells=st.lists(LINES, max_size=7), wanted=st.sampled_from("abcd"))
def test_the_cells_that_a_test_needs_make_what_all_cells_make(cells, wanted):
    cells = [START, *cells]
    whole, has_failed = outcome(cells, wanted)
    if has_failed or "function" in str(whole):
        return
    made = plan(*((G, source) for source in cells), (T, wanted))
    assert outcome([source for place, source in enumerate(cells) if place in made.given], wanted)[0] == whole
