"""Loss and gradient of a network with one hidden layer on all rows at once, several times faster than network.mlp.

With few units and many rows, arrays (units, rows) let every operation run along memory, a row of ones takes each
bias into its matrix product, and a block of rows stays in the processor's cache. The equations' numbers are those
of network.mlp, the plain version that the tests hold this one to.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from gapscope.network.mlp import Network

BLOCK = 2048    # rows at a time


@dataclass(frozen=True)
class Measured:
    """Mean cross-entropy, accuracy, and the loss's derivatives by W (d, h), by U (h, classes) and by either bias.

    hidden_path (h,) comes back through the hidden layer, output_path (classes,) straight from the softmax: one
    derivative each of two biases, the two summands of one derivative of a shared bias.
    """

    loss: float
    accuracy: float
    dW: np.ndarray
    dU: np.ndarray
    hidden_path: np.ndarray
    output_path: np.ndarray

    def gradient(self, network: Network) -> list[np.ndarray]:
        """The derivatives in the order of network.parameters."""
        biases = [np.zeros_like(b) for b in network.biases]
        for place, path in zip(network.bias_of, (self.hidden_path, self.output_path)):
            biases[place] += path
        return [self.dW, self.dU, *biases]


@dataclass(frozen=True)
class BlockPass:
    """One block of rows passed forward. D and E are the layers' inputs [x 1] and [h 1], `shifted` the logits minus
    the row's largest, `sums` each row's sum of exp(shifted)."""

    D: np.ndarray         # (d + 1, rows)
    onehot: np.ndarray    # (classes, rows)
    z1: np.ndarray        # (h, rows)
    E: np.ndarray         # (h + 1, rows)
    shifted: np.ndarray   # (classes, rows)
    sums: np.ndarray      # (rows,)
    p: np.ndarray         # (classes, rows)

    @property
    def a1(self) -> np.ndarray:
        return self.E[:-1]


class FullBatch:
    """Rows X (n, d) and class codes y (n,), laid out once for many evaluations."""

    def __init__(self, X: np.ndarray, y: np.ndarray, n_classes: int):
        D, onehot = np.vstack([X.T, np.ones(len(y))]), np.eye(n_classes)[y].T
        self.rows = len(y)
        self.blocks = [(D[:, start:start + BLOCK].copy(), onehot[:, start:start + BLOCK].copy())
                       for start in range(0, len(y), BLOCK)]

    def forward(self, network: Network) -> Iterator[BlockPass]:
        """The layers' values, block by block."""
        W, U = (np.vstack([weights, network.biases[place]]).T.copy()
                for weights, place in zip(network.weights, network.bias_of))
        for D, onehot in self.blocks:
            z1 = W @ D                                      # (1)
            E = np.ones((len(z1) + 1, D.shape[1]))
            E[:-1] = network.activation.function(z1)        # (2)
            shifted = U @ E                                 # (1)
            shifted -= shifted.max(axis=0)
            p = np.exp(shifted)
            sums = p.sum(axis=0)
            p /= sums                                       # (3)
            yield BlockPass(D, onehot, z1, E, shifted, sums, p)

    def measure(self, network: Network) -> Measured:
        """Loss, accuracy and derivatives of `network`, which has one hidden layer, on these rows."""
        W, U = network.weights
        loss, right = 0.0, 0
        dW, dU = np.zeros((len(W) + 1, W.shape[1])), np.zeros((len(U) + 1, U.shape[1]))  # last row: by the bias
        for block in self.forward(network):
            loss += np.log(block.sums).sum() - np.vdot(block.onehot, block.shifted)      # (4), times n
            right += np.count_nonzero((block.shifted == 0) & (block.onehot == 1))
            dz2 = block.p - block.onehot                                                 # (5), times n
            dU += block.E @ dz2.T                                                        # (6), (7)
            dz1 = (U @ dz2) * network.activation.derivative(block.z1, block.a1)          # (8)
            dW += block.D @ dz1.T                                                        # (6), (7)
        dW, dU = dW / self.rows, dU / self.rows
        return Measured(float(loss / self.rows), right / self.rows, dW[:-1], dU[:-1], dW[-1], dU[-1])
