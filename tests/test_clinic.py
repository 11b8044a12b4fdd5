"""Lesson 08's bug clinic: four interfaces, mended, against lesson 07 and PyTorch; and each patient's fingerprint."""

import functools
import re
from collections import namedtuple

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import test_nn_class
from conftest import ROOT
from course import clinic, datasets
from course.lessons import load

LESSON = "08-classification"
GIVEN = {"setup", "activations", "nn", "nn-backward"}
PARTS = {"a": "mended_backprop", "b": "mended_step", "c": "mended_loss", "d": "mended_delta"}


@functools.lru_cache(maxsize=1)
def taught():
    """Return what the lesson defines for the clinic, with the solutions in."""
    namespace = {}
    for cell in load(ROOT, LESSON).notebook.cells:
        of_clinic = cell.cell_type == "code" and cell.id.startswith(("clinic-", "patient-"))
        if cell.id in GIVEN or of_clinic and cell.id != "clinic-round-called":
            source, _, _ = cell.source.partition("### BEGIN HIDDEN TESTS")
            exec(source.replace("check(", "(lambda *_, **__: None)("), namespace)
    return namespace


def own(name):
    return taught()[name]


def mended(name, **parts):
    """Return a patient's class with the parts that the solutions mend."""
    return type(name, (own(name),), {method: own(function) for method, function in parts.items()})


def mended_a():
    return mended("NN_A", backprop="mended_backprop")


def mended_b():
    return mended("ArtificialNeuralNetwork", step="mended_step")


def mended_mse():
    return mended("MSE", delta="mended_delta")


# Each interface in the course's convention: J, and the gradients for W (in, out) and b (1, out) of layers 1..L


def with_a(W, b, activation, X, Y, network=None):
    dims = [len(W[0]), *(w.shape[1] for w in W)]
    net = (network or mended_a())(dims, own(f"activation_{activation}"), own("loss_mse"))
    net.w, net.b = [w.copy() for w in W], [v.copy() for v in b]
    return net.eval_loss(X, Y), *net.backprop(X, Y)


def with_b(W, b, X, Y, minibatch_size, network=None):
    """B keeps its gradients to itself: read them off from a step with learning rate 1."""
    net = (network or mended_b())([len(W[0]), *(w.shape[1] for w in W)])
    net.weights, net.biases = [w.T.copy() for w in W], [v.T.copy() for v in b]
    columns = X[..., None], Y[..., None]
    J = net.cost(*columns)
    net.train(*columns, num_epochs=1, minibatch_size=minibatch_size, learning_rate=1)
    dW = [w - now.T for w, now in zip(W, net.weights, strict=True)]
    return J, dW, [v - now.T for v, now in zip(b, net.biases, strict=True)]


def with_c(W, b, hidden, output, X, Y, loss=None):
    loss = loss or {"loss": own("mended_loss"), "derivative": own("error_of_samples")}
    dims = [len(W[0]), *(w.shape[1] for w in W)]
    net = own("NN")(dims, [own(f"activation_{name}") for name in hidden], own(f"activation_{output}"), loss)
    for layer, (w, v) in enumerate(zip(W, b, strict=True), start=1):
        net.params[f"W{layer}"], net.params[f"b{layer}"] = w.copy(), v.copy()
    found = net.backward_pass(X, Y, net.forward_pass(X, training=True))
    layers = range(1, len(W) + 1)
    return loss["loss"](net.forward_pass(X), Y), [found[f"dW{i}"] for i in layers], [found[f"db{i}"] for i in layers]


def with_d(W, b, X, Y, mse=None):
    layers = [own("Relu")] * (len(W) - 1) + [own("Sigmoid")]
    net = own("Network")([len(W[0]), *(w.shape[1] for w in W)], layers)
    net.w, net.b = [w.copy() for w in W], [v.copy() for v in b]
    loss = (mse or mended_mse())(own("Sigmoid"))
    return loss.loss(Y, net.predict(X)), *net.back_prop(X, Y, loss)


