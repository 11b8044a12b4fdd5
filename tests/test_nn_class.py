"""Lesson 07: the class NN against PyTorch, the reference, and what the lesson says of a hundred seeds."""

import functools
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import ROOT
from course import PRACTICE, WORKED, plots
from course.diagram import FONT
from course.lessons import load

LESSON = "07-nn-class"
TORCH = {
    "relu": torch.relu,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "identity": lambda z: z,
}


@functools.lru_cache(maxsize=1)
def taught():
    """Return what the lesson's source defines, with its solutions: NN, the dictionaries, the functions."""
    lesson = load(ROOT, LESSON)
    names = {exercise.name for exercise in lesson.exercises}
    wanted = names | {"activations-and-loss", "stand-in", "nn"}
    namespace = {}
    for cell in lesson.notebook.cells:
        if cell.id in wanted | {"setup"}:
            exec(cell.source, namespace)
    return namespace


def new_network(dims, hidden, output, seed):
    """Return the taught NN with weights large enough to matter, and random biases."""
    own = taught()
    bundles = [own[f"activation_{name}"] for name in hidden]
    net = own["NN"](list(dims), bundles, own[f"activation_{output}"], own["loss_mse"], seed)
    rng = np.random.default_rng(seed)
    net.params = {name: rng.normal(scale=0.8, size=p.shape) for name, p in net.params.items()}
    return net


def in_torch(net):
    """Return copies of a network's parameters as float64 tensors that ask for gradients."""
    return {name: torch.tensor(p.copy(), requires_grad=True) for name, p in net.params.items()}


def J_in_torch(params, activations, X, Y):
    """Return the output and J of the same network, as PyTorch computes them."""
    x = torch.tensor(np.array(X))
    for layer, name in enumerate(activations, start=1):
        x = TORCH[name](x @ params[f"W{layer}"] + params[f"b{layer}"])
    return x, ((x - torch.tensor(np.array(Y))) ** 2).sum() / (2 * len(X))


def with_parameters_of(network):
    own = taught()
    net = own["NN"](list(network.layers_dims), own["activation_relu"], own["activation_identity"], own["loss_mse"])
    for layer, (W, b) in enumerate(zip(network.W, network.b, strict=True), start=1):
        net.params[f"W{layer}"], net.params[f"b{layer}"] = W.copy(), b.copy()
    return net


# The class against PyTorch

@st.composite
def networks(draw):
    """Draw (layers_dims, activations of layers 1..L, number of samples, seed)."""
    dims = draw(st.lists(st.integers(1, 7), min_size=2, max_size=6))
    activations = draw(st.lists(st.sampled_from(sorted(TORCH)), min_size=len(dims) - 1, max_size=len(dims) - 1))
    return dims, activations, draw(st.integers(1, 6)), draw(st.integers(0, 2**32 - 1))


@settings(max_examples=150, deadline=None)
@given(networks())
def test_output_and_gradients_equal_those_of_autograd_for_any_architecture(drawn):
    dims, activations, n, seed = drawn
    net = new_network(dims, activations[:-1], activations[-1], seed)
    rng = np.random.default_rng(seed)
    X, Y = rng.normal(size=(n, dims[0])), rng.normal(size=(n, dims[-1]))
    before = {name: p.copy() for name, p in net.params.items()}
    coef = net.forward_pass(X, training=True)
    kept = {name: values.copy() for name, values in coef.items()}
    gradients = net.backward_pass(X, Y, coef)
    params = in_torch(net)
    y_hat, J = J_in_torch(params, activations, X, Y)
    J.backward()
    np.testing.assert_allclose(net.forward_pass(X), y_hat.detach().numpy(), rtol=1e-10, atol=1e-12)
    assert net.loss_function["loss"](coef[f"x{net.L}"], Y) == pytest.approx(J.item(), rel=1e-10)
    assert set(gradients) == {f"d{name}" for name in params}
    for name, tensor in params.items():
        np.testing.assert_allclose(gradients[f"d{name}"], tensor.grad.numpy(), rtol=1e-9, atol=1e-11)
        assert np.array_equal(net.params[name], before[name]), "going back changed a parameter"
    assert all(np.array_equal(coef[name], kept[name]) for name in kept), "going back changed the forward pass"


