"""Rows of a matrix on disk as the networks are fed: read when they are asked for, scaled, never held as a whole.

The file is mapped a stretch at a time, since pages of a map count as memory once they are touched. Rows are fetched in
the order of the file and put in the order that is asked for: a sweep over the file costs less than jumps in it.
"""

from collections.abc import Iterator

import numpy as np

STRETCH = 2**26  # bytes of the file that are mapped at a time
COLUMNS = 2**28  # bytes of whole columns that are held at a time


class StoredRows:
    """An array-like X (n, d) of float64: `X.shape`, `len(X)`, `X[slice]`, `X[numbers]`, `X[mask]` as of an array.

    Args:
        path: .npy file of a float64 matrix (N, D), C order.
        rows: which of its rows these are, in order (n,); all of them unless given.
        mean, deviation (D,): of the scaling (x - mean) / deviation; without them values are as they are stored.
        columns: places of the columns that are left, in order (d,); all of them unless given.
    """

    ndim, dtype = 2, np.dtype(np.float64)

    def __init__(
        self,
        path: str,
        rows: np.ndarray | None = None,
        mean: np.ndarray | None = None,
        deviation: np.ndarray | None = None,
        columns: list[int] | None = None,
    ):
        stored = np.load(path, mmap_mode="r", allow_pickle=False)
        if stored.dtype != self.dtype or stored.ndim != 2 or not stored.flags.c_contiguous:
            raise ValueError(f"{path}: expected float64 (N, D) in C order, got {stored.dtype} {stored.shape}.")
        self.path, self.size, self.start = path, stored.shape, stored.offset
        self.rows = np.arange(len(stored)) if rows is None else rows
        self.mean, self.deviation, self.places = mean, deviation, np.arange(stored.shape[1])[columns or slice(None)]

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.rows), len(self.places)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, wanted: slice | np.ndarray) -> np.ndarray:
        rows = self.rows[wanted]
        if np.ndim(rows) != 1:
            raise TypeError(f"stored rows are taken by a slice or by an array of numbers, not by {wanted!r}.")
        X = np.empty((len(rows), len(self.places)))
        self._fetch(rows, X)
        return X

    def __array__(self, *_, **__):
        raise TypeError("stored rows are no array: take X[:], which holds all of them in memory, or blocks of them.")

    def read(self, wanted: slice, X: np.ndarray) -> None:
        """`self[wanted]` into X (rows, d), whose type may be another."""
        self._fetch(self.rows[wanted], X)

    def blocks(self, size: int) -> Iterator[np.ndarray]:
        """All rows in order, `size` at a time."""
        for start in range(0, len(self), size):
            yield self[start : start + size]

    def columns(self, places: np.ndarray) -> Iterator[np.ndarray]:
        """Whole columns (n,), one after the other, of which few are held at a time."""
        at_a_time = max(1, COLUMNS // max(1, self.size[0] * self.dtype.itemsize))
        for start in range(0, len(places), at_a_time):
            group = self.places[places[start : start + at_a_time]]
            held = np.empty((len(group), self.size[0]))
            for first, block in self._stretches():
                held[:, first : first + len(block)] = block[:, group].T
            for place, column in zip(group, held):
                column = column[self.rows]
                yield column if self.mean is None else (column - self.mean[place]) / self.deviation[place]

    def _fetch(self, rows: np.ndarray, X: np.ndarray) -> None:
        order = np.argsort(rows)
        ordered, done = rows[order], 0
        for first, block in self._stretches(ordered):
            upto = np.searchsorted(ordered, first + len(block))
            found = block[ordered[done:upto] - first]
            if self.mean is not None:
                found -= self.mean
                found /= self.deviation
            X[order[done:upto]] = found[:, self.places]
            done = upto

    def _stretches(self, ordered: np.ndarray | None = None) -> Iterator[tuple[int, np.ndarray]]:
        """The file, or what holds the rows `ordered` by number: the first row's number, and the stretch."""
        row = self.size[1] * self.dtype.itemsize
        size = max(1, STRETCH // max(1, row))
        for first in range(0, self.size[0], size):
            length = min(size, self.size[0] - first)
            if ordered is not None and np.searchsorted(ordered, first) == np.searchsorted(ordered, first + length):
                continue
            yield first, np.memmap(self.path, self.dtype, "r", self.start + first * row, (length, self.size[1]))