def with_lesson_07(W, b, activations, X, Y):
    theirs = test_nn_class.taught()
    bundles = [theirs[f"activation_{name}"] for name in activations]
    net = theirs["NN"]([len(W[0]), *(w.shape[1] for w in W)], bundles[:-1], bundles[-1], theirs["loss_mse"])
    for layer, (w, v) in enumerate(zip(W, b, strict=True), start=1):
        net.params[f"W{layer}"], net.params[f"b{layer}"] = w.copy(), v.copy()
    found = net.backward_pass(X, Y, net.forward_pass(X, training=True))
    layers = range(1, len(W) + 1)
    J = theirs["loss_mse"]["loss"](net.forward_pass(X), Y)
    return J, [found[f"dW{i}"] for i in layers], [found[f"db{i}"] for i in layers]


def with_pytorch(W, b, activations, X, Y):
    W, b = ([torch.tensor(p.copy(), requires_grad=True) for p in parameters] for parameters in (W, b))
    x = torch.tensor(X)
    for w, v, name in zip(W, b, activations, strict=True):
        x = test_nn_class.TORCH[name](x @ w + v)
    J = ((x - torch.tensor(Y)) ** 2).sum() / (2 * len(X))
    J.backward()
    return J.item(), [w.grad.numpy() for w in W], [v.grad.numpy() for v in b]


def parameters(dims, seed):
    rng = np.random.default_rng(seed)
    W = [rng.normal(size=shape) for shape in zip(dims[:-1], dims[1:], strict=True)]
    return W, [rng.normal(size=(1, m)) for m in dims[1:]], rng


def assert_same(came, expected):
    (J, dW, db), (J_expected, dW_expected, db_expected) = came, expected
    assert J == pytest.approx(J_expected, rel=1e-12)
    for ours, theirs in zip([*dW, *db], [*dW_expected, *db_expected], strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-12)


# Mended


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 6), min_size=3, max_size=5), st.integers(1, 6), st.integers(0, 2**32 - 1))
def test_all_four_mended_give_the_gradients_of_lesson_07_and_of_autograd(dims, n, seed):
    W, b, rng = parameters(dims, seed)
    X, Y = rng.normal(size=(n, dims[0])), rng.uniform(size=(n, dims[-1]))
    hidden = len(W) - 1
    for activations, came in (
        (["tanh"] * len(W), with_a(W, b, "tanh", X, Y)),
        (["sigmoid"] * len(W), with_a(W, b, "sigmoid", X, Y)),
        (["sigmoid"] * len(W), with_b(W, b, X, Y, minibatch_size=n)),
        (["sigmoid"] * len(W), with_b(W, b, X, Y, minibatch_size=n + 3)),
        (["relu"] * hidden + ["identity"], with_c(W, b, ["relu"] * hidden, "identity", X, Y)),
        (["tanh"] * hidden + ["sigmoid"], with_c(W, b, ["tanh"] * hidden, "sigmoid", X, Y)),
        (["relu"] * hidden + ["sigmoid"], with_d(W, b, X, Y)),
    ):
        assert_same(came, with_lesson_07(W, b, activations, X, Y))
        assert_same(came, with_pytorch(W, b, activations, X, Y))


def test_the_mended_delta_holds_for_any_activation_of_the_output():
    rng = np.random.default_rng(1)
    z, y_true = rng.normal(size=(4, 3)), rng.normal(size=(4, 3))
    for layer, name in (("Sigmoid", "sigmoid"), ("Relu", "relu")):
        at = torch.tensor(z, requires_grad=True)
        y_pred = test_nn_class.TORCH[name](at)
        (((y_pred - torch.tensor(y_true)) ** 2).sum() / 8).backward()
        loss = mended_mse()(own(layer))
        np.testing.assert_allclose(loss.delta(y_true, z, y_pred.detach().numpy()), at.grad.numpy(), rtol=1e-12)


