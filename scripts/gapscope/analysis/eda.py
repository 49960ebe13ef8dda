"""Exploration of a cleaned table: classes, features by class, correlations."""

import numpy as np
import pandas as pd

QUANTILES = {
    "5%": "percentile_5",
    "25%": "quartile_1",
    "50%": "median",
    "75%": "quartile_3",
    "95%": "percentile_95",
}


def class_distribution(codes: pd.Series, classes: list, weights: np.ndarray | None = None) -> dict:
    """Rows and share per class, and the imbalance ratio: rows of the largest class per row of the smallest one.

    With `weights` (n,) share and ratio count each row by its weight, and `weights` has each class's sum.
    """
    counts = np.bincount(codes, minlength=len(classes))
    sums = counts if weights is None else np.bincount(codes, weights, len(classes))
    present = sums[sums > 0]
    return {
        "counts": {str(name): int(count) for name, count in zip(classes, counts)},
        **({} if weights is None else {"weights": {str(name): float(one) for name, one in zip(classes, sums)}}),
        "shares": {str(name): float(one / sums.sum()) for name, one in zip(classes, sums)},
        "imbalance_ratio": float(present.max() / present.min()),
        "absent": [str(name) for name, count in zip(classes, counts) if count == 0],
    }


def means_by_class(table: pd.DataFrame, data: dict) -> pd.DataFrame:
    """One row per numeric feature and class: rows, mean, standard deviation and the QUANTILES."""
    groups = table.groupby(data["target"])
    records = []
    for feature in data["numeric"]:
        summary = groups[feature].describe(percentiles=[0.05, 0.25, 0.5, 0.75, 0.95]).rename(columns=QUANTILES)
        for code, row in summary.iterrows():
            records.append(
                {
                    "feature": feature,
                    "class": str(data["classes"][code]),
                    "rows": int(row["count"]),
                    **{key: float(row[key]) for key in ("mean", "std", *QUANTILES.values())},
                }
            )
    return pd.DataFrame(records)


def level_shares(table: pd.DataFrame, feature: str, data: dict) -> pd.DataFrame:
    """Shares of the classes within each level of a categorical feature: index level, one column per class.

    The commonest level comes first, and of equally common ones the first in the alphabet.
    """
    shares = pd.crosstab(table[feature], table[data["target"]], normalize="index")
    rows = table[feature].value_counts()
    order = sorted(rows.index, key=lambda level: (-rows[level], level))
    shares = shares.reindex(index=order, columns=range(len(data["classes"])), fill_value=0.0)
    shares.columns = [str(name) for name in data["classes"]]
    return shares


def in_rows(shares: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """`level_shares` of several features as one table: feature, level, class, share."""
    records = [
        {"feature": feature, "level": str(level), "class": name, "share": float(share)}
        for feature, table in shares.items()
        for level, row in table.iterrows()
        for name, share in row.items()
    ]
    return pd.DataFrame(records, columns=["feature", "level", "class", "share"])


def correlations(table: pd.DataFrame, data: dict) -> pd.DataFrame:
    """Pearson correlations of the numeric features and the target's code; a constant column's are missing."""
    return table[[*data["numeric"], data["target"]]].corr()


def dominant_features(matrix: pd.DataFrame, target: str, threshold: float) -> list[dict]:
    """Features whose |r| with the target reaches `threshold`: the model may come to rest on them alone."""
    strength = matrix[target].drop(target).dropna()
    flagged = strength[strength.abs() >= threshold].sort_values(key=abs, ascending=False)
    return [{"feature": name, "correlation": float(r)} for name, r in flagged.items()]
