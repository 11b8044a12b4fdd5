"""The live network picture: its JavaScript computes what Python computes, hands and keyboards can move it."""

import copy
import shutil
import subprocess
import sys
import warnings
from dataclasses import replace

import nbformat
import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell
from nbconvert import HTMLExporter
from traitlets import TraitError

from conftest import ROOT, find_chromium
from course import PRACTICE, WORKED, diagram
from course.diagram.compose import compose
from course.diagram.live_widget import LivePicture, network_state
from course.diagram.parts import find
from course.networks import Network
from test_diagram import network

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


def widget(net, row=0, weight=None):
    """Return the widget that a browser would show."""
    return LivePicture(diagram.live(net, row, weight), net)


@pytest.fixture
def show(open_widget):
    """Return a function that opens the live picture of a network in a page of its own."""
    return lambda net, row=0, weight=None, **how: open_widget(widget(net, row, weight), **how)


def value(tab, part):
    """Return the number that the picture shows for a part."""
    return tab.locator(f'[data-part="{part}"][data-role="value"]').text_content()


def texts(tab, kind):
    """Return the numbers shown for all parts whose names begin with `kind`."""
    return tab.locator(f'[data-part^="{kind}"][data-role="value"]').all_text_contents()


# Numbers

def reference(net, x, y):
    """Return z, x, delta, dW and J of one sample, computed layer by layer with NumPy."""
    last = len(net.W)
    zs, xs = [], [np.array(x)]
    for layer, (W, b) in enumerate(zip(net.W, net.b, strict=True), start=1):
        zs.append(xs[-1] @ W + b[0])
        xs.append(np.maximum(zs[-1], 0) if layer < last else zs[-1])
    deltas = [xs[-1] - y]
    for W, z in zip(net.W[:0:-1], zs[-2::-1], strict=True):
        deltas.insert(0, (W @ deltas[0]) * (z > 0))
    return {"z": zs, "x": xs, "delta": deltas, "dW": [np.outer(x, d) for x, d in zip(xs[:-1], deltas, strict=True)],
            "J": np.sum((xs[-1] - y) ** 2) / 2}


def random_networks(count):
    """Yield networks of 1 to 6 layers and 1 to 12 neurons; every other one is of small integers: there z is often 0."""
    rng = np.random.default_rng(6)
    for number in range(count):
        dims = rng.integers(1, 13, size=rng.integers(2, 8)).tolist()
        whole = number % 2

        def draw(*shape):
            return rng.integers(-1, 2, size=shape).astype(float) if whole else rng.normal(size=shape)

        yield Network("random", draw(1, dims[0]), draw(1, dims[-1]),
                      tuple(map(draw, dims, dims[1:])), tuple(draw(1, width) for width in dims[1:]))


def test_the_javascript_computes_what_numpy_computes(show):
    tab, nets = show(WORKED), list(random_networks(200))
    found = tab.evaluate("""networks => networks.map((network) => {
        const pass = live.forward(network, network.X[0]);
        const { delta, dW } = live.backward(network, pass, network.Y[0]);
        return { ...pass, delta, dW, J: live.cost(pass, network.Y[0]) };
    })""", [network_state(net) for net in nets])
    zeros = 0
    for net, numbers in zip(nets, found, strict=True):
        expected = reference(net, net.X[0], net.Y[0])
        for name in ("z", "x", "delta", "dW"):
            for here, there in zip(numbers[name], expected[name], strict=True):
                np.testing.assert_allclose(here, there, rtol=1e-9, atol=1e-9, err_msg=name)
        assert numbers["J"] == pytest.approx(expected["J"], rel=1e-9)
        zeros += sum(int(np.sum(z == 0)) for z in expected["z"][:-1])
    assert zeros > 100


def test_the_factors_of_every_weight_multiply_and_add_up_to_its_derivative(show):
    tab, nets = show(WORKED), [WORKED, PRACTICE, *random_networks(20)]
    worst = tab.evaluate("""networks => {
        let worst = 0;
        for (const network of networks) {
            const target = network.Y[0];
            const pass = live.forward(network, network.X[0]);
            const gradients = live.backward(network, pass, target);
            network.W.forEach((W, l) => W.forEach((row, i) => row.forEach((_, j) => {
                const weight = live.weightNamed(live.partName("w", l + 1, i + 1, j + 1));
                const { terms, shared, total } = live.chain(network, pass, gradients, target, weight);
                const product = (factors) => factors.reduce((result, { value }) => result * value, 1);
                const sum = terms.reduce((result, { factors }) => result + product(factors), 0) * product(shared);
                worst = Math.max(worst, Math.abs(sum - total) / Math.max(1, Math.abs(total)));
            })));
        }
        return worst;
    }""", [network_state(net) for net in nets])
    assert worst < 1e-9


