"""The two networks that the course computes by hand: their given numbers, stated once."""

from dataclasses import dataclass

import numpy as np


def _matrix(rows):
    """Return rows as a read-only float64 array, so that no lesson changes a given number by accident."""
    array = np.array(rows, dtype=np.float64)
    array.setflags(write=False)
    return array


@dataclass(frozen=True, eq=False)
class Network:
    """A fully connected ReLU network with an identity output, and the samples it is used on.

    Samples are rows. Lists start at 0 and the book's layers at 1: `W[0]` feeds layer 1.

    Attributes:
        name: what pictures and messages call it.
        X: inputs, shape (n, n_in).
        Y: targets, shape (n, n_out).
        W: one weight matrix a layer, each of shape (n_in, n_out).
        b: one bias a layer, each of shape (1, n_out).
    """

    name: str
    X: np.ndarray
    Y: np.ndarray
    W: tuple
    b: tuple

    @property
    def layers_dims(self):
        """Return the number of neurons of each layer, the input's first: (2, 3, 2, 1)."""
        return (self.W[0].shape[0], *(W.shape[1] for W in self.W))


WORKED = Network(
    name="WORKED",
    X=_matrix([[6.1, 8.7], [3.9, 8.7], [4.9, 5.5], [8.0, 5.5], [6.3, 3.2],
               [7.5, 6.2], [5.0, 7.7], [4.8, 5.7], [3.8, 5.4], [4.2, 4.6]]),
    Y=_matrix([[113], [90], [58], [97], [42], [89], [84], [54], [44], [39]]),
    W=(
        _matrix([[-0.08, 0.02, 0.06], [0.02, 0.08, -0.09]]),
        _matrix([[0.01, -0.01], [-0.09, 0.03], [0.07, 0.02]]),
        _matrix([[-0.05], [0.07]]),
    ),
    b=(_matrix([[0, 0, 0]]), _matrix([[0, 0]]), _matrix([[0]])),
)

PRACTICE = Network(
    name="PRACTICE",
    X=_matrix([[1, 2], [2, -1], [-1, 1.5]]),
    Y=_matrix([[1], [0.5], [-1]]),
    W=(
        _matrix([[-0.5, 0.3, 0.6], [0.5, -0.3, 0.1]]),
        _matrix([[-0.3, 0.9], [-0.2, -0.8], [0.7, -0.9]]),
        _matrix([[0.1], [-0.2]]),
    ),
    b=(_matrix([[0.4, -0.4, -0.4]]), _matrix([[0.3, 0.4]]), _matrix([[0.3]])),
)
