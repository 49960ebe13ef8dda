"""Rows of matrices on disk, read when needed: for prediction (StoredRows) and for training (Rows).

Only a part of a file is memory-mapped at a time, because the pages that were read count as memory in use. Rows are read
in the order of the file, which is faster than jumping, and returned in the order requested.
"""

from collections.abc import Iterator
from functools import cache

import numpy as np

STRETCH = 2**25  # bytes of a file to map at a time
COLUMNS = 2**28  # bytes of whole columns to hold at a time
PIECE = 65536  # rows to process at a time, where rows are independent
IN_MEMORY = 2**28  # training keeps its rows in memory up to this number of bytes
GATHERED = 2**13  # mini-batches are gathered so many rows at a time: few NumPy calls, and the rows stay in cache
FETCHED = 2**26  # bytes of training rows to read from a file at a time


class StoredRows:
    """A float64 matrix X (n, d) on disk that supports `X.shape`, `len(X)`, `X[slice]`, `X[numbers]` and `X[mask]`.

    Parameters
    ----------
    path : .npy file with a float64 matrix (N, D) in C order.
    rows : row numbers to use, in this order (n,); default: all.
    mean, deviation : scale to (x - mean) / deviation, both (D,); default: values as stored.
    columns : column numbers to use, in this order (d,); default: all.
    """

    dtype = np.dtype(np.float64)

    def __init__(self, path: str, rows=None, mean=None, deviation=None, columns: list[int] | None = None):
        stored = np.load(path, mmap_mode="r", allow_pickle=False)
        if stored.dtype != self.dtype or stored.ndim != 2 or not stored.flags.c_contiguous:
            raise ValueError(f"{path}: expected a float64 matrix in C order, got {stored.dtype} of {stored.shape}.")
        self.path, self.stored, self.mean, self.deviation = path, stored.shape, mean, deviation
        self.rows = np.arange(len(stored)) if rows is None else rows
        self.chosen = columns or slice(None)  # a slice is not copied
        self.places = np.arange(stored.shape[1])[self.chosen]

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.rows), len(self.places)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, wanted: slice | np.ndarray) -> np.ndarray:
        n = np.shape(self.rows[wanted])
        if len(n) != 1:
            raise TypeError(f"stored rows are indexed by a slice or by an array of numbers, not by {wanted!r}.")
        X = np.empty((*n, len(self.places)))
        self.read(wanted, X)
        return X

    def __array__(self, *_, **__):
        raise TypeError("stored rows are not an array: use X[:], which reads all of them into memory, or slices of X.")

    def read(self, wanted: slice | np.ndarray, X: np.ndarray) -> None:
        """Write `self[wanted]` into X (rows, d), which may have another dtype."""
        order = np.argsort(self.rows[wanted])
        ordered = self.rows[wanted][order]
        for first, last in self._stretches():
            done, upto = np.searchsorted(ordered, [first, last])
            if done < upto:
                values = self._mapped(first, last)[ordered[done:upto] - first]
                if self.mean is not None:
                    values -= self.mean
                    values /= self.deviation
                X[order[done:upto]] = values[:, self.chosen]

    def columns(self, places: np.ndarray) -> Iterator[np.ndarray]:
        """Yield whole columns (n,), with few of them in memory at a time."""
        at_a_time = max(1, COLUMNS // max(1, self.stored[0] * self.dtype.itemsize))
        for start in range(0, len(places), at_a_time):
            group = self.places[places[start : start + at_a_time]]
            held = np.empty((len(group), self.stored[0]))
            for first, last in self._stretches():
                held[:, first:last] = self._mapped(first, last)[:, group].T
            for place, column in zip(group, held):
                column = column[self.rows]
                yield column if self.mean is None else (column - self.mean[place]) / self.deviation[place]

    def _stretches(self) -> list[tuple[int, int]]:
        """First and last row (exclusive) of each part of the file."""
        n, size = self.stored[0], max(1, STRETCH // max(1, self.stored[1] * self.dtype.itemsize))
        return [(first, min(first + size, n)) for first in range(0, n, size)]

    def _mapped(self, first: int, last: int) -> np.ndarray:
        """Consecutive rows of the file, in a mapping of their own, so that their pages are given back with it."""
        return np.load(self.path, mmap_mode="r", allow_pickle=False)[first:last]


def pieces(X: np.ndarray | StoredRows) -> Iterator[tuple[np.ndarray | slice, np.ndarray]]:
    """Yield X (n, d) in pieces, as (row indices, rows), for computations that treat each row separately.

    Rows on disk are read in the order of the file, once.
    """
    order = np.argsort(X.rows) if isinstance(X, StoredRows) else None
    for start in range(0, len(X), PIECE):
        places = slice(start, start + PIECE) if order is None else np.sort(order[start : start + PIECE])
        yield places, X[places]


class Rows:
    """Rows for the block form of training: X (n, d + 1) with a column of ones, y (1, n) and weights (1, n).

    X stays on disk if it would need too much memory. The weights sum to 1: each is the row's share of the mean loss.
    They are not all equal if `weighted`. `counted` (n,) are the row weights for accuracies, without class weights; None
    if all rows count the same.
    """

    def __init__(self, X: np.ndarray | StoredRows, y: np.ndarray, weights, dtype, counted: np.ndarray | None = None):
        self.dtype, row = np.dtype(dtype), (X.shape[1] + 1) * np.dtype(dtype).itemsize
        self.on_disk, self.at_a_time = isinstance(X, StoredRows) and len(y) * row > IN_MEMORY, max(1, FETCHED // row)
        self.X = X if self.on_disk else _with_ones(X, np.arange(len(y)), self.dtype)
        self.y = y[None].astype(np.min_scalar_type(y.max(initial=0)))
        self.weighted, self.counted = weights is not None, counted
        self.weights = np.full((1, len(y)), 1.0 / len(y), dtype)
        if self.weighted:
            self.weights[...] = weights / weights.sum()

    def __len__(self) -> int:
        return self.y.shape[1]

    def stretches(self, multiple: int) -> Iterator[tuple[slice, np.ndarray]]:
        """Yield all rows in their order: their places, and X. Stretches from disk have a `multiple` of rows."""
        size = max(1, self.at_a_time // multiple) * multiple if self.on_disk else max(1, len(self))
        for first in range(0, len(self), size):
            part = slice(first, min(first + size, len(self)))
            yield part, _with_ones(self.X, np.arange(part.start, part.stop), self.dtype) if self.on_disk else self.X

    def mini_batches(self, orders: np.ndarray, size: int) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Yield X, y and weights of several mini-batches at a time: (batches, networks or 1, rows in each, ...).

        `orders` (networks, n) are row numbers. The weights of a mini-batch sum to 1.
        """
        together = max(1, (self.at_a_time if self.on_disk else GATHERED) // (len(orders) * size)) * size
        for first in range(0, orders.shape[1], together):
            numbers = orders[:, first : first + together]
            whole = numbers.shape[1] // size * size
            for chosen in (numbers[:, :whole].reshape(len(orders), -1, size), numbers[:, None, whole:]):
                if chosen.size:
                    yield self._gathered(chosen.swapaxes(0, 1).astype(np.intp))

    def _gathered(self, chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """X, y and weights of the rows with these numbers (batches, networks, rows)."""
        if self.on_disk:
            X = _with_ones(self.X, chosen.ravel(), self.dtype).reshape(*chosen.shape, -1)
        else:
            X = self.X.take(chosen, axis=0)
        if not self.weighted:
            return X, self.y[0].take(chosen), np.full((len(chosen), 1, chosen.shape[2]), 1.0 / chosen.shape[2], X.dtype)
        weights = self.weights[0].take(chosen)
        return X, self.y[0].take(chosen), weights / weights.sum(axis=2, keepdims=True)


def _with_ones(X: np.ndarray | StoredRows, numbers: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """All rows of an array, or stored rows with these numbers (n,), with a column of ones (n, d + 1)."""
    rows = np.ones((len(numbers), X.shape[1] + 1), dtype)
    if isinstance(X, StoredRows):
        X.read(numbers, rows[:, :-1])
    else:
        rows[:, :-1] = X
    return rows


@cache
def chunk_length(n: int, fastest: int) -> int:
    """Rows per chunk of a batch of n rows: one that divides n, if it is at least half of the fastest; else that."""
    if n <= fastest:
        return max(n, 1)
    return next((n // number for number in range(-(-n // fastest), 2 * n // fastest + 1) if n % number == 0), fastest)


@cache
def cut(n: int, length: int, block: int) -> list[tuple[slice, tuple[int, int]]]:
    """The rows of each block of n rows, with (number of chunks, rows per chunk): `block` chunks of `length` rows."""
    whole = n // length
    ends = [(first, min(first + block, whole)) for first in range(0, whole, block)]
    blocks = [(slice(first * length, end * length), (end - first, length)) for first, end in ends]
    return blocks + [(slice(whole * length, n), (1, n % length))] * (n % length > 0)
