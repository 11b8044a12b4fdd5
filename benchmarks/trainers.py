"""Who is measured in training: a process that is given work on stdin and answers on stdout, a line of JSON each.

    python -m benchmarks.trainers  <-  {"who": "lesson", "data": "mnist", "samples": 4000, "width": 32, ...}: a `Work`
                                   ->  {"seconds": ..., "updates": ..., "accuracy": ...}

All train the same network by the same descent: a hidden layer of sigmoids, softmax and cross-entropy at the output,
plain SGD, the same first parameters, the same batches in the same order. So all come to the same parameters but for
rounding, and only their speed can differ. Making arrays of the contender's own kind is not timed, training is.
"""

import ast
import contextlib
import functools
import gc
import json
import os
import sys
import time
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from course import datasets, lessons

ROOT = Path(__file__).resolve().parents[1]
LESSON = "08-classification"
_DATA = {
    "digits": datasets.digits,
    "mnist": functools.partial(datasets.mnist, subset=True),
    "fashion": datasets.fashion_mnist,
}


@dataclass(frozen=True)
class Work:
    """One training.

    Attributes:
        who: a key of `TRAINERS`.
        data: a key of `_DATA`.
        samples: how many of its training data; 0 for all.
        width: neurons of the hidden layer.
        batch_size: samples of a batch.
        epochs: how often all data are gone through.
        learning_rate: factor of the gradient.
        seed: of the first parameters and of the order of samples.
    """

    who: str = "lesson"
    data: str = "mnist"
    samples: int = 0
    width: int = 32
    batch_size: int = 16
    epochs: int = 1
    learning_rate: float = 0.1
    seed: int = 0


class Shuffles:
    """Orders of samples, one for each epoch, as MLPClassifier draws them from a seed.

    It is the one contender that takes no order from outside, so the others are given its own: each epoch's order is
    the last one, shuffled again. `permutation` is named as in NumPy's Generator, whose place it takes.
    """

    def __init__(self, seed, n):
        self._random, self._order = np.random.RandomState(seed), np.arange(n)

    def permutation(self, n):
        drawn = np.arange(n)
        self._random.shuffle(drawn)
        self._order = self._order[drawn]
        return self._order


class Trainer:
    """What all contenders have.

    Args:
        work: the `Work`.
        X, y: inputs (n, d) and labels (n,) to train on.
        held_out: X and y of the samples that training must not see.
        start: the first parameters {"W1": (d, width), "b1": (1, width), "W2": (width, k), "b2": (1, k)}.
    """

    def __init__(self, work, X, y, held_out, start):
        self._work, self.n, self._held_out = work, len(X), held_out
        self._order = Shuffles(work.seed, len(X))
        self._prepare(X, y, start)

    def _batches(self):
        """Yield the numbers of the samples of one epoch's batches."""
        order = self._order.permutation(self.n)
        for begin in range(0, self.n, self._work.batch_size):
            yield order[begin : begin + self._work.batch_size]


class Lesson(Trainer):
    """The lesson's `fit`, with its solutions in; it also measures held-out accuracy after each epoch."""

    def _prepare(self, X, y, start):
        own = taught()
        dims = [X.shape[1], self._work.width, len(start["b2"][0])]
        loss = {"loss": own["cross_entropy"], "derivative": own["cross_entropy_derivative"]}
        self._net = own["NN"](dims, own["activation_sigmoid"], own["activation_identity"], loss, seed=0)
        self._net.params = {name: p.copy() for name, p in start.items()}
        self._fit, self._data = own["fit"], (X, one_hot(y, dims[-1]), *self._held_out)

    def train(self):
        self._fit(
            self._net,
            *self._data,
            epochs=self._work.epochs,
            batch_size=self._work.batch_size,
            learning_rate=self._work.learning_rate,
            rng=self._order,
        )

    def params(self):
        return self._net.params


