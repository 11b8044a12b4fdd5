"""The explorers: their JavaScript computes what Python computes, keyboards can move them, and they stand still well."""

import re
import subprocess
import sys
import warnings
from pathlib import Path

import nbformat
import numpy as np
import pytest
import torch
from IPython.core.interactiveshell import InteractiveShell
from nbconvert import HTMLExporter

import course
from course import PRACTICE, WORKED, explore
from course.diagram.live_widget import network_state
from course.diagram.parts import find
from course.explore import region, slope, surface
from course.explore.widget import Explorer
from course.networks import Network

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
MADE = {"activation": explore.activation, "loss_surface": lambda: explore.loss_surface(PRACTICE, learning_rate=0.5),
        "decision_region": explore.decision_region}
FOLDER = Path(explore.__file__).parent


@pytest.fixture
def show(open_widget):
    """Return a function that opens an explorer in a page of its own, where nothing moves frame by frame."""
    return lambda still, **how: open_widget(Explorer(still), **{"reduced_motion": "reduce"} | how)


def told(tab):
    """Return what the card says in words."""
    return tab.get_by_test_id("told").text_content()


def line(tab, role):
    """Return the numbers of a line's path data, shape (n, 2)."""
    data = tab.locator(f'[data-role="{role}"]').get_attribute("d")
    return np.array(re.findall(r"-?[\d.]+(?!\d*h)", data.replace("h0", "")), dtype=float).reshape(-1, 2)


# Numbers

def test_activations_and_slopes_are_those_of_autograd(show):
    z = np.concatenate([np.random.default_rng(6).normal(scale=4, size=200), [-1000, -40, 0, 40, 1000]])
    found = show(MADE["activation"]()).evaluate(
        "z => Object.fromEntries(Object.entries(live.ACTIVATIONS).map(([name, { value, slope }]) => "
        "[name, [z.map(value), z.map(slope)]]))", z.tolist())
    assert set(found) == set(slope.FUNCTIONS)
    for name, (values, slopes) in found.items():
        leaf = torch.tensor(z, requires_grad=True)
        out = {"identity": lambda z: 1 * z}.get(name, getattr(torch, name, None))(leaf)
        out.sum().backward()
        np.testing.assert_allclose(values, out.detach(), rtol=1e-9, atol=1e-15, err_msg=name)
        np.testing.assert_allclose(values, slope.FUNCTIONS[name](z), rtol=1e-9, atol=1e-15, err_msg=name)
        np.testing.assert_allclose(slopes, leaf.grad, rtol=1e-9, atol=1e-15, err_msg=name)
        np.testing.assert_allclose(slopes[:200], slope.slope(name, z[:200]), atol=1e-8, err_msg=name)


def loss(net, names, values):
    """Return J of a network, built by PyTorch as a function of some of its weights."""
    W = [torch.tensor(weights) for weights in net.W]
    for name, value in zip(names, values, strict=True):
        layer, start, end = map(int, re.findall(r"\d+", name))
        W[layer - 1] = W[layer - 1].index_put((torch.tensor(start - 1), torch.tensor(end - 1)), value)
    x = torch.tensor(net.X)
    for weights, bias in zip(W[:-1], net.b[:-1], strict=True):
        x = torch.relu(x @ weights + torch.tensor(bias))
    errors = x @ W[-1] + torch.tensor(net.b[-1]) - torch.tensor(net.Y)
    return (errors**2).sum() / (2 * len(errors))


def random_networks(count):
    """Yield networks of 1 to 4 layers with one to five samples, and the names of two of their weights."""
    rng = np.random.default_rng(7)
    while count:
        dims, n = rng.integers(1, 7, size=rng.integers(2, 6)).tolist(), int(rng.integers(1, 6))
        names = [f"w{layer}_{i}_{j}" for layer in range(1, len(dims)) for i in range(1, dims[layer - 1] + 1)
                 for j in range(1, dims[layer] + 1)]
        if len(names) > 1:
            count -= 1
            yield (Network("random", rng.normal(size=(n, dims[0])), rng.normal(size=(n, dims[-1])),
                           tuple(rng.normal(size=shape) for shape in zip(dims, dims[1:], strict=False)),
                           tuple(rng.normal(size=(1, width)) for width in dims[1:])),
                   rng.choice(names, 2, replace=False).tolist())


