"""Lesson 06: the taught functions, slopes and loss against PyTorch, in float64 and over wide ranges; the plots."""

import re
import warnings
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from conftest import ROOT
from course import plots
from course.lessons import load
from test_numbers import solution

LESSON = "06-activations-and-losses"


def namespace_of(name):
    """Run the source's solution of one exercise, alone, and return what it defines."""
    exercise = next(e for e in load(ROOT, LESSON).exercises if e.name == name)
    namespace = {"np": np, "slope": slope}
    exec(exercise.stub, namespace)
    return namespace


def slope(f, z, h=1e-5):
    return (f(z + h) - f(z - h)) / (2 * h)


FUNCTIONS = {
    "ReLU": (solution(LESSON, "relu"), namespace_of("relu-derivative")["relu_derivative"], torch.relu),
    "identity": (
        namespace_of("identity-derivative")["identity"],
        namespace_of("identity-derivative")["identity_derivative"],
        lambda z: z * 1,
    ),
    "sigmoid": (
        solution(LESSON, "sigmoid"), namespace_of("sigmoid-derivative")["sigmoid_derivative"], torch.sigmoid
    ),
    "tanh": (np.tanh, namespace_of("tanh-derivative")["tanh_derivative"], torch.tanh),
}
mse, mse_derivative = solution(LESSON, "mse"), namespace_of("mse-derivative")["mse_derivative"]
largest_gap = namespace_of("largest-gap")["largest_gap"]

every_function = pytest.mark.parametrize("f, df, theirs", FUNCTIONS.values(), ids=FUNCTIONS)
numbers = st.floats(-1000, 1000)
tables = arrays(np.float64, array_shapes(max_dims=3), elements=numbers)


def silently(f, *arguments):
    """Call a function; whatever warns, raises."""
    with warnings.catch_warnings(), np.errstate(over="warn", invalid="warn", divide="warn"):
        warnings.simplefilter("error")
        return f(*arguments)


@every_function
@given(z=tables)
def test_functions_and_slopes_equal_those_of_pytorch_without_a_warning(f, df, theirs, z):
    at = torch.tensor(z, requires_grad=True)
    x = theirs(at)
    x.sum().backward()
    np.testing.assert_allclose(silently(f, z), x.detach().numpy(), rtol=1e-13, atol=1e-300)
    # 1 - x loses digits where x is nearly 1; what is left is far below any use.
    np.testing.assert_allclose(silently(df, z), at.grad.numpy(), rtol=1e-9, atol=1e-15)


@every_function
@given(z=tables)
def test_no_function_changes_its_input_and_each_keeps_its_shape(f, df, theirs, z):
    for function in (f, df):
        given_z = z.copy()
        assert np.shape(function(given_z)) == z.shape
        np.testing.assert_array_equal(given_z, z)


@every_function
@given(z=numbers)
def test_one_number_gives_what_an_array_of_it_gives(f, df, theirs, z):
    for function in (f, df):
        assert np.ndim(silently(function, z)) == 0
        assert float(function(z)) == function(np.array([z]))[0]


@every_function
@given(z=st.floats(-6, 6).filter(lambda z: abs(z) > 1e-3))
def test_each_slope_equals_its_central_difference_away_from_kinks(f, df, theirs, z):
    assert float(df(z)) == pytest.approx(float(slope(f, z)), abs=1e-9)
    assert largest_gap({"activation": f, "derivative": df}, np.array([z, z / 2])) < 1e-9


@every_function
@pytest.mark.parametrize("z", [-1000.0, -745.2, -709.8, 709.8, 745.2, 1000.0])
def test_far_out_nothing_overflows(f, df, theirs, z):
    for function in (f, df):
        assert np.isfinite(silently(function, z))
        assert np.isfinite(silently(function, np.full((2, 3), z))).all()


@every_function
def test_a_nan_stays_one(f, df, theirs):
    np.testing.assert_array_equal(np.isnan(f(np.array([1.0, np.nan]))), [False, True])


def test_at_its_kink_the_relu_has_the_slope_0_that_pytorch_gives_it():
    at = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    torch.relu(at).sum().backward()
    assert FUNCTIONS["ReLU"][1](0.0) == at.grad.item() == 0
    assert slope(FUNCTIONS["ReLU"][0], 0.0) == 0.5


def test_small_values_of_the_sigmoid_are_exact():
    sigmoid, _, theirs = FUNCTIONS["sigmoid"]
    for z in (-40.0, -300.0, -700.0):
        assert float(sigmoid(z)) == pytest.approx(theirs(torch.tensor(z, dtype=torch.float64)).item(), rel=1e-13)


