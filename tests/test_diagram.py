"""The network picture: nothing covers anything, the numbers are right, the lit path is the right one."""

import re
from dataclasses import replace
from itertools import combinations, pairwise
from time import perf_counter
from xml.etree import ElementTree

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from course import PRACTICE, WORKED, diagram
from course.diagram.compose import compose
from course.networks import Network

SHOWS = ("forward", "given", "names")


def network(*dims, seed=0, decimals=2):
    """Return a network of random numbers with the given number of neurons a layer, the input's first."""
    rng = np.random.default_rng(seed)

    def numbers(*shape):
        return rng.normal(size=shape).round(decimals)

    return Network("-".join(map(str, dims)), numbers(3, dims[0]), numbers(3, dims[-1]),
                   tuple(map(numbers, dims, dims[1:])), tuple(numbers(1, width) for width in dims[1:]))


def starts(net):
    """Return the names of all weights and biases, where a path may start."""
    names = []
    for layer, (n_in, n_out) in enumerate(pairwise(net.layers_dims), start=1):
        names += [f"w{layer}_{i}_{j}" for i in range(1, n_in + 1) for j in range(1, n_out + 1)]
        names += [f"b{layer}_{j}" for j in range(1, n_out + 1)]
    return names


def overlapping(picture):
    """Return the pairs of boxes of a picture that cover each other."""
    return [(a, b) for a, b in combinations(picture.layout.boxes, 2) if a.overlaps(b)]


def outside(picture):
    """Return the boxes that stick out of a picture."""
    width, height = picture.layout.width, picture.layout.height
    return [box for box in picture.layout.boxes
            if not (box.width / 2 <= box.x <= width - box.width / 2
                    and box.height / 2 <= box.y <= height - box.height / 2)]


def words(box):
    """Return what stands in a box, name and value."""
    return "".join(box.label[:3]), box.label.value


def values(picture, kind):
    """Return the values in the boxes of a kind, in order."""
    return [box.label.value for box in picture.layout.boxes if box.kind == kind]


def nodes(picture):
    """Return the boxes of the squares and circles by name."""
    return {box.part.name: box for box in picture.layout.boxes if box.kind in ("square", "circle")}


def arrows(picture):
    """Return the names of the edges that carry an arrowhead."""
    return {edge.part.name for edge in picture.layout.edges if edge.tip}


def svg(picture):
    """Return the picture's root element."""
    return ElementTree.fromstring(picture.svg)


# Geometry

@pytest.mark.parametrize("show", SHOWS)
@pytest.mark.parametrize("net", [WORKED, PRACTICE], ids=lambda net: net.name)
def test_no_box_covers_another_whichever_path_is_lit(net, show):
    for path in (None, *starts(net)):
        picture = diagram.draw(net, path=path, show=show)
        assert not overlapping(picture), path
        assert not outside(picture), path


@pytest.mark.parametrize("show", SHOWS)
@pytest.mark.parametrize("net", [WORKED, PRACTICE], ids=lambda net: net.name)
def test_every_weight_of_the_course_s_networks_has_a_label_whichever_path_is_lit(net, show):
    for path in (None, *starts(net)):
        assert len(values(diagram.draw(net, path=path, show=show), "weight")) == 14, path


@pytest.mark.parametrize("dims", [(1, 1), (2, 1), (2, 3, 2), (3, 4, 4, 2), (8, 8, 2, 1), (8, 8, 8, 8),
                                  (12,) * 7], ids=str)
def test_other_architectures_are_drawn_without_overlaps(dims):
    net = network(*dims)
    for path in (None, starts(net)[0], starts(net)[-1]):
        picture = diagram.draw(net, path=path)
        assert not overlapping(picture), path
        assert not outside(picture), path


@settings(max_examples=60, deadline=None)
@given(dims=st.lists(st.integers(1, 6), min_size=2, max_size=5), seed=st.integers(0, 99),
       decimals=st.integers(0, 6), show=st.sampled_from(SHOWS), data=st.data())
