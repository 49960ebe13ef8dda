"""Rows with their classes, on which networks are trained, validated and tested; read from a stage's inputs."""

from dataclasses import dataclass, replace

import numpy as np

from gapscope.common.files import read_array, read_json
from gapscope.data.encode import Column, encoded
from gapscope.network.model import Model, test_columns
from gapscope.network.row_storage import StoredRows


@dataclass(frozen=True)
class Partition:
    """Training, validation or test rows: X (n, d) and class codes y (n,), None where the classes are not known.

    `weights` (n,): how many rows of the population each row stands for; None where all rows count alike.
    """

    X: np.ndarray | StoredRows
    y: np.ndarray | None
    weights: np.ndarray | None = None

    def at(self, rows: np.ndarray) -> "Partition":
        """These rows, in memory."""
        y, weights = (None if array is None else array[rows] for array in (self.y, self.weights))
        return Partition(self.X[rows], y, weights)


def read_partition(input, name: str, columns: list[Column] | None = None) -> Partition:
    """The rows of the split called `name`, training or validation, scaled; X stays on disk.

    With the `columns` of a model of the user's own, X is in memory and holds these instead.
    """
    rows = read_array(input[f"{name}_rows"])
    if columns:
        X = encoded_rows(input.train, rows, columns)
    else:
        scaling = read_json(input.scaling)
        X = StoredRows(input.train_X, rows, np.array(scaling["mean"]), np.array(scaling["deviation"]))
    weights = read_array(input.train_weights)[rows] if input.get("train_weights") else None
    return Partition(X, read_array(input[f"{name}_y"]), weights)


def read_test_partition(input, trained: Model, test_eval: dict) -> Partition | None:
    """The test rows as evaluation hands them to `trained`; None without a test set, y None where it has no classes."""
    if not input.get("test_X"):
        return None
    y, weights = (read_array(input[name]) if input.get(name) else None for name in ("test_y", "test_weights"))
    if trained.own_columns:
        return Partition(encoded_rows(input.test, None, trained.own_columns), y, weights)
    scaling = (trained.mean, trained.deviation) if test_eval["scaling"] == "fitted" else (None, None)
    return Partition(StoredRows(input.test_X, None, *scaling, test_columns(trained, test_eval)), y, weights)


def encoded_rows(path: str, rows: np.ndarray | None, columns: list[Column]) -> np.ndarray:
    """These columns of these rows, or of all, of a cleaned table (rows, len(columns))."""
    from gapscope.data import parquet  # here: networks do without it

    rows = np.arange(parquet.rows(path)) if rows is None else rows
    return encoded(parquet.take(path, rows, [column.feature for column in columns]), columns)


def in_memory(partition: Partition | None) -> Partition | None:
    """The partition with its X as an array."""
    return partition and replace(partition, X=partition.X[:])
