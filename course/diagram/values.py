"""The numbers that a picture shows, as short texts."""

import math

import numpy as np

from course.diagram.parts import Part


def number_text(value):
    """Return a number with about three significant digits, or "?" for NaN."""
    size = abs(value)
    if math.isnan(size):
        return "?"
    if size == 0 or math.isinf(size):
        digits = "0" if size == 0 else "∞"
    elif 1e-3 <= size < 1e2:
        digits = f"{size:.3g}"
    elif 1e2 <= size < 1e4:
        digits = f"{size:.2f}".rstrip("0").rstrip(".")
    else:
        mantissa, exponent = f"{size:.2e}".split("e")
        digits = f"{mantissa}e{int(exponent)}".replace("-", "\u2212")
    return "\u2212" + digits if value < 0 else digits


def forward(network, row):
    """Return the lists z and x of layers 1..L for one row, each entry of shape (n_l,)."""
    z, x = [], [network.X[row]]
    for W, b in zip(network.W, network.b, strict=True):
        z.append(x[-1] @ W + np.ravel(b))
        x.append(np.maximum(z[-1], 0))
    return z, [*x[1:-1], z[-1]]  # the output's activation is the identity


def _own(network, row, letter, arrays):
    """Return the learner's own z or x of one row, each entry of shape (n_l,), NaN where unknown.

    Raises:
        ValueError: if there are too many or too few layers, or one has another shape.
    """
    widths, n = network.layers_dims[1:], len(network.X)
    if len(arrays) != len(widths):
        raise ValueError(f"{letter} holds {len(arrays)} arrays, expected {len(widths)}: "
                         f"one for each layer 1 to {len(widths)} of {network.name}.")
    rows = []
    for layer, (array, width) in enumerate(zip(arrays, widths, strict=True), start=1):
        where = f"{letter}[{layer - 1}] (layer {layer})"
        expected = f"expected {(width,)}, {(1, width)} or {(n, width)}"
        unknown = array is None or array is ...  # the stub's placeholder
        try:  # None becomes NaN
            array = np.atleast_1d(np.array([None] * width if unknown else array, dtype=np.float64))
        except (TypeError, ValueError):
            raise ValueError(f"{where} is not an array of numbers, {expected}.") from None
        if array.shape not in {(width,), (1, width), (n, width)}:
            raise ValueError(f"{where} has shape {array.shape}, {expected}.")
        rows.append(array[row] if len(array) == n and array.ndim == 2 else array.ravel())
    return rows


def shown(network, row, show, parts, z, x, delta):
    """Return the text of every number that is shown, by part; nothing for show="names".

    Args:
        network, row, show, z, x, delta: as for `draw`.
        parts: the parts whose numbers are wanted; the cost is added to them.
    """
    if show == "names":
        return {}
    dims = network.layers_dims
    known_z, known_x = forward(network, row)
    if show == "given":
        known_z = known_x = [np.full(width, np.nan) for width in dims[1:]]
    shown_z = known_z if z is None else _own(network, row, "z", z)
    shown_x = known_x if x is None else _own(network, row, "x", x)
    cost = np.nan if show == "given" else 0.5 * np.sum((shown_x[-1] - network.Y[row]) ** 2)
    arrays = {("x", 0): network.X[row], ("y", len(dims) - 1): network.Y[row]}
    for layer in range(1, len(dims)):
        arrays |= {("w", layer): network.W[layer - 1], ("b", layer): np.ravel(network.b[layer - 1]),
                   ("z", layer): shown_z[layer - 1], ("x", layer): shown_x[layer - 1]}
    if delta is not None:
        arrays |= {("d", layer): array for layer, array in enumerate(_own(network, row, "delta", delta), start=1)}
    values = {part: number_text(float(arrays[part[:2]][tuple(i - 1 for i in part.index)]))
              for part in parts if part[:2] in arrays}
    return {**values, Part("J", len(dims)): number_text(float(cost))}


def gradient_texts(network, row, parts):
    """Return the text of the derivative of J by each weight and bias among some parts, for one row."""
    z, x = forward(network, row)
    texts, delta = {}, x[-1] - network.Y[row]
    for layer in range(len(z), 0, -1):
        before = x[layer - 2] if layer > 1 else network.X[row]
        for part in parts:
            if part[:2] == ("b", layer):
                texts[part] = number_text(float(delta[part.index[0] - 1]))
            elif part[:2] == ("w", layer):
                start, end = part.index
                texts[part] = number_text(float(before[start - 1] * delta[end - 1]))
        if layer > 1:
            delta = (network.W[layer - 1] @ delta) * (z[layer - 2] > 0)
    return texts
