"""Measures of stored rows, read a piece at a time: equal to those of an array, bit by bit where it is one piece."""

import numpy as np
import pytest

from gapscope.evaluation.attribution import COLUMN_METHODS, column_saliency, covariances
from gapscope.evaluation.depth import sweep
from gapscope.evaluation.gradients import saturation
from gapscope.evaluation.metrics import evaluate
from gapscope.network import row_storage
from gapscope.network.mlp import initial_network
from gapscope.network.model import classes, classified
from gapscope.network.partition import Partition
from gapscope.network.row_storage import StoredRows

SWEEP = {"depths": 2, "width": 4, "rows": 50, "seeds": [1], "activations": ["tanh"], "initialisations": ["xavier"],
         "weight_scale": 0.1}  # fmt: skip
MEASURES = {
    "classes": lambda network, X, y: classes(network, X),
    "classified": lambda network, X, y: np.concatenate(classified(network, X, y)),
    "evaluate": lambda network, X, y: evaluate(network, Partition(X, y), 0.95)["log_loss"],
    "columns": lambda network, X, y: [column_saliency(method, network, X, y)[0] for method in COLUMN_METHODS],
    "saturation": lambda network, X, y: saturation(network, X, 0.9)["saturated"],
    "covariances": lambda network, X, y: covariances(X, {"all": np.arange(5)})["all"],
    "depth_sweep": lambda network, X, y: [record["errors_theory"] for record in sweep(X, y, 3, SWEEP)],
}


@pytest.mark.parametrize("measure", MEASURES.values(), ids=list(MEASURES))
def test_stored_rows_are_measured_as_an_array(measure, tmp_path, monkeypatch):
    rng = np.random.default_rng(6)
    X, y, rows = rng.normal(size=(400, 5)), rng.integers(0, 3, 321), rng.permutation(400)[:321]
    np.save(tmp_path / "X.npy", X)
    network = initial_network([5, 7, 6, 3], "relu", "he", rng).astype(np.float32)
    monkeypatch.setattr(row_storage, "STRETCH", 2000)
    expected = np.array(measure(network, X[rows], y))
    stored_rows = StoredRows(str(tmp_path / "X.npy"), rows)
    assert np.array(measure(network, stored_rows, y)).tobytes() == expected.tobytes()
    monkeypatch.setattr(row_storage, "PIECE", 50)
    np.testing.assert_allclose(measure(network, stored_rows, y), expected, rtol=1e-12)
