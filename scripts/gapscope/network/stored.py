"""Rows of an encoded matrix on disk, as the networks are fed: read when they are asked for, and scaled."""

from collections.abc import Iterator

import numpy as np

from gapscope.network.matrix_file import MatrixFile

COLUMNS = 2**28  # bytes of whole columns that are held at a time
PIECE = 65536  # rows that are looked at together, where each counts alone


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
        self.path, self.file = path, MatrixFile.of(path)
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
            raise TypeError(f"stored rows are taken by a slice or by an array of numbers, not by {wanted!r}.")
        X = np.empty((*n, len(self.places)))
        self.read(wanted, X)
        return X

    def __array__(self, *_, **__):
        raise TypeError("stored rows are no array: take X[:], which holds all of them in memory, or blocks of them.")

    def read(self, wanted: slice | np.ndarray, X: np.ndarray) -> None:
        """`self[wanted]` into X (rows, d), whose type may be another."""
        for places, found in self.file.fetched(self.rows[wanted]):
            if self.mean is not None:
                found -= self.mean
                found /= self.deviation
            X[places] = found[:, self.places]

    def neighbours(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """All rows, PIECE at a time that lie near each other in the file: their places, in order, and the rows.

        Where rows count one by one this is as good as their own order, and reads the file once.
        """
        order = np.argsort(self.rows)
        for start in range(0, len(self), PIECE):
            places = np.sort(order[start : start + PIECE])
            yield places, self[places]

    def columns(self, places: np.ndarray) -> Iterator[np.ndarray]:
        """Whole columns (n,), one after the other, of which few are held at a time."""
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
    """X (n, d) a piece at a time, for what counts row by row: the rows' places, and the rows."""
    if isinstance(X, StoredRows):
        yield from X.neighbours()
        return
    for start in range(0, len(X), PIECE):
        rows = slice(start, start + PIECE)
        yield rows, X[rows]
