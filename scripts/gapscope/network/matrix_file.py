"""A matrix in a file, of which a stretch at a time is in memory.

The file is mapped stretch by stretch, since pages of a map count as memory once they are touched. Rows are fetched in
the order of the file and put in the order that is asked for: one sweep over the file costs less than jumps in it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np

STRETCH = 2**25  # bytes of the file that are mapped at a time


@dataclass(frozen=True)
class MatrixFile:
    """A matrix of `shape` (N, D) in C order, which begins `start` bytes into the file."""

    file: str | BinaryIO
    dtype: np.dtype
    shape: tuple[int, int]
    start: int = 0

    @classmethod
    def of(cls, path: str) -> "MatrixFile":
        """That of a .npy file."""
        stored = np.load(path, mmap_mode="r", allow_pickle=False)
        if stored.ndim != 2 or not stored.flags.c_contiguous:
            raise ValueError(f"{path}: expected a matrix in C order, got shape {stored.shape}.")
        return cls(path, stored.dtype, stored.shape, stored.offset)

    def stretches(self, ordered: np.ndarray | None = None) -> Iterator[tuple[int, np.ndarray]]:
        """The whole file, or what holds the rows `ordered` by number: the first row's number, and the stretch."""
        row = self.shape[1] * self.dtype.itemsize
        size = max(1, STRETCH // max(1, row))
        for first in range(0, self.shape[0], size):
            n = min(size, self.shape[0] - first)
            if ordered is None or np.searchsorted(ordered, first) < np.searchsorted(ordered, first + n):
                yield first, np.memmap(self.file, self.dtype, "r", self.start + first * row, (n, self.shape[1]))

    def fetched(self, rows: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """The rows of these numbers (n,), as they come in the file: places in `rows`, and copies of the rows there."""
        order = np.argsort(rows)
        ordered, done = rows[order], 0
        for first, stretch in self.stretches(ordered):
            upto = np.searchsorted(ordered, first + len(stretch))
            yield order[done:upto], stretch[ordered[done:upto] - first]
            done = upto
