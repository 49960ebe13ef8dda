"""All values of a network with one hidden layer, as the Hessian needs them: blocks of rows, arrays (units, rows).

With few units and many rows that lets every operation run along memory, and a block stay in the processor's cache.
The equations' numbers are those of network.mlp.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from gapscope.network.mlp import Network

BLOCK = 2048    # rows at a time


@dataclass(frozen=True)
class BlockPass:
    """One block of rows passed forward. D and E are the layers' inputs [x 1] and [h 1]."""

    D: np.ndarray         # (d + 1, rows)
    onehot: np.ndarray    # (classes, rows)
    z1: np.ndarray        # (h, rows)
    E: np.ndarray         # (h + 1, rows)
    p: np.ndarray         # (classes, rows)

    @property
    def a1(self) -> np.ndarray:
        return self.E[:-1]


class FullBatch:
    """Rows X (n, d) and class codes y (n,), laid out once for many evaluations."""

    def __init__(self, X: np.ndarray, y: np.ndarray, n_classes: int):
        D, onehot = np.vstack([X.T, np.ones(len(y))]), np.eye(n_classes)[y].T
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
            logits = U @ E                                  # (1)
            p = np.exp(logits - logits.max(axis=0))
            p /= p.sum(axis=0)                              # (3)
            yield BlockPass(D, onehot, z1, E, p)