def test_the_loss_and_its_slopes_are_those_of_autograd(show):
    given = list(random_networks(200))
    found = show(MADE["loss_surface"]()).evaluate(
        "given => given.map(([network, names]) => live.lossAndSlopes(network, names.map(live.weightNamed)))",
        [[network_state(net), names] for net, names in given])
    some = 0
    for (net, names), numbers in zip(given, found, strict=True):
        values = [torch.tensor(net.W[layer - 1][i - 1, j - 1], requires_grad=True) for layer, i, j in
                  (map(int, re.findall(r"\d+", name)) for name in names)]
        J = loss(net, names, values)
        slopes = torch.autograd.grad(J, values)
        parts = [find(net, name, "w") for name in names]
        assert numbers["J"] == pytest.approx(surface.cost(net, parts, [float(v.detach()) for v in values]), rel=1e-9)
        np.testing.assert_allclose(numbers["slopes"], [float(s) for s in slopes], rtol=1e-9, atol=1e-12)
        some += sum(float(s) != 0 for s in slopes)
    assert some > 200


def test_the_path_goes_down_the_measured_slopes(show):
    still = explore.loss_surface(PRACTICE, learning_rate=0.5, start=(-1.5, 1.5))
    path = show(still).evaluate(
        "network => live.descend(network, ['w3_11', 'w3_21'].map(live.weightNamed), [-1.5, 1.5], 0.5, 20)",
        network_state(PRACTICE))
    parts = [find(PRACTICE, name, "w") for name in ("w3_11", "w3_21")]
    places, costs = surface.descent(PRACTICE, parts, np.array([-1.5, 1.5]), 0.5)
    np.testing.assert_allclose([step["at"] for step in path], places, atol=1e-8)
    np.testing.assert_allclose([step["J"] for step in path], costs, atol=1e-8)


def random_trainings(count):
    """Yield parameters of 2-h-1 networks, points, classes, learning rates and numbers of epochs."""
    rng = np.random.default_rng(8)
    for _ in range(count):
        h, n = int(rng.integers(1, 9)), int(rng.integers(1, 30))
        yield ((rng.normal(size=(2, h)), rng.normal(size=h), rng.normal(size=h), float(rng.normal())),
               rng.normal(size=(n, 2)), rng.integers(0, 2, size=n).astype(float), float(rng.uniform(0.01, 2)),
               int(rng.integers(0, 11)))


def test_training_leads_to_the_same_parameters(show):
    given = list(random_trainings(200))
    found = show(MADE["decision_region"]()).evaluate("""given => given.map(([parameters, X, y, rate, epochs]) => {
        for (let i = 0; i < epochs; i++) parameters = live.trainEpoch(parameters, X, y, rate);
        return { parameters, ...live.judge(parameters, X, y) };
    })""", [[[np.asarray(part).tolist() for part in parameters], X.tolist(), y.tolist(), rate, epochs]
            for parameters, X, y, rate, epochs in given])
    for (parameters, X, y, rate, epochs), numbers in zip(given, found, strict=True):
        trained = region.train(parameters, X, y, rate, epochs)
        for here, there in zip(numbers["parameters"], trained, strict=True):
            np.testing.assert_allclose(here, there, rtol=1e-9, atol=1e-9)
        _, accuracy, J = region.judged(trained, X, y)
        assert (numbers["accuracy"], numbers["J"]) == (pytest.approx(accuracy), pytest.approx(J, rel=1e-9))


def test_python_trains_along_autograds_gradient():
    (W, b, v, c), X, y, rate, _ = next(random_trainings(1))
    leaves = [torch.tensor(part, requires_grad=True, dtype=torch.float64) for part in (W, b, v, c)]
    z = torch.tanh(torch.tensor(X) @ leaves[0] + leaves[1]) @ leaves[2] + leaves[3]
    torch.nn.functional.binary_cross_entropy_with_logits(z, torch.tensor(y)).backward()
    for part, leaf, moved in zip((W, b, v, c), leaves, region.train((W, b, v, c), X, y, rate, 1), strict=True):
        np.testing.assert_allclose(moved, part - rate * leaf.grad.numpy(), rtol=1e-9)


