"""The rows of a stage's inputs, as the networks are fed."""

from dataclasses import replace

import numpy as np

from gapscope.common.files import read_array, read_json
from gapscope.network.model import Model, test_columns
from gapscope.network.part import Part
from gapscope.network.stored import StoredRows


def part(input, name: str) -> Part:
    """The training or the validation part."""
    scaling, rows = read_json(input.scaling), read_array(input[f"{name}_rows"])
    X = StoredRows(input.train_X, rows, np.array(scaling["mean"]), np.array(scaling["deviation"]))
    weights = read_array(input.train_weights)[rows] if input.get("train_weights") else None
    return Part(X, read_array(input[f"{name}_y"]), weights)


def part_of_test(input, trained: Model, test_eval: dict) -> Part | None:
    """The test rows as evaluation hands them to `trained`: None without a test set, classes None where not known."""
    if not input.get("test_X"):
        return None
    scaling = (trained.mean, trained.deviation) if test_eval["scaling"] == "fitted" else (None, None)
    X = StoredRows(input.test_X, None, *scaling, test_columns(trained, test_eval))
    y, weights = (read_array(input[name]) if input.get(name) else None for name in ("test_y", "test_weights"))
    return Part(X, y, weights)


def in_memory(part: Part | None) -> Part | None:
    """The part with its rows as an array."""
    return part and replace(part, X=part.X[:])
