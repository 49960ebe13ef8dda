"""Rows kept in a file while a network is trained: the same network and history as with rows in memory, to the bit."""

import numpy as np
import pytest

from gapscope.network import blocks, row_storage
from gapscope.network.partition import Partition
from gapscope.network.row_storage import StoredRows
from gapscope.network.training import train_together

SETTINGS = {
    "activation": "relu", "hidden": [9, 5], "initialisation": "he", "weight_scale": 1.0, "optimizer": "adam",
    "learning_rate": 0.02, "schedule": "cosine", "momentum": 0.9, "batch_size": 50, "iterations": 3,
    "early_stopping": 0, "l1": 0.0, "l2": 0.001, "dropout": 0.0, "input_noise": 0.0, "label_smoothing": 0.0,
    "class_weights": "none", "seed": 1, "members": 1, "generator": "pcg64", "form": "blocks", "precision": "float32",
    "update_order": "after_backward", "blas_threads": 1,
}  # fmt: skip


@pytest.fixture
def parts(tmp_path):
    """(training, validation) of 2,000 rows, in memory and as rows of a file."""
    rng = np.random.default_rng(4)
    X, y, order = rng.normal(size=(2000, 6)), rng.integers(0, 3, 2000), rng.permutation(2000)
    mean, deviation = X.mean(axis=0), X.std(axis=0)
    np.save(tmp_path / "X.npy", X)
    cut = order[:1501], order[1501:]
    stored = [Partition(StoredRows(str(tmp_path / "X.npy"), rows, mean, deviation), y[rows]) for rows in cut]
    return [Partition((X[rows] - mean) / deviation, y[rows]) for rows in cut], stored


def trained(parts, **changes):
    """Bytes of the parameters, and the records, of two networks."""
    records = []
    networks = train_together(*parts, 3, {**SETTINGS, **changes}, [1, 2], lambda *record: records.append(record))
    return b"".join(array.tobytes() for network in networks for array in network.parameters), records


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"class_weights": "balanced", "batch_size": 300, "label_smoothing": 0.1},
        {"dropout": 0.2, "input_noise": 0.1, "precision": "float64", "early_stopping": 2},
        {"batch_size": "full", "optimizer": "gradient_descent"},
        {"batch_size": "full", "form": "plain"},
    ],
    ids=str,
)
@pytest.mark.parametrize("fetched", [1, 30000], ids=["a mini-batch at a time", "several at a time"])
def test_a_file_gives_the_bits_of_memory(parts, changes, fetched, monkeypatch):
    in_memory, stored = parts
    expected = trained(in_memory, **changes)
    assert trained(stored, **changes) == expected  # small enough to be held
    monkeypatch.setattr(row_storage, "IN_MEMORY", 0)
    monkeypatch.setattr(row_storage, "FETCHED", fetched)
    monkeypatch.setattr(blocks, "GATHERED", 1)
    monkeypatch.setattr(row_storage, "STRETCH", 7000)
    assert trained(stored, **changes) == expected


def test_the_file_has_no_name(parts, monkeypatch, tmp_path):
    monkeypatch.setattr(row_storage, "IN_MEMORY", 0)
    rows = row_storage.padded_rows(parts[1][0].X, 1536, np.dtype(np.float32))
    assert isinstance(rows, row_storage.PaddedFile) and [path.name for path in tmp_path.iterdir()] == ["X.npy"]
    assert (
        rows[slice(1400, 9999)].tobytes()
        == row_storage.padded_rows(parts[0][0].X, 1536, np.dtype(np.float32))[1400:].tobytes()
    )