def test_any_small_network_is_drawn_without_overlaps(dims, seed, decimals, show, data):
    net = network(*dims, seed=seed, decimals=decimals)
    path = data.draw(st.sampled_from([None, *starts(net)]))
    picture = diagram.draw(net, path=path, show=show)
    assert not overlapping(picture)
    assert not outside(picture)
    ElementTree.fromstring(picture.svg)


def test_a_layer_with_many_weights_labels_the_lit_ones_only_and_says_so():
    picture = diagram.draw(network(8, 8, 8), path="w2_38")
    assert [words(box)[0] for box in picture.layout.boxes if box.kind == "weight"] == ["w(2)38"]
    assert "weights without a label: 127" in picture.svg


def test_where_there_is_no_room_labels_are_left_out_rather_than_piled_up():
    net = network(12, 12)
    picture = diagram.draw(net, light=[name for name in starts(net) if name.startswith("w")])
    assert 50 < len(values(picture, "weight")) < 144
    assert not overlapping(picture)


def test_a_label_sits_on_its_own_edge():
    picture = diagram.draw(PRACTICE, path="w1_12")
    edges = {edge.part: edge for edge in picture.layout.edges}
    for box in picture.layout.boxes:
        if box.kind == "weight":
            (x1, y1), (x2, y2) = edges[box.part].start, edges[box.part].end
            assert box.y == pytest.approx(y1 + (y2 - y1) * (box.x - x1) / (x2 - x1))


def test_a_square_touches_its_circle():
    boxes = nodes(diagram.draw(WORKED))
    for layer, width in enumerate(WORKED.layers_dims[1:], start=1):
        for neuron in range(1, width + 1):
            square, circle = boxes[f"z{layer}_{neuron}"], boxes[f"x{layer}_{neuron}"]
            assert square.x + square.width / 2 == circle.x - circle.width / 2
            assert square.y == circle.y


def test_the_two_three_two_one_picture_fits_a_notebook():
    assert 860 <= diagram.draw(WORKED).layout.width <= 890


# Numbers

def test_row_1_of_worked_shows_the_reference_numbers():
    picture = diagram.draw(WORKED)
    assert values(picture, "square") == ["−0.314", "0.818", "−0.417", "−0.0736", "0.0245", "0.00172"]
    assert values(picture, "circle") == ["6.1", "8.7", "0", "0.818", "0", "0", "0.0245", "0.00172"]
    assert values(picture, "target") + values(picture, "cost") == ["113", "6384.31"]


def test_row_5_of_worked_shows_the_reference_numbers():
    picture = diagram.draw(WORKED, row=4)
    assert values(picture, "square")[:5] == ["−0.44", "0.382", "0.09", "−0.0281", "0.0133"]
    assert values(picture, "cost") == ["881.96"]


def test_practice_shows_the_reference_numbers_and_its_biases():
    picture = diagram.draw(PRACTICE)
    assert values(picture, "square") == ["0.9", "−0.7", "0.4", "0.31", "0.85", "0.161"]
    assert values(picture, "bias") == ["0.4", "−0.4", "−0.4", "0.3", "0.4", "0.3"]
    assert values(picture, "target") == ["1"]


def test_the_three_costs_of_practice_have_the_reference_mean():
    costs = [float(values(diagram.draw(PRACTICE, row), "cost")[0]) for row in range(3)]
    assert np.mean(costs) == pytest.approx(0.2621685, abs=1e-3)


def test_each_weight_leads_from_its_first_neuron_to_its_second():
    picture = diagram.draw(WORKED)
    circle, square = nodes(picture)["x1_3"], nodes(picture)["z2_1"]
    edge = next(edge for edge in picture.layout.edges if edge.part.name == "w2_31")
    assert np.hypot(edge.start[0] - circle.x, edge.start[1] - circle.y) == pytest.approx(circle.width / 2)
    assert edge.end == (square.x - square.width / 2, square.y)


