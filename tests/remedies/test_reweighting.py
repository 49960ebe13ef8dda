"""Oversampling, importance weights and prior correction, where the right answer is known."""

import numpy as np
import pytest
from scipy.stats import norm

from gapscope.remedies.reweighting import calibrated, density_ratio, oversampled, prior_corrected
from gapscope.remedies.trial import class_shares


def test_oversampling_makes_classes_equally_large():
    y = np.array([0] * 5 + [1] * 20 + [2] * 12 + [1] * 9)
    rows = oversampled(np.arange(37), y, np.random.default_rng(0))
    assert np.bincount(y[rows]).tolist() == [20, 20, 20]
    assert set(range(37)) <= set(rows.tolist()) and rows.max() < 37


def test_oversampling_evens_out_weights(weighted):
    rows = oversampled(weighted.training, weighted.y, np.random.default_rng(0), weighted.weights)
    assert class_shares(weighted.at(rows), 2) == pytest.approx([0.5, 0.5], abs=0.02)
    assert np.bincount(weighted.y[weighted.training])[0] < 0.4 * len(weighted.training)


def test_density_ratio_of_two_shifted_normals():
    """N(1, 1) over N(0, 1) is exp(x - 1/2)."""
    rng = np.random.default_rng(4)
    X, X_test = rng.normal(size=(8000, 1)), rng.normal(1.0, size=(4000, 1))
    ratio = density_ratio(X, X_test, rng)
    expected = norm.pdf(X[:, 0], 1.0) / norm.pdf(X[:, 0])
    near = np.abs(X[:, 0]) < 1.5
    assert np.abs(np.log(ratio[near] / expected[near])).mean() < 0.15


def test_rows_of_one_population_weigh_alike():
    """In 150 rows of ten columns a network knows its own rows by heart; held-out rows tell that nothing differs."""
    rng = np.random.default_rng(6)
    ratio = density_ratio(rng.normal(size=(150, 10)), rng.normal(size=(150, 10)), rng)
    assert 0.5 < np.median(ratio) < 2 and (ratio > 10).mean() < 0.1


def test_importance_weights_compare_populations():
    """Test rows are the training rows' population: with the weights that say so, all ratios are near 1."""
    rng = np.random.default_rng(8)
    X, X_test = rng.normal(size=(3000, 1)), rng.normal(size=(3000, 1))
    kept = rng.random(3000) < np.where(X[:, 0] > 0, 1.0, 0.3)
    weights = np.where(X[kept, 0] > 0, 1.0, 1 / 0.3)
    plain = density_ratio(X[kept], X_test, np.random.default_rng(1))
    by_weight = density_ratio(X[kept], X_test, np.random.default_rng(1), (weights, np.ones(3000)))
    above = X[kept, 0] > 0.3
    assert plain[~above].mean() > 1.5 * plain[above].mean()
    assert by_weight[~above].mean() == pytest.approx(by_weight[above].mean(), rel=0.2)


def test_correction_finds_new_class_shares():
    """Two normals with equal variances: the posterior under new shares is known."""
    rng = np.random.default_rng(5)
    y = (rng.random(20_000) < 0.2).astype(int)
    x = rng.normal(size=20_000) + 1.5 * y
    likelihood = norm.pdf(np.subtract.outer(x, [0.0, 1.5]))
    posterior = {share: likelihood * [1 - share, share] for share in (0.6, 0.2)}
    posterior = {share: p / p.sum(axis=1, keepdims=True) for share, p in posterior.items()}
    p = prior_corrected(posterior[0.6], np.array([0.4, 0.6]))
    assert p.mean(axis=0)[1] == pytest.approx(0.2, abs=0.01)
    assert np.abs(p - posterior[0.2]).max() < 0.03
    assert (p.argmax(axis=1) == y).mean() > (posterior[0.6].argmax(axis=1) == y).mean() + 0.05


def test_calibration_takes_back_what_a_network_is_too_sure_of():
    """Log-odds that are twice what they should be, and favour the first class."""
    rng = np.random.default_rng(9)
    odds = rng.normal(size=20_000) * 2
    true = 1 / (1 + np.exp(-odds))
    too_sure = 1 / (1 + np.exp(-2 * odds + 1))
    y = (rng.random(20_000) < true).astype(int)
    p = calibrated(np.column_stack([1 - too_sure, too_sure]), y)(np.column_stack([1 - too_sure, too_sure]))
    assert np.abs(p[:, 1] - true).max() < 0.03 and np.abs(too_sure - true).max() > 0.2
