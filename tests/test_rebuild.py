"""Rebuilding: whatever became of a notebook, its answers are found and nothing else of it counts."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course.grading.key import Key
from course.grading.rebuild import NotANotebook, rebuild
from course.grading.submission import ANSWER, BY_HAND, GIVEN, OWN, PROSE, TEST, Cell, Submission

CELLS = (
    Cell(PROSE, "markdown", "# Toy", id="title"),
    Cell(GIVEN, "code", "import numpy as np", "setup", "setup"),
    Cell(ANSWER, "code", "one = 1  # solution", "one", "one"),
    Cell(TEST, "code", 'check("one", one)', "one-check", "one-check"),
    Cell(GIVEN, "code", "between = 1", id="between"),
    Cell(ANSWER, "code", "two = 2  # solution", "two", "two"),
    Cell(TEST, "code", 'check("two", two)', "two-check", "two-check"),
    Cell(BY_HAND, "markdown", "YOUR ANSWER HERE", "why", "why"),
)
UNTOUCHED = {"one": "one = ...", "two": "two = ...", "why": "YOUR ANSWER HERE"}
KEY = Key("50-toy", "toy.ipynb", CELLS, UNTOUCHED, (), None, {}, "digest")


def released():
    """Return the cells as learners get them."""
    return [cell_json(UNTOUCHED.get(cell.name, cell.source), cell.name, cell.id, cell.cell_type) for cell in CELLS]


def cell_json(source, name="", identifier="", cell_type="code", **rest):
    marks = {"nbgrader": {"grade_id": name, "points": 100, "solution": True}} if name else {}
    return {"cell_type": cell_type, "id": identifier, "metadata": marks, "source": source, "outputs": [1], **rest}


def rebuilt(cells, **rest):
    text = json.dumps({"cells": cells, "nbformat": 4, "nbformat_minor": 5, "metadata": {}, **rest})
    return rebuild(Submission("ada", "50-toy", text.encode()), KEY).cells


def answers(cells):
    return {cell.name: cell.source for cell in cells if cell.kind in (ANSWER, BY_HAND)}


def own(cells):
    """Return what the learner's own cells hold, and the id of the instructor's cell before each."""
    found, before = [], None
    for cell in cells:
        if cell.kind == OWN:
            found.append((before, cell.source))
        else:
            before = cell.id
    return found


def is_the_instructors(cells):
    """Tell whether all but answers and own cells is as the instructor wrote it, in its order."""
    theirs = [cell for cell in cells if cell.kind != OWN]
    as_written = [cell for cell in CELLS if cell.kind not in (ANSWER, BY_HAND)]
    places = [cell.id for cell in theirs] == [cell.id for cell in CELLS]
    return places and [cell for cell in theirs if cell.kind not in (ANSWER, BY_HAND)] == as_written


def with_answers(**sources):
    cells = released()
    for cell in cells:
        cell["source"] = sources.get(cell["id"], cell["source"])
    return cells


def test_answers_are_lifted_and_the_rest_is_the_instructors():
    cells = rebuilt(with_answers(one="one = 11", why="Because."))
    assert is_the_instructors(cells)
    assert answers(cells) == {"one": "one = 11", "two": "two = ...", "why": "Because."}
    assert [cell.name for cell in cells if cell.is_untouched] == ["two"]
    assert not own(cells)


def test_an_answer_that_was_deleted_is_untouched():
    cells = rebuilt([cell for cell in released() if cell["id"] != "one"])
    assert answers(cells)["one"] == "one = ..."
    assert all(cell.is_untouched for cell in cells if cell.kind == ANSWER)


def test_an_empty_notebook_is_an_untouched_one():
    assert answers(rebuilt([])) == UNTOUCHED


def test_spaces_around_an_untouched_answer_do_not_touch_it():
    cells = rebuilt(with_answers(one="\n one = ...\n\n".replace(" one", "one")))
    assert [cell.is_untouched for cell in cells if cell.name == "one"] == [True]


@pytest.mark.parametrize("changed", ["setup", "one-check", "between", "title"])
def test_what_is_not_an_answer_can_be_edited_moved_or_deleted_without_effect(changed):
    cells = with_answers(one="one = 11")
    place = next(i for i, cell in enumerate(cells) if cell["id"] == changed)
    cells[place]["source"] = "import os"
    assert is_the_instructors(rebuilt(cells)) and not own(rebuilt(cells))
    cells[place]["cell_type"] = "raw"
    assert is_the_instructors(rebuilt(cells))
    cells.append(cells.pop(place))
    assert is_the_instructors(rebuilt(cells))
    cells.pop()
    assert is_the_instructors(rebuilt(cells))
    assert answers(rebuilt(cells))["one"] == "one = 11"


def test_cells_in_another_order_are_put_back():
    cells = rebuilt(with_answers(one="one = 11", two="two = 22")[::-1])
    assert is_the_instructors(cells)
    assert answers(cells)["one"] == "one = 11"


def test_own_cells_stay_where_they_stood():
    cells = with_answers(one="one = 11")
    cells.insert(0, cell_json("first"))
    cells.insert(5, cell_json("after the check", cell_type="markdown"))
    cells.insert(6, cell_json("and another", name="made-up"))
    cells.append(cell_json("last", identifier="own"))
    cells.append(cell_json("  \n"))
    assert own(rebuilt(cells)) == [
        (None, "first"),
        ("one-check", "after the check"),
        ("one-check", "and another"),
        ("why", "last"),
    ]
    assert len({cell.id for cell in rebuilt(cells)}) == len(rebuilt(cells))
    assert all(cell.metadata == {} and not cell.name for cell in rebuilt(cells) if cell.kind == OWN)


def test_of_two_answers_of_one_name_the_last_counts_and_the_first_still_runs():
    cells = with_answers(one="one = 11")
    cells.insert(2, cell_json("one = 10", "one", "copy"))
    came = rebuilt(cells)
    assert answers(came)["one"] == "one = 11"
    assert own(came) == [("setup", "one = 10")]


def test_copies_of_tests_and_of_given_cells_are_left_behind():
    cells = released()
    cells += [
        cell_json("two = 3", "two-check", "copy"),
        cell_json("between = 1"),
        cell_json("# Toy", cell_type="markdown"),
    ]
    assert own(rebuilt(cells)) == []


def test_cells_without_grade_ids_are_known_by_their_ids():
    cells = with_answers(one="one = 11", why="Because.")
    for cell in cells:
        cell["metadata"] = {}
    assert answers(rebuilt(cells)) == {"one": "one = 11", "two": "two = ...", "why": "Because."}


def test_cells_without_any_ids_are_the_learners_own_unless_they_are_the_instructors_word_for_word():
    cells = with_answers(one="one = 11")
    for cell in cells:
        cell["metadata"] = {}
        del cell["id"]
    came = rebuilt(cells)
    assert is_the_instructors(came)
    assert ("setup", "one = 11") in own(came)


def test_an_answer_that_became_prose_is_still_code():
    cells = with_answers(one="one = 11")
    cells[2]["cell_type"] = "markdown"
    (answer,) = (cell for cell in rebuilt(cells) if cell.name == "one")
    assert (answer.cell_type, answer.source) == ("code", "one = 11")


def test_all_cells_with_one_id_are_told_apart_by_their_grade_ids():
    cells = with_answers(one="one = 11", two="two = 22")
    for cell in cells:
        cell["id"] = "two"
    assert answers(rebuilt(cells)) == {"one": "one = 11", "two": "two = 22", "why": "YOUR ANSWER HERE"}


def test_sources_may_be_lists_of_lines():
    cells = with_answers(one=["one = 1\n", "one += 10", 7, None])
    assert answers(rebuilt(cells))["one"] == "one = 1\none += 10"


def test_half_characters_become_whole_ones():
    text = json.dumps({"cells": with_answers(one="s = '\ud800'  # \U0001f600"), "nbformat": 4}).encode()
    (answer,) = (cell for cell in rebuild(Submission("ada", "", text), KEY).cells if cell.name == "one")
    assert answer.source == "s = '\ufffd'  # \U0001f600"
    answer.source.encode()


def test_a_byte_order_mark_is_no_trouble():
    text = json.dumps({"cells": with_answers(one="one = 11"), "nbformat": 4}).encode("utf-8-sig")
    assert answers(rebuild(Submission("ada", "", text), KEY).cells)["one"] == "one = 11"


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"[]",
        b"7",
        b"null",
        b'"nbformat"',
        b"\xff\xfe",
        b"\0" * 100,
        b"{}",
        b'{"cells": []}',
        b'{"nbformat": 4}',
        b'{"nbformat": 4, "cells": {}}',
        b'{"nbformat": 5, "cells": []}',
        b'{"nbformat": "4", "cells": []}',
        b'{"nbformat": [4], "cells": []}',
        b'{"nbformat": 3, "worksheets": [{"cells": []}]}',
        b'{"nbformat": 1' + b"0" * 4000 + b', "cells": []}',
        b'{"nbformat": 1' + b"0" * 5000 + b', "cells": []}',
        b"[" * 200_000,
        b'{"nbformat": 4, "cells": [' + b"[" * 100_000,
        json.dumps({"nbformat": 4, "cells": [cell_json("x")] * 2001}).encode(),
    ],
    ids=range(21),
)
def test_what_is_no_notebook_says_so_in_one_short_line(text):
    with pytest.raises(NotANotebook) as caught:
        rebuild(Submission("ada", "50-toy", text), KEY)
    assert str(caught.value).startswith("unreadable: toy.ipynb")
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 200


def test_two_thousand_cells_are_few_enough():
    cells = rebuilt([*released(), *[cell_json(f"x = {i}") for i in range(1992)]])
    assert len(own(cells)) == 1992


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from([cell.name for cell in CELLS] + [cell.id for cell in CELLS])
ODD_CELLS = st.fixed_dictionaries(
    {},
    optional={
        "cell_type": st.sampled_from(["code", "markdown", "raw"]) | JSON,
        "id": NAMES | JSON,
        "source": st.sampled_from([cell.source for cell in CELLS]) | st.text(max_size=9) | JSON,
        "metadata": JSON
        | st.fixed_dictionaries({"nbgrader": JSON | st.fixed_dictionaries({"grade_id": NAMES | JSON})}),
    },
)


@settings(max_examples=150, deadline=None)
@given(cells=st.lists(ODD_CELLS | JSON, max_size=8))
def test_whatever_cells_there_are_the_instructors_notebook_comes_out(cells):
    came = rebuilt(cells)
    assert is_the_instructors(came)
    assert len({cell.id for cell in came}) == len(came)
    assert all(type(cell.source) is str and cell.source.encode() is not None for cell in came)
    assert sum(cell.kind == OWN for cell in came) <= len(cells)
