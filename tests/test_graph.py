"""The computation-graph picture and lesson 02: nothing covers anything, and the numbers are those of autograd."""

import re
from itertools import combinations
from xml.etree import ElementTree

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import ROOT
from course import diagram, graph
from course.lessons import load
from test_numbers import solution

LESSON = "02-neuron"
GIVEN = dict(x1=-1, x2=-2, w1=2, w2=-3, b=-3, y=1)
FORWARD = GIVEN | dict(p1=-2, p2=6, s=4, z=1, a=0.7310585786, J=0.0361647438)
GRADIENTS = dict(J=1, a=-0.2689414214, z=-0.0528770928, s=-0.0528770928, b=-0.0528770928, p1=-0.0528770928,
                 p2=-0.0528770928, w1=0.0528770928, w2=0.1057541856, x1=-0.1057541856, x2=0.1586312784)
FORKED = {"h": ..., "h->z1": 0.486, "h->z2": -0.427, "o": 1.09}
LONG = -1.2345e-67  # the longest text that a number may have
PICTURES = [
    pytest.param(graph.NEURON, None, None, id="neuron"),
    pytest.param(graph.NEURON, GIVEN, None, id="neuron given"),
    pytest.param(graph.NEURON, FORWARD, GRADIENTS, id="neuron full"),
    pytest.param(graph.NEURON, dict.fromkeys(FORWARD, LONG), dict.fromkeys(FORWARD, LONG), id="neuron long"),
    pytest.param(graph.FORK, None, None, id="fork"),
    pytest.param(graph.FORK, {}, FORKED, id="fork forked"),
    pytest.param(graph.FORK, dict.fromkeys("huvto", LONG), dict.fromkeys(FORKED, LONG), id="fork long"),
    pytest.param(graph.SWISH, dict(x=0.5), {"f": 1, "s": 2, "x->s": 3, "x->f": 4, "x": 5}, id="swish"),
    pytest.param("q = u + v", dict(u=3, v=4, q=7), dict(q=0.5, u=0.5, v=0.5), id="add"),
    pytest.param("q = x * x", dict(x=3), {"x->q": 3, "x": 6}, id="square"),
    pytest.param("z = b + s\n", None, None, id="one line"),
]


def shown(picture, kind):
    """Return what stands in the boxes of a kind, {name of the edge or step: text}."""
    return {box.part: box.label.value for box in picture.layout.boxes if box.kind == kind}


def svg(picture):
    return ElementTree.fromstring(picture.svg)


# Layout

@pytest.mark.parametrize("lines, values, gradients", PICTURES)
def test_nothing_lies_over_anything_else(lines, values, gradients):
    boxes = graph.draw(lines, values, gradients, title="a title").layout.boxes
    assert [(a, b) for a, b in combinations(boxes, 2) if a.overlaps(b)] == []


@pytest.mark.parametrize("lines, values, gradients", PICTURES)
def test_no_line_runs_through_a_label_or_a_circle(lines, values, gradients):
    layout = graph.draw(lines, values, gradients, title="a title").layout
    assert [(wire.name, box) for wire in layout.edges for box in layout.boxes if graph.crosses(wire, box)] == []


@pytest.mark.parametrize("lines, values, gradients", PICTURES)
def test_everything_stays_inside_the_picture(lines, values, gradients):
    layout = graph.draw(lines, values, gradients, title="a title").layout
    for box in layout.boxes:
        assert box.width / 2 <= box.x <= layout.width - box.width / 2
        assert box.height / 2 <= box.y <= layout.height - box.height / 2
    for wire in layout.edges:
        assert all(0 < x < layout.width and 0 < y < layout.height for x, y in wire.points)


@pytest.mark.parametrize("lines, values, gradients", PICTURES)
def test_values_stand_above_their_edge_and_gradients_below_it(lines, values, gradients):
    layout = graph.draw(lines, values, gradients).layout
    levels = {}
    for wire in layout.edges:
        (left, y), (right, _) = next((a, b) for a, b in zip(wire.points, wire.points[1:], strict=False) if a[1] == b[1])
        levels.setdefault(wire.name, []).append((left, right, y))
    for box in layout.boxes:
        if box.kind in ("value", "gradient"):
            assert any(left <= box.x <= right and box.y + box.height / 2 <= y if box.kind == "value"
                       else left <= box.x <= right and box.y - box.height / 2 >= y
                       for left, right, y in levels[box.part]), box