@pytest.mark.parametrize("dims", [(20, 64, 48, 5), (3, 4, 4, 4, 4, 4, 4, 4, 2)], ids=["wide", "deep"])
@pytest.mark.parametrize("n", [1, 30])
def test_gradients_equal_those_of_autograd_where_networks_are_wide_or_deep(dims, n):
    activations = (["tanh", "relu", "sigmoid", "identity"] * 3)[: len(dims) - 2] + ["identity"]
    net = new_network(dims, activations[:-1], activations[-1], seed=11)
    rng = np.random.default_rng(12)
    X, Y = rng.normal(size=(n, dims[0])), rng.normal(size=(n, dims[-1]))
    gradients = net.backward_pass(X, Y, net.forward_pass(X, training=True))
    params = in_torch(net)
    J_in_torch(params, activations, X, Y)[1].backward()
    for name, tensor in params.items():
        np.testing.assert_allclose(gradients[f"d{name}"], tensor.grad.numpy(), rtol=1e-9, atol=1e-11)


def standard(A):
    return (A - A.mean(axis=0)) / A.std(axis=0)


SIDE_BY_SIDE = [
    pytest.param((2, 3, 2, 1), ["relu", "relu", "identity"], WORKED.X, WORKED.Y, id="WORKED standardised"),
    pytest.param((2, 16, 8, 1), ["tanh", "relu", "identity"], WORKED.X, WORKED.Y, id="a list of activations"),
    pytest.param((2, 5, 4, 2), ["sigmoid", "tanh", "identity"], PRACTICE.X, PRACTICE.X[:, ::-1], id="two outputs"),
]


@pytest.mark.parametrize("dims, activations, X, Y", SIDE_BY_SIDE)
def test_training_gives_the_losses_of_pytorch_for_200_steps(dims, activations, X, Y):
    X, Y = standard(X), standard(Y)
    net = new_network(dims, activations[:-1], activations[-1], seed=3)
    params = in_torch(net)
    optimiser = torch.optim.SGD(params.values(), lr=0.1)
    theirs = []
    for _ in range(200):
        optimiser.zero_grad()
        _, J = J_in_torch(params, activations, X, Y)
        theirs.append(J.item())
        J.backward()
        optimiser.step()
    ours = net.train(X, Y, 200, learning_rate=0.1, verbose=False)
    np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12)
    assert ours[-1] < ours[0]


# The class against the reference

def test_the_first_draw_is_that_of_the_reference():
    own = taught()
    net = own["NN"]([2, 3, 2, 1], own["activation_relu"], own["activation_identity"], own["loss_mse"], seed=1)
    assert net.params["W1"][0, 0] == 0.000345584192064786
    rng = np.random.default_rng(1)
    for layer, shape in enumerate(((2, 3), (3, 2), (2, 1)), start=1):
        assert np.array_equal(net.params[f"W{layer}"], rng.normal(0, 0.001, shape))
        assert np.array_equal(net.params[f"b{layer}"], np.zeros((1, shape[1])))
    assert list(net.params) == ["W1", "b1", "W2", "b2", "W3", "b3"]


def test_one_step_on_worked_lowers_J_as_the_reference_says():
    history = with_parameters_of(WORKED).train(WORKED.X, WORKED.Y, 2, learning_rate=0.001, verbose=False)
    assert history == pytest.approx([2837.7039283601166, 2832.626330302331], rel=1e-13)


def test_the_gradients_of_practice_are_those_of_the_reference():
    net = with_parameters_of(PRACTICE)
    found = net.backward_pass(PRACTICE.X, PRACTICE.Y, net.forward_pass(PRACTICE.X, training=True))
    np.testing.assert_allclose(
        found["dW1"], [[0.11411, 0.001746667, -0.07603], [0.03439, -0.000873333, -0.136776667]], atol=1e-9
    )
    np.testing.assert_allclose(found["db2"], [[-0.032333333, -0.0056]], atol=1e-9)


