"""Permutation importance, which judges the other measures: the accuracy lost when a feature's values are shuffled.

    importance of a feature = accuracy - mean accuracy with the feature permuted among the rows      (13)

Source: Breiman (2001); here per original feature, whose columns move together. Signed: below 0 the network does better
without what it knows of the feature.
"""

import numpy as np

from gapscope.common.weights import mean, variance_of_mean
from gapscope.network.mlp import Network
from gapscope.network.partition import Partition
from gapscope.network.predicted import classes

JUDGES = {"permutation_validation": "validation", "permutation_test": "test"}


def permutation_importance(
    network: Network, part: Partition, groups: dict[str, np.ndarray], draws: int, rng: np.random.Generator
) -> dict[str, tuple[float, float]]:
    """Per feature its importance, the mean over `draws` permutations, and the standard error of that mean.

    The error is that of a mean over rows of what each loses, so that it counts the chance in the rows too, not only in
    the permutations.
    """
    right, found = classes(network, part.X) == part.y, {}
    for feature, places in groups.items():
        lost, X = np.zeros(len(part.y)), part.X.copy()
        for _ in range(draws):
            X[:, places] = part.X[rng.permutation(len(X))[:, None], places]
            lost += right.astype(float) - (classes(network, X) == part.y)
        found[feature] = _mean_and_error(lost / draws, part.weights)  # (13)
    return found


def _mean_and_error(values: np.ndarray, weights: np.ndarray | None) -> tuple[float, float]:
    error = np.nan
    if len(values) > 1:
        plain = weights is None
        error = values.std(ddof=1) / np.sqrt(len(values)) if plain else np.sqrt(variance_of_mean(values, weights))
    return mean(values, weights), float(error)