def test_numbers_are_written_as_in_still_pictures(show):
    rng = np.random.default_rng(0)
    numbers = [0.0, -0.0, 1.0, -113.0, 6384.3058, 99.96, 1e-3, 12345.6, -4.2e-7,
               *(rng.normal(size=300) * 10.0 ** rng.integers(-6, 7, size=300)).tolist()]
    found = show(WORKED).evaluate("numbers => numbers.map(live.numberText)", numbers)
    assert found == list(map(diagram.number_text, numbers))


@pytest.mark.parametrize(("size", "step"), [(4.2, 0.1), (0.09, 0.002), (0.9, 0.02), (3, 0.05), (250, 5), (0, 0.02)])
def test_sliders_take_round_steps(show, size, step):
    assert show(WORKED).evaluate("size => live.niceStep(size)", size) == step


# What it shows and does

def test_it_opens_with_the_numbers_of_the_sample(show):
    tab = show(WORKED, weight="w2_22")
    assert value(tab, "z1_2") == "0.818"
    assert value(tab, "J") == "6384.31"
    assert tab.locator(".nn-total").text_content() == "−6.47"
    words = tab.locator(".nn-factor .nn-words").all_text_contents()
    assert words == ["the error", "output's gate", "a weight", "open gate", "a neuron"]
    numbers = tab.locator(".nn-factor .nn-number").all_text_contents()
    assert numbers == ["−113", "1", "0.07", "1", "0.818"]


def test_an_arrow_key_on_a_slider_changes_the_picture(show):
    tab = show(WORKED, weight="w2_22")
    tab.get_by_test_id("x0_1").press("ArrowRight")
    expected = reference(WORKED, [6.2, 8.7], [113])
    assert value(tab, "x0_1") == "6.2"
    assert value(tab, "z1_2") == diagram.number_text(expected["z"][0][1])
    assert tab.locator(".nn-total").text_content() == diagram.number_text(expected["dW"][1][1, 1])
    tab.get_by_test_id("x0_1").press("ArrowLeft")
    assert value(tab, "x0_1") == "6.1"
    assert value(tab, "z1_2") == "0.818"


def test_the_weight_moves_and_the_promise_is_compared(show):
    tab = show(WORKED, weight="w2_22")
    assert tab.get_by_test_id("promise").is_hidden()
    tab.get_by_test_id("weight-value").press("ArrowRight")
    assert value(tab, "w2_22") == "0.032"
    assert tab.get_by_test_id("promise").text_content() == (
        "You moved w2_22 by +0.002. Its derivative at the start promised a change of J of −0.0129; "
        "J changed by −0.0129.")
    tab.wait_for_function("window.saved > 0")
    assert tab.evaluate("model.get('weight_value')") == pytest.approx(0.032)


def test_gradients_show_sign_and_size(show):
    tab = show(PRACTICE, weight="w1_21")
    tab.get_by_label("Gradients").check()
    assert value(tab, "w1_21") == "+0.352"
    assert value(tab, "w3_21") == "−0.713"
    assert value(tab, "w1_12") == "0"
    assert tab.locator('[data-part="b3_1"][data-role="name"]').text_content() == "δ = −0.839"
    edge = '[data-part="{}"][data-role="edge"]'

    def style(part, name):
        return tab.locator(edge.format(part)).evaluate(f"edge => getComputedStyle(edge).{name}")

    dashes = {part: style(part, "strokeDasharray") for part in ("w1_21", "w3_21", "w1_12")}
    assert dashes["w1_21"] == "none"  # plus
    assert len(set(dashes.values())) == 3  # plus, minus and nothing differ without colour
    tab.wait_for_timeout(200)  # widths glide
    assert float(style("w3_21", "strokeWidth")[:-2]) > float(style("w3_11", "strokeWidth")[:-2]) > 1
    tab.get_by_label("Values").check()
    assert value(tab, "w1_21") == "0.5"
    assert tab.locator('[data-part="b3_1"][data-role="name"]').text_content() == "b = 0.3"


def test_a_click_on_an_edge_chooses_its_weight(show):
    tab = show(PRACTICE, weight="w3_11")
    # Near its start, where no label covers it.
    start = tab.locator('.nn-hits [data-part="w1_12"]').evaluate("""path => {
        const point = path.getPointAtLength(14), at = path.getScreenCTM();
        return [point.x * at.a + at.e, point.y * at.d + at.f];
    }""")
    tab.mouse.click(*start)
    assert tab.get_by_test_id("weight").input_value() == "w1_12"
    lit = set(tab.locator('[data-role="edge"].nn-lit').evaluate_all("edges => edges.map((each) => each.dataset.part)"))
    assert lit == {"w1_12", "w2_21", "w2_22", "w3_11", "w3_21", "J_1"}
    assert tab.locator(".nn-path").all_text_contents() == ["path A", "path B"]
    assert tab.locator(".nn-badges text").all_text_contents() == ["A", "B"]