def test_each_weight_shows_its_entry_of_the_matrix():
    labels = [box for box in diagram.draw(PRACTICE).layout.boxes if box.kind == "weight"]
    shown = {box.part.name: box.label.value for box in labels}
    assert [shown[name] for name in ("w1_12", "w1_21", "w2_31", "w3_21")] == ["0.3", "0.5", "0.7", "−0.2"]


@pytest.mark.parametrize(("value", "text"), [
    (0.0, "0"), (-0.0, "0"), (-0.314, "−0.314"), (-0.07362, "−0.0736"), (0.0017178, "0.00172"), (8.7, "8.7"),
    (113.0, "113"), (6384.3058900754195, "6384.31"), (123456.0, "1.23e5"), (-4.56e-7, "−4.56e−7"),
    (float("nan"), "?"), (float("-inf"), "−∞"),
])
def test_a_number_has_about_three_digits_and_a_true_minus_sign(value, text):
    assert diagram.number_text(value) == text


def test_given_shows_what_is_given_and_question_marks():
    picture = diagram.draw(WORKED, show="given")
    assert values(picture, "circle")[:2] == ["6.1", "8.7"]
    assert set(values(picture, "square") + values(picture, "circle")[2:] + values(picture, "cost")) == {"?"}
    assert values(picture, "target") == ["113"]
    assert "0.818" not in picture.svg


def test_names_shows_no_number_at_all():
    picture = diagram.draw(WORKED, show="names")
    assert not any(box.label.value for box in picture.layout.boxes if box.part)
    assert {words(box)[0] for box in picture.layout.boxes if box.kind == "weight"} >= {"w(1)12", "w(3)21"}
    assert not re.search(r"\d\.\d", "".join(svg(picture).itertext()))


def test_the_biases_show_when_one_is_not_zero_or_is_asked_for():
    assert values(diagram.draw(WORKED), "bias") == []
    assert values(diagram.draw(WORKED, path="b2_2"), "bias") == ["0"] * 6
    assert values(diagram.draw(WORKED, light=["b2_2"]), "bias") == ["0"] * 6


# A learner's own numbers

def test_own_numbers_stand_in_place_of_the_computed_ones():
    picture = diagram.draw(PRACTICE, z=[[1.5, 2.5, 3.5], [[4.5, 5.5]], [6.5]])
    assert values(picture, "square") == ["1.5", "2.5", "3.5", "4.5", "5.5", "6.5"]
    assert values(picture, "circle")[2:5] == ["0.9", "0", "0.4"]
    assert "Your own numbers are shown for z." in picture.description


def test_of_numbers_for_all_samples_the_row_s_are_shown():
    Z1 = np.arange(9).reshape(3, 3) + 0.5
    assert values(diagram.draw(PRACTICE, row=2, z=[Z1, None, None]), "square")[:3] == ["6.5", "7.5", "8.5"]


@pytest.mark.parametrize("unknown", [None, ..., [None], [np.nan], [[np.nan]]], ids=repr)
def test_what_the_learner_does_not_know_yet_is_a_question_mark(unknown):
    picture = diagram.draw(WORKED, show="given", z=[[-0.314, None, np.nan], None, unknown])
    assert values(picture, "square") == ["−0.314", "?", "?", "?", "?", "?"]
    assert values(picture, "cost") == ["?"]


def test_the_cost_follows_from_the_learner_s_own_output():
    assert values(diagram.draw(WORKED, x=[None, None, [111]]), "cost") == ["2"]
    assert values(diagram.draw(WORKED, x=[None, None, None]), "cost") == ["?"]


