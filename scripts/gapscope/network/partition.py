"""Training, validation and test rows with their classes, read from the input files of a stage."""

from dataclasses import dataclass

import numpy as np

from gapscope.common.files import read_array, read_json
from gapscope.network.classifier import Classifier
from gapscope.network.model import Model, test_columns
from gapscope.network.row_storage import StoredRows


@dataclass(frozen=True)
class Partition:
    """Training, validation or test rows."""

    X: np.ndarray | StoredRows  # features (n, d)
    y: np.ndarray | None  # class codes (n,); None if the classes are unknown
    weights: np.ndarray | None = None  # rows of the population that each represents (n,); None: all count the same

    def at(self, rows: np.ndarray | slice) -> "Partition":
        """The given rows, in memory."""
        y, weights = (None if array is None else array[rows] for array in (self.y, self.weights))
        return Partition(self.X[rows], y, weights)


def read_partition(input, name: str, own: Classifier | None = None) -> Partition:
    """Scaled rows of the `name` part of the split (training or validation); X stays on disk.

    For the user's `own` model, X has its inputs instead, in memory.
    """
    rows = read_array(input[f"{name}_rows"])
    if own:
        X = own.inputs(input.train, rows, of_test=False)
    else:
        scaling = read_json(input.scaling)
        X = StoredRows(input.train_X, rows, np.array(scaling["mean"]), np.array(scaling["deviation"]))
    weights = read_array(input.train_weights)[rows] if input.get("train_weights") else None
    return Partition(X, read_array(input[f"{name}_y"]), weights)


def read_test_partition(input, trained: Model, test_eval: dict) -> Partition | None:
    """Test rows prepared for the model `trained`; None without a test set."""
    if not input.get("test_X"):
        return None
    y, weights = (read_array(input[name]) if input.get(name) else None for name in ("test_y", "test_weights"))
    if trained.own:
        return Partition(trained.own.inputs(input.test, None, of_test=True), y, weights)
    scaling = (trained.mean, trained.deviation) if test_eval["scaling"] == "fitted" else (None, None)
    return Partition(StoredRows(input.test_X, None, *scaling, test_columns(trained, test_eval)), y, weights)
