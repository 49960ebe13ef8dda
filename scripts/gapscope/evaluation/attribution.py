"""Importance from derivatives: of encoded columns (9, 10) and of original features (11, 12).

Class k wins at a row, p = p_k is its probability, L_i the loss of row i:

winning_probability:   dp_k/dz_j = p_k (1[j = k] - p_j), on rows classified right (25280022's measure)    (9)
loss:                  dL_i/dz_j = p_j - 1[j = y_i], on all rows (25280072's measure)                     (10)
gradient:              sqrt(g^T C g), g = dp/dx by the feature's columns, C their covariance in training  (11)
integrated gradients:  sum_j (x_j - x'_j) int_0^1 dp/dx_j(x' + t (x - x')) dt over the feature's columns  (12)

From dz, input gradients follow as in mlp (8), with dX = dz_1 W_1^T.

(11) is the standard deviation of p, to first order, when the feature alone takes the values that it has in training.
For a plain number it is |dp/dx| sd(x). For one-hot columns with shares q it is the root of the mean square, weighted by
q, of the slopes less their weighted mean: such columns sum to 1, so a slope that all of them share has no effect. Sines
and cosines of one number are columns of that number. The derivative by a number before its transform is no such
measure: the slope of a logarithm near 0, times the wide deviation of a long tail, overrates the number.
(12): Sundararajan, Taly, Yan (2017). Summed over the features it is p(x) - p(x').
"""

from dataclasses import dataclass

import numpy as np

from gapscope.network.mlp import Ensemble, Network, forward, input_gradient, softmax
from gapscope.network.row_storage import StoredRows, pieces


def winning_gradient(network: Network, X: np.ndarray, winner: np.ndarray | None = None) -> tuple[np.ndarray, ...]:
    """dp/dx (n, d) at the rows of X (n, d), p (n,), and the winning class k (n,), which is `winner` if given."""
    passed = forward(network, X)
    p = softmax(passed.logits)
    rows, winner = np.arange(len(X)), p.argmax(axis=1) if winner is None else winner
    dz = -p * p[rows, winner][:, None]
    dz[rows, winner] += p[rows, winner]  # (9)
    return input_gradient(network, passed, dz), p[rows, winner], winner


def _winning_probability(network: Network, X: np.ndarray, y: np.ndarray) -> np.ndarray:
    slopes, _, winner = winning_gradient(network, X)
    return slopes[winner == y]


def _loss(network: Network, X: np.ndarray, y: np.ndarray) -> np.ndarray:
    passed = forward(network, X)
    dz = softmax(passed.logits)
    dz[np.arange(len(y)), y] -= 1.0  # (10)
    return input_gradient(network, passed, dz)


COLUMN_METHODS = {"winning_probability": _winning_probability, "loss": _loss}


def column_saliency(
    method: str, network: Network | Ensemble, X: np.ndarray | StoredRows, y: np.ndarray
) -> tuple[np.ndarray, int]:
    """Mean absolute input gradient (d,) over the rows that one of COLUMN_METHODS uses, and the number of these rows.

    Both are means over the members of an ensemble.
    """
    magnitudes, rows = zip(*(_mean_magnitude(method, member, X, y) for member in network.members))
    return np.mean(magnitudes, axis=0), round(float(np.mean(rows)))


def _mean_magnitude(method: str, network: Network, X: np.ndarray | StoredRows, y: np.ndarray) -> tuple[np.ndarray, int]:
    total, number = np.zeros(X.shape[1]), 0
    for rows, x in pieces(X):
        gradients = COLUMN_METHODS[method](network, x, y[rows])
        total, number = total + np.abs(gradients).sum(axis=0), number + len(gradients)
    return total / max(number, 1), number


def covariances(X: np.ndarray | StoredRows, groups: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Covariance matrix of each feature's columns, whose places `groups` holds, over the rows X (n, d); ddof is 0."""
    means = {feature: np.zeros(len(places)) for feature, places in groups.items()}
    products = {feature: np.zeros((len(places), len(places))) for feature, places in groups.items()}
    for _, x in pieces(X):
        for feature, places in groups.items():
            means[feature] += x[:, places].T.sum(axis=1) / len(X)
    for _, x in pieces(X):
        for feature, places in groups.items():
            centred = x[:, places].T - means[feature][:, None]
            products[feature] += centred @ centred.T
    return {feature: product * (1.0 / len(X)) for feature, product in products.items()}


def gradient(
    network: Network, X: np.ndarray, groups: dict[str, np.ndarray], spread: dict[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """Magnitude (11) of each feature (n,) at the rows of X (n, d); `spread` are the `covariances` in training."""
    slopes, magnitudes = winning_gradient(network, X)[0], {}
    for feature, places in groups.items():
        g = slopes[:, places]
        magnitudes[feature] = np.sqrt(np.maximum((g @ spread[feature] * g).sum(axis=1), 0.0))  # (11)
    return magnitudes


@dataclass(frozen=True)
class IntegratedGradients:
    """Signed attributions (n, d) of rows to columns, and what they should sum to: p(x) - p(x'), (n,)."""

    attributions: np.ndarray
    differences: np.ndarray

    @property
    def errors(self) -> np.ndarray:
        """Distance (n,) of each row's sum from what it should be; the numeric integral makes it differ from 0."""
        return np.abs(self.attributions.sum(axis=1) - self.differences)

    def by_feature(self, groups: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Signed attribution (n,) to each original feature: the sum over its columns."""
        return {feature: self.attributions[:, places].sum(axis=1) for feature, places in groups.items()}


def integrated_gradients(network: Network, X: np.ndarray, baseline: np.ndarray, steps: int) -> IntegratedGradients:
    """Integrated gradients (12) of p at the rows of X (n, d), from `baseline` x' (d,), scaled as X is.

    The integral is the midpoint rule over `steps` intervals, which copes with the kinks of ReLU.
    """
    _, p, winner = winning_gradient(network, X)
    total = np.zeros_like(X)
    for t in (np.arange(steps) + 0.5) / steps:
        total += winning_gradient(network, baseline + t * (X - baseline), winner)[0]
    at_baseline = winning_gradient(network, np.broadcast_to(baseline, X.shape), winner)[1]
    return IntegratedGradients((X - baseline) * total / steps, p - at_baseline)  # (12)
