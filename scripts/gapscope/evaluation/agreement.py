"""How far the other measures of importance agree with permutation importance."""

from math import fsum

import numpy as np

from gapscope.common.ranks import spearman
from gapscope.evaluation.permutation import JUDGES

NAMES = ["activation", "method", "judge", "spearman", "features"]


def agreement(records: list[dict], feature_of: dict[str, str]) -> list[dict]:
    """Spearman's rank correlation of every method with permutation importance, over the original features.

    Args:
        records: of saliency.csv. A method that ranks columns is summed over each feature's columns.
        feature_of: the original feature of each encoded column.

    Returns:
        records of NAMES. NaN where fewer than three features, or equal values, give no order to compare.
    """
    scores: dict[str, dict[str, dict[str, list[float]]]] = {}
    for record in records:
        feature = feature_of[record["feature"]] if record["level"] == "column" else record["feature"]
        own = scores.setdefault(record["activation"], {}).setdefault(record["method"], {})
        own.setdefault(feature, []).append(record["importance"])
    return [
        dict(zip(NAMES, (activation, method, judge, _spearman(own[method], own[judge]), len(own[judge]))))
        for activation, own in scores.items()
        for judge in (name for name in JUDGES if name in own)
        for method in (name for name in own if name != judge)
    ]


def _spearman(one: dict[str, list[float]], other: dict[str, list[float]]) -> float:
    """Of what each feature's columns come to."""
    values = np.array([[fsum(own.get(name, [np.nan])) for name in sorted(one)] for own in (one, other)])
    if len(one) < 3 or any(len(set(row)) == 1 for row in values.tolist()):
        return float("nan")
    return spearman(*values)
