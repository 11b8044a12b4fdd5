"""Lesson 05's functions against PyTorch's autograd and the reference."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import ROOT
from course import PRACTICE, WORKED
from course.lessons import load

LESSON = {exercise.name: exercise for exercise in load(ROOT, "05-delta-formulas").exercises}


def solution(exercise, function):
    """Run the source's solution of a function exercise and return the function."""
    namespace = {"np": np}
    exec(LESSON[exercise].stub, namespace)
    return namespace[function]


output_delta = solution("delta-output", "output_delta")
backward = solution("backward", "backward")
numerical_gradient = solution("numerical-gradient", "numerical_gradient")
step = solution("step", "step")


def by_autograd(X, Y, W, b):
    """Return the gradients of J as PyTorch computes them, in float64: first all dW, then all db."""
    parameters = [torch.tensor(np.array(p), requires_grad=True) for p in (*W, *b)]
    x = torch.tensor(np.array(X))
    for layer in range(len(W)):
        x = x @ parameters[layer] + parameters[len(W) + layer]
        x = x if layer == len(W) - 1 else torch.relu(x)
    (((x - torch.tensor(np.array(Y))) ** 2).sum() / (2 * len(X))).backward()
    return [p.grad.numpy() for p in parameters]


def compare(X, Y, W, b):
    dW, db = backward(X, Y, W, b)
    for ours, theirs in zip(dW + db, by_autograd(X, Y, W, b), strict=True):
        assert ours.shape == theirs.shape
        np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-13)


def test_the_output_s_delta_is_the_derivative_by_the_output():
    rng = np.random.default_rng(3)
    z, Y = torch.tensor(rng.normal(size=(5, 3)), requires_grad=True), rng.normal(size=(5, 3))
    (((z - torch.tensor(Y)) ** 2).sum() / (2 * len(Y))).backward()
    np.testing.assert_allclose(output_delta(z.detach().numpy(), Y), z.grad.numpy(), rtol=1e-12)


@pytest.mark.parametrize("network", [WORKED, PRACTICE], ids=lambda network: network.name)
def test_backward_equals_autograd_on_the_networks_of_the_course(network):
    compare(network.X, network.Y, network.W, network.b)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 6), min_size=2, max_size=7), st.integers(1, 9), st.integers(0, 2**32 - 1))
def test_backward_equals_autograd_on_any_network(dims, n, seed):
    rng = np.random.default_rng(seed)
    W = [rng.normal(size=shape) for shape in zip(dims[:-1], dims[1:], strict=True)]
    b = [rng.normal(size=(1, width)) for width in dims[1:]]
    compare(rng.normal(size=(n, dims[0])), rng.normal(size=(n, dims[-1])), W, b)


def test_the_numerical_gradient_agrees_with_autograd_and_leaves_its_argument_alone():
    a = np.random.default_rng(0).normal(size=(3, 4))
    before, t = a.copy(), torch.tensor(a, requires_grad=True)
    (torch.sin(t) * t**2).sum().backward()
    measured = numerical_gradient(lambda x: np.sum(np.sin(x) * x**2), a)
    np.testing.assert_allclose(measured, t.grad.numpy(), rtol=1e-7, atol=1e-9)
    np.testing.assert_array_equal(a, before)


def test_one_step_on_worked_lowers_the_cost_to_the_reference():
    dW, db = backward(WORKED.X, WORKED.Y, WORKED.W, WORKED.b)
    W, b = step(list(WORKED.W), dW, 0.001), step(list(WORKED.b), db, 0.001)
    x = np.maximum(0, np.maximum(0, WORKED.X @ W[0] + b[0]) @ W[1] + b[1])
    J = np.sum((x @ W[2] + b[2] - WORKED.Y) ** 2) / 20
    assert J == pytest.approx(2832.626330302331, rel=1e-13)


def test_only_the_second_snippet_of_the_lesson_is_wrong():
    """The lesson says which published snippet is wrong; here autograd says it."""
    cells = {cell.id: cell.source for cell in load(ROOT, "05-delta-formulas").notebook.cells}
    namespace = {"np": np}
    exec(cells["snippets"], namespace)
    rng = np.random.default_rng(5)
    W, delta_next = rng.normal(size=(4, 3)), rng.normal(size=(6, 3))
    z = torch.tensor(rng.normal(size=(6, 4)), requires_grad=True)
    (torch.sigmoid(z) @ torch.tensor(W) * torch.tensor(delta_next)).sum().backward()
    squares = z.detach().numpy()
    right = [
        np.allclose(namespace[f"snippet_{k}"](delta_next, W, squares, namespace["sigmoid"](squares)), z.grad.numpy())
        for k in (1, 2, 3)
    ]
    assert right == [True, False, True]
