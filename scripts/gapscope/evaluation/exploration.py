"""Exploration of a cleaned table: classes, features by class, correlations.

A table is one in memory or one in its file, of which few columns are read at a time.
"""

import itertools

import numpy as np
import pandas as pd

from gapscope.data.parquet import Stored, blocks_of

HELD = 2**27  # bytes of whole columns that are held twice while correlations are computed
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


def means_by_class(table: pd.DataFrame | Stored, data: dict) -> pd.DataFrame:
    """One row per numeric feature and class: rows, mean, standard deviation and the QUANTILES."""
    codes, records = table[data["target"]].to_numpy(), []
    for feature in data["numeric"]:
        column = table[feature]
        for code in np.unique(codes):
            found = column[codes == code].describe(percentiles=[0.05, 0.25, 0.5, 0.75, 0.95]).rename(QUANTILES)
            records.append(
                {
                    "feature": feature,
                    "class": str(data["classes"][code]),
                    "rows": int(found["count"]),
                    **{key: float(found[key]) for key in ("mean", "std", *QUANTILES.values())},
                }
            )
    return pd.DataFrame(records)


def boxes_by_class(table: pd.DataFrame | Stored, features: list[str], target: str) -> dict[str, dict[int, dict]]:
    """For each feature and class with rows what a box shows, as Matplotlib's `Axes.bxp` takes it.

    The whiskers reach to the last value within the 5th and the 95th percentile.
    """
    codes = table[target].to_numpy()
    return {name: _boxes(table[name].to_numpy(), codes) for name in features}


def _boxes(values: np.ndarray, codes: np.ndarray) -> dict[int, dict]:
    boxes = {}
    for code in np.unique(codes):
        own = values[codes == code]
        low, *middle, high = np.percentile(own, [5, 25, 50, 75, 95])
        within = own[(low <= own) & (own <= high)]
        ends = (min(within.min(), middle[0]), max(within.max(), middle[2])) if len(within) else (middle[0], middle[2])
        boxes[int(code)] = dict(zip(("whislo", "q1", "med", "q3", "whishi"), (ends[0], *middle, ends[1])))
    return boxes


def level_shares(table: pd.DataFrame | Stored, feature: str, data: dict) -> pd.DataFrame:
    """Shares of the classes within each level of a categorical feature: index level, one column per class.

    The commonest level comes first, and of equally common ones the first in the alphabet.
    """
    names = [feature, data["target"]]
    counts = pd.concat([block.groupby(names).size() for block in blocks_of(table, names)]).groupby(level=[0, 1]).sum()
    counts = counts.unstack(fill_value=0)
    rows = counts.sum(axis=1)
    order = sorted(rows.index, key=lambda level: (-rows[level], level))
    shares = counts.div(rows, axis=0)
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


def correlations(table: pd.DataFrame | Stored, data: dict) -> pd.DataFrame:
    """Pearson correlations of the numeric features and the target's code; a constant column's are missing."""
    names = [*data["numeric"], data["target"]]
    at_a_time = max(1, HELD // (8 * len(table)))
    groups = [names[start : start + at_a_time] for start in range(0, len(names), at_a_time)]
    matrix = pd.DataFrame(np.nan, names, names)
    for pair in itertools.combinations(groups, 2) if len(groups) > 1 else [groups]:
        own = list(itertools.chain(*pair))
        matrix.loc[own, own] = _correlations(table, own)
    return matrix


def _correlations(table: pd.DataFrame | Stored, names: list[str]) -> pd.DataFrame:
    columns = np.empty((len(names), len(table)))
    for place, name in enumerate(names):
        columns[place] = table[name]
    return pd.DataFrame(columns.T, columns=names, copy=False).corr()


def dominant_features(matrix: pd.DataFrame, target: str, threshold: float) -> list[dict]:
    """Features whose |r| with the target reaches `threshold`: the model may come to rest on them alone."""
    strength = matrix[target].drop(target).dropna()
    flagged = strength[strength.abs() >= threshold].sort_values(key=abs, ascending=False)
    return [{"feature": name, "correlation": float(r)} for name, r in flagged.items()]
