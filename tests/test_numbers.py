"""The numbers of the course against PyTorch's autograd, central differences and the reference."""

import numpy as np
import pytest
import torch

from conftest import ROOT
from course import PRACTICE, WORKED
from course.lessons import load, split_solution

SAMPLES = [
    pytest.param(WORKED, [0], id="WORKED row 1"),
    pytest.param(WORKED, [4], id="WORKED row 5"),
    pytest.param(WORKED, list(range(10)), id="WORKED"),
    pytest.param(PRACTICE, [0], id="PRACTICE row 1"),
    pytest.param(PRACTICE, [1], id="PRACTICE row 2"),
    pytest.param(PRACTICE, [2], id="PRACTICE row 3"),
    pytest.param(PRACTICE, [0, 1, 2], id="PRACTICE"),
]


def solution(lesson, name):
    """Run the source's solution of a function exercise and return the function."""
    exercise = next(e for e in load(ROOT, lesson).exercises if e.name == name)
    namespace = {"np": np, "relu": lambda z: np.maximum(0, z)}
    exec(exercise.stub, namespace)
    return namespace[name]


def cost(X, Y, W, b):
    zs, xs = solution("03-forward-pass", "forward")(X, W, b)
    return solution("03-forward-pass", "cost")(xs[-1], Y)


def by_autograd(network, rows):
    """Return J and its gradients as PyTorch computes them, in float64."""
    W = [torch.tensor(w.copy(), requires_grad=True) for w in network.W]
    b = [torch.tensor(v.copy(), requires_grad=True) for v in network.b]
    x = torch.tensor(network.X[rows])
    for layer in range(len(W)):
        x = x @ W[layer] + b[layer]
        if layer < len(W) - 1:
            x = torch.relu(x)
    J = ((x - torch.tensor(network.Y[rows])) ** 2).sum() / (2 * len(rows))
    J.backward()
    return J.item(), [w.grad.numpy() for w in W], [v.grad.numpy() for v in b]


