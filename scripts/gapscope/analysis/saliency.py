"""Saliency of the encoded columns: how strongly a network's output or loss answers to each. All are magnitudes.

dp_k/dz_j = p_k (1[j = k] - p_j)      (9)    k the winning class
dL_i/dz_j = p_j - 1[j = y_i]          (10)   loss of one row
dz_l -> dz_{l-1} as in mlp (8), and dX = dz_1 W_1^T
"""

import numpy as np

from gapscope.network.mlp import Ensemble, Network, forward, input_gradient, softmax


def winning_slopes(network: Network, X: np.ndarray, winner: np.ndarray | None = None) -> tuple[np.ndarray, ...]:
    """dp_winning/dx (n, d) for the rows of X (n, d), p_winning (n,), and the classes (n,) that win, unless given."""
    passed = forward(network, X)
    p = softmax(passed.logits)
    rows, winner = np.arange(len(X)), p.argmax(axis=1) if winner is None else winner
    dz = -p * p[rows, winner][:, None]
    dz[rows, winner] += p[rows, winner]  # (9)
    return input_gradient(network, passed, dz), p[rows, winner], winner


def winning_probability(network: Network, X: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, int]:
    """25280022's measure: mean |dp_winning/dx| (d,) over the rows of X (n, d) classified right, and their number."""
    slopes, _, winner = winning_slopes(network, X)
    right = winner == y
    return _mean_magnitude(slopes[right]), int(right.sum())


def loss(network: Network, X: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, int]:
    """25280072's measure: mean |dL_i/dx| (d,) over all rows of X (n, d), L_i row i's own loss, and their number."""
    passed = forward(network, X)
    dz = softmax(passed.logits)
    dz[np.arange(len(y)), y] -= 1.0  # (10)
    return _mean_magnitude(input_gradient(network, passed, dz)), len(y)


def mean_of_members(method: str, network: Network | Ensemble, X: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, int]:
    """What METHODS[method] gives, of an ensemble the mean over its members, and the mean number of rows they used."""
    found = [METHODS[method](member, X, y) for member in network.members]
    return np.mean([values for values, _ in found], axis=0), round(float(np.mean([rows for _, rows in found])))


METHODS = {"winning_probability": winning_probability, "loss": loss}


def _mean_magnitude(gradients: np.ndarray) -> np.ndarray:
    return np.abs(gradients).mean(axis=0) if len(gradients) else np.zeros(gradients.shape[1])