@given(data=st.data(), shape=st.tuples(st.integers(1, 6), st.integers(1, 5)))
def test_the_loss_is_half_of_pytorchs_times_the_outputs_and_so_is_its_derivative(data, shape):
    y_hat, y = (data.draw(arrays(np.float64, shape, elements=numbers)) for _ in range(2))
    before = y_hat.copy(), y.copy()
    predicted = torch.tensor(y_hat, requires_grad=True)
    loss = torch.nn.functional.mse_loss(predicted, torch.tensor(y)) * shape[1] / 2
    loss.backward()
    assert silently(mse, y_hat, y) == pytest.approx(loss.item(), rel=1e-12, abs=1e-300)
    np.testing.assert_allclose(silently(mse_derivative, y_hat, y), predicted.grad.numpy(), rtol=1e-12, atol=1e-300)
    np.testing.assert_array_equal(y_hat, before[0])
    np.testing.assert_array_equal(y, before[1])


@pytest.mark.parametrize("shapes", [((3, 1), (3,)), ((3, 2), (1, 2)), ((3,), (3, 1)), ((2, 3), (3, 2))])
def test_the_loss_refuses_shapes_that_differ_and_names_both(shapes):
    y_hat, y = map(np.ones, shapes)
    with pytest.raises(ValueError) as refused:
        mse(y_hat, y)
    assert str(shapes[0]) in str(refused.value) and str(shapes[1]) in str(refused.value)


def test_the_largest_gap_finds_a_derivative_that_is_wrong_on_one_side_only():
    leaky = {"activation": lambda z: np.where(z > 0, z, 0.1 * z), "derivative": lambda z: np.where(z > 0, 1, 0.01)}
    assert largest_gap(leaky, np.array([0.5, 2.0])) < 1e-9
    assert largest_gap(leaky, np.array([0.5, -2.0])) == pytest.approx(0.09)


# The plots

def fail(z):
    raise NotImplementedError("Exercise 6.1")


def test_a_plot_is_svg_with_title_description_and_every_curve_named():
    plot = plots.functions({name: pair[:2] for name, pair in FUNCTIONS.items()})
    root = ElementTree.fromstring(plot.svg)
    svg = "{http://www.w3.org/2000/svg}"
    assert root.get("role") == "img"
    title, description = root.find(f"{svg}title"), root.find(f"{svg}desc")
    assert root.get("aria-labelledby").split() == [title.get("id"), description.get("id")]
    assert "sigmoid is 0.018 at z = −4, 0.5 at z = 0 and 0.98 at z = 4." in description.text
    texts = {text.text for text in root.iter(f"{svg}text")}
    assert {*FUNCTIONS, *(f"{name}′" for name in FUNCTIONS)} <= texts
    # Told apart without colour: four curves, four different dashes.
    dashes = set(re.findall(r'stroke-dasharray="[^"]+"', plot.svg))
    assert len(dashes) == 3 and len(FUNCTIONS) == 4
    assert "<style" not in plot.svg


def test_what_cannot_be_drawn_is_named_and_the_rest_is_drawn():
    functions = {
        "ReLU": (fail, fail),
        "identity": (lambda z: z, lambda z: 1.0),
        "odd": (lambda z: None, lambda z: 1 / 0),
        "tanh": FUNCTIONS["tanh"][:2],
    }
    plot = plots.functions(functions)
    for words in ("ReLU: not written yet.", "identity′: gives shape () for z of shape (401,).", "odd: returns nothing.",
                  "odd′: raises ZeroDivisionError.", "tanh is −1 at z = −4"):
        assert words in plot.description
    assert plots.functions({"ReLU": (fail, fail)}).description == "ReLU: not written yet. ReLU′: not written yet."


def test_a_plot_survives_nan_infinity_and_functions_that_change_their_input():
    def in_place(z):
        z[z < 0] = 0
        return z

    silently(plots.functions, {"a": (in_place, lambda z: z * np.nan), "b": (lambda z: 1 / z, lambda z: np.exp(z**4)),
                              "c": (lambda z: np.sign(z) * 1.7e308, lambda z: 1e-320 * z)})


def test_a_plot_is_the_same_each_time_and_takes_at_most_four_functions():
    pair = FUNCTIONS["tanh"][:2]
    assert plots.functions({"tanh": pair}).svg == plots.functions({"tanh": pair}).svg
    with pytest.raises(ValueError, match="at most 4"):
        plots.functions(dict.fromkeys("abcde", pair))
