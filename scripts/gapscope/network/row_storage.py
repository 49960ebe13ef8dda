"""Where training keeps its rows, in its own type and order: in memory, or in a file where they would fill that.

Both hold the same bits. The file has no name: it lies beside the matrix that it comes from and goes with the process.
"""

import os
import tempfile

import numpy as np

from gapscope.network.matrix_file import MatrixFile
from gapscope.network.stored import StoredRows

HELD = 2**28  # bytes of a part up to which its rows are kept in memory
FETCHED = 2**27  # bytes of rows that are fetched from the file at a time


def kept(X: np.ndarray | StoredRows, n: int, dtype: np.dtype) -> "np.ndarray | OnDisk":
    """X (rows, d) with a column of ones, and rows of zeros after it: (n, d + 1). An array is always kept in memory."""
    shape = n, X.shape[1] + 1
    if isinstance(X, StoredRows) and n * shape[1] * dtype.itemsize > HELD:
        return OnDisk(X, shape, dtype)
    return _filled(X, 0, np.zeros(shape, dtype))


def _filled(X: np.ndarray | StoredRows, first: int, rows: np.ndarray) -> np.ndarray:
    """`rows`, all zeros, filled from row `first` of X on as far as that goes."""
    part = slice(first, min(first + len(rows), len(X)))
    inside = rows[: part.stop - first]
    inside[:, -1] = 1.0
    if isinstance(X, StoredRows):
        X.read(part, inside[:, :-1])
    else:
        inside[:, :-1] = X[part]
    return rows


class OnDisk:
    """Rows in a file: `rows[slice]` and `rows.take(numbers)`, of which the next one overwrites what the last gave."""

    def __init__(self, X: StoredRows, shape: tuple[int, int], dtype: np.dtype):
        self.shape, self.dtype, self.row = shape, dtype, shape[1] * dtype.itemsize
        self.file = tempfile.TemporaryFile(dir=os.path.dirname(X.path), buffering=0)  # noqa: SIM115
        self.matrix, self.buffer = MatrixFile(self.file, dtype, shape), np.empty((0, shape[1]), dtype)
        self.at_a_time = max(1, FETCHED // self.row)
        for first in range(0, shape[0], self.at_a_time):
            rows = np.zeros((min(self.at_a_time, shape[0] - first), shape[1]), dtype)
            _filled(X, first, rows).tofile(self.file)

    def __getitem__(self, part: slice) -> np.ndarray:
        """Consecutive rows."""
        rows = np.empty((min(part.stop, self.shape[0]) - part.start, self.shape[1]), self.dtype)
        self.file.seek(part.start * self.row)
        self.file.readinto(memoryview(rows).cast("B"))
        return rows

    def take(self, numbers: np.ndarray) -> np.ndarray:
        if len(self.buffer) < len(numbers):
            self.buffer = np.empty((len(numbers), self.shape[1]), self.dtype)
        for places, found in self.matrix.fetched(numbers):
            self.buffer[places] = found
        return self.buffer[: len(numbers)]
