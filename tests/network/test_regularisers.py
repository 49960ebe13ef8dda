"""Dropout, noise, label smoothing, L1, schedules and early stopping in training, by hand."""

import numpy as np
import pytest
from test_training import same, trained

from gapscope.network import mlp
from gapscope.network.optimizers import Noise, noise_of
from gapscope.network.partition import Partition
from gapscope.network.training import learning_rate, train


@pytest.fixture
def part() -> Partition:
    rng = np.random.default_rng(4)
    X = rng.normal(size=(600, 5))
    return Partition(X, (X[:, 0] + 0.5 * X[:, 1] ** 2 > 0.3).astype(int) + (X[:, 2] > 1))


def test_masks_keep_the_mean_and_inputs_get_noise():
    noise = Noise(0.25, 0.5, np.random.default_rng(0))
    (mask, odd) = noise.masks([(4000, 50), (3, 5)], np.float64)
    assert set(np.unique(mask)) == {0.0, 1 / 0.75} and odd.shape == (3, 5)
    assert mask.mean() == pytest.approx(1.0, abs=0.01)
    assert (mask.mean(axis=0).std(), mask.mean(axis=1).std()) == pytest.approx(
        (np.sqrt(1 / 3 / 4000), np.sqrt(1 / 3 / 50)), rel=0.25
    )  # of independent draws
    X = np.zeros((4000, 3))
    assert noise.on_inputs(X).std() == pytest.approx(0.5, rel=0.03) and not X.any()


@pytest.mark.parametrize("dropout, used", [(0.2, 0.2), (1e-6, None), (0.999999, 1 - 1 / 65536)])
def test_dropout_is_taken_to_a_65536th(dropout, used):
    """0.2 to 3e-6; so much that nothing would be left keeps a 65,536th."""
    noise = noise_of({"dropout": dropout, "input_noise": 0.0}, 1)
    assert (noise and noise.dropout) == (used and pytest.approx(used, abs=4e-6))


@pytest.mark.parametrize("change", [{"dropout": 0.3}, {"input_noise": 0.5}])
@pytest.mark.parametrize("form", ["plain", "blocks"])
@pytest.mark.parametrize("batch_size", ["full", 64])
def test_noise_reaches_training_and_not_the_record(part, settings, change, form, batch_size):
    settings = {**settings, "form": form, "batch_size": batch_size, "iterations": 5}
    network, records = trained(part, settings, **change)
    again, _ = trained(part, settings, **change)
    without = train(part, part, 3, settings)
    assert same(network, again) and not same(network, without)
    assert records[-1]["loss"] == pytest.approx(mlp.cross_entropy(mlp.logits(network, part.X), part.y), rel=1e-10)


def test_l1_makes_weights_small_and_counts_in_the_loss(part, settings):
    settings = {**settings, "iterations": 60}
    network, records = trained(part, settings, l1=0.02)
    free = train(part, part, 3, settings)
    size = sum(np.abs(W).sum() for W in network.weights)
    assert size < 0.7 * sum(np.abs(W).sum() for W in free.weights)
    entropy = mlp.cross_entropy(mlp.logits(network, part.X), part.y)
    assert records[-1]["loss"] == pytest.approx(entropy + 0.02 * size)


@pytest.mark.parametrize("schedule, rates", [("constant", [0.3, 0.3, 0.3]), ("linear", [0.3, 0.15, 0.0]),
                                             ("cosine", [0.3, 0.15, 0.0])])  # fmt: skip
def test_schedules(schedule, rates):
    found = [learning_rate({"learning_rate": 0.3, "schedule": schedule}, progress) for progress in (0.0, 0.5, 1.0)]
    assert found == pytest.approx(rates, abs=1e-15)
    quarter = learning_rate({"learning_rate": 1.0, "schedule": "cosine"}, 0.25)
    assert quarter == pytest.approx((1 + np.sqrt(0.5)) / 2)


def test_schedule_reaches_training(part, settings):
    """A linear schedule over one full-batch iteration is the constant rate; over two, the second step is halved."""
    one = [train(part, part, 3, {**settings, "iterations": 1, "schedule": name}) for name in ("constant", "linear")]
    two = [train(part, part, 3, {**settings, "iterations": 2, "schedule": name}) for name in ("constant", "linear")]
    np.testing.assert_array_equal(one[0].weights[0], one[1].weights[0])
    steps = [after.weights[0] - before.weights[0] for before, after in zip(one, two, strict=True)]
    np.testing.assert_allclose(steps[1], 0.5 * steps[0], rtol=1e-10)


def test_early_stopping_returns_the_first_network_with_the_best_accuracy(part, settings):
    records = []
    changes = {"early_stopping": 3, "iterations": 200, "learning_rate": 3.0}
    network = train(part, Partition(part.X[:90], part.y[:90]), 3, {**settings, **changes}, records.append)
    best = max(records, key=lambda record: record["validation_accuracy"])
    assert (
        len(records) < 200 and records[-1]["iteration"] == best["iteration"] + 2
    )  # it stops before the third has a record
    expected = train(part, part, 3, {**settings, "learning_rate": 3.0, "iterations": best["iteration"]})
    assert (network.weights[0] == expected.weights[0]).all()