def test_the_numbers_come_layer_by_layer(show):
    tab = show(PRACTICE, weight="w1_21")
    forward, backward, reset = (tab.get_by_test_id(name) for name in ("forward", "backward", "reset"))
    forward.click()
    assert "?" not in texts(tab, "z1") and set(texts(tab, "z2")) == {"?"} and value(tab, "J") == "?"
    assert tab.locator(".nn-total").text_content() == "?"
    forward.click()
    assert "?" not in texts(tab, "z2") and value(tab, "x3_1") == "?"
    forward.click()
    forward.click()
    assert value(tab, "J") == "0.352"
    backward.click()
    assert value(tab, "w3_21") == "−0.713" and set(texts(tab, "w2")) == {"?"}
    backward.click()
    assert value(tab, "w2_11") != "?" and set(texts(tab, "w1")) == {"?"} and value(tab, "b1_1") == "?"
    assert tab.locator(".nn-total").text_content() == "?"
    backward.click()
    assert value(tab, "w1_21") == "+0.352"
    assert tab.locator(".nn-total").text_content() == "0.352"
    tab.get_by_test_id("x0_2").press("ArrowRight")
    reset.click()
    assert value(tab, "w1_21") == "0.5" and value(tab, "x0_2") == "2"


def test_another_sample_brings_its_numbers(show):
    tab = show(WORKED)
    tab.get_by_test_id("row").select_option("5 of 10")
    assert value(tab, "z1_3") == "0.09" and value(tab, "y3_1") == "42"
    assert tab.locator(".nn-figure").get_by_text("WORKED, sample 5 of 10", exact=True).is_visible()
    tab.get_by_test_id("x0_2").press("ArrowLeft")
    assert tab.locator(".nn-figure").get_by_text("WORKED, sample 5 of 10, inputs moved").is_visible()
    tab.get_by_test_id("x0_2").press("ArrowRight")
    tab.wait_for_function("window.saved > 0")
    assert tab.evaluate("model.get('row')") == 4
    assert tab.evaluate("model.get('x')") == [6.3, 3.2]


def test_python_can_change_it(show):
    tab = show(PRACTICE)
    tab.evaluate("model.change('x', [1.5, 2])")
    assert value(tab, "x0_1") == "1.5"
    tab.evaluate("model.change('weight', 'w3_21')")
    assert tab.get_by_test_id("weight").input_value() == "w3_21"
    tab.evaluate("model.change('weight_value', 0.25)")
    assert value(tab, "w3_21") == "0.25"
    tab.evaluate("model.change('row', 2)")
    assert value(tab, "y3_1") == "−1"


def test_a_slider_reaches_as_far_as_python_goes(show):
    tab = show(PRACTICE)
    slider = tab.get_by_test_id("x0_1")

    def span():
        return [float(slider.get_attribute(name)) for name in ("min", "max")]

    low, high = span()
    assert (low + high) / 2 == 1 and high < 40
    tab.evaluate("model.change('x', [40.03, 2])")
    assert value(tab, "x0_1") == slider.get_attribute("aria-valuetext") == "40"
    assert span()[1] >= 40.03
    assert sum(span()) / 2 == pytest.approx(1)  # the tick in the middle still marks what was given
    assert float(slider.input_value()) == pytest.approx(40.03, abs=float(slider.get_attribute("step")))
    tab.evaluate("model.change('x', [-1e6, 2])")
    assert span()[0] <= -1e6 == float(slider.input_value())
    weight = tab.get_by_test_id("weight-value")
    tab.evaluate("model.change('weight_value', -70)")
    assert float(weight.input_value()) == -70
    tab.get_by_test_id("row").select_option("2 of 3")
    assert span() == [2 + low - 1, 2 + high - 1]  # another sample, another range


def test_everything_can_be_reached_by_keyboard_and_is_seen_to_be(show):
    tab = show(PRACTICE)
    reached = []
    for _ in range(9):
        tab.keyboard.press("Tab")
        focused = tab.evaluate("""() => {
            const { activeElement: at } = document, seen = at.type === "radio" ? at.nextElementSibling : at;
            return [at.dataset.testid ?? at.tagName, parseFloat(getComputedStyle(seen).outlineWidth)];
        }""")
        reached.append(focused)
    assert [name for name, _ in reached] == [
        "row", "values", "forward", "backward", "reset", "x0_1", "x0_2", "weight", "weight-value"]
    assert all(width >= 2 for _, width in reached)
    missing = tab.locator("input, select").evaluate_all(
        "all => all.filter((each) => each.dataset.lmSuppressShortcuts !== 'true').length")
    assert missing == 0