@pytest.mark.parametrize(("z", "message"), [
    ([[1, 2, 3]], "z holds 1 arrays, expected 3: one for each layer 1 to 3 of WORKED"),
    ([[1, 2, 3], [1, 2, 3], [1]], "z[1] (layer 2) has shape (3,), expected (2,), (1, 2) or (10, 2)"),
    ([[1, 2, 3], np.zeros((2, 1)), [1]], "z[1] (layer 2) has shape (2, 1), expected"),
    ([[1, 2, 3], ["a", "b"], [1]], "z[1] (layer 2) is not an array of numbers"),
])
def test_own_numbers_of_a_wrong_shape_are_refused(z, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        diagram.draw(WORKED, z=z)


# Light

def test_a_weight_of_the_last_layer_lights_one_short_path():
    picture = diagram.draw(WORKED, path="w3_21")
    assert arrows(picture) == {"w3_21", "J"}
    assert picture.description.endswith(
        "Lit path, from right to left: J = 6384.31, x3_1 = 0.00172, z3_1 = 0.00172, w3_21 = 0.07.")


def test_a_weight_of_the_first_layer_lights_two_paths():
    picture = diagram.draw(WORKED, path="w1_12")
    assert arrows(picture) == {"w1_12", "w2_21", "w2_22", "w3_11", "w3_21", "J"}
    assert values(picture, "badge") == ["A", "B"]


@pytest.mark.parametrize(("letter", "stations"), [
    ("A", ["J", "x3_1", "z3_1", "w3_11", "x2_1", "z2_1", "w2_21", "x1_2", "z1_2", "w1_12"]),
    ("B", ["J", "x3_1", "z3_1", "w3_21", "x2_2", "z2_2", "w2_22", "x1_2", "z1_2", "w1_12"]),
])
def test_each_of_two_paths_is_told_from_right_to_left(letter, stations):
    description = diagram.draw(WORKED, path="w1_12").description
    told = re.search(rf"Lit path {letter}, from right to left: (.*?)\.( |$)", description)[1]
    assert re.findall(r"(\w+) =", told) == stations


def test_only_the_second_path_is_dashed_and_blue():
    dashed = [each for each in svg(diagram.draw(WORKED, path="w1_12")).iter() if each.get("stroke-dasharray")]
    assert len(dashed) == 4  # two edges, a square and a circle
    assert {each.get("stroke") for each in dashed} == {diagram.BLUE}
    assert "stroke-dasharray" not in diagram.draw(WORKED, path="w2_22").svg


def test_more_than_two_paths_are_lit_alike():
    picture = diagram.draw(network(2, 3, 2, 2), path="w1_11")
    assert "Lit: all 4 paths from J back to w1_11" in picture.description
    assert diagram.BLUE not in picture.svg
    assert values(picture, "badge") == []


def test_a_bias_lights_the_same_paths_as_a_weight_into_its_square():
    bias, weight = diagram.draw(PRACTICE, path="b1_2"), diagram.draw(PRACTICE, path="w1_12")
    assert arrows(bias) == arrows(weight) - {"w1_12"}


def test_only_the_weight_in_question_is_spelled_out():
    spelled = [words(box) for box in diagram.draw(WORKED, path="w2_22").layout.boxes
               if box.kind == "weight" and box.label.symbol]
    assert spelled == [("w(2)22", "0.03")]


@pytest.mark.parametrize("net", [WORKED, PRACTICE], ids=lambda net: net.name)
def test_arrows_point_from_right_to_left_and_have_room(net):
    for path in starts(net):
        for edge in diagram.draw(net, path=path).layout.edges:
            if edge.tip:
                assert edge.start[0] <= edge.tip[0] < edge.end[0]
                assert np.hypot(*np.subtract(edge.end, edge.tip)) > diagram.ARROW_LENGTH + 3, path


def test_parts_are_lit_by_themselves_without_arrows():
    picture = diagram.draw(WORKED, light=["w2_21", "w2_22", "x1_2"])
    assert arrows(picture) == set()
    assert picture.svg.count('stroke-width="4"') == 2
    assert picture.description.endswith("Lit: w2_21 = −0.09, w2_22 = 0.03, x1_2 = 0.818.")


@pytest.mark.parametrize("name", ["w2_22", "w2-22", "w2_2_2", "w2-2-2"])
def test_a_weight_may_be_spelled_in_several_ways(name):
    assert diagram.draw(WORKED, path=name).svg == diagram.draw(WORKED, path="w2_22").svg


def test_neurons_with_two_digits_have_names_too():
    picture = diagram.draw(network(12, 2, 1), path="w1_11_2")
    assert "w1_11_2 = " in picture.description
    assert "w(1)11,2" in {words(box)[0] for box in picture.layout.boxes}


# Errors

@pytest.mark.parametrize(("options", "message"), [
    ({"path": "w2_42"}, "There is no weight 'w2_42' in WORKED: layer 2 has weights w2_11 ... w2_32"),
    ({"path": "w4_11"}, "There is no weight 'w4_11' in WORKED: its weights are in layers 1 to 3"),
    ({"path": "b3_2"}, "There is no bias 'b3_2' in WORKED: layer 3 has biases only b3_1"),
    ({"path": "x1_2"}, "'x1_2' is not the name of a weight or bias: write it like w2_22 or b1_2"),
    ({"path": "w22"}, "'w22' is not the name of a weight or bias"),
    ({"light": ["z0_1"]}, "There is no square 'z0_1' in WORKED: its squares are in layers 1 to 3"),
    ({"light": ["x1_4"]}, "There is no neuron 'x1_4' in WORKED: layer 1 has neurons x1_1 ... x1_3"),
    ({"show": "all"}, "show is 'all': choose 'forward', 'given' or 'names'"),
])
def test_an_unknown_name_is_answered_with_the_known_ones(options, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        diagram.draw(WORKED, **options)


@pytest.mark.parametrize("row", [10, -1])
def test_an_unknown_row_is_answered_with_the_known_ones(row):
    with pytest.raises(IndexError, match=f"There is no row {row} in WORKED: its rows are 0 to 9"):
        diagram.draw(WORKED, row)


# Folding

LARGE = [(64, 15, 10), (784, 32, 10), (2,) + (3,) * 9 + (1,), (13, 13, 1), (3, 2, 40), (1,) * 9, (2, 64, 64, 64, 2)]


@pytest.mark.parametrize("dims", LARGE, ids=str)
def test_a_large_network_is_folded_without_overlaps(dims):
    net = network(*dims)
    names = starts(net)
    for options in ({}, {"path": names[0]}, {"path": names[-1]}, {"path": names[len(names) // 3]},
                    {"light": names[:: len(names) // 3]}, {"show": "names"}):
        picture = diagram.draw(net, **options)
        assert not overlapping(picture), options
        assert not outside(picture), options
        ElementTree.fromstring(picture.svg)


@settings(max_examples=25, deadline=None)
@given(dims=st.lists(st.integers(1, 40), min_size=2, max_size=5) | st.lists(st.integers(1, 4), min_size=8, max_size=12),
       seed=st.integers(0, 99), show=st.sampled_from(SHOWS), data=st.data())
def test_any_network_is_drawn_without_overlaps(dims, seed, show, data):
    net = network(*dims, seed=seed)
    name = data.draw(st.sampled_from(starts(net)))
    picture = diagram.draw(net, show=show, **data.draw(st.sampled_from([{"path": name}, {"light": [name]}])))
    assert not overlapping(picture)
    assert not outside(picture)
    assert name.replace("_", "") in {words(box)[0].replace("(", "").replace(")", "").replace(",", "")
                                     for box in picture.layout.boxes if box.part}


def marks(picture):
    """Return what the marks of a folded picture say."""
    return values(picture, "fold")


def test_a_layer_of_64_shows_its_first_and_last_neurons_and_says_how_many_more():
    picture = diagram.draw(network(64, 15, 10))
    inputs = [int(name[3:]) for name in nodes(picture) if name.startswith("x0")]
    assert inputs == [*range(1, 9), *range(61, 65)]
    assert marks(picture) == ["… 52 more", "… 3 more"]
    assert "Input x (64 neurons; drawn are 1 to 8, 61 to 64): " in picture.description
    assert "weights not drawn: 846" in picture.svg
    assert len([edge for edge in picture.layout.edges if edge.part.kind == "w"]) == 12 * 12 + 12 * 10


def test_of_ten_layers_six_are_drawn_and_a_mark_says_how_many_more():
    picture = diagram.draw(network(2, *(3,) * 9, 1))
    assert {box.part.layer for box in picture.layout.boxes if box.kind == "square"} == {1, 2, 3, 4, 9, 10}
    assert marks(picture) == ["… 4 more layers"]
    assert "layers 5 to 8" in picture.svg
    assert "Layers 5 to 8 are not drawn." in picture.description


def test_a_mark_never_stands_for_a_single_neuron():
    for width in range(13, 40):
        picture = diagram.draw(network(width, 1), light=["x0_6", "x0_10"])
        assert "… 1 more" not in marks(picture), width
        assert len(nodes(picture)) <= 12 + 2, width


@pytest.mark.parametrize("options", [{"path": "w1_30_7"}, {"light": ["w1_30_7", "x0_31", "b1_10"]}], ids=str)
def test_what_is_named_is_drawn_even_in_a_layer_that_is_folded(options):
    picture = diagram.draw(network(64, 15, 10), **options)
    assert "x0_30" in nodes(picture) and "z1_7" in nodes(picture)
    assert ("w(1)30,7", "−1.69") in [words(box) for box in picture.layout.boxes if box.kind == "weight"]
    if "light" in options:
        assert {"x0_31", "z1_10"} <= nodes(picture).keys()


def test_what_is_named_is_drawn_with_its_layer():
    picture = diagram.draw(network(*(2,) * 11), light=["w6_21"])
    assert {5, 6} <= {box.part.layer for box in picture.layout.boxes if box.kind == "square"}


def test_paths_through_neurons_that_are_not_drawn_are_counted():
    picture = diagram.draw(network(2, 64, 64, 2), path="b1_40")
    assert picture.description.endswith("Lit: 24 of the 128 paths from J back to b1_40 = "
                                        f"{values(picture, 'bias')[7]}; "
                                        "the other 104 lead through neurons that are not drawn.")
    assert "b1_40" in {box.part.name for box in picture.layout.boxes if box.kind == "bias"}
    assert {edge.part.layer for edge in picture.layout.edges if edge.tip} == {2, 4}  # 24 weights: no room


def test_paths_through_layers_that_are_not_drawn_are_told():
    description = diagram.draw(network(2, *(3,) * 9, 1), path="w1_11").description
    assert "what is drawn of the 6,561 paths" in description
    assert "all of them lead through layers 5 to 8, which are not drawn" in description


def test_a_large_network_takes_little_room_and_time():
    net = network(784, 32, 10)
    started = perf_counter()
    picture = diagram.draw(net)
    assert perf_counter() - started < 0.5
    assert len(picture.svg) < 60_000


# Hooks

@pytest.mark.parametrize("net", [WORKED, PRACTICE, network(8, 8, 8), network(2, 40, 3)], ids=lambda net: net.name)
def test_a_live_picture_names_each_part_once_in_each_role(net):
    composed = compose(net, live=True)
    picture = composed.picture(hooks=True)
    found = [(each.get("data-part"), each.get("data-role")) for each in svg(picture).iter() if each.get("data-part")]
    assert len(found) == len(set(found))
    drawn = {part.name for part in composed.view.all_parts() if part in composed.values}
    assert {name for name, role in found if role == "value"} == drawn | {"J"}
    assert {name for name, role in found if role == "edge"} == {edge.part.key for edge in picture.layout.edges}
    assert not [pair for pair in combinations([box for box in picture.layout.boxes if not box.hidden], 2)
                if pair[0].overlaps(pair[1])]


def test_a_live_picture_has_room_for_a_label_on_every_edge_and_an_arrowhead_each():
    picture = compose(WORKED, live=True).picture(hooks=True)
    assert not any(box.hidden for box in picture.layout.boxes)
    assert all(edge.tip for edge in picture.layout.edges)
    assert len(re.findall('data-role="arrow" visibility="hidden"', picture.svg)) == len(picture.layout.edges)


def test_a_live_picture_points_at_nothing_that_is_not_drawn():
    picture = compose(network(2, *(3,) * 9, 1), live=True).picture(hooks=True)
    assert picture.svg.count("<polygon") == picture.svg.count('data-role="arrow"') > 0


def test_a_targets_number_stands_on_the_line_of_its_name():
    targets = re.findall(r'<text [^>]*data-part="y1_[^>]*>(.*?)</text>',
                         compose(network(2, 3), live=True).picture(hooks=True).svg)
    assert len(targets) == 3
    assert all(sum(map(int, re.findall(r'dy="(-?\d+)"', text))) == 0 for text in targets)


def test_a_still_picture_has_no_hooks():
    assert "data-" not in diagram.draw(WORKED, path="w1_12").svg


# The table

def test_the_table_tells_the_same_numbers_as_the_picture():
    picture, told = diagram.draw(PRACTICE), str(diagram.table(PRACTICE))
    assert told.splitlines()[0] == picture.title
    for box in picture.layout.boxes:
        if box.part and box.kind == "weight":
            assert f"{box.part.name} = {box.label.value}" in told
    rows = [line.split() for line in told.splitlines()]
    assert ["1", "2", "−0.7", "0", "−0.4", "w1_12", "=", "0.3,", "w1_22", "=", "−0.3"] in rows
    assert told.endswith("target y = 1\ncost J = 0.352")


def test_the_table_s_gradients_are_those_of_autograd():
    W, b = [torch.tensor(w, requires_grad=True) for w in PRACTICE.W], [torch.tensor(v) for v in PRACTICE.b]
    x = torch.tensor(PRACTICE.X[1:2])
    for layer, (w, v) in enumerate(zip(W, b, strict=True)):
        x = x @ w + v if layer == 2 else torch.relu(x @ w + v)
    (0.5 * ((x - torch.tensor(PRACTICE.Y[1:2])) ** 2).sum()).backward()
    told = str(diagram.table(PRACTICE, row=1, gradients=True))
    for layer, w in enumerate(W, start=1):
        for (i, j), slope in np.ndenumerate(w.grad.numpy()):
            assert re.search(rf"w{layer}_{i + 1}{j + 1} = \S+ \(dJ/dw = {diagram.number_text(slope)}\)", told)


def test_the_table_is_marked_up_for_screen_readers():
    root = ElementTree.fromstring(diagram.table(WORKED).html())
    assert root.find("caption").text == "WORKED, sample 1 of 10: a 2-3-2-1 network"
    assert [each.get("scope") for each in root.find("thead/tr")] == ["col"] * 6
    assert all([each.get("scope") for each in row][:2] == ["row", "row"] for row in root.findall("tbody/tr")[:8])
    hooked = ElementTree.fromstring(diagram.table(WORKED, gradients=True).html(hooks=True))
    assert {each.get("data-role") for each in hooked.iter("span")} == {"cell", "gradient"}


def test_the_table_of_a_large_network_tells_what_is_drawn():
    told = str(diagram.table(network(64, 2, 2, 2, 2, 2, 2, 2, 2)))
    assert "input, neurons 9 to 60: … 52 more" in told
    assert "layers 5 to 6: … 2 more layers" in told


# SVG

def test_the_picture_is_an_image_with_a_title_and_a_description():
    picture = diagram.draw(WORKED, path="w2_22")
    root = svg(picture)
    texts = {each.get("id"): each.text for each in root if each.get("id")}
    assert root.get("role") == "img"
    assert [texts[key] for key in root.get("aria-labelledby").split()] == [picture.title, picture.description]
    assert picture.title == "WORKED, sample 1 of 10: a 2-3-2-1 network, lit from J back to w2_22"
    assert "z: −0.314, 0.818, −0.417. x: 0, 0.818, 0." in picture.description


def test_the_same_picture_has_the_same_ids_and_another_one_has_others():
    def ids(**options):
        return re.findall(r' id="(\w+)"', diagram.draw(WORKED, **options).svg)

    assert diagram.draw(WORKED, path="w1_12").svg == diagram.draw(WORKED, path="w1_12").svg
    assert len(set(ids() + ids(row=1) + ids(path="w1_12") + ids(light=["x1_2"]) + ids(show="names"))) == 10


def test_a_name_cannot_break_out_of_the_picture():
    picture = diagram.draw(replace(WORKED, name="<script>&\"'"))
    assert "<script>" not in picture.svg
    assert svg(picture).find("{http://www.w3.org/2000/svg}title").text.startswith("<script>&\"'")


def test_no_style_or_script_leaks_into_the_page():
    tags = {each.tag.rpartition("}")[2] for each in svg(diagram.draw(PRACTICE, path="w1_12")).iter()}
    assert tags == {"svg", "title", "desc", "g", "rect", "circle", "path", "polygon", "text", "tspan"}


def test_a_picture_stays_under_12_kilobytes():
    sizes = [len(diagram.draw(net, path=path, show=show)._repr_html_().encode())
             for net in (WORKED, PRACTICE) for path in (None, *starts(net)) for show in SHOWS]
    assert max(sizes) < 12_000


def test_a_plain_text_frontend_reads_the_picture():
    picture = diagram.draw(WORKED)
    assert repr(picture) == f"{picture.title}\n{picture.description}"


def luminance(colour):
    """Return the relative luminance of a colour "#rrggbb" (WCAG 2.1)."""
    channels = [int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return np.dot([0.2126, 0.7152, 0.0722], linear)


def contrast(one, other):
    """Return the contrast ratio of two colours (WCAG 2.1)."""
    dark, light = sorted([luminance(one), luminance(other)])
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("paper", ["#ffffff", "#111111"])
@pytest.mark.parametrize("colour", [diagram.ORANGE, diagram.BLUE])
def test_lit_lines_stand_out_in_light_and_dark(colour, paper):
    assert contrast(colour, paper) >= 3


# JupyterLab's light theme writes in black of 87 % on white, its dark theme in white on #111.
@pytest.mark.parametrize(("ink", "alpha", "paper"), [(0, 0.87, 255), (255, 1, 17), (34, 1, 255)])
def test_faded_text_stays_readable_in_light_and_dark(ink, alpha, paper):
    alpha *= float(re.search(r"[\d.]+", diagram.FADED)[0])
    grey = round(alpha * ink + (1 - alpha) * paper)
    assert contrast(f"#{grey:02x}{grey:02x}{grey:02x}", f"#{paper:02x}{paper:02x}{paper:02x}") >= 4.5


def test_deltas_stand_under_the_squares_in_the_place_of_the_biases():
    deltas = [[0.176, 0, -0.21], [-0.0839, 0.168], [-0.839]]
    picture = diagram.draw(PRACTICE, row=0, delta=deltas)
    assert [box.label.value for box in picture.layout.boxes if box.kind == "delta"] == [
        "0.176", "0", "−0.21", "−0.0839", "0.168", "−0.839"
    ]
    assert not [box for box in picture.layout.boxes if box.kind == "bias"]
    assert "Deltas: −0.0839, 0.168." in picture.description
    with pytest.raises(ValueError, match=r"delta\[1\] \(layer 2\) has shape \(3,\), expected \(2,\)"):
        diagram.draw(PRACTICE, row=0, delta=[[0, 0, 0], [0, 0, 0], [0]])
