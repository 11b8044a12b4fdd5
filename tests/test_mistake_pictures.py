"""The pictures of mistakes: what is off is lit, with the learner's own numbers and no others."""

import re
from itertools import combinations
from types import SimpleNamespace
from xml.etree import ElementTree

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import ROOT
from course import PRACTICE, WORKED
from course.checks import sealed_file
from course.checks.picture import picture_of
from course.checks.report import Report
from course.checks.verdict import WRONG_VALUE, Verdict
from course.diagram import number_text
from course.grading.judge import _Trial
from course.report.clean import clean_html

# Exercises that ask for gradients: lesson, exercise, parts, the network and its samples.
ASKED = [
    ("04-chain-rule", "row5", "dW3 db3 dW2 db2 dW1 db1", WORKED, [4]),
    ("04-chain-rule", "layer2-row1", "dW2 db2", WORKED, [0]),
    ("04-chain-rule", "layer1-row1", "dW1 db1", WORKED, [0]),
    ("04-chain-rule", "gradients", "dW3 db3 dW2 db2 dW1 db1", PRACTICE, [0, 1, 2]),
    ("05-delta-formulas", "backward", "dW3 db3 dW2 db2 dW1 db1", PRACTICE, [0, 1, 2]),
    ("07-nn-class", "backward-pass", "dW3 db3 dW2 db2 dW1 db1", PRACTICE, [0, 1, 2]),
]
GRADIENTS = pytest.mark.parametrize("lesson, exercise, parts, net, rows", ASKED, ids=lambda value: str(value)[:20])


def gradients(net, rows):
    """Return {"dW1": array, "db1": array, ...}: the right ones, by autograd, of the mean cost."""
    given = {f"{kind}{layer}": torch.tensor(array, requires_grad=True)
             for kind, arrays in (("W", net.W), ("b", net.b)) for layer, array in enumerate(arrays, start=1)}
    x = torch.tensor(net.X[rows])
    for layer in range(1, 4):
        z = x @ given[f"W{layer}"] + given[f"b{layer}"]
        x = z if layer == 3 else torch.relu(z)
    (0.5 * ((x - torch.tensor(net.Y[rows])) ** 2).sum() / len(rows)).backward()
    return {f"d{name}": array.grad.numpy() for name, array in given.items()}


def judged(lesson, exercise, values):
    """Return the verdicts on the parts of an exercise, from its release's sealed answers."""
    book = sealed_file.load(ROOT / "release" / lesson / "sealed.json")
    return book.judge({f"{exercise}/{name}" if name else exercise: value for name, value in values.items()})


def lit(picture):
    """Return {name: the number that stands there} of the weights and biases that a picture lights."""
    shown = {box.part.name: box.label.value for box in picture.layout.boxes if box.kind in ("weight", "bias")}
    told = re.findall(r"dJ/d(\w+) = ([^,.]+\.?\d*)", picture.description)
    assert {name: shown[name] for name, _ in told} == dict(told)
    thick = {edge.part.name for edge in picture.layout.edges if edge.part.name in dict(told)}
    assert picture.svg.count('stroke-width="4"') == len(thick)
    assert {name for name, value in shown.items() if value} == set(dict(told))
    return dict(told)


@GRADIENTS
def test_the_edges_that_are_lit_are_the_entries_that_are_off_with_the_learner_s_numbers(
        lesson, exercise, parts, net, rows):
    right = gradients(net, rows)
    values = {name: right[name].copy() for name in parts.split()}
    assert picture_of(judged(lesson, exercise, values)) is None
    off = {}
    for number, (name, array) in enumerate(values.items()):
        place = [int(i) for i in np.unravel_index(number % array.size, array.shape)]
        array[tuple(place)] += 7.25 + number
        index = [i + 1 for i in place][-1 if name[1] == "b" else 0:]
        off[f"{name[1].lower()}{name[2]}_{''.join(map(str, index))}"] = number_text(array[tuple(place)])
    verdicts = judged(lesson, exercise, values)
    assert lit(picture_of(verdicts)) == off
    html = Report(verdicts)._repr_html_()
    picture = html[html.index("<svg"):]
    words = " ".join(ElementTree.fromstring(picture[: picture.index("</svg>") + 6]).itertext())
    shown = set(re.findall(r"−?\d+\.[\de−]+", words))
    assert shown == {number for number in off.values() if "." in number}
    assert not shown & {number_text(entry) for name in parts.split() for entry in right[name].flat}


def test_a_named_mistake_is_lit_too():
    right = gradients(PRACTICE, [0, 1, 2])
    verdicts = judged("05-delta-formulas", "backward", {name: 3 * right[name] for name in ("dW3", "db3")})
    assert [verdict.mistake != "" for verdict in verdicts] == [True, True]
    assert lit(picture_of(verdicts)).keys() == {"w3_11", "w3_21", "b3_1"}