def test_what_changed_is_said_once_in_words(show):
    tab = show(WORKED, weight="w2_22")
    spoken = tab.get_by_test_id("spoken")
    assert spoken.get_attribute("aria-live") == "polite" and spoken.text_content() == ""
    for _ in range(3):
        tab.get_by_test_id("x0_1").press("ArrowRight")
    assert spoken.text_content() == ""  # not while it still moves
    tab.wait_for_timeout(700)
    assert spoken.text_content() == "x0_1 is 6.4. J is 6384.3."
    assert tab.get_by_test_id("x0_1").get_attribute("aria-label") == "x0_1"
    tab.get_by_label("Gradients").check()
    tab.wait_for_timeout(700)
    assert spoken.text_content().startswith("Gradients shown. dJ by dw2_22 is −6.")


def test_the_table_holds_all_numbers_and_follows(show):
    tab = show(PRACTICE)
    tab.get_by_text("All numbers as a table").click()
    tab.locator(".nn-tables tr").first.wait_for()  # a moment after the click
    rows = tab.locator(".nn-tables tr").all_inner_texts()
    assert "layer 2, neuron 1\t0.31\t0.31\t0.3\t−0.0839" in rows
    assert "w1_21\t0.5\t0.352" in rows
    tab.get_by_test_id("x0_1").press("ArrowRight")
    assert "x0_1\t\t1.05\t\t" in tab.locator(".nn-tables tr").all_inner_texts()