class PerSample(Trainer):
    """The loop of published tutorials: samples are columns, one at a time; the gradients of a batch are summed.

    Each sample gets gradients of its own that start as zeros, each sum is a new array, and after each epoch held-out
    samples are classified one by one, all as published. Only the cost is another one (softmax and cross-entropy for
    sigmoid and squares), and a short last batch is divided by its own size.
    """

    def _prepare(self, X, y, start):
        self._W = [start["W1"].T.copy(), start["W2"].T.copy()]
        self._b = [start["b1"].T.copy(), start["b2"].T.copy()]
        self._X, self._Y = X[:, :, np.newaxis], one_hot(y, len(self._b[-1]))[:, :, np.newaxis]
        X_test, y_test = self._held_out
        self._pairs = list(zip(X_test[:, :, np.newaxis], y_test, strict=True))

    def train(self):
        for _ in range(self._work.epochs):
            order = self._order.permutation(self.n)
            X, Y = self._X[order], self._Y[order]
            self.cost = 0
            for begin in range(0, self.n, self._work.batch_size):
                batch = slice(begin, begin + self._work.batch_size)
                self._update(X[batch], Y[batch])
            self.n_correct = sum(int(np.argmax(self._forward(x)[1][-1]) == y) for x, y in self._pairs)

    def _update(self, X, Y):
        sum_W, sum_b = [np.zeros(W.shape) for W in self._W], [np.zeros(b.shape) for b in self._b]
        for x, y in zip(X, Y, strict=True):
            zs, neurons = self._forward(x)
            dW, db = self._backward(zs, neurons, y)
            sum_W, sum_b = self._added(sum_W, dW), self._added(sum_b, db)
            self.cost += _cross_entropy(zs[-1], y)
        rate = self._work.learning_rate / len(X)
        self._W = [W - rate * s for W, s in zip(self._W, sum_W, strict=True)]
        self._b = [b - rate * s for b, s in zip(self._b, sum_b, strict=True)]

    def _forward(self, x):
        zs, neurons = [], [x]
        for W, b in zip(self._W, self._b, strict=True):
            zs.append(np.dot(W, neurons[-1]) + b)
            neurons.append(_sigmoid(zs[-1]))
        neurons[-1] = _softmax(zs[-1])
        return zs, neurons

    def _backward(self, zs, neurons, y):
        dW, db = self._empty_gradients()
        delta = neurons[-1] - y
        for layer in (1, 0):
            if layer == 0:
                delta = np.dot(self._W[1].T, delta) * (_sigmoid(zs[0]) * (1 - _sigmoid(zs[0])))
            dW[layer] = np.dot(delta, neurons[layer].T)
            db[layer] = delta
        return dW, db

    def _empty_gradients(self):
        return [np.zeros(W.shape) for W in self._W], [np.zeros(b.shape) for b in self._b]

    def _added(self, sums, more):
        return [s + m for s, m in zip(sums, more, strict=True)]

    def params(self):
        return {f"{name}{i}": p.T for name in "Wb" for i, p in enumerate(getattr(self, f"_{name}"), start=1)}


class PerSampleInPlace(PerSample):
    """The same loop, written with more care: nothing is zeroed needlessly, and sums grow in place."""

    def _empty_gradients(self):
        return [None, None], [None, None]

    def _added(self, sums, more):
        for s, m in zip(sums, more, strict=True):
            s += m
        return sums


class ScikitLearn(Trainer):
    """MLPClassifier, told to do plain SGD and not to stop early.

    A first `partial_fit` makes its arrays, which are then filled with the first parameters; `fit` with warm_start goes
    on from there.
    """

    def _prepare(self, X, y, start):
        from sklearn.neural_network import MLPClassifier

        work = self._work
        self._X, self._y = X, y
        self._model = MLPClassifier(
            (work.width,),
            activation="logistic",
            solver="sgd",
            alpha=0,
            batch_size=work.batch_size,
            learning_rate="constant",
            learning_rate_init=work.learning_rate,
            momentum=0,
            nesterovs_momentum=False,
            max_iter=work.epochs,
            shuffle=True,
            tol=0,
            n_iter_no_change=10**9,
            warm_start=True,
            random_state=work.seed,
        )
        one_of_each = np.unique(y, return_index=True)[1]
        self._model.partial_fit(X[one_of_each], y[one_of_each], classes=np.unique(y))
        for i in (1, 2):
            self._model.coefs_[i - 1][...] = start[f"W{i}"]
            self._model.intercepts_[i - 1][...] = start[f"b{i}"][0]

    def train(self):
        self._model.fit(self._X, self._y)
        assert self._model.n_iter_ == self._work.epochs, "it stopped early"

    def params(self):
        W, b = self._model.coefs_, self._model.intercepts_
        return {"W1": W[0], "b1": b[0][np.newaxis], "W2": W[1], "b2": b[1][np.newaxis]}