def test_the_region_is_where_python_draws_it(show):
    still = MADE["decision_region"]()
    tab = show(still)
    tab.get_by_test_id("train-1000").click()
    drawn = re.search(r'data-role="region" d="([^"]*)"', still.picture.svg)[1]
    np.testing.assert_allclose(line(tab, "region").ravel(), np.array(re.findall(r"-?[\d.]+", drawn), float), atol=0.11)
    assert "58 of 60" in told(tab)


# What they show and do

def test_an_arrow_key_moves_the_tangent(show):
    tab = show(explore.activation(("tanh", "relu"), z=1))
    assert told(tab).startswith("tanh at z = 1: a = 0.762, slope a′ = 0.42.")
    before = line(tab, "tangent")
    tab.get_by_test_id("z").press("ArrowRight")
    assert told(tab).startswith("tanh at z = 1.1: a = 0.8, slope a′ = 0.359.")
    assert not np.array_equal(line(tab, "tangent"), before)
    assert tab.locator('[data-role="derivative"]').text_content() == "a′ = 0.359"
    tab.wait_for_timeout(700)
    assert tab.get_by_test_id("spoken").text_content() == told(tab)


def test_the_kink_has_no_tangent(show):
    tab = show(explore.activation("relu", z=0.1))
    assert len(line(tab, "tangent")) == 2
    tab.get_by_test_id("z").press("ArrowLeft")
    assert "kink" in told(tab) and len(line(tab, "tangent")) == 0


def test_the_still_picture_of_the_kink_says_what_the_moving_one_says(show):
    still = explore.activation(z=0)
    for role in ("tangent", "rise"):
        assert f'data-role="{role}" d=""' in still.picture.svg
        assert f'data-role="{role}" d=""' not in explore.activation(z=0.1).picture.svg
    assert "kink" in still.picture.description and "The tangent" not in still.picture.description
    tab = show(still)
    for words in ("a kink", "ReLU"):
        assert f">{words}<" in still.picture.svg and tab.locator("svg text", has_text=words).count() == 1
    assert told(tab).startswith("ReLU at z = 0: a = 0. A kink:")


def test_another_activation_keeps_z(show):
    tab = show(explore.activation(z=5))
    tab.get_by_test_id("sigmoid").check()
    assert told(tab) == ("sigmoid at z = 5: a = 0.993, slope a′ = 0.00665. "
                         "Of a small nudge of z, 0.665\u00a0% comes through.")


def test_rates_crawl_zigzag_and_diverge(show):
    """For w3 of PRACTICE J is a bowl whose largest curvature is 1.43: it turns beyond 0.7, and diverges beyond 1.4."""
    tab = show(explore.loss_surface(PRACTICE, learning_rate=1))
    rate, told_at = tab.get_by_test_id("rate"), {}
    for notch in (-15, 0, 1, 2, 5):
        rate.fill(str(notch))
        tab.get_by_test_id("reset").click()
        rate.fill(str(notch))
        tab.get_by_test_id("run").click()
        told_at[notch] = told(tab)
    assert "50 steps with learning rate 0.032: J went from 0.262 to 0.2" in told_at[-15]
    assert "turned back" not in told_at[-15] and "rose" not in told_at[-15]
    assert "rose" not in told_at[1] and "turned back 49 times" in told_at[1]  # 1.3
    assert "J rose" in told_at[2]  # 1.6
    assert "left the map" in told_at[5] and "stopped" in told_at[5]


def test_an_arrow_key_moves_the_start_and_the_path_follows(show):
    tab = show(MADE["loss_surface"]())
    assert told(tab).startswith("Start: w3_11 = 0.1, w3_21 = −0.2, J = 0.262.")
    tab.get_by_test_id("start-1").press("ArrowRight")
    assert told(tab).startswith("Start: w3_11 = 0.2, w3_21 = −0.2")
    tab.get_by_test_id("step").click()
    assert told(tab).startswith("1 step with learning rate 0.5:") and len(line(tab, "path")) == 2
    tab.get_by_test_id("reset").click()
    assert told(tab).startswith("Start: w3_11 = 0.1, w3_21 = −0.2, J = 0.262.")


