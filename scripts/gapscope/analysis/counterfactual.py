"""Counterfactuals on a trained network: what would its accuracy be, had these features come from the other set?

A row's features are replaced together by those of a donor, a random row *of the same class* in the other set. Repair
puts validation values into test rows; break puts test values into validation rows. The gap that repairs close is shared
out among the features by Shapley values (Shapley 1953), so that the shares sum to it.
"""

from itertools import combinations
from math import factorial

import numpy as np

from gapscope.network.mlp import Ensemble, Network, predict
from gapscope.network.steps import Part

EXACT_UP_TO = 10  # features; beyond, coalitions are those of random permutations
PERMUTATIONS = 64


def donors(y: np.ndarray, pool: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """For each row a random row of `pool` with the same class, or -1 where the pool has none. (n,)"""
    chosen = np.full(len(y), -1)
    for code in np.unique(y):
        candidates = np.flatnonzero(pool == code)
        if len(candidates):
            rows = np.flatnonzero(y == code)
            chosen[rows] = rng.choice(candidates, size=len(rows))
    return chosen


class Swap:
    """Rows of `target` with chosen features from donors in `source`; correctness averaged over `draws` donor sets."""

    def __init__(
        self,
        network: Network | Ensemble,
        target: Part,
        source: Part,
        groups: list[np.ndarray],
        draws: int,
        rng: np.random.Generator,
    ):
        self.network, self.target, self.groups = network, target, groups
        picks = [donors(target.y, source.y, rng) for _ in range(draws)]
        self.donated = [np.where((pick >= 0)[:, None], source.X[pick], target.X) for pick in picks]
        self.known: dict[frozenset, np.ndarray] = {}

    def right(self, features: frozenset[int]) -> np.ndarray:
        """Share of draws in which each row is classified right with these features donated: (n,)."""
        if features not in self.known:
            columns = (
                np.concatenate([self.groups[f] for f in sorted(features)]) if features else np.array([], dtype=int)
            )
            total = np.zeros(len(self.target.y))
            for donated in self.donated if features else self.donated[:1]:
                X = self.target.X.copy()
                X[:, columns] = donated[:, columns]
                total += predict(self.network, X) == self.target.y
            self.known[features] = total / (len(self.donated) if features else 1)
        return self.known[features]

    def accuracy(self, features: frozenset[int]) -> float:
        return float(self.right(features).mean())


def shapley(swap: Swap, rng: np.random.Generator) -> np.ndarray:
    """Each row's gain shared out among the features: (n, features). Means over the rows are the Shapley values."""
    n_features = len(swap.groups)
    values = np.zeros((len(swap.target.y), n_features))
    if n_features <= EXACT_UP_TO:
        for size in range(n_features):
            weight = factorial(size) * factorial(n_features - size - 1) / factorial(n_features)
            for coalition in map(frozenset, combinations(range(n_features), size)):
                for feature in set(range(n_features)) - coalition:
                    values[:, feature] += weight * (swap.right(coalition | {feature}) - swap.right(coalition))
        return values
    for _ in range(PERMUTATIONS):
        coalition = frozenset()
        for feature in rng.permutation(n_features).tolist():
            values[:, feature] += (swap.right(coalition | {feature}) - swap.right(coalition)) / PERMUTATIONS
            coalition |= {feature}
    return values


def label_part(validation_right: np.ndarray, y_validation: np.ndarray, y_test: np.ndarray, n_classes: int) -> float:
    """The part of accuracy(validation) - accuracy(test) due to class shares.

    It is the sum over the classes y of (P - Q)(y) recall_validation(y).
    """
    p, q = (np.bincount(y, minlength=n_classes) / len(y) for y in (y_validation, y_test))
    recall = np.array([validation_right[y_validation == code].mean() if p[code] else 0.0 for code in range(n_classes)])
    return float(((p - q) * recall).sum())
