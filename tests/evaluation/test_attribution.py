"""Importance from derivatives: against central differences, quadrature and values worked by hand."""

import numpy as np
import pytest
from scipy.integrate import quad

from feature_rows import GROUPS, network, rows
from gapscope.evaluation.attribution import (
    column_saliency,
    covariances,
    gradient,
    integrated_gradients,
    winning_gradient,
)


def p_of(net, x, winner):
    return net.probabilities(x[None])[0, winner]


def attribution(net, X, training):
    return gradient(net, X, GROUPS, covariances(training, GROUPS))


def test_column_saliency_is_that_of_central_differences():
    net, X, each = network(), rows(60), np.arange(60)
    y, winner = np.random.default_rng(0).integers(3, size=60), net.predict(X)
    right, p, losses = winner == y, [], []
    for h in 1e-6 * np.eye(7):
        ahead, back = (net.probabilities(end) for end in (X + h, X - h))
        p.append(np.abs((ahead - back)[each, winner] / 2e-6))
        losses.append(np.abs(np.log(ahead / back)[each, y] / 2e-6))
    importance, number = column_saliency("winning_probability", net, X, y)
    assert number == right.sum() and importance == pytest.approx(np.mean(np.array(p)[:, right], axis=1), rel=1e-6)
    importance, number = column_saliency("loss", net, X, y)
    assert number == 60 and importance == pytest.approx(np.mean(losses, axis=1), rel=1e-6)


@pytest.mark.parametrize("activation", ["sigmoid", "relu", "gelu"])
def test_gradient_is_the_deviation_of_a_first_order_change(activation):
    """Central differences along each training row's own columns of the feature, then their standard deviation."""
    net, training, X = network(activation), rows(200, 1), rows(20)[:4]
    magnitudes = attribution(net, X, training)
    winner, h = net.predict(X), 1e-6
    for feature, places in GROUPS.items():
        for row, x in enumerate(X):
            changes = []
            for donor in training:
                along = np.zeros(7)
                along[places] = donor[places] - x[places]
                ahead, back = p_of(net, x + h * along, winner[row]), p_of(net, x - h * along, winner[row])
                changes.append((ahead - back) / (2 * h))
            assert magnitudes[feature][row] == pytest.approx(np.std(changes), rel=1e-5)


def test_a_slope_that_all_levels_share_has_no_effect():
    """With 10 more for each level and 10 less in the bias the network is the same; columns' magnitudes are not."""
    net, training = network(), rows(500)
    same = net.copy()
    same.weights[0][4:] += 10.0
    same.biases[0] -= 10.0
    assert same.probabilities(training) == pytest.approx(net.probabilities(training))
    before, after = (attribution(each, training[:50], training) for each in (net, same))
    for feature in GROUPS:
        assert after[feature] == pytest.approx(before[feature], rel=1e-7, abs=1e-12)
    columns = [np.abs(winning_gradient(each, training[:50])[0][:, 4:]).mean() for each in (net, same)]
    assert columns[1] > 5 * columns[0]


def test_covariances_are_numpys():
    training = rows(501)
    for feature, covariance in covariances(training, GROUPS).items():
        expected = np.cov(training[:, GROUPS[feature]], rowvar=False, ddof=0)
        assert covariance.tobytes() == expected.tobytes()


@pytest.mark.parametrize("activation, steps, most", [("sigmoid", 64, 1e-4), ("gelu", 64, 1e-3), ("relu", 4096, 1e-3)])
def test_integrated_gradients_equal_quadrature_and_sum_to_the_difference_of_outputs(activation, steps, most):
    net, X = network(activation), rows(100)
    baseline, winner = X.mean(axis=0), net.predict(X)
    attributions, differences = integrated_gradients(net, X, baseline, steps)
    outputs = [p_of(net, x, k) - p_of(net, baseline, k) for x, k in zip(X, winner)]
    assert differences == pytest.approx(outputs) and np.abs(outputs).max() > 0.04
    assert attributions.sum(axis=1) == pytest.approx(differences, abs=most)

    def slope(t, row, places):
        along = X[row] - baseline
        return (winning_gradient(net, baseline + t * along[None], winner[[row]])[0][0] * along)[places].sum()

    for places in GROUPS.values():
        for row in range(2):
            integral = quad(slope, 0, 1, (row, places), limit=200)[0]
            assert attributions[row, places].sum() == pytest.approx(integral, abs=most)