# The interface

@pytest.mark.parametrize(
    "X, Y, words",
    [
        (np.ones((10, 3)), None, ["layer 1", "(10, 3)", "(2, 3)"]),
        (np.ones(2), None, ["layer 1", "(2,)", "(2, 3)"]),
        (np.ones((10, 2, 1)), None, ["layer 1", "(10, 2, 1)"]),
        (WORKED.X, WORKED.Y.ravel(), ["layer 3", "(10, 1)", "(10,)"]),
        (WORKED.X, WORKED.Y[:9], ["layer 3", "(10, 1)", "(9, 1)"]),
    ],
)
def test_wrong_shapes_are_refused_with_the_layer_and_both_shapes(X, Y, words):
    net = with_parameters_of(WORKED)
    before = {name: p.copy() for name, p in net.params.items()}
    with pytest.raises(ValueError) as refused:
        net.forward_pass(X) if Y is None else net.train(X, Y, 3, verbose=False)
    assert all(word in str(refused.value) for word in words)
    assert all(np.array_equal(net.params[name], before[name]) for name in before)


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_list_of_activations_of_the_wrong_length_is_refused(count):
    own = taught()
    with pytest.raises(ValueError, match=f"{count} activations for 2 hidden layers"):
        own["NN"]([2, 3, 2, 1], [own["activation_relu"]] * count, own["activation_identity"], own["loss_mse"])


def test_a_talkative_training_prints_every_hundredth_J(capsys):
    history = with_parameters_of(PRACTICE).train(PRACTICE.X, PRACTICE.Y, 201)
    assert capsys.readouterr().out == "".join(f"Iteration {i}: Loss = {history[i]:.6f}\n" for i in (0, 100, 200))


def test_two_networks_share_no_arrays():
    own = taught()
    one, other = (
        own["NN"]([2, 3, 1], own["activation_relu"], own["activation_identity"], own["loss_mse"], seed=5)
        for _ in range(2)
    )
    one.train(WORKED.X, WORKED.Y, 5, 0.001, verbose=False)
    fresh = np.random.default_rng(5).normal(0, 0.001, (2, 3))
    assert np.array_equal(other.params["W1"], fresh) and not np.array_equal(one.params["W1"], fresh)


# What the lesson says of a hundred seeds: all of them trained at once, independently of the class

@functools.lru_cache(maxsize=8)
def hundred(standardised=False, right_scale=False, dims=(2, 3, 2, 1), rate=0.001, steps=5000):
    """Train networks with the seeds 0 to 99 on WORKED.

    Returns:
        A dict of boolean arrays, one entry a seed: stays (J above 99 % of the variance's half), silent and
        silent_at_first (nothing in the last hidden layer is open), learns (the lesson's rule, at the start).
    """
    X, Y = (standard(WORKED.X), standard(WORKED.Y)) if standardised else (WORKED.X, WORKED.Y)
    drawn = []
    for seed in range(100):
        rng = np.random.default_rng(seed)
        drawn.append([rng.normal(0, 0.001, shape) for shape in zip(dims[:-1], dims[1:], strict=True)])
    factors = [np.sqrt(2 / n_in) / 0.001 if right_scale else 1 for n_in in dims[:-1]]
    W = [np.array(w) * factor for w, factor in zip(zip(*drawn, strict=True), factors, strict=True)]
    b = [np.zeros((100, 1, n_out)) for n_out in dims[1:]]

    def forward():
        xs = [np.broadcast_to(X, (100, *X.shape))]
        for w, v in zip(W, b, strict=True):
            z = xs[-1] @ w + v
            xs.append(z if len(xs) == len(W) else np.maximum(0, z))
        return xs

    is_open = (forward()[-2] > 0).any(axis=1)
    found = {"silent_at_first": ~is_open.any(axis=1), "learns": (is_open & (W[-1][:, :, 0] > 0)).any(axis=1)}
    for step in range(steps):
        xs = forward()
        if step == 1:
            found["silent_after_one"] = ~(xs[-2] > 0).any(axis=(1, 2))
        delta = (xs[-1] - Y) / len(X)
        for i in reversed(range(len(W))):
            dW, db = xs[i].swapaxes(1, 2) @ delta, delta.sum(axis=1, keepdims=True)
            delta = (delta @ W[i].swapaxes(1, 2)) * (xs[i] > 0)
            W[i], b[i] = W[i] - rate * dW, b[i] - rate * db
    xs = forward()
    J = ((xs[-1] - Y) ** 2).sum(axis=(1, 2)) / (2 * len(X))
    return found | {"stays": J > 0.99 * Y.var() / 2, "silent": ~(xs[-2] > 0).any(axis=(1, 2)), "J": J}