def test_the_tool_measures_what_autograd_finds_and_restores_every_bit():
    W, b, rng = parameters([3, 4, 2], 5)
    X, Y = rng.normal(size=(5, 3)), rng.normal(size=(5, 2))
    _, dW, _ = with_pytorch(W, b, ["tanh", "identity"], X, Y)
    before = W[0].copy()

    def J():
        return np.sum((np.tanh(X @ W[0] + b[0]) @ W[1] + b[1] - Y) ** 2) / 10

    np.testing.assert_allclose(own("numerical_gradient")(J, W[0]), dW[0], rtol=1e-7, atol=1e-9)
    assert np.array_equal(W[0], before)


def test_the_round_finds_all_four_in_health():
    for patient, part in PARTS.items():
        assert own(f"gap_{patient}")(own(part)) < 1e-9, patient


def test_the_round_finds_nobody_healthy_who_is_mended_by_half_or_not_at_all():
    half = {
        "a": [lambda self, X, Y: (own("mended_backprop")(self, X, Y)[0], own("NN_A").backprop(self, X, Y)[1])],
        "b": [lambda self, X, Y: setattr(self, "weights", [W - d / len(X) for W, d in zip(
            self.weights, self.add_up(X, Y)[0], strict=True)])],
        "c": [changes_its_arguments],
        "d": [lambda self, y_true, z, y_pred: (y_pred - y_true) * self.activation.prime(z)],
    }
    ill = {"a": own("NN_A").backprop, "b": own("ArtificialNeuralNetwork").step, "c": own("mean_of_squares"),
           "d": own("MSE").delta}
    for patient in PARTS:
        for tried in [ill[patient], *half[patient]]:
            assert own(f"gap_{patient}")(tried) > 1e-4, patient


def changes_its_arguments(y_hat, Y):
    y_hat -= Y
    return np.sum(y_hat**2) / (2 * len(Y))


def test_the_round_says_who_is_healthy_who_is_ill_and_who_has_not_been_mended(capsys):
    round_ = next(cell.source for cell in load(ROOT, LESSON).notebook.cells if cell.id == "clinic-round-called")
    names = dict(taught())
    del names["mended_backprop"]
    names["mended_step"] = own("ArtificialNeuralNetwork").step
    names["mended_loss"] = lambda y_hat, Y: no_such_name  # noqa: F821
    exec(round_, names)
    a, b, raised, c, d = capsys.readouterr().out.splitlines()
    assert (a, c) == ("patient A: not mended yet", "patient C: not to be measured")
    assert b.startswith("patient B: ill (") and d.startswith("patient D: healthy (")
    assert raised == "mended_loss raised NameError: name 'no_such_name' is not defined"


def test_the_round_takes_what_the_checks_take():
    def as_lists(self, y_true, z, y_pred):
        return own("mended_delta")(self, y_true, z, y_pred).tolist()

    assert own("gap_a")(backprop_by_itself) < 1e-8, "a missing keepdims"
    assert own("gap_b")(step_by_itself) < 1e-8, "steps in place"
    assert own("gap_d")(as_lists) < 1e-8


# What the checks say


def test_the_tool_restores_what_it_nudges_when_the_cost_fails_and_asks_for_a_function():
    p = np.array([[2.0, 3.0]])
    with pytest.raises(ZeroDivisionError):
        own("numerical_gradient")(lambda: 1 / 0, p)
    with pytest.raises(TypeError, match="put `lambda:` in front"):
        own("numerical_gradient")(0.5, p)
    assert np.array_equal(p, [[2.0, 3.0]])


def backprop_by_itself(self, X, Y):
    """A's, right and without all_deltas."""
    delta = self.loss["derivative"](self.forward_pass(X), Y) * self.activation["derivative"](self.z[-1])
    w_grad, b_grad = [], []
    for i in range(len(self.w) - 1, -1, -1):
        w_grad.insert(0, self.x[i].T @ delta)
        b_grad.insert(0, delta.sum(axis=0))
        if i:
            delta = delta @ self.w[i].T * self.activation["derivative"](self.z[i - 1])
    return w_grad, b_grad