def test_a_click_on_the_map_is_a_start(show):
    tab = show(MADE["loss_surface"]())
    box = tab.locator(".nn-figure > svg").bounding_box()
    scale = box["width"] / surface.WIDTH
    tab.mouse.click(box["x"] + scale * (52 + 75), box["y"] + scale * (24 + 75))  # a quarter of the map's side
    assert told(tab).startswith("Start: w3_11 = −0.9, w3_21 = 0.8,")
    assert tab.get_by_test_id("start-1").get_attribute("aria-valuetext") == "−0.9"


def test_more_neurons_bend_the_border(show):
    tab = show(MADE["decision_region"]())
    right = []
    for hidden in (1, 3):
        tab.get_by_test_id("hidden").fill(str(hidden))
        assert told(tab).startswith(f"{hidden} hidden neuron") and "not trained yet" in told(tab)
        tab.get_by_test_id("train-1000").click()
        right.append(int(re.search(r"(\d+) of 60", told(tab))[1]))
        assert len(line(tab, "wrong")) == 60 - right[-1]
    assert right[0] < right[1]
    tab.get_by_test_id("hidden").press("ArrowRight")
    assert told(tab).startswith("4 hidden neurons, not trained yet")
    tab.get_by_test_id("train-10").click()
    tab.get_by_test_id("train-1").click()
    assert told(tab).startswith("4 hidden neurons, 11 epochs")


def test_they_move_frame_by_frame_unless_less_motion_is_wanted(show):
    tab = show(MADE["loss_surface"](), reduced_motion="no-preference")
    tab.get_by_test_id("run").click()
    assert not told(tab).startswith("50 steps")
    tab.wait_for_function("document.querySelector('[data-testid=told]').textContent.startsWith('50 steps')")


@pytest.mark.parametrize("name", MADE)
@pytest.mark.parametrize("dark", [False, True])
def test_words_can_be_read_and_controls_reached(show, name, dark):
    tab = show(MADE[name](), dark=dark)
    controls = tab.locator(".nn-live :is(input, button)")
    names = controls.evaluate_all("all => all.map((each) => each.dataset.testid)")
    reached = set()
    for _ in names:
        tab.keyboard.press("Tab")
        at, outline = tab.evaluate("""() => {
            const { activeElement: at } = document, seen = at.type === "radio" ? at.nextElementSibling : at;
            return [at.dataset.testid, parseFloat(getComputedStyle(seen).outlineWidth)];
        }""")
        assert at is None or outline >= 2
        reached.add(at)
    assert reached >= set(names) - {"tanh", "sigmoid"}  # of a switch, the arrow keys reach the others
    assert tab.locator("input").evaluate_all("all => all.every((each) => each.dataset.lmSuppressShortcuts === 'true')")
    assert tab.locator("input[type=range]").evaluate_all("all => all.every((each) => each.labels.length === 1)")
    ink, paper = tab.locator(".nn-told").evaluate(
        "told => [getComputedStyle(told).color, getComputedStyle(told.parentElement).backgroundColor]")
    light = [np.mean([float(part) for part in re.findall(r"[\d.]+", colour)[:3]]) for colour in (ink, paper)]
    assert abs(light[0] - light[1]) > 180 and (light[1] < 60) == dark


@pytest.mark.parametrize("name", MADE)
def test_no_words_are_cut_off(show, name):
    outside = show(MADE[name]()).evaluate("""() => {
        const svg = document.querySelector(".nn-figure > svg"), frame = svg.getBoundingClientRect();
        return [...svg.querySelectorAll("text")].filter((each) => {
            const box = each.getBoundingClientRect();
            return box.left < frame.left || box.right > frame.right || box.top < frame.top || box.bottom > frame.bottom;
        }).map((each) => each.textContent);
    }""")
    assert outside == []


@pytest.mark.parametrize("name", MADE)
def test_they_fit_into_a_narrow_window(show, name):
    tab = show(MADE[name](), viewport={"width": 360, "height": 700})
    assert tab.evaluate("document.documentElement.scrollWidth") <= 360


# Standing still

