"""Both forms of a training step: the same history, whatever the update rule, the batches and the extra terms."""

from dataclasses import replace

import numpy as np
import pytest

from gapscope.network.partition import Partition
from gapscope.network.steps import row_weights
from gapscope.network.training import batch_rows, train

EXTRA = {"l1": 0.001, "l2": 0.01, "class_weights": "balanced", "label_smoothing": 0.1}
RULES = {"gradient_descent": 0.3, "momentum": 0.1, "adam": 0.01}  # and their learning rates


@pytest.fixture
def parts() -> tuple[Partition, Partition]:
    """700 and 300 rows of three classes of unequal size: three chunks, one of them not full."""
    rng = np.random.default_rng(0)
    y = rng.choice(3, 1000, p=[0.6, 0.3, 0.1])
    X = rng.normal(size=(1000, 4)) + np.eye(3, 4)[y]
    return Partition(X[:700], y[:700]), Partition(X[700:], y[700:])


def history(parts, settings, form):
    """The records, a column each, of which 2 and 4 are accuracies; and the trained network."""
    records = []
    network = train(*parts, 3, {**settings, "form": form}, records.append)
    return np.array([list(record.values()) for record in records]), network


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("batch_size", ["full", 64, 1000])
@pytest.mark.parametrize("extra", [{}, EXTRA], ids=["bare", "extra"])
def test_both_forms_train_alike(parts, settings, activation, rule, batch_size, extra):
    if extra:
        parts = [replace(part, weights=np.random.default_rng(1).uniform(1, 4, len(part.y))) for part in parts]
    settings = {**settings, "hidden": [6, 5], "activation": activation, "optimizer": rule, "iterations": 6, **extra}
    settings |= {"learning_rate": RULES[rule], "batch_size": batch_size}
    (plain, expected), (blocks, network) = (history(parts, settings, form) for form in ("plain", "blocks"))
    assert len(plain) == 7 and plain[-1, 1] < plain[0, 1]
    np.testing.assert_allclose(blocks[:, [2, 4]], plain[:, [2, 4]], rtol=1e-14)
    np.testing.assert_allclose(np.delete(blocks, [2, 4], axis=1), np.delete(plain, [2, 4], axis=1), rtol=1e-9)
    for array, theirs in zip(network.parameters, expected.parameters, strict=True):
        np.testing.assert_allclose(array, theirs, rtol=1e-8, atol=1e-11)


@pytest.mark.parametrize("y, kind, own, expected", [
    ([0, 0, 1, 0], "balanced", None, [2 / 3, 2 / 3, 2, 2 / 3]),  # 1/3, 1/3, 1, 1/3 over their mean 1/2
    ([0, 2, 2], "balanced", None, [1.5, 0.75, 0.75]),  # classes 1 and 3 have no row
    ([0, 1, 1, 1, 1], "square_root", None, [5 / 3, 5 / 6, 5 / 6, 5 / 6, 5 / 6]),  # 1 and 1/2 over their mean 3/5
    ([0, 0, 1], "balanced", [1, 3, 4], [3 / 8, 9 / 8, 12 / 8]),  # both classes weigh 4
    ([0, 0, 1], "balanced", [1, 3, 40], [3 / 8, 9 / 8, 12 / 8]),  # that of a class's rows together does not matter
    ([0, 0, 1], "none", [1, 3, 5], [1 / 3, 1, 5 / 3]),
    ([0, 0, 1], "none", [7, 7, 7], None),
])  # fmt: skip
def test_row_weights_by_hand(y, kind, own, expected):
    weights = row_weights(np.array(y), 4, kind, None if own is None else np.array(own, float))
    assert (weights is None) == (expected is None)
    assert expected is None or weights.tolist() == pytest.approx(expected)


@pytest.mark.parametrize(
    "batch_size, rows, expected",
    [("auto", 28987, 1024), ("auto", 10**6, 1024), ("auto", 2500, 100), ("auto", 142, 16), ("auto", 5, 16)]
    + [("full", 500, "full"), (64, 10**6, 64)],
)
def test_rows_of_a_mini_batch(batch_size, rows, expected):
    assert batch_rows(batch_size, rows) == expected
