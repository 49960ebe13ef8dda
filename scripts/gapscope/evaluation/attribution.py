"""Attribution to original features: what the winning probability p owes to each, through the feature's own columns.

gradient:              sqrt(g^T C g), g = dp/dx by the feature's columns, C their covariance in training        (11)
integrated gradients:  sum_j (x_j - x'_j) int_0^1 dp/dx_j(x' + t (x - x')) dt over the feature's columns j      (12)

(11) is the standard deviation of p, to first order, when the feature alone takes the values that it has in training.
It is |dp/dx| sd(x) for a plain number. For one-hot columns with shares q it is the root of the mean square, weighted
by q, of the slopes less their weighted mean: such columns sum to 1, and a slope that all share can move nothing. Sines
and cosines of one number count as that number. The derivative by a number before its transform is no such measure: the
slope of a logarithm near 0, times a deviation that a long tail makes wide, overrates the number.
(12): Sundararajan, Taly, Yan (2017). Over the features it sums to p(x) - p(x').
"""

from dataclasses import dataclass

import numpy as np

from gapscope.evaluation.saliency import winning_slopes
from gapscope.network.mlp import Network
from gapscope.network.stored import StoredRows, pieces


@dataclass(frozen=True)
class Spread:
    """Where a feature's columns stand, and their covariances C."""

    places: np.ndarray
    covariance: np.ndarray


def covariances(X: np.ndarray | StoredRows, groups: dict[str, np.ndarray]) -> dict[str, Spread]:
    """Those of each original feature's columns over the rows X (n, d), as np.cov with ddof=0 takes them."""
    means = {feature: np.zeros(len(places)) for feature, places in groups.items()}
    products = {feature: np.zeros((len(places), len(places))) for feature, places in groups.items()}
    for _, x in pieces(X):
        for feature, places in groups.items():
            means[feature] += x[:, places].T.sum(axis=1) / len(X)
    for _, x in pieces(X):
        for feature, places in groups.items():
            off = x[:, places].T - means[feature][:, None]
            products[feature] += off @ off.T
    return {feature: Spread(places, products[feature] * (1.0 / len(X))) for feature, places in groups.items()}


def gradient(network: Network, X: np.ndarray, spread: dict[str, Spread]) -> dict[str, np.ndarray]:
    """Per original feature the magnitude (n,) for each row of X (n, d); `spread` as training rows have it."""
    slopes, found = winning_slopes(network, X)[0], {}
    for feature, its in spread.items():
        own = slopes[:, its.places]
        found[feature] = np.sqrt(np.maximum((own @ its.covariance * own).sum(axis=1), 0.0))  # (11)
    return found


@dataclass(frozen=True)
class Integrated:
    """Signed attributions (n, d) of rows to columns, and what they should sum to: p(x) - p(x'), (n,)."""

    attributions: np.ndarray
    differences: np.ndarray

    @property
    def errors(self) -> np.ndarray:
        """By how much each row's attributions miss their sum: 0 but for the numeric integral. (n,)"""
        return np.abs(self.attributions.sum(axis=1) - self.differences)

    def by_feature(self, groups: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Signed attribution of each row to each original feature: the sum over its columns."""
        return {feature: self.attributions[:, places].sum(axis=1) for feature, places in groups.items()}


def integrated_gradients(network: Network, X: np.ndarray, baseline: np.ndarray, steps: int) -> Integrated:
    """Of the probability of the class that wins at each row of X (n, d), from `baseline` x' (d,), scaled as X is.

    The integral is the midpoint rule over `steps` stretches, which bears the kinks of ReLU.
    """
    _, p, winner = winning_slopes(network, X)
    total = np.zeros_like(X)
    for t in (np.arange(steps) + 0.5) / steps:
        total += winning_slopes(network, baseline + t * (X - baseline), winner)[0]
    at_baseline = winning_slopes(network, np.broadcast_to(baseline, X.shape), winner)[1]
    return Integrated((X - baseline) * total / steps, p - at_baseline)  # (12)
