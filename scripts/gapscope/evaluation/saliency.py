"""Saliency of the encoded columns: how strongly a network's output or loss answers to each. All are magnitudes.

dp_k/dz_j = p_k (1[j = k] - p_j)      (9)    k the winning class
dL_i/dz_j = p_j - 1[j = y_i]          (10)   loss of one row
dz_l -> dz_{l-1} as in mlp (8), and dX = dz_1 W_1^T
"""

import numpy as np

from gapscope.network.mlp import Ensemble, Network, forward, input_gradient, softmax
from gapscope.network.stored import StoredRows, pieces


def winning_slopes(network: Network, X: np.ndarray, winner: np.ndarray | None = None) -> tuple[np.ndarray, ...]:
    """dp_winning/dx (n, d) for the rows of X (n, d), p_winning (n,), and the classes (n,) that win, unless given."""
    passed = forward(network, X)
    p = softmax(passed.logits)
    rows, winner = np.arange(len(X)), p.argmax(axis=1) if winner is None else winner
    dz = -p * p[rows, winner][:, None]
    dz[rows, winner] += p[rows, winner]  # (9)
    return input_gradient(network, passed, dz), p[rows, winner], winner


def winning_probability(network: Network, X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """25280022's measure: dp_winning/dx (rows, d) of the rows of X (n, d) that are classified right."""
    slopes, _, winner = winning_slopes(network, X)
    return slopes[winner == y]


def loss(network: Network, X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """25280072's measure: dL_i/dx (n, d) of all rows of X (n, d), L_i row i's own loss."""
    passed = forward(network, X)
    dz = softmax(passed.logits)
    dz[np.arange(len(y)), y] -= 1.0  # (10)
    return input_gradient(network, passed, dz)


def mean_of_members(
    method: str, network: Network | Ensemble, X: np.ndarray | StoredRows, y: np.ndarray
) -> tuple[np.ndarray, int]:
    """Mean magnitude (d,) of METHODS[method] over its rows, of an ensemble the mean over its members; and the mean
    number of rows they used."""
    found = [_mean_magnitude(METHODS[method], member, X, y) for member in network.members]
    return np.mean([values for values, _ in found], axis=0), round(float(np.mean([rows for _, rows in found])))


METHODS = {"winning_probability": winning_probability, "loss": loss}


def _mean_magnitude(slopes, network: Network, X: np.ndarray | StoredRows, y: np.ndarray) -> tuple[np.ndarray, int]:
    total, number = np.zeros(X.shape[1]), 0
    for rows, x in pieces(X):
        found = slopes(network, x, y[rows])
        total, number = total + np.abs(found).sum(axis=0), number + len(found)
    return total / max(number, 1), number
