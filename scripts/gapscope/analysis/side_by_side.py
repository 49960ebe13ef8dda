"""Networks with one hidden layer on the same rows, side by side: loss, accuracy and gradient of all in one go.

They are narrow, and each on its own would leave the processor little to do in a call: here a call does a piece of the
rows, which stays in the cache, for all of them. What a network gets does not depend on the others, to the last bit.
The equations' numbers are those of `mlp`.
"""

from dataclasses import dataclass

import numpy as np

from gapscope.network.mlp import Network
from gapscope.network.stack import row_losses

PIECE = 256  # rows


@dataclass(frozen=True)
class Measured:
    """Of each network: mean cross-entropy and accuracy (networks,), and the derivatives of the loss by the weights and
    biases of the hidden layer (networks, inputs, hidden), (networks, hidden), and of the classes alike.

    A bias that is used twice has the sum of both for its derivative.
    """

    losses: np.ndarray
    accuracies: np.ndarray
    weights: tuple[np.ndarray, np.ndarray]
    biases: tuple[np.ndarray, np.ndarray]


class SideBySide:
    """`networks` of one architecture on the rows X (n, d) with class codes y (n,); their parameters may move."""

    def __init__(self, networks: list[Network], X: np.ndarray, y: np.ndarray):
        self.networks, self.n = networks, len(y)
        (n_inputs, n_hidden, n_classes), members = networks[0].units, len(networks)
        self.activation = networks[0].activation
        self.pieces = [_Piece(X, y, n_classes, slice(start, start + PIECE)) for start in range(0, self.n, PIECE)]
        self.E = np.empty((members, n_inputs + 1, n_hidden))  # weights, and the bias as those of an input that is 1
        self.U, self.b = np.empty((members, n_hidden, n_classes)), np.empty((members, n_classes, 1))
        self.hidden, self.slope, self.through = (np.empty((members, PIECE, n_hidden)) for _ in range(3))
        self.logits, self.ones = np.empty((members, n_classes, PIECE)), np.ones((1, PIECE))
        padded = len(self.pieces) * PIECE
        self.own, self.total = np.zeros((members, padded)), np.ones((members, padded))
        self.weights = np.where(np.arange(padded) < self.n, 1.0 / self.n, 0.0)

    def measure(self) -> Measured:
        for member, network in enumerate(self.networks):
            self.E[member, :-1], self.U[member] = network.weights
            self.E[member, -1], self.b[member, :, 0] = (network.biases[place] for place in network.bias_of)
        dE, dU, db = (np.zeros_like(array) for array in (self.E, self.U, self.U[:, :1]))
        right, transposed = np.zeros(len(self.networks), int), self.U.swapaxes(1, 2).copy()
        for piece in self.pieces:
            hidden, slope, through = (array[:, : piece.n] for array in (self.hidden, self.slope, self.through))
            logits = self.logits[..., : piece.n]
            np.matmul(piece.x, self.E, out=hidden)  # (1)
            self.activation.function(hidden, out=hidden)  # (2)
            np.matmul(transposed, hidden.swapaxes(1, 2), out=logits)  # (1)
            logits += self.b
            right += self._right(logits, piece)
            dz = self._loss_by_logits(logits, piece)  # (networks, rows, classes)
            dU += hidden.swapaxes(1, 2) @ dz  # (6)
            db += self.ones[:, : piece.n] @ dz  # (7)
            np.matmul(dz, transposed, out=through)
            through *= self.activation.derivative(hidden, hidden, out=slope)  # (8)
            dE += piece.x.T @ through  # (6), (7)
        losses = row_losses(self.own, self.total, self.weights).sum(axis=1)
        return Measured(losses, right / self.n, (dE[:, :-1], dU), (dE[:, -1], db[:, 0]))

    def _right(self, logits: np.ndarray, piece: "_Piece") -> np.ndarray:
        """How many rows' own class has the first of the largest logits; leaves logits less the largest, and the own."""
        logits -= np.maximum.reduce(logits, axis=1)[:, None]
        own = logits.reshape(len(logits), -1).take(piece.own, axis=1)
        np.multiply(own, self.weights[piece.rows], out=self.own[:, piece.rows])
        if np.count_nonzero(logits == 0.0) > own.size:  # rare: some row has two largest
            return (logits.argmax(axis=1) == piece.y).sum(axis=1)
        return (own == 0.0).sum(axis=1)

    def _loss_by_logits(self, logits: np.ndarray, piece: "_Piece") -> np.ndarray:
        """(3), (5), in place of the logits."""
        powers = np.exp(logits, out=logits)
        total = np.add.reduce(powers, axis=1, out=self.total[:, piece.rows])
        powers *= (self.weights[piece.rows] / total)[:, None]
        powers -= piece.targets
        return powers.swapaxes(1, 2)


class _Piece:
    """Some rows, with what stays the same in each pass."""

    def __init__(self, X: np.ndarray, y: np.ndarray, n_classes: int, rows: slice):
        x, self.y = X[rows], y[rows].astype(int)
        self.n = len(x)
        self.rows = slice(rows.start, rows.start + self.n)
        self.x = np.column_stack([x, np.ones(self.n)])
        self.own = self.y * self.n + np.arange(self.n)  # of the logits (classes, rows), flat
        self.targets = np.eye(n_classes)[:, self.y] / len(y)