def step_by_itself(self, X, Y):
    """B's, right and without add_up, in place."""
    error = (self.forward(X) - Y) / len(X)
    moves = []
    for i in range(len(self.weights) - 1, -1, -1):
        delta = error * self.a[i + 1] * (1 - self.a[i + 1])
        moves.append((self.weights[i], (delta @ self.a[i].swapaxes(1, 2)).sum(axis=0)))
        moves.append((self.biases[i], delta.sum(axis=0)))
        error = self.weights[i].T @ delta
    for p, gradient in moves:
        p -= self.learning_rate * gradient


def test_a_method_that_goes_back_by_itself_is_as_good():
    assert clinic.alike(own("in_one_a")(backprop_by_itself), own("in_one_a")(own("mended_backprop")))
    np.testing.assert_allclose(own("ratios_of")(step_by_itself), np.ones((2, 4)), rtol=1e-7)


def stub(*_):
    raise NotImplementedError


def calls_an_unknown_name(self, X, Y):
    return no_such_name  # noqa: F821


TWO_LISTS = "expected: two lists of 2 arrays each."
SAID = [
    ("in_one_a", lambda self, X, Y: stub(), ""),
    ("in_one_a", calls_an_unknown_name, "part raised NameError: name 'no_such_name' is not defined"),
    ("in_one_a", lambda X, Y: None, "takes 2 positional arguments but 3 were given"),
    ("in_one_a", lambda self, X, Y: None, f"part returned None (is a `return` missing?); {TWO_LISTS}"),
    ("in_one_a", lambda self, X, Y: ([].reverse(), ()), f"part returned (None, ()); {TWO_LISTS}"),
    ("in_one_a", lambda self, X, Y: [[1], [2]],
     f"part returned [[a value of type int], [a value of type int]]; {TWO_LISTS}"),
    ("in_one_a", lambda self, X, Y: ([[[1], [2, 3]], 1], [1, 1]), TWO_LISTS),
    ("in_one_a", lambda self, X, Y: self.backprop(X, Y), "part never ends: does it call the method whose place"),
    ("ratios_of", lambda self, X, Y: setattr(self, "weights", None), "what came of part cannot be used: TypeError"),
    ("ratios_of", lambda self, X, Y: setattr(self, "weights", [1]), "part leaves weights or biases of another shape"),
    ("ratios_of", lambda self, X, Y: self.step(X, Y), "part never ends"),
    ("losses_by", lambda y_hat, Y: None, "part returned None (is a `return` missing?); expected: J, a single number."),
    ("losses_by", lambda y_hat, Y: y_hat, "part returned an array of shape (4, 3); expected: J, a single number."),
    ("losses_by", lambda y_hat, Y: (1.0, y_hat), "part returned (a value of type float, an array of shape (4, 3));"),
    ("losses_by", lambda y_hat, Y: {"J": 1.0}, "part returned a value of type dict; expected: J, a single number."),
    ("deltas_by", lambda self, y_true, z, y_pred: None, "part returned None (is a `return` missing?); expected: an"),
    ("deltas_by", lambda self, y_true, z, y_pred: self.delta(y_true, z, y_pred), "part never ends"),
]


@pytest.mark.parametrize("collect, tried, words", SAID)
def test_what_cannot_be_checked_is_an_exception_for_each_part_and_says_why(collect, tried, words, capsys):
    one, other = clinic.attempt(own(collect), tried, "part", parts=2)
    said = capsys.readouterr().out
    assert words in said and len(said.splitlines()) == bool(words)
    assert one is other is clinic.attempt(lambda _: stub(), tried, "part") if not words else isinstance(one, Exception)


def test_an_error_names_the_line_of_the_learners_function(capsys):
    def mended_step(self, X, Y):
        rate = self.learnig_rate / len(X)
        self.weights = [rate * W for W in self.weights]

    clinic.attempt(own("ratios_of"), mended_step, "mended_step")
    assert "mended_step raised AttributeError" in (said := capsys.readouterr().out)
    assert "in the line: rate = self.learnig_rate / len(X)" in said


def test_an_error_of_the_check_is_not_said_to_be_the_functions(capsys):
    assert isinstance(clinic.attempt(lambda tried: 1 / tried(), lambda: 0, "part"), ZeroDivisionError)
    assert capsys.readouterr().out == "what came of part cannot be used: ZeroDivisionError: division by zero\n"


