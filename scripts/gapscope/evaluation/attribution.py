"""Importance from gradients: of encoded columns (9, 10) and of original features (11, 12).

Class k is the predicted class of a row, p = p_k its probability, and L_i the loss of row i:

winning_probability:   dp_k/dz_j = p_k (1[j = k] - p_j), on correctly classified rows (the measure of 25280022)    (9)
loss:                  dL_i/dz_j = p_j - 1[j = y_i], on all rows (the measure of 25280072)                     (10)
gradient:              sqrt(g^T C g), g = dp/dx by the feature's columns, C their covariance in training  (11)
integrated gradients:  sum_j (x_j - x'_j) int_0^1 dp/dx_j(x' + t (x - x')) dt over the feature's columns  (12)

Input gradients follow from dz by equation (8) of `mlp`, with dX = dz_1 W_1^T.

(11) approximates, to first order, the standard deviation of p if only this feature varies, as it does in the training
rows. For a number it is |dp/dx| sd(x). For one-hot columns with shares q it is the standard deviation of the slopes,
weighted by q: these columns sum to 1, so a slope that they all share has no effect. The sine and cosine columns of a
number are treated together. Derivatives with respect to a number before its transform would be misleading: the steep
logarithm near 0, times the large deviation of a long tail, overrates the number.
(12) is from Sundararajan, Taly, Yan (2017). Its sum over the features is p(x) - p(x').
"""

import numpy as np

from gapscope.network.mlp import Ensemble, Network, forward, input_gradient, softmax
from gapscope.network.row_storage import StoredRows, pieces


def winning_gradient(network: Network, X: np.ndarray, winner: np.ndarray | None = None) -> tuple[np.ndarray, ...]:
    """Gradient dp/dx (n, d) for rows X (n, d), p (n,), and class k (n,): the predicted class, or `winner` if given."""
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
    """Mean absolute input gradient (d,) by one of COLUMN_METHODS, and the number of rows used.

    For an ensemble, both are means over its members.
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
    """Covariance matrix (ddof=0) of each feature's columns in X (n, d); `groups` has the column numbers by feature."""
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
    """Importance (11) of each feature (n,) for rows X (n, d); `spread` are the `covariances` of the training rows."""
    slopes, magnitudes = winning_gradient(network, X)[0], {}
    for feature, places in groups.items():
        g = slopes[:, places]
        magnitudes[feature] = np.sqrt(np.maximum((g @ spread[feature] * g).sum(axis=1), 0.0))  # (11)
    return magnitudes


def integrated_gradients(network: Network, X: np.ndarray, baseline: np.ndarray, steps: int) -> tuple[np.ndarray, ...]:
    """Integrated gradients (12) of p for rows X (n, d), from `baseline` x' (d,), which is scaled like X.

    Integrates by the midpoint rule with `steps` intervals, which works with the kinks of ReLU. Returns signed
    attributions (n, d), and the differences p(x) - p(x') (n,) that each row should sum to.
    """
    _, p, winner = winning_gradient(network, X)
    total = np.zeros_like(X)
    for t in (np.arange(steps) + 0.5) / steps:
        total += winning_gradient(network, baseline + t * (X - baseline), winner)[0]
    at_baseline = winning_gradient(network, np.broadcast_to(baseline, X.shape), winner)[1]
    return (X - baseline) * total / steps, p - at_baseline  # (12)