@pytest.mark.parametrize("network, rows", SAMPLES)
def test_the_taught_gradients_equal_those_of_autograd(network, rows):
    dW, db = solution("04-chain-rule", "gradients")(network.X[rows], network.Y[rows], network.W, network.b)
    J, dW_torch, db_torch = by_autograd(network, rows)
    assert cost(network.X[rows], network.Y[rows], network.W, network.b) == pytest.approx(J, rel=1e-14)
    for ours, theirs in zip(dW + db, dW_torch + db_torch, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("network, rows", SAMPLES)
def test_the_taught_gradients_equal_central_differences(network, rows):
    X, Y = network.X[rows], network.Y[rows]
    parameters = [p.copy() for p in network.W + network.b]
    dW, db = solution("04-chain-rule", "gradients")(X, Y, network.W, network.b)
    for parameter, gradient in zip(parameters, dW + db, strict=True):
        for place in np.ndindex(parameter.shape):
            before, h = parameter[place], 1e-6
            J = []
            for moved in (before + h, before - h):
                parameter[place] = moved
                J.append(cost(X, Y, parameters[:3], parameters[3:]))
            parameter[place] = before
            assert (J[0] - J[1]) / (2 * h) == pytest.approx(gradient[place], rel=1e-6, abs=3e-6)


def test_several_outputs_are_summed_and_samples_averaged_as_autograd_does():
    rng = np.random.default_rng(1)
    shapes = ((4, 5), (5, 3), (3, 2))
    network = type("Network", (), {})()
    network.X, network.Y = rng.normal(size=(7, 4)), rng.normal(size=(7, 2))
    network.W = [rng.normal(size=shape) for shape in shapes]
    network.b = [rng.normal(size=(1, shape[1])) for shape in shapes]
    dW, db = solution("04-chain-rule", "gradients")(network.X, network.Y, network.W, network.b)
    _, dW_torch, db_torch = by_autograd(network, list(range(7)))
    for ours, theirs in zip(dW + db, dW_torch + db_torch, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-14)


# The reference of the course, computed twice and independently of this repository.

def test_the_forward_pass_of_worked_gives_the_reference_numbers():
    zs, xs = solution("03-forward-pass", "forward")(WORKED.X, WORKED.W, WORKED.b)
    np.testing.assert_allclose(zs[0][0], [-0.314, 0.818, -0.417], atol=1e-12)
    np.testing.assert_allclose(xs[0][0], [0, 0.818, 0], atol=1e-12)
    np.testing.assert_allclose(zs[1][0], [-0.07362, 0.02454], atol=1e-12)
    assert xs[2][0, 0] == pytest.approx(0.0017178, abs=1e-12)
    np.testing.assert_allclose(zs[0][4], [-0.44, 0.382, 0.09], atol=1e-12)
    np.testing.assert_allclose(zs[1][4], [-0.02808, 0.01326], atol=1e-12)


def test_the_cost_of_worked_is_the_reference_cost():
    def J(rows):
        return cost(WORKED.X[rows], WORKED.Y[rows], WORKED.W, WORKED.b)

    assert J([0]) == pytest.approx(6384.3058900754195, rel=1e-14)
    assert J([4]) == pytest.approx(881.9610160307777, rel=1e-14)
    assert J(list(range(10))) == pytest.approx(2837.7039283601166, rel=1e-14)


def test_the_gradients_of_worked_are_the_reference_gradients():
    gradients = solution("04-chain-rule", "gradients")
    dW, db = gradients(WORKED.X[:1], WORKED.Y[:1], WORKED.W, WORKED.b)
    np.testing.assert_allclose(dW[2], [[0], [-2.7729778452]], atol=1e-10)
    np.testing.assert_allclose(dW[1], [[0, 0], [0, -6.4702816388], [0, 0]], atol=1e-10)
    np.testing.assert_allclose(dW[0], [[0, -1.4475079950, 0], [0, -2.0644786158, 0]], atol=1e-10)
    np.testing.assert_allclose(db[0], [[0, -0.2372963926, 0]], atol=1e-10)
    np.testing.assert_allclose(db[1], [[0, -7.9098797540]], atol=1e-10)
    np.testing.assert_allclose(db[2], [[-112.9982822]], atol=1e-10)
    dW, db = gradients(WORKED.X[4:5], WORKED.Y[4:5], WORKED.W, WORKED.b)
    np.testing.assert_allclose(dW[1], [[0, 0], [0, -1.1230551799], [0, -0.2645941523]], atol=1e-10)
    np.testing.assert_allclose(
        dW[0], [[0, -0.5556477199, -0.3704318133], [0, -0.2822337625, -0.1881558417]], atol=1e-10
    )
    dW, db = gradients(WORKED.X, WORKED.Y, WORKED.W, WORKED.b)
    np.testing.assert_allclose(dW[2].ravel(), [0, -1.372439997], atol=1e-9)
    np.testing.assert_allclose(db[2], [[-70.998730340]], atol=1e-9)


def test_one_step_on_worked_lowers_the_cost_to_the_reference():
    dW, db = solution("04-chain-rule", "gradients")(WORKED.X, WORKED.Y, WORKED.W, WORKED.b)
    W = [w - 0.001 * d for w, d in zip(WORKED.W, dW)]
    b = [v - 0.001 * d for v, d in zip(WORKED.b, db)]
    assert cost(WORKED.X, WORKED.Y, W, b) == pytest.approx(2832.626330302331, rel=1e-13)


def test_the_gradients_of_practice_are_the_reference_gradients():
    gradients = solution("04-chain-rule", "gradients")
    dW, db = gradients(PRACTICE.X, PRACTICE.Y, PRACTICE.W, PRACTICE.b)
    np.testing.assert_allclose(
        dW[0], [[0.11411, 0.001746667, -0.07603], [0.03439, -0.000873333, -0.136776667]], atol=1e-9
    )
    np.testing.assert_allclose(
        dW[1], [[-0.02517, -0.05119], [-0.002183333, 0], [-0.014243333, 0.022373333]], atol=1e-9
    )
    np.testing.assert_allclose(dW[2].ravel(), [-0.116826667, 0.342235], atol=1e-9)
    np.testing.assert_allclose(db[0], [[0.00335, 0.000873333, -0.072973333]], atol=1e-9)
    np.testing.assert_allclose(db[1], [[-0.032333333, -0.0056]], atol=1e-9)
    np.testing.assert_allclose(db[2], [[-0.015666667]], atol=1e-9)


@pytest.mark.parametrize(
    "exercise, answer, mistake, value",
    [
        ("w3-21", "w3-21", "minus in the product", 2.772978),
        ("w3-21", "w3-21", "kept the 2 of the square", -5.545956),
        ("w3-21", "w3-21", "divided by n for a single sample", -0.277298),
        ("w1-12", "w1-12", "sign turned", 1.447508),
        ("w1-12", "w1-12", "kept the 2 of the square", -2.895016),
        ("w1-12", "w1-12", "divided by n for a single sample", -0.144751),
        ("w1-12", "w1-12", "gate at z2 forgotten", -4.549311),
        ("w1-12", "w1-12", "W2 reshaped, not transposed", -3.377519),
        ("w1-12", "w1-12", "the other input", -2.064479),
    ],
)
def test_each_mistake_of_the_reference_leads_to_the_value_stated_there(
    exercise, answer, mistake, value, recorded_lessons
):
    lesson, recorded = recorded_lessons["04-chain-rule"]
    known = next(e for e in lesson.exercises if e.name == exercise).mistakes
    number = [m.name for m in known].index(mistake)
    assert recorded[exercise].mistakes[number].answers[answer].entries[0] == pytest.approx(value, abs=5e-7)


def test_a_solution_is_what_stands_between_the_markers():
    before, body, after, indent = split_solution("a = ...\n  ### BEGIN SOLUTION\n  a = 1\n  ### END SOLUTION\nb")
    assert (before, body, after, indent) == (["a = ..."], ["  a = 1"], ["b"], "  ")