def test_a_stand_in_has_the_data_and_the_methods_and_what_the_way_forward_leaves():
    network = own("NN_A")([3, 4, 2], own("activation_tanh"), own("loss_mse"), seed=1)
    self = clinic.lent(network, ["forward_pass"], taken="backprop", rate=0.5)
    output = self.forward_pass(np.ones((5, 3)))
    assert self.x[-1] is output and len(self.z) == 2 and self.rate == 0.5
    with pytest.raises(RecursionError):
        self.backprop(1, 2)


def test_the_ratio_farthest_from_1_is_found_and_so_is_one_that_is_no_number():
    assert clinic.farthest_from_1([[1, 2], [-6, 4]], np.array([[1, 1], [2, 4]])) == -3
    assert np.isnan(clinic.farthest_from_1([2, np.nan, 1], np.ones(3)))


@pytest.mark.parametrize("came, verdict", [
    ([1.0, np.ones(2)], True), ([1 + 1e-9, [1, 1]], True), ([1.0, np.ones((1, 2))], False), ([2.0, np.ones(2)], False),
    ([ValueError("x")] * 2, False), ([..., ...], False), ([1.0, [[1], [1, 2]]], False), ([1.0], False),
])
def test_two_rows_are_alike_or_not_whatever_came(came, verdict):
    assert clinic.alike(came, [1.0, np.ones(2)]) is verdict


@pytest.mark.parametrize("table, text", [
    ([[True, False], [False, True]], "yes no, no yes"),
    (((np.True_, 0), (0.0, 1)), "yes no, no yes"),
    (np.eye(2), "yes no, no yes"),
    (np.eye(2, dtype=bool), "yes no, no yes"),
    ([[2.0, 1.0], [0.5, 1.0]], "a table of other things than True and False"),
    ([["yes", "no"], ["no", "yes"]], "a table of other things than True and False"),
    ([True, False], "no table of three rows and columns, but one of shape (2,)"),
    ([[np.eye(2), np.eye(2)]], "no table of three rows and columns, but one of shape (1, 2, 2, 2)"),
    ([[np.ones((2, 3)), np.ones((2, 4))]], "rows that differ in length"),
    (3, "no table of three rows and columns, but one of shape ()"),
    (..., ...), (None, None), ([[True, ...], [None, False]], ...), ("yes", "yes"),
])
def test_a_table_of_truth_values_becomes_a_text(table, text):
    assert clinic.in_yes_and_no(table) == text


def test_a_function_that_changes_its_arguments_is_found_out():
    def changes(self, y_true, z, y_pred):
        y_pred -= y_true
        return y_pred * self.activation.prime(z) / len(y_true)

    for collect, tried, part in (("losses_by", changes_its_arguments, "mended_loss"),
                                 ("deltas_by", changes, "mended_delta")):
        (*came, left), (*right, kept) = own(collect)(tried), own(collect)(own(part))
        assert clinic.alike(came, right)
        assert not np.allclose(left, kept)


def test_no_number_of_samples_that_is_built_in_fits_what_the_checks_try():
    right_deltas = own("deltas_by")(own("mended_delta"))
    for n in range(1, 10):
        def step(self, X, Y, n=n):
            dW, db = self.add_up(X, Y)
            self.weights = [W - self.learning_rate / n * d for W, d in zip(self.weights, dW, strict=True)]
            self.biases = [b - self.learning_rate / n * d for b, d in zip(self.biases, db, strict=True)]

        def delta(self, y_true, z, y_pred, n=n):
            return own("mended_delta")(self, y_true, z, y_pred) * len(z) / n

        assert not np.allclose(own("ratios_of")(step), 1)
        assert not clinic.alike(own("deltas_by")(delta), right_deltas)