def test_the_test_for_crossings_finds_one():
    layout = graph.draw(graph.NEURON, FORWARD).layout
    wire = next(wire for wire in layout.edges if wire.name == "z")
    label = next(box for box in layout.boxes if box.kind == "value" and box.part == "z")
    on_the_line = diagram.Box("value", label.x, wire.points[0][1], label.width, label.height, label.label, "z")
    assert graph.crosses(wire, on_the_line) and not graph.crosses(wire, label)


@pytest.mark.parametrize("lines", [graph.NEURON, graph.FORK], ids=["neuron", "fork"])
def test_the_pictures_of_the_lesson_fit_a_notebook(lines):
    assert 800 <= graph.draw(lines, {}, dict(J=1)).layout.width <= 890


@st.composite
def trees(draw):
    """Return a graph in which each value is used once, with steps of one or two operands in any order."""
    letters, loose, lines = iter("abcdefghijklmnopqrstuvwxyz"), [], []
    for _ in range(draw(st.integers(1, 5))):
        name, steps = next(letters), draw(st.integers(1, 3))
        lines.append(f"{name} = {next(letters)} {draw(st.sampled_from('+-*'))} {next(letters)}")
        for _ in range(steps - 1):
            result = next(letters)
            lines.append(f"{result} = sigma({name})")
            name = result
        loose.append(name)
        if len(lines) > 4:
            break
    while len(loose) > 1:
        result = next(letters)
        lines.append(f"{result} = {loose.pop(0)} + {loose.pop(0)}")
        loose.insert(0, result)
    return "\n".join(lines)


@given(trees())
@settings(max_examples=60, deadline=None)
def test_a_tree_is_drawn_without_tangles(lines):
    names = re.findall(r"\b[a-z]\b", lines)
    picture = graph.draw(lines, dict.fromkeys(names, LONG), dict.fromkeys(names, LONG))
    assert set(shown(picture, "value")) == set(names)


def test_a_graph_that_would_tangle_is_refused_rather_than_drawn_badly():
    tangled = "p = u * v\nm = p + a\nq = x * y\nk = b + q\nt = m + k"
    with pytest.raises(ValueError, match="too tangled for a picture: a and b lie over each other"):
        graph.draw(tangled)
    graph.draw(tangled.replace("b + q", "q + b"))  # in another order it is fine


# Numbers

def test_the_neuron_shows_its_forward_pass_and_its_gradients():
    picture = graph.draw(graph.NEURON, FORWARD, GRADIENTS)
    assert shown(picture, "value") == dict(
        x1="−1", x2="−2", w1="2", w2="−3", b="−3", y="1", p1="−2", p2="6", s="4", z="1", a="0.731", J="0.0362")
    assert shown(picture, "gradient") == dict(
        J="← 1", a="← −0.269", z="← −0.0529", s="← −0.0529", b="← −0.0529", p1="← −0.0529", p2="← −0.0529",
        w1="← 0.0529", w2="← 0.106", x1="← −0.106", x2="← 0.159")


def test_the_operations_of_the_neuron_stand_in_circles():
    assert shown(graph.draw(graph.NEURON), "operation") == dict(p1="×", p2="×", s="+", z="+", a="σ", J="cost")


def test_what_is_not_computed_yet_is_a_question_mark():
    picture = graph.draw(graph.NEURON, GIVEN | dict(p1=..., p2=None, s=np.nan), dict(z=..., b=None))
    assert {name for name, text in shown(picture, "value").items() if text == "?"} == {"p1", "p2", "s", "z", "a", "J"}
    assert shown(picture, "gradient") == dict(z="← ?", b="← ?")


def test_without_values_a_picture_shows_names_only():
    assert set(shown(graph.draw(graph.NEURON), "value").values()) == {""}


def test_each_branch_of_a_fork_has_its_own_gradient_and_the_same_value():
    picture = graph.draw(graph.FORK, dict(h=0.5), FORKED)
    assert {name: shown(picture, "value")[name] for name in ("h", "h->z1", "h->z2")} == dict.fromkeys(
        ("h", "h->z1", "h->z2"), "0.5")
    assert shown(picture, "gradient") == {"h": "← ?", "h->z1": "← 0.486", "h->z2": "← −0.427", "o": "← 1.09"}
    ends = {wire.name: wire.points for wire in picture.layout.edges}
    assert ends["h"][-1] == ends["h->z1"][0] == ends["h->z2"][0]


