"""Evaluation, shift and counterfactuals: hand-worked, and against scikit-learn and scipy."""

import numpy as np
import pytest
from scipy.stats import ks_2samp

from gapscope.diagnosis.evidence import counterfactuals
from gapscope.diagnosis.evidence.bins import information
from gapscope.diagnosis.evidence.counterfactuals import Swap, donors, label_part, shapley
from gapscope.diagnosis.evidence.drift import ks_distance, stability_index
from gapscope.network import mlp
from gapscope.network.partition import Partition


@pytest.fixture
def network():
    return mlp.initial_network([3, 4], "relu", "he", np.random.default_rng(0))


@pytest.fixture
def part():
    rng = np.random.default_rng(1)
    return Partition(rng.normal(size=(400, 3)), rng.integers(4, size=400))


def test_stability_index_by_hand():
    """Shares (1/4, 3/4) and (3/4, 1/4): twice (1/2) ln 3."""
    found = stability_index(np.array([249.5, 749.5]), np.array([749.5, 249.5]))
    assert found == pytest.approx(np.log(3), rel=1e-9)


def test_information_of_a_copy_and_of_noise():
    rng = np.random.default_rng(2)
    y = rng.integers(3, size=6000)
    assert information(y, y, 3, 3, 0.95).value == pytest.approx(1.0, abs=0.001)
    noise = information(rng.integers(3, size=6000), y, 3, 3, 0.95)
    assert noise.value < 0.002 and noise.low < 0 < noise.high + 1e-3


def test_ks_distance_equals_scipy():
    rng = np.random.default_rng(3)
    a, b = rng.normal(size=200).round(1), rng.normal(0.5, size=150).round(1)
    assert ks_distance(a, b) == pytest.approx(ks_2samp(a, b).statistic, abs=1e-12)


def test_donors_share_the_class_and_are_absent_where_there_is_none():
    y, pool = np.array([0, 1, 2, 1, 0]), np.array([1, 0, 0, 1])
    chosen = donors(y, pool, np.random.default_rng(0))
    assert (pool[chosen[y < 2]] == y[y < 2]).all()
    assert chosen[2] == -1


def test_shapley_values_sum_to_the_gain_of_repairing_all(network, part):
    rng = np.random.default_rng(4)
    source = Partition(rng.normal(size=(300, 3)) + 1.0, rng.integers(4, size=300))
    swap = Swap(network, part, source, [np.array([0]), np.array([1, 2])], 3, rng)
    values = shapley(swap, rng)
    gain = swap.accuracy(frozenset([0, 1])) - swap.accuracy(frozenset())
    assert values.mean(axis=(0, 1)).sum() == pytest.approx(gain, abs=1e-12)
    alone = [swap.accuracy(frozenset([f])) - swap.accuracy(frozenset()) for f in (0, 1)]
    both = [swap.accuracy(frozenset([0, 1])) - swap.accuracy(frozenset([1 - f])) for f in (0, 1)]
    np.testing.assert_allclose(values.mean(axis=(0, 1)), [(a + b) / 2 for a, b in zip(alone, both)], atol=1e-12)


def test_sampled_shapley_values_agree_with_exact_ones(monkeypatch):
    """Eight features, within five of the stated standard errors, and what they sum to is exact."""
    net, rng = mlp.initial_network([8, 6, 3], "relu", "he", np.random.default_rng(1)), np.random.default_rng(2)
    y = rng.integers(3, size=(2, 500))
    test, source = (Partition(rng.normal(size=(500, 8)) + shift, codes) for shift, codes in zip((0, 1), y))
    swap = Swap(net, test, source, [np.array([place]) for place in range(8)], 5, rng)
    sampled = shapley(swap, rng).mean(axis=(0, 1))
    monkeypatch.setattr(counterfactuals, "EXACT_UP_TO", 8)
    np.testing.assert_allclose(sampled, shapley(swap, rng).mean(axis=(0, 1)), atol=5 * counterfactuals.STANDARD_ERROR)
    gain = swap.accuracy(frozenset(range(8))) - swap.accuracy(frozenset())
    assert sampled.sum() == pytest.approx(gain, abs=1e-12)


def test_few_donors_widen_the_interval(network):
    """400 gains are no surer than their four donors; where these make no difference, they add little."""
    rng, y = np.random.default_rng(5), np.zeros(400, int)
    rows, source = (Partition(rng.normal(size=(n, 3)), y[:n]) for n in (400, 4))
    swap = Swap(network, rows, source, [np.arange(3)], 2, rng)
    values = np.array([-1.0, 0.0, 0.0, 1.0])
    by_donor, by_row = (swap.mean(values[which], 0.95) for which in (swap.picks, rng.integers(4, size=(2, 400))))
    assert by_donor.high - by_donor.low > 1.5 and by_row.high - by_row.low < 0.6


@pytest.mark.parametrize("features", [6, 7, 10, 11, 20])
def test_the_cost_of_shapley_values_grows_with_the_features(features, monkeypatch):
    calls = []
    monkeypatch.setattr(mlp.Network, "predict", lambda network, X: calls.append(1) or (X.sum(axis=1) > 0))
    net, rng = mlp.initial_network([features, 2], "relu", "he", np.random.default_rng(1)), np.random.default_rng(2)
    part, other = (Partition(rng.normal(size=(50, features)), rng.integers(2, size=50)) for _ in range(2))
    shapley(Swap(net, part, other, [np.array([place]) for place in range(features)], 5, rng), rng)
    assert len(calls) <= 120 * features + 1


def test_label_part_by_hand():
    """Recall 1 and 0.5; shares (1/2, 1/2) in validation and (1/4, 3/4) in test: 1/4 * 1 - 1/4 * 0.5."""
    right, y = np.array([1.0, 1.0, 1.0, 0.0]), np.array([0, 0, 1, 1])
    assert label_part(right, Partition(right, y), np.array([0, 1, 1, 1]), 2, 0.95).value == pytest.approx(0.125)


def test_intervals_of_the_label_part_hold_with_few_rows_of_a_class():
    """Recalls 0.9 and 0.6; shares (0.95, 0.05) in validation and (0.5, 0.5) in test: 0.45 * 0.9 - 0.45 * 0.6."""
    rng, held = np.random.default_rng(1), 0
    for _ in range(1000):
        y, y_test = (rng.random(80) < share for share in (0.05, 0.5))
        right = (rng.random(80) < np.where(y, 0.6, 0.9)).astype(float)
        of = label_part(right, Partition(right, y.astype(int)), y_test.astype(int), 2, 0.95)
        held += of.low <= 0.135 <= of.high
    assert 930 <= held <= 970, held