@pytest.mark.parametrize("word", ["order", " Order ", ..., None, 3])
def test_a_word_of_the_list_and_what_is_no_word_go_to_the_check_as_they_are(word, capsys):
    assert clinic.one_of_six(word) is word
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("word", ["ordre", "slopes", ""])
def test_another_word_goes_there_too_and_is_said_to_be_none_of_the_six(word, capsys):
    assert clinic.one_of_six(word) is word
    assert f"{word!r} is none of the six words: order, transpose," in capsys.readouterr().out


# Training


# As the lesson states them: layers, epochs, size of a mini-batch, learning rate, and how far the pixels go.
Training = namedtuple("Training", "layers epochs batch rate pixels")
TRAINING_OF_B = Training([784, 32, 10], 30, 16, 3, 1)
TRAINING_OF_D = Training([64, 15, 10], 100, 15, 0.5, 1)
TRAINING_OF_D_ON_RAW_PIXELS = Training([64, 15, 10], 100, 15, 0.015, 16)


@functools.lru_cache(maxsize=1)
def shares_right_of_d():
    """Return three shares of the digits that D trains on and reads: mended; on raw pixels mended, and as it came."""
    raw = TRAINING_OF_D_ON_RAW_PIXELS
    data, shares = datasets.digits(), []
    for training, loss in ((TRAINING_OF_D, mended_mse()), (raw, mended_mse()), (raw, own("MSE"))):
        net = own("Network")(training.layers, [own("Relu"), own("Sigmoid")], seed=1)
        X = training.pixels * data.X_train
        net.fit(X, np.eye(10)[data.y_train], loss, training.epochs, training.batch, training.rate)
        shares.append(np.mean(net.predict(X).argmax(axis=1) == data.y_train))
    return shares


@functools.lru_cache(maxsize=1)
def share_right_of_b():
    """Return which share of unseen MNIST digits B reads, mended."""
    layers, epochs, batch, rate, _ = TRAINING_OF_B
    data = datasets.mnist(subset=True)
    net = mended_b()(layers, seed=1)
    X, Y = data.X_train[..., None], np.eye(10)[data.y_train][..., None]
    net.train(X, Y, epochs, batch, rate)
    return net.num_correct(data.X_test[..., None], np.eye(10)[data.y_test][..., None]) / len(data.y_test)


def test_mended_d_reads_the_digits_unless_it_gets_raw_pixels_with_which_it_did_well_while_it_was_ill():
    mended, mended_on_raw, ill_on_raw = shares_right_of_d()
    assert mended > 0.98 and mended_on_raw < 0.8 and ill_on_raw > 0.98


def test_mended_b_reads_mnist():
    assert share_right_of_b() > 0.85


def test_mended_a_reads_the_digits():
    data, rng = datasets.digits(), np.random.default_rng(1)
    net, Y = mended_a()([64, 15, 10], own("activation_sigmoid"), own("loss_mse"), seed=1), np.eye(10)[data.y_train]
    for _ in range(60):
        order = rng.permutation(len(Y))
        for start in range(0, len(Y), 15):
            batch = order[start : start + 15]
            w_grad, b_grad = net.backprop(data.X_train[batch], Y[batch])
            for p, gradient in zip(net.w + net.b, w_grad + b_grad, strict=True):
                p -= 2.0 * gradient
    assert np.mean(net.forward_pass(data.X_train).argmax(axis=1) == data.y_train) > 0.97


# Sick: each fails as the lesson says, and in no other way


@pytest.mark.parametrize("depth", [1, 2, 3, 4])
def test_a_gives_each_gradient_at_another_layers_place(depth):
    W, b, rng = parameters([3] * (depth + 1), depth)
    X, Y = rng.normal(size=(4, 3)), rng.normal(size=(4, 3))
    J, dW, db = with_a(W, b, "tanh", X, Y, own("NN_A"))
    assert_same((J, dW[::-1], db[::-1]), with_pytorch(W, b, ["tanh"] * depth, X, Y))


def test_as_own_move_fails_in_a_network_of_unequal_layers_and_runs_silently_in_an_equal_one():
    for dims, outcome in (([3, 4, 2], pytest.raises(ValueError, match="broadcast")), ([3, 3, 3], None)):
        W, b, rng = parameters(dims, 1)
        _, dW, _ = with_a(W, b, "tanh", rng.normal(size=(4, dims[0])), rng.normal(size=(4, dims[-1])), own("NN_A"))
        if outcome:
            with outcome:
                W[0] -= dW[0]
        else:
            W[0] -= dW[0]


