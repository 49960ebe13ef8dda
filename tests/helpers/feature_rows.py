"""Encoded rows of three features, and networks for them, on which measures of importance are tried."""

import numpy as np

from gapscope.network import mlp
from gapscope.network.activations import ACTIVATIONS

GROUPS = {"number": np.array([0]), "waves": np.array([1, 2, 3]), "kind": np.array([4, 5, 6])}
SHARES = np.array([0.6, 0.3, 0.1])


def rows(n, seed=0):
    """A number, three columns of another, and three one-hot columns with SHARES."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    one_hot = np.eye(3)[np.repeat(np.arange(3), np.round(SHARES * n).astype(int))][rng.permutation(n)]
    return np.column_stack([rng.normal(size=n), x, np.sin(3 * x), np.cos(3 * x), one_hot])


def network(activation="sigmoid", seed=1):
    """Three classes; weights large enough for outputs that differ."""
    return mlp.initial_network([7, 6, 5, 3], activation, "normal", np.random.default_rng(seed), 1.0)


def logistic(weights):
    """p_1 = 1 / (1 + exp(-x w)): two classes, no hidden layer."""
    W = np.column_stack([np.zeros(len(weights)), weights])
    return mlp.Network([W], [np.zeros(2)], (0,), ACTIVATIONS["relu"])
