"""Training with rows that count differently: a weight of k is k copies of the row, and equal weights are none."""

import numpy as np
import pytest

from gapscope.network.partition import Partition
from gapscope.network.training import train

COPIES = np.random.default_rng(4).integers(1, 5, size=60)


def rows(seed, n):
    rng = np.random.default_rng(seed)
    y = rng.integers(3, size=n)
    return rng.normal(size=(n, 4)) + np.eye(3, 4)[y], y


def repeated(part):
    times = part.weights.astype(int)
    return Partition(np.repeat(part.X, times, axis=0), np.repeat(part.y, times))


def recorded(parts, settings):
    found = []
    return train(*parts, 3, settings, found.append), found


@pytest.fixture
def parts():
    return Partition(*rows(1, 60), COPIES.astype(float)), Partition(*rows(2, 60), COPIES[::-1].astype(float))


@pytest.fixture
def full(settings):
    return {**settings, "hidden": [6, 5], "batch_size": "full", "precision": "float64", "iterations": 40, "l2": 0.01}


@pytest.mark.parametrize("form", ["blocks", "plain"])
@pytest.mark.parametrize("class_weights", ["none", "balanced", "square_root"])
def test_a_weight_is_so_many_copies(parts, full, form, class_weights):
    settings = {**full, "form": form, "class_weights": class_weights}
    network, found = recorded(parts, settings)
    copies, expected = recorded([repeated(part) for part in parts], settings)
    for array, own in zip(network.parameters, copies.parameters):
        np.testing.assert_allclose(array, own, rtol=1e-9, atol=1e-11)
    for record, own in zip(found, expected):
        assert record["loss"] == pytest.approx(own["loss"], rel=1e-10)
        assert record["train_accuracy"] == pytest.approx(own["train_accuracy"], abs=1e-12)
        assert record["validation_accuracy"] == pytest.approx(own["validation_accuracy"], abs=1e-12)
    plain, _ = recorded([Partition(part.X, part.y) for part in parts], settings)
    assert np.abs(plain.weights[0] - network.weights[0]).max() > 1e-3


@pytest.mark.parametrize("form", ["blocks", "plain"])
@pytest.mark.parametrize("batch_size", ["full", 16])
def test_equal_weights_are_none(parts, full, form, batch_size):
    settings = {**full, "form": form, "batch_size": batch_size, "precision": "float32", "iterations": 5}
    equal = [Partition(part.X, part.y, np.full(60, 3.0)) for part in parts]
    network, found = recorded(equal, settings)
    plain, expected = recorded([Partition(part.X, part.y) for part in parts], settings)
    assert all(np.array_equal(*pair) for pair in zip(network.parameters, plain.parameters))
    assert found == expected


def test_weights_too_far_apart_for_sums_stay_finite(full):
    """The largest ratio that is read, in mini-batches that may hold small weights alone, in single precision."""
    X, y = rows(3, 200)
    weights = np.where(np.arange(200) % 20 == 0, 1e100, 1e94)
    settings = {**full, "batch_size": 8, "precision": "float32", "iterations": 3, "class_weights": "balanced"}
    network, found = recorded([Partition(X, y, weights)] * 2, settings)
    assert all(np.isfinite(array).all() for array in network.parameters) and len(found) == 4