@pytest.mark.parametrize("n, minibatch_size", [(5, 5), (3, 5), (1, 4)])
def test_bs_gradients_of_a_short_batch_are_too_small_by_one_factor(n, minibatch_size):
    W, b, rng = parameters([3, 4, 2], n)
    X, Y = rng.normal(size=(n, 3)), rng.uniform(size=(n, 2))
    J, dW, db = with_b(W, b, X, Y, minibatch_size, own("ArtificialNeuralNetwork"))
    dW, db = ([minibatch_size / n * gradient for gradient in gradients] for gradients in (dW, db))
    assert_same((J, dW, db), with_pytorch(W, b, ["sigmoid"] * 2, X, Y))


def test_b_is_wrong_in_the_last_batch_alone():
    W, b, rng = parameters([2, 3, 1], 7)
    X, Y = rng.normal(size=(7, 2)), rng.uniform(size=(7, 1))
    lengths = []
    net = own("ArtificialNeuralNetwork")([2, 3, 1], seed=1)
    net.step = lambda X, Y: lengths.append(len(X))
    net.train(X[..., None], Y[..., None], num_epochs=2, minibatch_size=3, learning_rate=1)
    assert lengths == [3, 3, 1, 3, 3, 1], "the short batch is kept"


@pytest.mark.parametrize("m", [1, 2, 5])
@pytest.mark.parametrize("n", [1, 4])
def test_cs_gradients_are_too_large_by_the_number_of_outputs_whatever_the_samples(n, m):
    W, b, rng = parameters([3, 4, m], 10 * n + m)
    X, Y = rng.normal(size=(n, 3)), rng.normal(size=(n, m))
    J, dW, db = with_c(W, b, ["tanh"], "identity", X, Y, own("loss_c"))
    J_true, dW_true, db_true = with_pytorch(W, b, ["tanh", "identity"], X, Y)
    assert_same((m * J, dW, db), (J_true, dW_true, db_true))


def test_ds_gradients_are_off_by_another_factor_for_each_entry_with_the_right_sign():
    ratios, z = own("ratios_d"), np.array([[2.0, 0.0, -2.0, -5.0, -10.0]])
    sigma = torch.sigmoid(torch.tensor(z)).numpy()
    slope_at_circle = torch.sigmoid(torch.tensor(sigma)).numpy()
    expected = slope_at_circle * (1 - slope_at_circle) / (sigma * (1 - sigma))
    np.testing.assert_allclose(ratios, expected, rtol=1e-6)
    np.testing.assert_allclose(ratios[0, [1, 4]], [0.94, 5507], rtol=1e-3)
    W, b, rng = parameters([3, 4, 3], 1)
    X, Y = rng.normal(size=(1, 3)), rng.uniform(size=(1, 3))
    _, dW, db = with_d(W, b, X, Y, own("MSE"))
    _, dW_true, db_true = with_pytorch(W, b, ["relu", "sigmoid"], X, Y)
    ratio = db[1] / db_true[1]
    assert np.all(ratio > 0) and np.ptp(ratio) > 0.1
    assert np.all(np.sign(dW[1]) == np.sign(dW_true[1]))


@pytest.mark.parametrize("patient, word", [("a", "order"), ("b", "samples"), ("c", "outputs"), ("d", "slope")])
def test_each_diagnosis_is_a_word_of_the_list(patient, word):
    lesson = load(ROOT, LESSON)
    words = next(cell.source for cell in lesson.notebook.cells if cell.id == "clinic")
    stub = next(exercise.stub for exercise in lesson.exercises if exercise.name == f"patient-{patient}")
    assert f'`"{word}"`' in words and f'"{word}"' in stub
    assert re.findall(r'^\| `"(\w+)"`', words, re.MULTILINE) == list(clinic.WORDS)
