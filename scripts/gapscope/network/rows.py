"""Rows cut for the block form: in chunks for the matrix products, in blocks for the buffers."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from gapscope.common.weights import mean
from gapscope.network.mlp import Network
from gapscope.network.row_storage import OnDisk, kept
from gapscope.network.stored import StoredRows

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
        largest = max(W.size for W in network.weights)
        if CHUNK * largest > SMALL:
            parts = 4 if CHUNK // 2 * largest > SMALL >= CHUNK // 4 * largest else 2
            return cls(CHUNK // parts, parts * BLOCK)
        widest = max((W.shape[1] for W in network.weights[:-1]), default=0)
        return cls(CHUNK, BLOCK if widest > NARROW else 2 * BLOCK)


class Rows:
    """Rows ready for the block form: X (n, d + 1) with a column of ones, weights (n,), class codes y (n,).

    `weights` are positive and sum to 1: each row's part in the mean loss. All are padded to whole chunks with rows of
    zeros, whose weight is 0 and whose code is of no class. X may be an array or lie in a file (`kept`). `counted` (n,),
    where rows count differently in accuracies: what each counts; its class's weight in the loss is no part of that.
    """

    def __init__(
        self,
        X: np.ndarray | StoredRows,
        y: np.ndarray,
        n_classes: int,
        weights: np.ndarray | None,
        dtype: type,
        chunk: int = CHUNK,
        counted: np.ndarray | None = None,
    ):
        self.n, padded, self.weighted = len(y), -(-len(y) // chunk) * chunk, weights is not None
        self.counted, self.X = counted, kept(X, padded, np.dtype(dtype))
        self.weights = np.zeros(padded, dtype)
        self.weights[: self.n] = 1.0 / self.n if weights is None else weights / weights.sum()
        self.y = np.full(padded, n_classes, np.min_scalar_type(n_classes))
        self.y[: self.n] = y
        self.codes = np.arange(n_classes, dtype=self.y.dtype)
        self.held: dict[Shape, list[tuple]] = {}

    def targets(self, y: np.ndarray, weights: np.ndarray, out: np.ndarray) -> np.ndarray:
        """One-hot classes of the codes y times the rows' weights, both of one shape: in `out` (classes, *shape)."""
        return np.multiply(self.codes.reshape(-1, *(1,) * y.ndim) == y, weights, out=out)

    def accuracy(self, wrong: np.ndarray) -> float:
        """The share of rows that are not `wrong` (padded rows,), each as it counts."""
        if self.counted is None:
            return float((self.n - np.count_nonzero(wrong)) / self.n)
        return mean(~wrong[: self.n], self.counted)

    def blocks(self, shape: Shape, *others: np.ndarray) -> Iterator[tuple[np.ndarray, ...]]:
        """Inputs (1, chunks, chunk, d + 1), targets (classes, 1, chunks, chunk), weights (1, chunks, chunk) by block.

        Then views of the `others` (networks, padded rows), cut as the weights are.
        """
        light = isinstance(self.X, np.ndarray) and len(self.codes) * self.weights.nbytes <= self.X.nbytes
        for part, *block in self._held(shape) if light else self._cut(shape):
            yield *block, *(array[:, part].reshape(len(array), -1, shape.chunk) for array in others)

    def _held(self, shape: Shape) -> list[tuple]:
        """The blocks of rows in memory, cut but once, where their targets take no more than the rows."""
        if shape not in self.held:
            self.held[shape] = list(self._cut(shape))
        return self.held[shape]

    def _cut(self, shape: Shape) -> Iterator[tuple]:
        size, dtype = shape.block * shape.chunk, self.weights.dtype
        for start in range(0, len(self.y), size):
            part, rows = slice(start, start + size), (1, -1, shape.chunk)
            x, (y, weights) = self.X[part], (array[part].reshape(rows) for array in (self.y, self.weights))
            targets = self.targets(y, weights, np.empty((len(self.codes), *y.shape), dtype))
            yield part, x.reshape(*rows, x.shape[1]), targets, weights

    def mini_batches(self, orders: np.ndarray, size: int) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """`size` rows at a time in the orders of several networks (networks, n): their numbers, and where they are.

        That is an array and the rows' places in it. From a file, as many as fill its buffer are fetched together.
        """
        at_a_time = orders.shape[1]
        if isinstance(self.X, OnDisk):
            at_a_time = max(1, self.X.at_a_time // (len(orders) * size)) * size
        for first in range(0, orders.shape[1], at_a_time):
            numbers = orders[:, first : first + at_a_time]
            X, places = self._fetched(numbers)
            for start in range(0, numbers.shape[1], size):
                part = slice(start, start + size)
                yield numbers[:, part], X, places[:, part]

    def _fetched(self, numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """An array with the rows of these numbers (networks, n), and their places in it."""
        if not isinstance(self.X, OnDisk):
            return self.X, numbers
        return self.X.take(numbers.ravel()), np.arange(numbers.size).reshape(numbers.shape)
