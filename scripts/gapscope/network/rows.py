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

    @classmethod
    def of_batch(cls, size: int) -> "Shape":
        """One block for a whole mini-batch, or the default where it is too large for that."""
        chunk = min(CHUNK, size)
        return cls(chunk, min(BLOCK, -(-size // chunk)))


class Rows:
    """Rows ready for the block form: X (n, d + 1) with a column of ones, weights (n,), targets (classes, n).

    `weights` are positive and sum to 1: each row's part in the mean loss. `targets` are the one-hot classes
    times them. All are padded with rows of zeros to whole chunks.
    """

    def __init__(
        self, X: np.ndarray, y: np.ndarray, n_classes: int, weights: np.ndarray | None, dtype: type, chunk: int = CHUNK
    ):
        self.n, padded = len(y), -(-len(y) // chunk) * chunk
        self.X = np.zeros((padded, X.shape[1] + 1), dtype)
        self.X[: self.n, :-1] = X
        self.X[: self.n, -1] = 1.0
        self.weights = np.zeros(padded, dtype)
        self.weights[: self.n] = 1.0 / self.n if weights is None else weights / weights.sum()
        self.targets = np.zeros((n_classes, padded), dtype)
        self.targets[y, np.arange(self.n)] = self.weights[: self.n]

    def blocks(self, shape: Shape) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Views (chunks, chunk, d + 1), (chunks, classes, chunk), (chunks, 1, chunk), block by block."""
        (n_classes, padded), chunk, size = self.targets.shape, shape.chunk, shape.block * shape.chunk
        for start in range(0, padded, size):
            part = slice(start, start + size)
            targets = self.targets[:, part].reshape(n_classes, -1, chunk).transpose(1, 0, 2)
            x, weights = self.X[part], self.weights[part]
            yield x.reshape(-1, chunk, x.shape[1]), targets, weights.reshape(-1, 1, chunk)

    def chosen(self, rows: np.ndarray, shape: Shape) -> "Rows":
        """The rows of a mini-batch, cut to `shape`, their weights summing to 1 again."""
        batch, total = object.__new__(Rows), self.weights[rows].sum()
        index = np.resize(rows, -(-len(rows) // shape.chunk) * shape.chunk) if len(rows) % shape.chunk else rows
        batch.n, batch.X = len(rows), self.X[index]
        batch.weights, batch.targets = self.weights[index], self.targets.take(index, axis=1)
        for array in (batch.weights, batch.targets):
            array[..., batch.n :] = 0.0
            array /= total
        return batch