@pytest.mark.parametrize(("exercise", "values", "edges", "boxes"), [
    ("w2-22", {"error": -112.998, "weight": 0.5, "gate": 0.0, "neuron": 0.818, "": 3.25}, {"w2_22": "3.25"},
     {"w3_21", "z2_2"}),
    ("w3-21", {"error": 113.0, "": -2.5}, {"w3_21": "−2.5"}, {"J"}),
    ("b3-1", {"slope": 0.0, "": 0.125}, {"b3_1": "0.125"}, set()),
    ("w1-12", {"path_a": 0.5, "path_b": 0.5, "gate": 1.0, "input": 8.7, "": 0.75}, {"w1_12": "0.75"}, {"x0_1"}),
    ("practice-w1-21", {"path_a": 0.5, "path_b": 0.5, "": 0.75}, {"w1_21": "0.75"}, set()),
])
def test_of_a_chain_the_weight_is_lit_with_its_number_and_the_links_without(exercise, values, edges, boxes):
    verdicts = judged("04-chain-rule", exercise, values)
    picture = picture_of(verdicts)
    told = re.search(r"yours: (.*)\.$", picture.description)[1].split(", ")
    assert {each for each in told if "=" in each} == {f"dJ/d{name} = {value}" for name, value in edges.items()}
    off = {verdict.name.partition("/")[2] for verdict in verdicts if verdict.off}
    links = {"error": "J", "weight": "w3_21", "gate": "z2_2", "neuron": "x1_2", "input": "x0_1"}
    assert {each for each in told if "=" not in each} == {links[link] for link in off if link in links}
    assert boxes <= set(told)


def test_what_is_right_unanswered_or_no_gradient_has_no_picture():
    assert picture_of(judged("04-chain-rule", "layer2-row1", {"dW2": ..., "db2": None})) is None
    assert picture_of(judged("05-delta-formulas", "delta-output", {"": np.ones((3, 1))})) is None
    assert "svg" not in Report(judged("04-chain-rule", "layer2-row1", {"dW2": np.ones((2, 3))}))._repr_html_()


def wrong(name, shape, off=(0,)):
    """Return the verdict on a wrong array whose entries at `off` are 0.5, 1.5, ..."""
    return Verdict(name, WRONG_VALUE, "off.", shape=shape, off=off, own=tuple(i + 0.5 for i in range(len(off))))


@pytest.mark.parametrize(("shapes", "dims"), [
    ({"dW1": (2, 3), "dW2": (3, 2)}, "2-3-2"),
    ({"dW1": (2, 3), "db1": (1, 3)}, "2-3-2-1"),
    ({"dW2": (3, 2), "dW3": (2, 1)}, "2-3-2-1"),
    ({"dW1": (5, 40), "db1": (1, 40), "dW2": (40, 3), "db2": (1, 3)}, "5-40-3"),
    ({"dW2": (4, 4)}, None), ({"dW1": (4, 6), "dW3": (5, 5)}, None), ({"dW1": (4, 6), "dW2": (5, 5)}, None),
    ({"dW4": (1, 1)}, None), ({"dW2": (6,)}, None), ({"db1": ()}, None), ({"W1": (2, 3)}, None),
])
def test_the_network_is_that_of_all_parts_or_the_course_s(shapes, dims):
    picture = picture_of([wrong(f"backward/{name}", shape) for name, shape in shapes.items()])
    assert (picture and picture.title) == (dims and f"What is off, in a {dims} network")


@settings(max_examples=25, deadline=None)
@given(dims=st.lists(st.integers(1, 30), min_size=3, max_size=5), data=st.data())
def test_any_network_s_mistakes_are_drawn_without_overlaps(dims, data):
    verdicts = []
    for layer, shape in enumerate(zip(dims, dims[1:], strict=False), start=1):
        off = data.draw(st.sets(st.integers(0, shape[0] * shape[1] - 1), max_size=20))
        verdicts.append(wrong(f"e/dW{layer}", shape, tuple(sorted(off))))
        off = data.draw(st.sets(st.integers(0, shape[1] - 1), max_size=3))
        verdicts.append(wrong(f"e/db{layer}", (1, shape[1]), tuple(sorted(off))))
    picture = picture_of(verdicts)
    if not any(verdict.off for verdict in verdicts):
        assert picture is None
        return
    assert not [pair for pair in combinations(picture.layout.boxes, 2) if pair[0].overlaps(pair[1])]
    ElementTree.fromstring(picture.svg)


def test_the_picture_survives_cleaning_and_is_small():
    html = Report([wrong("row5/dW1", (2, 3), (0, 1, 2, 3, 4, 5)), wrong("row5/db2", (1, 2), (0, 1))])._repr_html_()
    assert len(html) < 12_000
    before, after = (ElementTree.fromstring(text) for text in (html, clean_html(html)))
    assert [each.tag.rpartition("}")[2] for each in before.iter()] == [
        each.tag.rpartition("}")[2] for each in after.iter()]
    for one, other in zip(before.iter(), after.iter(), strict=True):
        kept = {name for name in one.keys() if name not in ("id", "aria-labelledby", "style")}
        assert {name: one.get(name) for name in kept} == {name: other.get(name) for name in kept}
    assert after.find(".//*[@role='img']") is not None
    assert clean_html(clean_html(html)) == clean_html(html)


@pytest.mark.parametrize("is_hidden", [True, False])
def test_a_hidden_test_shows_no_picture(is_hidden):
    trial = _Trial(None, "", SimpleNamespace(drain=lambda: []))
    trial._is_hidden = is_hidden
    trial.take(Report([wrong("backward/dW1", (4, 6), (0, 3)), wrong("backward/dW2", (6, 2), (1,))]))
    html = trial._outputs[-1]["data"]["text/html"]
    assert ("<svg" not in html and "0.5" not in html and "4-6" not in html) == is_hidden


def test_a_picture_that_cannot_be_drawn_costs_no_verdict(monkeypatch):
    def broken(verdicts):
        raise RuntimeError

    monkeypatch.setattr("course.checks.report.picture_of", broken)
    assert "off." in Report([wrong("row5/dW1", (2, 3))])._repr_html_()
