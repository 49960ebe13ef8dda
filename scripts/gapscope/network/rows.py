"""Rows cut for the block form: in chunks for the matrix products, in blocks for the buffers."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from gapscope.common.weights import mean
from gapscope.network.mlp import Network
from gapscope.network.row_storage import PaddedFile, padded_rows

CHUNK = 256  # rows of one matrix product
BLOCK = 6  # chunks whose activations are in memory at a time
NARROW = 16  # units of the widest hidden layer up to which twice as many chunks are faster
SMALL = 10**6  # multiplications up to which OpenBLAS has a faster way for one matrix product


@dataclass(frozen=True)
class Shape:
    """How rows are cut: `chunk` rows to a matrix product, `block` chunks to a set of buffers."""

    chunk: int = CHUNK
    block: int = BLOCK

    @classmethod
    def of_network(cls, network: Network) -> "Shape":
        """The fastest measured shape for a network of this width; its chunk divides CHUNK."""
        largest = max(W.size for W in network.weights)
        if CHUNK * largest > SMALL:
            parts = 4 if CHUNK // 2 * largest > SMALL >= CHUNK // 4 * largest else 2
            return cls(CHUNK // parts, parts * BLOCK)
        widest = max((W.shape[1] for W in network.weights[:-1]), default=0)
        return cls(CHUNK, BLOCK if widest > NARROW else 2 * BLOCK)


class Rows:
    """Rows ready for the block form, padded to whole chunks with rows of zeros of weight 0 and of no class.

    Parameters
    ----------
    X, y : inputs (n, d), an array or StoredRows, which get a column of ones, and class codes (n,).
    weights : (n,), what each row counts in the loss; None where all count alike.
    counted : (n,), what each row counts in accuracies, without the weight of its class; None where all count alike.
    """

    def __init__(self, X, y: np.ndarray, n_classes: int, weights, dtype: type, chunk: int = CHUNK, counted=None):
        self.n, padded, self.weighted = len(y), -(-len(y) // chunk) * chunk, weights is not None
        self.counted, self.X = counted, padded_rows(X, padded, np.dtype(dtype))
        self.weights = np.zeros(padded, dtype)  # they sum to 1: each row's share of the mean loss
        self.weights[: self.n] = 1.0 / self.n if weights is None else weights / weights.sum()
        self.y = np.full(padded, n_classes, np.min_scalar_type(n_classes))
        self.y[: self.n] = y
        self.codes = np.arange(n_classes, dtype=self.y.dtype)
        self.held: dict[Shape, list[tuple]] = {}

    def targets(self, y: np.ndarray, weights: np.ndarray, out: np.ndarray) -> np.ndarray:
        """One-hot classes of the codes y times the rows' weights, both of one shape, in `out` (classes, *shape)."""
        return np.multiply(self.codes.reshape(-1, *(1,) * y.ndim) == y, weights, out=out)

    def accuracy(self, is_wrong: np.ndarray) -> float:
        """Share of rows that are not wrong (padded rows,), each as it counts."""
        if self.counted is None:
            return float((self.n - np.count_nonzero(is_wrong)) / self.n)
        return mean(~is_wrong[: self.n], self.counted)

    def blocks(self, shape: Shape, *others: np.ndarray) -> Iterator[tuple[np.ndarray, ...]]:
        """Inputs (1, chunks, chunk, d + 1), targets (classes, 1, chunks, chunk), weights (1, chunks, chunk) by block.

        Views of the `others` (networks, padded rows) follow, cut as the weights are. Blocks of rows in memory are
        held where their targets take no more than the rows.
        """
        light = isinstance(self.X, np.ndarray) and len(self.codes) * self.weights.nbytes <= self.X.nbytes
        if light and shape not in self.held:
            self.held[shape] = list(self._cut(shape))
        for rows, *block in self.held[shape] if light else self._cut(shape):
            yield *block, *(array[:, rows].reshape(len(array), -1, shape.chunk) for array in others)

    def _cut(self, shape: Shape) -> Iterator[tuple]:
        size, dtype, cut = shape.block * shape.chunk, self.weights.dtype, (1, -1, shape.chunk)
        for start in range(0, len(self.y), size):
            rows = slice(start, start + size)
            x, (y, weights) = self.X[rows], (array[rows].reshape(cut) for array in (self.y, self.weights))
            targets = self.targets(y, weights, np.empty((len(self.codes), *y.shape), dtype))
            yield rows, x.reshape(*cut, x.shape[1]), targets, weights

    def mini_batches(self, orders: np.ndarray, size: int) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Numbers of `size` rows at a time in the orders of several networks (networks, n), and where the rows are.

        That is an array, and the rows' places in it. From a file, as many as fill its buffer are fetched together.
        """
        on_disk, at_a_time = isinstance(self.X, PaddedFile), orders.shape[1]
        if on_disk:
            at_a_time = max(1, self.X.at_a_time // (len(orders) * size)) * size
        for first in range(0, orders.shape[1], at_a_time):
            X, numbers = self.X, orders[:, first : first + at_a_time]
            places = numbers
            if on_disk:
                X, places = self.X.take(numbers.ravel()), np.arange(numbers.size).reshape(numbers.shape)
            for start in range(0, numbers.shape[1], size):
                batch = slice(start, start + size)
                yield numbers[:, batch], X, places[:, batch]