class Torch(Trainer):
    """PyTorch as its tutorials write it, but with batches indexed from a tensor: no DataLoader."""

    dtype = "float32"

    def _prepare(self, X, y, start):
        import torch

        dtype = getattr(torch, self.dtype)
        self._torch, self._X, self._y = torch, torch.tensor(X, dtype=dtype), torch.tensor(y)
        self._model = torch.nn.Sequential(
            torch.nn.Linear(*start["W1"].shape), torch.nn.Sigmoid(), torch.nn.Linear(*start["W2"].shape)
        ).to(dtype)
        with torch.no_grad():
            for i, layer in ((1, self._model[0]), (2, self._model[2])):
                layer.weight.copy_(torch.tensor(start[f"W{i}"].T))
                layer.bias.copy_(torch.tensor(start[f"b{i}"][0]))

    def train(self):
        loss = self._torch.nn.CrossEntropyLoss()
        optimiser = self._torch.optim.SGD(self._model.parameters(), lr=self._work.learning_rate)
        for _ in range(self._work.epochs):
            for X, y in self._pairs():
                optimiser.zero_grad()
                loss(self._model(X), y).backward()
                optimiser.step()

    def _pairs(self):
        order = self._torch.from_numpy(self._order.permutation(self.n))
        for batch in order.split(self._work.batch_size):
            yield self._X[batch], self._y[batch]

    def params(self):
        W1, b1, W2, b2 = (p.detach().double().numpy() for p in self._model.parameters())
        return {"W1": W1.T, "b1": b1[np.newaxis], "W2": W2.T, "b2": b2[np.newaxis]}


class TorchFunctions(Torch):
    """PyTorch with less around it: functions for layers, autograd for gradients, the update by hand."""

    def train(self):
        torch, functional = self._torch, self._torch.nn.functional
        params = W1, b1, W2, b2 = list(self._model.parameters())
        for _ in range(self._work.epochs):
            for X, y in self._pairs():
                x1 = torch.sigmoid(functional.linear(X, W1, b1))
                loss = functional.cross_entropy(functional.linear(x1, W2, b2), y)
                gradients = torch.autograd.grad(loss, params)
                with torch.no_grad():
                    for p, gradient in zip(params, gradients, strict=True):
                        p.sub_(gradient, alpha=self._work.learning_rate)


class TorchDouble(Torch):
    """PyTorch in the precision of the lesson."""

    dtype = "float64"


class TorchLoader(Torch):
    """PyTorch with a DataLoader, as most tutorials have it."""

    def _pairs(self):
        data = self._torch.utils.data
        order = self._order.permutation(self.n).tolist()
        return data.DataLoader(data.TensorDataset(self._X, self._y), self._work.batch_size, sampler=order)


class Products(Trainer):
    """The floor: the five matrix products of each update into arrays that are there, and nothing else."""

    def _prepare(self, X, y, start):
        self._X, self._W1, self._W2 = X, start["W1"].copy(), start["W2"].copy()
        (d, width), k = start["W1"].shape, len(start["b2"][0])
        rng = np.random.default_rng(0)
        self._arrays = {}
        for n in {min(self._work.batch_size, self.n), self.n % self._work.batch_size} - {0}:
            delta_1, delta_2 = rng.normal(size=(n, width)), rng.normal(size=(n, k))
            shapes = ((n, width), (n, k), (width, k), (n, width), (d, width))
            self._arrays[n] = (delta_1, delta_2, *map(np.empty, shapes))

    def train(self):
        W1, W2, matmul = self._W1, self._W2, np.matmul
        for _ in range(self._work.epochs):
            for begin in range(0, self.n, self._work.batch_size):
                X = self._X[begin : begin + self._work.batch_size]
                delta_1, delta_2, x1, x2, dW2, arriving, dW1 = self._arrays[len(X)]
                matmul(X, W1, out=x1)
                matmul(x1, W2, out=x2)
                matmul(x1.T, delta_2, out=dW2)
                matmul(delta_2, W2.T, out=arriving)
                matmul(X.T, delta_1, out=dW1)

    def params(self):
        return None


