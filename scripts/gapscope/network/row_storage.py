"""Rows of matrices on disk, read when needed: for prediction (StoredRows) and for training (Rows).

Only a part of a file is memory-mapped at a time, because the pages that were read count as memory in use. Rows are read
in the order of the file, which is faster than jumping, and returned in the order requested.
"""

import os
import tempfile
import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np

STRETCH = 2**25  # bytes of a file to map at a time
COLUMNS = 2**28  # bytes of whole columns to hold at a time
PIECE = 65536  # rows to process at a time, where rows are independent
IN_MEMORY = 2**28  # training keeps its rows in memory up to this number of bytes
FETCHED = 2**27  # bytes of training rows to read from a file at a time


@dataclass(frozen=True)
class MatrixFile:
    """A matrix of `shape` (N, D) in C order that starts at byte `start` of a file."""

    file: str | BinaryIO
    dtype: np.dtype
    shape: tuple[int, int]
    start: int = 0

    @classmethod
    def from_npy(cls, path: str) -> "MatrixFile":
        stored = np.load(path, mmap_mode="r", allow_pickle=False)
        if stored.ndim != 2 or not stored.flags.c_contiguous:
            raise ValueError(f"{path}: expected a matrix in C order, got shape {stored.shape}.")
        return cls(path, stored.dtype, stored.shape, stored.offset)

    def __getitem__(self, wanted: slice) -> np.ndarray:
        """Read consecutive rows of an open file; for few rows that is faster than mapping them."""
        rows = np.empty((min(wanted.stop, self.shape[0]) - wanted.start, self.shape[1]), self.dtype)
        self.file.seek(self.start + wanted.start * rows.strides[0])
        self.file.readinto(memoryview(rows).cast("B"))
        return rows

    def stretches(self, ordered: np.ndarray | None = None) -> Iterator[tuple[int, np.ndarray]]:
        """Yield each part of the file as (number of its first row, rows). Skip parts without any row of `ordered`."""
        row = self.shape[1] * self.dtype.itemsize
        size = max(1, STRETCH // max(1, row))
        for first in range(0, self.shape[0], size):
            n = min(size, self.shape[0] - first)
            if ordered is None or np.searchsorted(ordered, first) < np.searchsorted(ordered, first + n):
                yield first, np.memmap(self.file, self.dtype, "r", self.start + first * row, (n, self.shape[1]))

    def fetched(self, rows: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield copies of the rows with these numbers (n,) in the order of the file, as (places in `rows`, copies)."""
        order = np.argsort(rows)
        ordered, done = rows[order], 0
        for first, stretch in self.stretches(ordered):
            upto = np.searchsorted(ordered, first + len(stretch))
            yield order[done:upto], stretch[ordered[done:upto] - first]
            done = upto


class StoredRows:
    """A float64 matrix X (n, d) on disk that supports `X.shape`, `len(X)`, `X[slice]`, `X[numbers]` and `X[mask]`.

    Parameters
    ----------
    path : .npy file with a float64 matrix (N, D) in C order.
    rows : row numbers to use, in this order (n,); default: all.
    mean, deviation : scale to (x - mean) / deviation, both (D,); default: values as stored.
    columns : column numbers to use, in this order (d,); default: all.
    """

    ndim, dtype = 2, np.dtype(np.float64)

    def __init__(self, path: str, rows=None, mean=None, deviation=None, columns: list[int] | None = None):
        self.path, self.file = path, MatrixFile.from_npy(path)
        if self.file.dtype != self.dtype:
            raise ValueError(f"{path}: expected float64, got {self.file.dtype}.")
        n, d = self.file.shape
        self.rows, self.places = np.arange(n) if rows is None else rows, np.arange(d)[columns or slice(None)]
        self.mean, self.deviation = mean, deviation

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
        for places, values in self.file.fetched(self.rows[wanted]):
            if self.mean is not None:
                values -= self.mean
                values /= self.deviation
            X[places] = values[:, self.places]

    def columns(self, places: np.ndarray) -> Iterator[np.ndarray]:
        """Yield whole columns (n,), with few of them in memory at a time."""
        at_a_time = max(1, COLUMNS // max(1, self.file.shape[0] * self.dtype.itemsize))
        for start in range(0, len(places), at_a_time):
            group = self.places[places[start : start + at_a_time]]
            held = np.empty((len(group), self.file.shape[0]))
            for first, stretch in self.file.stretches():
                held[:, first : first + len(stretch)] = stretch[:, group].T
            for place, column in zip(group, held):
                column = column[self.rows]
                yield column if self.mean is None else (column - self.mean[place]) / self.deviation[place]


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

    X is an array, or a MatrixFile if an array would need too much memory. The weights sum to 1: each is the row's share
    of the mean loss. They are not all equal if `weighted`. `counted` (n,) are the row weights for accuracies, without
    class weights; None if all rows count the same.
    """

    def __init__(self, X: np.ndarray | StoredRows, y: np.ndarray, weights, dtype, counted: np.ndarray | None = None):
        shape, dtype = (len(y), X.shape[1] + 1), np.dtype(dtype)
        on_disk = isinstance(X, StoredRows) and shape[0] * shape[1] * dtype.itemsize > IN_MEMORY
        self.in_memory = not on_disk
        self.X = _on_disk(X, shape, dtype) if on_disk else _with_ones(X, slice(0, len(y)), dtype)
        self.y = y[None].astype(np.min_scalar_type(y.max(initial=0)))
        self.weighted, self.counted = weights is not None, counted
        self.weights = np.full((1, len(y)), 1.0 / len(y), dtype)
        if self.weighted:
            self.weights[...] = weights / weights.sum()

    def __len__(self) -> int:
        return self.y.shape[1]

    def fetched(self, orders: np.ndarray, size: int) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Yield rows in the order given for each network (networks, n): their numbers, an array X, their indices in X.

        If the rows are in memory, all at once; else as many mini-batches of `size` rows as fit FETCHED.
        """
        if self.in_memory:
            yield orders, self.X, orders
            return
        at_a_time = max(1, _rows_fetched(self.X) // (len(orders) * size)) * size
        X = np.empty((len(orders) * at_a_time, self.X.shape[1]), self.X.dtype)
        for first in range(0, orders.shape[1], at_a_time):
            numbers = orders[:, first : first + at_a_time]
            for places, rows in self.X.fetched(numbers.ravel()):
                X[places] = rows
            yield numbers, X, np.arange(numbers.size).reshape(numbers.shape)


class MiniBatches:
    """Reused arrays for `n` rows in mini-batches of `size` rows, with views of the blocks that `core.Core` works on."""

    def __init__(self, rows: Rows, networks: int, n: int, size: int, cut: Callable, memory_for: Callable):
        self.x = np.empty((networks, n, rows.X.shape[1]), rows.X.dtype)
        self.weights = np.empty((networks, n), rows.X.dtype)
        self.places, self.starts, self.strides = (np.empty((networks, n), np.intp) for _ in range(3))
        self.batches = [slice(start, min(start + size, n)) for start in range(0, n, size)]
        self.blocks: list[list] = [[] for _ in self.batches]
        for blocks, batch in zip(self.blocks, self.batches):
            self.weights[:, batch] = 1.0 / (batch.stop - batch.start)
            for part, shape in cut(batch.stop - batch.start):
                arrays = (self.x, self.places, self.weights, self.starts, self.strides)
                parts = (array[:, batch][:, part] for array in arrays)
                *block, first, stride = (array.reshape(networks, *shape, *array.shape[2:]) for array in parts)
                first[...], stride[...] = memory_for(*shape).starts, shape[1]
                blocks.append(block)

    def take(self, rows: Rows, numbers: np.ndarray, X: np.ndarray, places: np.ndarray) -> list[list]:
        """Blocks of each mini-batch. `numbers` (networks, n) are row numbers, `places` their indices in X."""
        X.take(places, axis=0, out=self.x, mode="clip")
        np.multiply(rows.y[0].take(numbers), self.strides, out=self.places)
        np.add(self.places, self.starts, out=self.places)
        if rows.weighted:
            rows.weights[0].take(numbers, out=self.weights, mode="clip")
            for batch in self.batches:
                self.weights[:, batch] /= self.weights[:, batch].sum(axis=1, keepdims=True)
        return self.blocks


def _with_ones(X: np.ndarray | StoredRows, wanted: slice, dtype: np.dtype) -> np.ndarray:
    """Rows of X, with a column of ones."""
    rows = np.ones((wanted.stop - wanted.start, X.shape[1] + 1), dtype)
    if isinstance(X, StoredRows):
        X.read(wanted, rows[:, :-1])
    else:
        rows[:, :-1] = X[wanted]
    return rows


def _on_disk(X: StoredRows, shape: tuple[int, int], dtype: np.dtype) -> MatrixFile:
    """Copy of stored rows, with a column of ones, in an unnamed temporary file in the folder of X's file."""
    file = tempfile.TemporaryFile(dir=os.path.dirname(X.path), buffering=0)  # noqa: SIM115
    copy = MatrixFile(file, dtype, shape)
    weakref.finalize(copy, file.close)  # without it Python may warn about an unclosed file
    at_a_time = _rows_fetched(copy)
    for first in range(0, shape[0], at_a_time):
        _with_ones(X, slice(first, min(first + at_a_time, shape[0])), dtype).tofile(file)
    return copy


def _rows_fetched(X: MatrixFile) -> int:
    return max(1, FETCHED // (X.shape[1] * X.dtype.itemsize))