def count(name, **settings):
    """Return how many of the hundred are so: what the lesson's prose states."""
    return int(np.sum(hundred(**settings)[name]))


def test_on_raw_data_the_rule_of_the_lesson_tells_all_fates():
    found = hundred()
    assert np.array_equal(found["stays"], ~found["learns"])
    assert np.array_equal(found["stays"], found["silent"])
    assert (found["stays"].sum(), found["silent_at_first"].sum()) == (57, 27)
    np.testing.assert_allclose(found["J"][found["stays"]], 317.3, atol=0.15)
    assert WORKED.Y.var() / 2 == pytest.approx(317.3, rel=1e-12)


def test_standardised_data_with_tiny_weights_let_nobody_leave_and_few_are_silent():
    found = hundred(standardised=True, rate=0.1)
    assert found["stays"].all() and found["silent_at_first"].sum() == 4 and found["silent"].sum() < 50


def test_weights_of_the_right_scale_and_more_neurons_are_the_cure():
    found = hundred(standardised=True, right_scale=True, rate=0.1, steps=1000)
    assert found["stays"].sum() == 13 and np.array_equal(found["stays"], found["silent"])
    assert not hundred(standardised=True, right_scale=True, rate=0.1, steps=1000, dims=(2, 16, 8, 1))["stays"].any()


# Its pictures

def test_a_loss_curve_is_svg_that_tells_in_words_what_it_shows():
    J = [100.0 * 0.99**i + 1 for i in range(2000)]
    drawn = plots.loss_curve({"seed 0": J, "seed 1": J, "other": [5.0] * 2000})
    root = ElementTree.fromstring(drawn.svg)
    assert root.get("role") == "img"
    assert "seed 0: J is 101 at first" in drawn.description and "and 1 at step 1999" in drawn.description
    text = "".join(root.itertext())
    assert "seed 0, 1" in text and "other" in text, "curves that end together share a line"
    assert plots.loss_curve({"seed 0": J}).svg == plots.loss_curve({"seed 0": J}).svg


@pytest.mark.parametrize("history", [[3.0], [0.5] * 10, [1.0, np.inf, np.nan], [np.nan] * 4, [0, 0], range(1, 5000)])
def test_a_loss_curve_bears_any_list_of_numbers(history):
    ElementTree.fromstring(plots.loss_curve(list(history)).svg)


@pytest.mark.parametrize("history", [None, [], ["a"], [[1.0, 2.0]], 3.0, [[1.0], [1.0, 2.0]]])
def test_a_loss_curve_of_something_else_says_what_it_expects(history):
    with pytest.raises(ValueError, match="should be a list of numbers"):
        plots.loss_curve({"mine": history})


def test_names_of_curves_never_cover_each_other():
    rng = np.random.default_rng(0)
    drawn = plots.loss_curve({f"curve {i}": 1 + 0.03 * rng.random(50) + (i > 8) for i in range(12)})
    texts = [e for e in ElementTree.fromstring(drawn.svg).iter() if e.tag.endswith("}text") and e.text[:5] == "curve"]
    heights = sorted(float(e.get("y")) for e in texts)
    assert len(heights) > 1 and min(np.diff(heights)) > FONT
