"""What networks say of all rows of a part, which they are shown a piece at a time."""

import numpy as np

from gapscope.network.mlp import Ensemble, Network, predict, probabilities
from gapscope.network.stored import StoredRows, pieces


def classes(network: Network | Ensemble, X: np.ndarray | StoredRows) -> np.ndarray:
    """The class of each row of X (n, d), as `mlp.predict` gives it: (n,)."""
    codes = np.empty(len(X), np.int32)
    for rows, x in pieces(X):
        codes[rows] = predict(network, x)
    return codes


def classified(network: Network | Ensemble, X: np.ndarray | StoredRows, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The likeliest class of each row of X (n, d), and the probability of its own y: both (n,)."""
    codes, own = np.empty(len(y), np.int32), np.empty(len(y))
    for rows, x in pieces(X):
        p = probabilities(network, x)
        codes[rows] = p.argmax(axis=1)
        own[rows] = p[np.arange(len(p)), y[rows]]
    return codes, own
