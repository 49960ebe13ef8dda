"""Permutation importance, the loss of accuracy when a feature is shuffled, and how well other measures agree with it.

    importance of a feature = accuracy - mean accuracy with the feature permuted among the rows      (13)

Source: Breiman (2001); all columns of an original feature are permuted together. A negative importance means that the
network is better without the feature. Other measures are compared with it because it needs no gradients.
"""

from math import fsum

import numpy as np

from gapscope.common.weights import mean, variance_of_mean
from gapscope.network.classifier import Classifier
from gapscope.network.model import classes
from gapscope.network.partition import Partition

JUDGES = {"permutation_validation": "validation", "permutation_test": "test"}
AGREEMENT_COLUMNS = ["activation", "method", "judge", "spearman", "features"]


def permutation_importance(
    classifier: Classifier, partition: Partition, groups: dict[str, np.ndarray], draws: int, rng
) -> dict[str, tuple[float, float]]:
    """Importance (13) of each feature, averaged over `draws` permutations, and its standard error.

    The error is that of the mean loss over the rows; it includes the sampling of rows and of permutations. `groups` has
    the column numbers of each feature.
    """
    right, importances = classes(classifier, partition.X) == partition.y, {}
    for feature, places in groups.items():
        lost, X = np.zeros(len(partition.y)), partition.X.copy()
        for _ in range(draws):
            X[:, places] = partition.X[rng.permutation(len(X))[:, None], places]
            lost += right.astype(float) - (classes(classifier, X) == partition.y)
        importances[feature] = _mean_and_error(lost / draws, partition.weights)  # (13)
    return importances


def _mean_and_error(values: np.ndarray, weights: np.ndarray | None) -> tuple[float, float]:
    error = np.nan
    if len(values) > 1:
        plain = weights is None
        error = values.std(ddof=1) / np.sqrt(len(values)) if plain else np.sqrt(variance_of_mean(values, weights))
    return mean(values, weights), float(error)


def agreement(records: list[dict], feature_of: dict[str, str]) -> list[dict]:
    """Spearman's rank correlation of each method with permutation importance, over the original features.

    Parameters
    ----------
    records : rows of saliency.csv; importances of columns are summed to features.
    feature_of : original feature of each encoded column.

    Returns
    -------
    Records with AGREEMENT_COLUMNS. `spearman` is NaN with fewer than three features, or if all values are equal.
    """
    importances: dict[str, dict[str, dict[str, list[float]]]] = {}
    for record in records:
        feature = feature_of[record["feature"]] if record["level"] == "column" else record["feature"]
        by_feature = importances.setdefault(record["activation"], {}).setdefault(record["method"], {})
        by_feature.setdefault(feature, []).append(record["importance"])
    return [
        dict(zip(AGREEMENT_COLUMNS, (activation, method, judge, _spearman(by_method[method], by_method[judge]),
                                     len(by_method[judge]))))
        for activation, by_method in importances.items()
        for judge in JUDGES if judge in by_method
        for method in by_method if method != judge
    ]  # fmt: skip


def _spearman(first: dict[str, list[float]], second: dict[str, list[float]]) -> float:
    """Rank correlation of the sums over each feature's values."""
    values = np.array([[fsum(sums.get(name, [np.nan])) for name in sorted(first)] for sums in (first, second)])
    if len(first) < 3 or any(len(set(row)) == 1 for row in values.tolist()):
        return float("nan")
    return spearman(*values)


def ranks(values: np.ndarray) -> np.ndarray:
    """Rank of each value (n,), from 1; equal values get the mean of their ranks."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (counts.cumsum() - (counts - 1) / 2)[place]


def spearman(one: np.ndarray, other: np.ndarray) -> float:
    """Spearman's rank correlation of two arrays (n,); NaN if any value is."""
    if np.isnan(one).any() or np.isnan(other).any():
        return float("nan")
    return float(np.corrcoef(np.column_stack([ranks(one), ranks(other)]), rowvar=False)[1, 0])