@pytest.mark.parametrize("number", [7, np.float64(7), np.array(7), np.array([7.0]), torch.tensor(7.0)], ids=repr)
def test_a_number_may_come_as_any_kind_of_number(number):
    assert shown(graph.draw("q = u + v", dict(q=number)), "value")["q"] == "7"


# Words

@pytest.mark.parametrize("options, message", [
    (dict(values=dict(w3=1)), "values names 'w3', which this graph does not have. Did you mean 'w"),
    (dict(gradients={"w1->p1": 1}), "gradients names 'w1->p1', which this graph does not have."),
    (dict(values=dict(w1=np.ones(2))), "values['w1'] is not a single number."),
    (dict(gradients=dict(w1="two")), "gradients['w1'] is not a single number."),
])
def test_what_does_not_fit_the_graph_is_named(options, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        graph.draw(graph.NEURON, **options)


@pytest.mark.parametrize("lines, message", [
    ("", "at least one line"),
    ("s = p1 / p2", "'s = p1 / p2' is no step: write it like"),
    ("sum = p1 + p2", "is no step"),
    ("s = a + b\ns = a * b", "s is defined twice"),
    ("s = z + b\nz = a * b", "s takes z before z is defined"),
])
def test_a_line_that_is_no_step_is_named(lines, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        graph.draw(lines)


def test_the_picture_is_an_image_with_a_title_and_a_description():
    picture = graph.draw(graph.FORK, dict(h=0.5, u=3), {"h->z1": 2}, "a <shared> value")
    root = svg(picture)
    texts = {each.get("id"): each.text for each in root if each.get("id")}
    assert root.get("role") == "img"
    assert [texts[key] for key in root.get("aria-labelledby").split()] == [picture.title, picture.description]
    assert picture.title == "Computation graph: a <shared> value"
    assert picture.description.startswith("z1 = ? is u = 3 times h = 0.5. ")
    assert "h forks, to z1 and z2. Gradients, below the edges: h by way of z1 2." in picture.description
    assert repr(picture) == f"{picture.title}\n{picture.description}"


def test_the_same_picture_has_the_same_ids_and_another_one_has_others():
    def ids(*arguments):
        return re.findall(r' id="(\w+)"', graph.draw(graph.NEURON, *arguments).svg)

    assert graph.draw(graph.NEURON, FORWARD, GRADIENTS).svg == graph.draw(graph.NEURON, FORWARD, GRADIENTS).svg
    assert len(set(ids() + ids(GIVEN) + ids(FORWARD) + ids(FORWARD, GRADIENTS))) == 8


@pytest.mark.parametrize("lines, values, gradients", PICTURES)
def test_a_picture_stays_under_12_kilobytes(lines, values, gradients):
    assert len(graph.draw(lines, values, gradients, "a title")._repr_html_().encode()) < 12_000


def test_no_style_or_script_leaks_into_the_page():
    tags = {each.tag.rpartition("}")[2] for each in svg(graph.draw(graph.NEURON, FORWARD, GRADIENTS)).iter()}
    assert tags == {"svg", "title", "desc", "g", "rect", "circle", "path", "text", "tspan"}


# Lesson 02 against PyTorch's autograd, in float64

@pytest.fixture(scope="module")
def after_the_lesson():
    """Return the names that lesson 02 leaves behind, run with its solutions."""
    namespace = {}
    for cell in load(ROOT, LESSON).notebook.cells:
        if cell.cell_type == "code":
            exec(cell.source.replace("check(", "(lambda *a, **k: None)("), namespace)
            if cell.id == "forward":
                namespace["forward_J"] = namespace["J"]
    return namespace


def leaves(*numbers):
    return [torch.tensor(number, dtype=torch.float64, requires_grad=True) for number in numbers]


def torch_step(x, w, b, y, rate):
    """Return the weights and the bias of a sigmoid neuron after one step by autograd."""
    w, b = leaves(w, b)
    a = torch.sigmoid(torch.tensor(x) @ w + b)
    ((a - y) ** 2 / 2).backward()
    return (w - rate * w.grad).detach().numpy(), (b - rate * b.grad).item()


def test_the_neuron_of_the_lesson_has_the_gradients_of_autograd(after_the_lesson):
    x1, x2, w1, w2, b = parameters = leaves(-1.0, -2.0, 2.0, -3.0, -3.0)
    z = x1 * w1 + x2 * w2 + b
    z.retain_grad()
    J = (torch.sigmoid(z) - 1.0) ** 2 / 2
    J.backward()
    ours = after_the_lesson
    assert ours["forward_J"] == pytest.approx(J.item(), rel=1e-14)
    assert ours["dJ_dw1"] == pytest.approx(w1.grad.item(), rel=1e-13)
    assert ours["dJ_dw2"] == pytest.approx(w2.grad.item(), rel=1e-13)
    assert ours["dJ_db"] == pytest.approx(b.grad.item(), rel=1e-13)
    assert ours["dJ_db"] == pytest.approx(z.grad.item(), rel=1e-13)
    drawn = [GRADIENTS[name] for name in ("x1", "x2", "w1", "w2", "b")]
    np.testing.assert_allclose(drawn, [leaf.grad.item() for leaf in parameters], atol=1e-10)


def test_the_neuron_of_the_lesson_has_the_numbers_of_the_reference(after_the_lesson):
    ours = after_the_lesson
    assert ours["z"] == 1 and ours["a"] == pytest.approx(0.7310585786, abs=1e-10)
    np.testing.assert_allclose(ours["dw"], [0.0528770928, 0.1057541856], atol=1e-10)
    assert ours["dJ_dz"] == pytest.approx(-0.0528770928, abs=1e-10)
    np.testing.assert_allclose(ours["w_new"], [1.9471229072, -3.1057541856], atol=1e-10)
    assert ours["b_new"] == pytest.approx(-2.9471229072, abs=1e-10)
    assert ours["a_new"] == pytest.approx(0.7887259068, abs=1e-10)


@pytest.mark.parametrize("inputs", [1, 2, 5, 20])
def test_a_neuron_step_is_a_step_of_autograd(inputs):
    rng = np.random.default_rng(inputs)
    x, w = rng.normal(size=inputs), rng.normal(size=inputs)
    b, y, rate = rng.normal(), rng.uniform(), rng.uniform(0.1, 3)
    before = w.copy()
    w_ours, b_ours = solution(LESSON, "neuron_step")(x, w, b, y, rate)
    w_torch, b_torch = torch_step(x, w, b, y, rate)
    np.testing.assert_allclose(w_ours, w_torch, rtol=1e-12)
    assert b_ours == pytest.approx(b_torch, rel=1e-12)
    np.testing.assert_array_equal(w, before)


def test_a_hundred_steps_stay_beside_autograd():
    step, w, b = solution(LESSON, "neuron_step"), np.array([2.0, -3.0]), -3.0
    w_torch, b_torch = w, b
    for _ in range(100):
        w, b = step(np.array([-1.0, -2.0]), w, b, 1.0, 1.0)
        w_torch, b_torch = torch_step(np.array([-1.0, -2.0]), w_torch, b_torch, 1.0, 1.0)
    np.testing.assert_allclose([*w, b], [*w_torch, b_torch], rtol=1e-11)


def test_the_shared_input_has_the_gradient_of_autograd(after_the_lesson):
    h, u, v = leaves(0.5, 3.0, -2.0)
    z1, z2 = u * h, h * v
    for z in (z1, z2):
        z.retain_grad()
    o = torch.sigmoid(z1) + torch.sigmoid(z2)
    o.retain_grad()
    ((o - 0.0) ** 2 / 2).backward()
    ours = after_the_lesson
    assert ours["dJ_do"] == pytest.approx(o.grad.item(), rel=1e-13)
    assert ours["path_1"] == pytest.approx((z1.grad * u).item(), rel=1e-13)
    assert ours["path_2"] == pytest.approx((z2.grad * v).item(), rel=1e-13)
    assert ours["dJ_dh"] == pytest.approx(h.grad.item(), rel=1e-13)


def test_the_sigmoid_and_the_slope_of_swish_are_those_of_torch():
    x = torch.linspace(-12, 12, 41, dtype=torch.float64, requires_grad=True)
    np.testing.assert_allclose(solution(LESSON, "sigmoid")(x.detach().numpy()), torch.sigmoid(x).detach(), rtol=1e-13)
    torch.nn.functional.silu(x).sum().backward()
    np.testing.assert_allclose(solution(LESSON, "swish_slope")(x.detach().numpy()), x.grad, rtol=1e-11, atol=1e-15)
