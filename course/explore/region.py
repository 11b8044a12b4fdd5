"""Two classes in the plane and a small network that learns to tell them apart: the region that it gives to class 1."""

import numpy as np

from course.diagram import BLUE, DOTS, ORANGE, Frame, number_text, path, picture_of, px, text
from course.explore.base import explorer, positive

WIDTH, HEIGHT, MOST_HIDDEN, EPOCHS = 600, 372, 8, 1000
FRAME = Frame(46, 24, 400, 300, (-1.6, 2.6), (-1.25, 1.75))
ROWS, COLUMNS = 60, 85  # where the region is looked for
RING = DOTS | {"stroke_opacity": 0.45, "stroke_width": 19}


def decision_region(hidden=4, learning_rate=1.0, samples=60, noise=0.2, seed=8):
    """Show the region that a 2-h-1 network gives to class 1 while it trains: tanh, then sigmoid and cross-entropy.

    Args:
        hidden: h, the number of hidden neurons at first, 1 to 8.
        learning_rate: the middle of its slider, which goes from a hundredth to a hundred times as much.
        samples: how many points, half of each class, an even number from 4 to 400.
        noise: how far the points stray from their two moons.
        seed: of the points and of the weights.

    Returns:
        A widget, or a still picture after 1000 epochs where nobody could press a button.

    Raises:
        ValueError: if a number makes no sense.
    """
    if hidden not in range(1, MOST_HIDDEN + 1) or samples not in range(4, 401, 2):
        raise ValueError(f"hidden is {hidden}, expected 1 to {MOST_HIDDEN}; samples {samples}, expected 4, 6 ... 400.")
    positive(learning_rate=learning_rate)
    rng = np.random.default_rng(seed)
    X, y = moons(samples, noise, rng)
    first = [(rng.normal(size=(2, h)), rng.normal(size=h), rng.normal(size=h), 0.0) for h in range(1, MOST_HIDDEN + 1)]
    state = {"X": X.tolist(), "y": y.tolist(), "hidden": hidden, "rate": float(learning_rate),
             "first": [[W.tolist(), b.tolist(), v.tolist(), c] for W, b, v, c in first], "frame": FRAME.numbers}
    trained = train(first[hidden - 1], X, y, learning_rate, EPOCHS)
    return explorer("region", _picture(trained, X, y, learning_rate), state)


def moons(samples, noise, rng):
    """Return the points X (samples, 2) of two half circles that reach into each other, and their classes y."""
    angle = np.linspace(0, np.pi, samples // 2)
    X = np.concatenate([np.c_[np.cos(angle), np.sin(angle)], np.c_[1 - np.cos(angle), 0.5 - np.sin(angle)]])
    return (X + noise * rng.normal(size=X.shape)).round(3), np.repeat([0.0, 1.0], samples // 2)


def train(parameters, X, y, rate, epochs):
    """Return parameters W (2, h), b (h,), v (h,) and c after some epochs of descent on all samples at once."""
    W, b, v, c = parameters
    for _ in range(epochs):
        x = np.tanh(X @ W + b)
        delta = ((1 + np.tanh((x @ v + c) / 2)) / 2 - y) / len(y)  # p - y, averaged
        before = delta[:, None] * v * (1 - x**2)
        W, b, v, c = W - rate * X.T @ before, b - rate * before.sum(0), v - rate * x.T @ delta, c - rate * delta.sum()
    return W, b, v, c


def judged(parameters, X, y):
    """Return the logits z (n,), the accuracy and J, the mean cross-entropy."""
    W, b, v, c = parameters
    z = np.tanh(X @ W + b) @ v + c
    J = np.mean(np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z))))
    return z, float(np.mean((z > 0) == (y == 1))), float(J)


def region(parameters):
    """Return the path data of the region: in each row a line wherever the logit is positive."""
    W, b, v, c = parameters
    across, pieces = np.linspace(*FRAME.x, COLUMNS), []
    for height in np.linspace(*FRAME.y, ROWS):
        z = np.tanh(np.c_[across, np.full(COLUMNS, height)] @ W + b) @ v + c
        i = np.flatnonzero((z[:-1] > 0) != (z[1:] > 0))
        edges = across[i] + (across[i + 1] - across[i]) * z[i] / (z[i] - z[i + 1])
        edges = np.r_[across[:1][z[:1] > 0], edges, across[-1:][z[-1:] > 0]]
        pieces += [FRAME.line(edges[i:i + 2], [height, height]) for i in range(0, len(edges), 2)]
    return "".join(pieces)


def _picture(parameters, X, y, rate):
    """Return the Picture: the region, the points, and crosses over those on the wrong side."""
    z, accuracy, J = judged(parameters, X, y)
    shape, right, h = region(parameters), FRAME.right + 26, len(parameters[1])
    across, down = np.r_[FRAME.across(X[:, 0]), right, right], np.r_[FRAME.down(X[:, 1]), 30, 56]
    marks = [f'<rect x="{px(a - 4)}" y="{px(d - 4)}" width="8" height="8" stroke="{BLUE}" stroke-width="2.4"/>' if label
             else f'<circle cx="{px(a)}" cy="{px(d)}" r="4.2" stroke="{ORANGE}" stroke-width="2.4"/>'
             for a, d, label in zip(across, down, [*y, 0, 1], strict=True)]
    wrong = X[(z > 0) != (y == 1)]
    stripes = {"stroke": BLUE, "stroke_opacity": 0.85, "stroke_width": 1}
    band = {"stroke": BLUE, "stroke_opacity": 0.16, "stroke_width": px(FRAME.height / (ROWS - 1) + 0.2)}
    axes, texts = FRAME.axes("x₁", "x₂")
    shapes = [axes, FRAME.clipped(path(shape, "region", **band), path(shape, "stripes", **stripes)),
              path(FRAME.dots(*wrong.T), "wrong", **RING), *marks, path(f"M{px(right)} 82h0", **RING),
              path(f"M{px(right - 8)} 104h17m0 5h-17m0 5h17", fill="none", **stripes)]
    names = ("class 0", "class 1", "on the wrong side", "p > ½")
    texts = [texts, *(text(name, right + 18, 34 + 26 * i + 2 * (i == 3), "start") for i, name in enumerate(names))]
    description = (f"{len(y)} points of two classes. After {EPOCHS} epochs with learning rate {number_text(rate)} "
                   f"{number_text(100 * accuracy)} % of them are on the right side; J is {number_text(J)}.")
    return picture_of(WIDTH, HEIGHT, shapes, texts, f"What a 2-{h}-1 network gives to class 1", description)