@pytest.mark.parametrize("dims", [(1, 1), (12, 12), (2, 3, 2, 1), (3, 2, 4, 2), (8, 8, 8, 8), (4, 4, 4, 4, 4, 4, 4)])
def test_every_weight_of_a_small_network_can_be_chosen(show, dims):
    tab = show(network(*dims))
    tab.get_by_label("Gradients").check()
    names = tab.locator('[data-testid="weight"] option').all_text_contents()
    assert len(names) == sum(a * b for a, b in zip(dims, dims[1:], strict=False))
    for name in names[:: max(1, len(names) // 12)]:
        tab.get_by_test_id("weight").select_option(name)
        assert tab.locator(f'[data-part="{name}"][data-role="value"]').is_visible()
        total = tab.locator(".nn-total").text_content()
        assert value(tab, name).lstrip("+") == total


# Folded

FOLDED = {(64, 15, 10): "w1_30_7", (20, 3, 1): "w1_10_2", (2, 3, 3, 3, 3, 3, 3, 3, 1): "w5_11"}


@pytest.mark.parametrize("dims", FOLDED, ids=str)
def test_a_folded_picture_shows_numpys_numbers(show, dims):
    net = network(*dims)
    tab = show(net, row=1, weight=FOLDED[dims])
    tab.get_by_test_id("x0_1").press("ArrowRight")
    moved = float(tab.get_by_test_id("x0_1").input_value())
    assert moved > net.X[1, 0]
    expected = reference(net, [moved, *net.X[1, 1:]], net.Y[1])

    def compare(text, kinds):
        shown = tab.locator("[data-part][data-role=value]").evaluate_all(
            "all => all.map((each) => [each.dataset.part, each.textContent])")
        parts = [(find(net, name, "wbzx"), words) for name, words in shown if name[0] in kinds]
        for (kind, layer, index), words in parts:
            place = tuple(i - 1 for i in index)
            assert words.lstrip("+") == diagram.number_text(text[kind](layer)[place]), (kind, layer, index)
        return {kind: sum(part.kind == kind for part, _ in parts) for kind in kinds}

    values = {"z": lambda layer: expected["z"][layer - 1], "x": lambda layer: expected["x"][layer],
              "w": lambda layer: net.W[layer - 1], "b": lambda layer: net.b[layer - 1][0]}
    counts = compare(values, "zxwb")
    drawn = compose(net, path=FOLDED[dims]).view
    assert counts["z"] == counts["b"] == sum(map(len, drawn.neurons[1:])) and counts["x"] > counts["z"]
    assert value(tab, "J") == diagram.number_text(expected["J"])
    tab.get_by_label("Gradients").check()
    assert compare({"w": lambda layer: expected["dW"][layer - 1], "b": lambda layer: expected["delta"][layer - 1]},
                   "wb")["w"] == counts["w"]
    part = find(net, FOLDED[dims], "w")
    total = expected["dW"][part.layer - 1][part.index[0] - 1, part.index[1] - 1]
    assert tab.locator(".nn-total").text_content() == diagram.number_text(total)


@pytest.mark.parametrize("dims", FOLDED, ids=str)
def test_no_words_cover_others_in_a_folded_picture(show, dims):
    tab = show(network(*dims), weight=FOLDED[dims])
    names = tab.locator('[data-testid="weight"] option').all_text_contents()
    for view in ("Values", "Gradients"):
        tab.get_by_label(view).check()
        for name in (FOLDED[dims], names[0], names[len(names) // 2], names[-1]):
            tab.get_by_test_id("weight").select_option(name)
            assert tab.locator(f'[data-part="{name}"][data-role="value"]').is_visible()
            assert tab.evaluate("""() => {
                const svg = document.querySelector(".nn-figure > svg"), frame = svg.getBoundingClientRect();
                const texts = [...svg.querySelectorAll("text")]
                    .filter((each) => getComputedStyle(each).visibility !== "hidden" && each.textContent.trim());
                const boxes = texts.map((each) => [each.getBoundingClientRect(), each.textContent]);
                const overlap = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 0.5
                    && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > a.height / 2; // a line has air
                return boxes.flatMap(([a, words], i) => [
                    ...(a.left < frame.left - 1 || a.right > frame.right + 1 ? [`${words} is cut off`] : []),
                    ...boxes.slice(i + 1).filter(([b]) => overlap(a, b)).map(([_, other]) => `${words} on ${other}`)]);
            }""") == []


def test_a_folded_picture_offers_what_is_drawn_and_says_how_much_is_not(show):
    tab = show(network(64, 15, 10), weight="w1_30_7")
    groups = tab.locator('[data-testid="weight"] optgroup').evaluate_all(
        "all => all.map((each) => [each.label, each.children.length])")
    assert groups == [["layer 1: 144 of 960 drawn", 144], ["layer 2: 120 of 150 drawn", 120]]
    inputs = tab.locator(".nn-inputs input").evaluate_all("all => all.map((each) => each.dataset.testid)")
    assert inputs == [f"x0_{k}" for k in (*range(1, 8), 30, *range(61, 65))]
    assert tab.locator(".nn-figure").get_by_text("64-15-10, sample 1 of 3; weights not drawn: 846").is_visible()
    tab.get_by_text("All drawn numbers as a table").click()
    tab.locator(".nn-tables tr").first.wait_for()  # a moment after the click
    rows = tab.locator(".nn-tables tr").all_inner_texts()
    assert {"input: 52 not drawn", "layer 1: 3 not drawn"} <= set(rows)
    assert {"layer 1: 816 not drawn", "layer 2: 30 not drawn"} <= set(rows)
    assert len([row for row in rows if row.startswith("w")]) == 264
    tab.get_by_test_id("weight").select_option("w2_15_10")
    assert tab.locator(".nn-legend").get_by_text("click an edge").is_visible()
    lit = tab.locator('[data-role="edge"].nn-lit').evaluate_all("edges => edges.map((each) => each.dataset.part)")
    assert set(lit) == {"w2_15_10", "J_10"}


def test_many_paths_are_counted_and_added_up(show):
    net = network(2, 64, 64, 2)
    tab = show(net, weight="w1_1_40")
    lead = tab.locator(".nn-lead").text_content()
    assert lead.startswith("128 paths lead from ") and ", 104 of them through neurons that are not drawn." in lead
    terms, rest = tab.locator(".nn-terms .nn-result"), tab.locator(".nn-terms .nn-row").last
    assert terms.count() == 12
    assert rest.text_content().startswith("the other 52 add up to")
    expected = reference(net, net.X[0], net.Y[0])
    parts = net.W[1][39] * expected["delta"][1]
    drawn = [*range(8), *range(60, 64)]
    assert terms.all_text_contents() == [f"={diagram.number_text(parts[k])}" for k in drawn]
    others = diagram.number_text(sum(np.delete(parts, drawn)))
    assert rest.locator(".nn-number").text_content() == others
    shared = tab.locator(".nn-chain > .nn-row .nn-factor .nn-number").all_text_contents()
    assert shared == [diagram.number_text(each) for each in (sum(parts), 1, net.X[0, 0])]
    assert tab.locator(".nn-total").text_content() == diagram.number_text(expected["dW"][0][0, 39])


def test_a_layer_that_is_not_drawn_is_told_when_its_turn_comes(show):
    tab = show(network(2, *(3,) * 9, 1))
    forward, told = tab.get_by_test_id("forward"), tab.locator(".nn-told")
    for layer in range(1, 11):
        forward.click()
        assert told.text_content().startswith(f"Forward, layer {layer}:")
        assert ("not drawn" in told.text_content()) == (layer in (5, 6, 7, 8))
        assert ("?" in texts(tab, "z10_")) == (layer < 10)


def test_numbers_from_python_that_do_not_fit_are_refused():
    live = widget(network(64, 15, 10), weight="w1_30_7")
    for name, given, words in [("weight", "w1_31_7", "not drawn here"), ("weight", "w9_11", "no weight 'w9_11'"),
                               ("x", [1, 2], "expected 64 numbers"), ("x", [np.nan] * 64, "expected 64 numbers"),
                               ("row", 3, "no row 3 .*: 0 to 2")]:
        with pytest.raises((ValueError, TraitError), match=words):
            setattr(live, name, given)
    live.weight, live.row = "w2-15-10", 2
    assert (live.weight, live.row) == ("w2_15_10", 2)


# What can be seen and read

@pytest.mark.parametrize("dark", [False, True])
def test_words_can_be_read_in_both_themes(show, dark):
    tab = show(PRACTICE, dark=dark)
    contrasts = tab.evaluate("""() => {
        const rgba = (colour) => colour.match(/[\\d.]+/g).map(Number);
        const over = ([r, g, b, a = 1], paper) => [r, g, b].map((each, i) => each * a + paper[i] * (1 - a));
        const light = (rgb) => rgb.map((each) => each / 255)
            .map((each) => (each <= 0.03928 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4))
            .reduce((sum, each, i) => sum + each * [0.2126, 0.7152, 0.0722][i], 0);
        const found = [];
        for (const element of document.querySelectorAll(".nn-live :is(span, p, button, select, output, summary)")) {
            const ground = (of) => getComputedStyle(of).backgroundColor;
            let behind = element;
            while (ground(behind) === "rgba(0, 0, 0, 0)") behind = behind.parentElement;
            const paper = rgba(ground(behind)).slice(0, 3);
            const [a, b] = [light(over(rgba(getComputedStyle(element).color), paper)), light(paper)];
            found.push((Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05));
        }
        return found;
    }""")
    assert len(contrasts) > 30
    assert min(contrasts) >= 4.5


def test_less_motion_is_obeyed(show):
    tab = show(WORKED, reduced_motion="reduce")
    durations = tab.locator('[data-role="edge"]').evaluate_all(
        "all => all.map((each) => getComputedStyle(each).transitionDuration)")
    assert set(durations) == {"0s"}


def test_half_a_window_needs_no_sideways_scrolling_but_for_the_picture(show):
    tab = show(PRACTICE, weight="w1_21", viewport={"width": 640, "height": 400})  # 1280 x 800 at 200 %
    assert tab.evaluate("document.documentElement.scrollWidth") <= 640
    figure = tab.locator(".nn-figure")
    assert figure.evaluate("figure => figure.scrollWidth > figure.clientWidth && figure.scrollLeft === 0")
    tab.get_by_test_id("reset").focus()
    tab.keyboard.press("Tab")  # the keyboard scrolls it
    assert figure.evaluate("figure => figure === document.activeElement")
    assert figure.evaluate("figure => getComputedStyle(figure).outlineWidth") == "3px"
    tab.keyboard.press("ArrowRight")
    tab.wait_for_function("document.querySelector('.nn-figure').scrollLeft > 0")


def test_a_weight_out_of_sight_is_scrolled_to(show):
    tab = show(PRACTICE, weight="w1_21", viewport={"width": 400, "height": 700})
    label = tab.locator('[data-part="w3_11"][data-role="box"]')
    right = tab.locator(".nn-figure").evaluate("figure => figure.getBoundingClientRect().right")
    assert label.bounding_box()["x"] > right
    tab.get_by_test_id("weight").select_option("w3_11")
    assert label.bounding_box()["x"] + label.bounding_box()["width"] < right
    assert tab.evaluate("scrollY") == 0


# Without a browser

def test_without_a_kernel_it_is_a_still_picture():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        still = diagram.live(WORKED, row=4, weight="w2-22")
    assert still._repr_html_() == diagram.draw(WORKED, row=4, path="w2_22")._repr_html_()
    assert "Lit path" in repr(still)
    assert (still.x, still.weight, still.weight_value) == ([6.3, 3.2], "w2_22", 0.03)


class Kernel:
    """A kernel that was asked to run a cell, by a front-end that can ask its user for input or cannot."""

    def __init__(self, allow_stdin):
        self.kernel, self.allow_stdin = self, allow_stdin

    def get_parent(self):
        return {"content": {"code": "...", "allow_stdin": self.allow_stdin}}


@pytest.mark.parametrize("somebody", [True, False])
def test_it_is_alive_where_somebody_watches(monkeypatch, somebody):
    monkeypatch.setattr("IPython.get_ipython", lambda: Kernel(allow_stdin=somebody))
    picture = diagram.live(PRACTICE, row=1, weight="w3_21")
    assert isinstance(picture, LivePicture) == somebody
    assert (picture.row, picture.x, picture.weight, picture.weight_value) == (1, [2, -1], "w3_21", -0.2)


def test_the_graders_shell_shows_the_still_picture():
    shell = InteractiveShell.instance()
    try:
        bundle, _ = shell.display_formatter.format(diagram.live(WORKED))
    finally:
        InteractiveShell.clear_instance()
    assert set(bundle) == {"text/html", "text/plain"}


def test_importing_the_course_loads_no_widgets():
    code = ("import sys, course; course.diagram.live(course.WORKED); "
            "print([name for name in sys.modules if 'widget' in name.split('.')[0]])")
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "[]\n"


@pytest.mark.parametrize(("front_end", "kinds"), [
    ("JupyterLab", {"text/html", "text/plain"}),
    ("another", {"text/html", "text/plain", WIDGET_VIEW}),
])
def test_the_widget_is_its_own_fallback(monkeypatch, front_end, kinds):
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    if front_end == "JupyterLab":
        monkeypatch.setenv("JPY_SESSION_NAME", "lesson.ipynb")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        bundle, _ = widget(WORKED, weight="w2_22")._repr_mimebundle_()
    assert set(bundle) == kinds
    assert diagram.draw(WORKED, path="w2_22").svg in bundle["text/html"]


def test_a_front_end_can_ask_for_a_view(show):
    tab = show(WORKED, weight="w2_22")
    tab.evaluate("""() => {
        const el = document.createElement("div");
        document.body.replaceChildren(el);
        window.closeView = live.default.render({ model, el });
    }""")
    tab.get_by_test_id("x0_1").press("ArrowRight")
    assert value(tab, "x0_1") == "6.2"
    tab.evaluate("closeView()")


def test_it_comes_alive_wherever_its_element_stands(show):
    tab = show(WORKED)
    tab.evaluate("""() => {
        const again = document.querySelector("nn-live").cloneNode(false);
        delete again.dataset.isLive;
        document.body.replaceChildren(again);
    }""")
    assert value(tab, "J") == "6384.31"


def test_it_stays_still_where_the_page_has_no_model_of_it(show):
    tab = show(WORKED)
    tab.evaluate("""() => {
        const other = document.createElement("nn-live");
        other.setAttribute("key", "of a kernel that has ended");
        other.textContent = "still";
        document.body.replaceChildren(other);
    }""")
    assert tab.locator("nn-live").text_content() == "still"


def test_learners_own_arrays_can_be_shown():
    class Mine:
        X, Y = [[1, 2]], [[3]]
        W, b = [np.ones((2, 2)), np.ones((2, 1))], [np.zeros(2), np.zeros((1, 1))]

    still = diagram.live(Mine)
    assert still.weight == "w2_21"
    assert "your network" in repr(still)


@pytest.mark.parametrize(("change", "words"), [
    ({"Y": [[1, 2]]}, r"Y has shape \(1, 2\), expected \(1, 1\)"),
    ({"W": [np.ones((3, 1))]}, r"W\[0\] has shape \(3, 1\), expected \(2, \.\.\.\)"),
    ({"b": [np.ones((1, 2))]}, r"b\[0\] has shape \(1, 2\), expected \(1, 1\)"),
    ({"X": [1, 2]}, r"X has shape \(2,\), expected two dimensions"),
    ({"X": [[np.nan, 2]]}, "X holds NaN"),
])
def test_arrays_that_do_not_fit_are_named(change, words):
    arrays = {"X": [[1, 2]], "Y": [[3]], "W": [np.ones((2, 1))], "b": [np.zeros((1, 1))]} | change
    with pytest.raises(ValueError, match=words):
        diagram.live(type("Mine", (), arrays))


def test_what_cannot_be_shown_is_said():
    with pytest.raises(ValueError, match="has no W, b"):
        diagram.live(type("Data", (), {"X": [[1]], "Y": [[1]]}))
    with pytest.raises(ValueError, match="no weight 'w4_11'"):
        diagram.live(WORKED, weight="w4_11")
    with pytest.raises(ValueError, match="'b1_2' is not the name of a weight"):
        diagram.live(WORKED, weight="b1_2")
    with pytest.raises(IndexError, match="no row 10"):
        diagram.live(WORKED, row=10)
    with pytest.raises(ValueError, match="668,672 weights and .* at most 200,000 in all. Draw it with diagram.draw"):
        diagram.live(network(784, 512, 512, 10))
    many = network(784, 32, 10)
    with pytest.raises(ValueError, match="25,408 weights and 238,200 numbers in its samples.* Take fewer samples, or"):
        diagram.live(replace(many, X=np.ones((300, 784)), Y=np.ones((300, 10))))


def test_a_machine_without_chromium_skips_and_ci_fails(monkeypatch):
    monkeypatch.setattr("shutil.which", lambda name: None)
    for ci, outcome in (("", pytest.skip.Exception), ("1", pytest.fail.Exception)):
        monkeypatch.setenv("CI", ci)
        with pytest.raises(outcome, match="needs Chromium"):
            find_chromium()


# Exported pages

@pytest.fixture(scope="module")
def notebooks(tmp_path_factory):
    """Return two notebooks, one with a live picture and one without, as `jupyter nbconvert --execute` writes them."""
    folder = tmp_path_factory.mktemp("exported")
    paths = {name: folder / f"{name}.ipynb" for name in ("live", "draw")}
    for name, path in paths.items():
        cell = nbformat.v4.new_code_cell(f"from course import WORKED, diagram\ndiagram.{name}(WORKED)", id="cell")
        nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
    subprocess.run([sys.executable, "-m", "nbconvert", "--to", "notebook", "--execute", "--inplace", *paths.values()],
                   check=True, capture_output=True)
    return {name: nbformat.read(path, 4) for name, path in paths.items()}


def requests(browser, tmp_path, html):
    """Return what a page asks the network for, and how many network pictures it shows."""
    file = tmp_path / "page.html"
    file.write_text(html, encoding="utf-8")
    tab, asked = browser.new_page(), []

    def refuse(route):
        asked.append(route.request.url)
        route.abort()

    tab.route(lambda url: not url.startswith("file:"), refuse)
    tab.goto(file.as_uri())
    tab.wait_for_timeout(500)
    shown = tab.locator("svg[role=img]:visible").count()
    tab.close()
    return sorted(asked), shown


def test_an_executed_notebook_keeps_the_still_picture_only(notebooks):
    (output,) = notebooks["live"].cells[0].outputs
    assert set(output["data"]) == {"text/html", "text/plain"}
    assert "widgets" not in notebooks["live"].metadata


@pytest.mark.parametrize("template", ["lab", "classic", "basic"])
def test_an_exported_page_shows_it_and_asks_for_nothing_more(notebooks, browser, tmp_path, template):
    pages = {name: HTMLExporter(template_name=template).from_notebook_node(notebook)[0]
             for name, notebook in notebooks.items()}
    asked, shown = requests(browser, tmp_path, pages["live"])
    assert shown == 1
    assert (asked, shown) == requests(browser, tmp_path, pages["draw"])
    assert "html-manager" not in pages["live"]


def test_an_exported_lesson_shows_its_live_picture_and_asks_for_nothing(browser, tmp_path):
    folder = shutil.copytree(ROOT / "release" / "03-forward-pass", tmp_path / "03-forward-pass")
    path = folder / "forward-pass.ipynb"
    untouched = nbformat.read(path, 4)
    subprocess.run([sys.executable, "-m", "nbconvert", "--to", "notebook", "--execute", "--allow-errors", "--inplace",
                    path], check=True, capture_output=True)
    lesson = nbformat.read(path, 4)
    assert "widgets" not in lesson.metadata
    for cell in lesson.cells:
        if cell.cell_type == "code" and "diagram.live(" not in cell.source:
            cell.outputs = []
    for template, own in (("basic", []), ("lab", None)):
        page, _ = HTMLExporter(template_name=template).from_notebook_node(lesson)
        asked, shown = requests(browser, tmp_path, page)
        assert shown == 1
        if own is None:  # what this template asks for by itself
            own, _ = requests(browser, tmp_path, HTMLExporter(template_name=template).from_notebook_node(untouched)[0])
        assert asked == own


def test_a_notebook_saved_in_jupyterlab_is_exported_with_the_still_picture(browser, tmp_path, notebooks):
    saved = copy.deepcopy(notebooks["live"])  # JupyterLab saves outputs, but no state of widgets
    saved.cells[0].outputs[0].data = nbformat.from_dict(widget(WORKED)._repr_mimebundle_()[0])
    html, _ = HTMLExporter().from_notebook_node(saved)
    plain, _ = HTMLExporter().from_notebook_node(notebooks["draw"])
    assert requests(browser, tmp_path, html) == requests(browser, tmp_path, plain)