TRAINERS = {
    "lesson": Lesson,
    "per-sample": PerSample,
    "per-sample-in-place": PerSampleInPlace,
    "scikit-learn": ScikitLearn,
    "torch": Torch,
    "torch-functions": TorchFunctions,
    "torch-double": TorchDouble,
    "torch-loader": TorchLoader,
    "products": Products,
}


@functools.lru_cache(maxsize=1)
def taught():
    """Return what the lesson's source defines up to `fit`, with its solutions: NN, fit, the dictionaries."""
    names = {}
    for cell in lessons.load(ROOT, LESSON).notebook.cells:
        if cell.cell_type == "code" and not cell.metadata.get("nbgrader", {}).get("grade"):
            definitions = [node for node in ast.parse(cell.source).body if _defines(node)]
            exec(compile(ast.Module(definitions, []), f"<{cell.id}>", "exec"), names)
            if "fit" in names:
                return names
    raise lessons.LessonError(f"{LESSON} defines no fit, which is what is measured here.")


def _defines(node):
    """Return whether a statement imports, defines, fills a dictionary with functions or gives a class its methods."""
    if isinstance(node, ast.Assign):
        values = getattr(node.value, "values", None) or getattr(node.value, "elts", [node.value])
        is_methods = all(isinstance(one, ast.Attribute) for one in getattr(node.targets[0], "elts", node.targets))
        is_functions = all(isinstance(value, ast.Name | ast.Attribute | ast.Lambda) for value in values)
        return is_functions and (is_methods or isinstance(node.value, ast.Dict))
    return isinstance(node, ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef)


def one_hot(y, k):
    return np.eye(k)[y]


def _sigmoid(z):
    return 1 / (1 + np.exp(-z))


def _softmax(z):
    """Return the softmax of one sample's column."""
    e = np.exp(z - z.max())
    return e / e.sum()


def _cross_entropy(z, y):
    return np.log(np.exp(z - z.max()).sum()) + z.max() - (z * y).sum()


def prepared(work):
    """Return a contender that is ready to train, and the data.

    Args:
        work: the `Work`.

    Returns:
        A `Trainer`, and the `Dataset` whose first samples it trains on.
    """
    data = _DATA[work.data]()
    n = work.samples or len(data.X_train)
    if n > len(data.X_train):
        raise ValueError(f"{data.name} has {len(data.X_train):,} samples to train on, {n:,} were asked for.")
    d, k = data.X_train.shape[1], len(data.classes)
    rng = np.random.default_rng(work.seed)
    start = {
        "W1": rng.normal(scale=1 / np.sqrt(d), size=(d, work.width)),
        "b1": np.zeros((1, work.width)),
        "W2": rng.normal(scale=1 / np.sqrt(work.width), size=(work.width, k)),
        "b2": np.zeros((1, k)),
    }
    return TRAINERS[work.who](work, data.X_train[:n], data.y_train[:n], (data.X_test, data.y_test), start), data


def accuracy(params, X, y):
    """Return the share of samples that a network classifies rightly, by one forward pass for all contenders."""
    logits = _sigmoid(X @ params["W1"] + params["b1"]) @ params["W2"] + params["b2"]
    return float(np.mean(logits.argmax(axis=1) == y))


def timed(work):
    """Train once and return what it took: seconds, updates, and accuracy on held-out data (None for the floor)."""
    trainer, data = prepared(work)
    gc.collect()
    started = time.perf_counter()
    trainer.train()
    seconds = time.perf_counter() - started
    params = trainer.params()
    updates = work.epochs * -(-trainer.n // work.batch_size)
    right = accuracy(params, data.X_test, data.y_test) if params else None
    return {"seconds": seconds, "updates": updates, "samples": trainer.n * work.epochs, "accuracy": right}


def main():
    answers = os.fdopen(os.dup(1), "w")
    warnings.simplefilter("ignore")  # MLPClassifier says after every training that it could go on
    with contextlib.redirect_stdout(sys.stderr):
        for line in sys.stdin:
            print(json.dumps(timed(Work(**json.loads(line)))), file=answers, flush=True)


if __name__ == "__main__":
    main()