@pytest.mark.parametrize("name", MADE)
def test_the_graders_shell_shows_the_still_picture(name):
    shell = InteractiveShell.instance()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            bundle, _ = shell.display_formatter.format(MADE[name]())
    finally:
        InteractiveShell.clear_instance()
    assert set(bundle) == {"text/html", "text/plain"}
    assert bundle["text/html"].count('<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby=') == 1
    assert len(bundle["text/html"]) < 25_000
    assert len(bundle["text/plain"].splitlines()) == 2


@pytest.mark.parametrize("name", MADE)
def test_the_widget_is_its_own_fallback(name, monkeypatch):
    still = MADE[name]()
    widget = Explorer(still)
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    bundle, _ = widget._repr_mimebundle_()
    assert set(bundle) == {WIDGET_VIEW, "text/html", "text/plain"}
    assert still._repr_html_() in bundle["text/html"] and bundle["text/plain"] == repr(still)
    monkeypatch.setenv("JPY_SESSION_NAME", "lesson.ipynb")
    assert set(widget._repr_mimebundle_()[0]) == {"text/html", "text/plain"}


def test_importing_and_showing_loads_no_widgets():
    code = ("import sys, course; course.explore.activation(); course.explore.decision_region(); "
            "course.explore.loss_surface(course.PRACTICE); "
            "print([name for name in sys.modules if 'widget' in name.split('.')[0]])")
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "[]\n"


def test_an_executed_notebook_keeps_still_pictures_and_asks_for_nothing_of_theirs(browser, tmp_path):
    sources = ["from course import PRACTICE, explore\nexplore.activation()", "explore.loss_surface(PRACTICE)",
               "explore.decision_region()"]
    path = tmp_path / "lesson.ipynb"
    cells = [nbformat.v4.new_code_cell(source, id=f"cell-{i}") for i, source in enumerate(sources)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    subprocess.run([sys.executable, "-m", "nbconvert", "--to", "notebook", "--execute", "--inplace", path], check=True,
                   capture_output=True)
    notebook = nbformat.read(path, 4)
    assert "widgets" not in notebook.metadata
    assert all(set(cell.outputs[0]["data"]) == {"text/html", "text/plain"} and len(cell.outputs) == 1
               for cell in notebook.cells)
    page = tmp_path / "lesson.html"
    page.write_text(HTMLExporter(template_name="basic").from_notebook_node(notebook)[0], encoding="utf-8")
    tab, asked = browser.new_page(), []
    tab.on("request", lambda request: request.url.startswith("file:") or asked.append(request.url))
    tab.goto(page.as_uri())
    assert tab.locator("svg[role=img]:visible").count() == 3 and asked == []
    tab.close()


@pytest.mark.parametrize(("call", "words"), [
    (lambda: explore.activation(("relu", "swish")), "choose one or more of relu, tanh"),
    (lambda: explore.activation(z=7), "from -6 to 6"),
    (lambda: explore.loss_surface(PRACTICE, ("w3_11", "w3_11")), "two different"),
    (lambda: explore.loss_surface(PRACTICE, ("w3_11", "w9_11")), "no weight 'w9_11'"),
    (lambda: explore.loss_surface(PRACTICE, learning_rate=0), "learning_rate is 0: expected a positive number"),
    (lambda: explore.loss_surface(PRACTICE, start=(5, 0)), "two numbers, within 2.0 of"),
    (lambda: explore.decision_region(hidden=9), "hidden is 9, expected 1 to 8"),
    (lambda: explore.decision_region(learning_rate=-1), "learning_rate is -1"),
])
def test_what_cannot_be_shown_is_said(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_a_flat_loss_can_be_drawn_and_flat_places_are_told(show):
    still = explore.loss_surface(WORKED, ("w3_11", "w2_11"))  # no gate on their way is open
    tab = show(still)
    assert "Both derivatives are 0 here" in told(tab)


def test_each_explorer_is_small():
    for name in ("slope", "surface", "region"):
        assert len((FOLDER / f"{name}.py").read_text(encoding="utf-8").splitlines()) <= 100
        assert len((FOLDER / f"{name}.js").read_text(encoding="utf-8").splitlines()) <= 150


def test_the_course_names_them():
    assert "explore" in course.__all__
