"""How far the other measures of importance agree with permutation importance."""

import pandas as pd

from gapscope.analysis.permutation import JUDGES
from gapscope.analysis.ranks import spearman


def agreement(table: pd.DataFrame, feature_of: dict[str, str]) -> pd.DataFrame:
    """Spearman's rank correlation of every method with permutation importance, over the original features.

    Args:
        table: saliency.csv. A method that ranks columns is summed over each feature's columns.
        feature_of: the original feature of each encoded column.

    Returns:
        activation, method, judge, spearman, features. NaN where fewer than three features, or equal values, give no
        order to compare.
    """
    rows = []
    for activation, own in table.groupby("activation", sort=False):
        scores = {method: _by_feature(part, feature_of) for method, part in own.groupby("method", sort=False)}
        for judge in (name for name in JUDGES if name in scores):
            for method in (name for name in scores if name != judge):
                value = _spearman(scores[method], scores[judge])
                rows.append((activation, method, judge, value, len(scores[judge])))
    return pd.DataFrame(rows, columns=["activation", "method", "judge", "spearman", "features"])


def _by_feature(part: pd.DataFrame, feature_of: dict[str, str]) -> pd.Series:
    features = part["feature"].map(feature_of) if part["level"].iloc[0] == "column" else part["feature"]
    return part["importance"].groupby(features.to_numpy()).sum().sort_index()


def _spearman(one: pd.Series, other: pd.Series) -> float:
    if len(one) < 3 or one.nunique() == 1 or other.nunique() == 1:
        return float("nan")
    return spearman(one.to_numpy(), other.reindex(one.index).to_numpy())
