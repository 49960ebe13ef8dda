"""Rows cut for the block form: in chunks for the matrix products, in blocks for the buffers."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from gapscope.network.mlp import Network

CHUNK = 256  # rows of one matrix product
BLOCK = 6  # chunks whose activations are at hand at a time
NARROW = 16  # units of the widest hidden layer up to which twice as many chunks are faster
SMALL = 10**6  # multiplications up to which OpenBLAS has a faster way for one matrix product


@dataclass(frozen=True)
class Shape:
    """How rows are cut: `chunk` rows to a matrix product, `block` chunks to a set of buffers."""

    chunk: int = CHUNK
    block: int = BLOCK

    @classmethod
    def of_network(cls, network: Network) -> "Shape":
        """The fastest that was measured, by the network's width. Its chunk divides CHUNK."""
        if CHUNK * max(W.size for W in network.weights) > SMALL:
            return cls(CHUNK // 2, 2 * BLOCK)
        widest = max((W.shape[1] for W in network.weights[:-1]), default=0)
        return cls(CHUNK, BLOCK if widest > NARROW else 2 * BLOCK)


class Rows:
    """Rows ready for the block form: X (n, d + 1) with a column of ones, weights (n,), targets (classes, n).

    `weights` are positive and sum to 1: each row's part in the mean loss. `targets` are the one-hot classes
    times them. All are padded with rows of zeros to whole chunks.
    """

    def __init__(
        self, X: np.ndarray, y: np.ndarray, n_classes: int, weights: np.ndarray | None, dtype: type, chunk: int = CHUNK
    ):
        self.n, padded, self.weighted = len(y), -(-len(y) // chunk) * chunk, weights is not None
        self.X = np.zeros((padded, X.shape[1] + 1), dtype)
        self.X[: self.n, :-1] = X[:]
        self.X[: self.n, -1] = 1.0
        self.weights = np.zeros(padded, dtype)
        self.weights[: self.n] = 1.0 / self.n if weights is None else weights / weights.sum()
        self.targets = np.zeros((n_classes, padded), dtype)
        self.targets[y, np.arange(self.n)] = self.weights[: self.n]

    def blocks(self, shape: Shape, *others: np.ndarray) -> Iterator[tuple[np.ndarray, ...]]:
        """Views (1, chunks, chunk, d + 1), (classes, 1, chunks, chunk), (1, chunks, chunk), block by block.

        Then those of the `others` (padded rows,), cut as the weights are.
        """
        size = shape.block * shape.chunk
        for start in range(0, len(self.X), size):
            part = slice(start, start + size)
            x, targets = self.X[part], self.targets[:, part]
            rows = (1, -1, shape.chunk)
            by_row = (array[part].reshape(rows) for array in (self.weights, *others))
            yield x.reshape(*rows, x.shape[1]), targets.reshape(len(targets), *rows), *by_row
