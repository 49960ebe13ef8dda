"""Exploration of a cleaned table, in memory or on disk: classes, features by class, correlations."""

import itertools

import numpy as np
import pandas as pd
from matplotlib.cbook import boxplot_stats

from gapscope.data.parquet import Stored, blocks_of

HELD = 2**27  # bytes of columns, kept twice in memory while correlations are computed
QUANTILES = {"5%": "percentile_5", "25%": "quartile_1", "50%": "median", "75%": "quartile_3", "95%": "percentile_95"}


def class_distribution(codes: pd.Series, classes: list, weights: np.ndarray | None = None) -> dict:
    """Rows and share of each class, and the imbalance ratio: size of the largest over the smallest class with rows.

    With `weights` (n,), shares and ratio are weighted, and the entry `weights` has the sum of each class.
    """
    names, counts = [str(name) for name in classes], np.bincount(codes, minlength=len(classes))
    sums = counts if weights is None else np.bincount(codes, weights, len(classes))
    present = sums[sums > 0]
    return {
        "counts": dict(zip(names, counts.tolist())),
        **({} if weights is None else {"weights": dict(zip(names, sums.tolist()))}),
        "shares": dict(zip(names, (sums / sums.sum()).tolist())),
        "imbalance_ratio": float(present.max() / present.min()),
        "absent": [name for name, count in zip(names, counts) if count == 0],
    }


def means_by_class(table: pd.DataFrame | Stored, data: dict) -> pd.DataFrame:
    """Rows, mean, standard deviation and QUANTILES of each numeric feature in each class."""
    codes, records = table[data["target"]].to_numpy(), []
    for feature in data["numeric"]:
        column = table[feature]
        for code in np.unique(codes):
            described = column[codes == code].describe(percentiles=[0.05, 0.25, 0.5, 0.75, 0.95]).rename(QUANTILES)
            record = {"feature": feature, "class": str(data["classes"][code]), "rows": int(described["count"])}
            records.append(record | {key: float(described[key]) for key in ("mean", "std", *QUANTILES.values())})
    return pd.DataFrame(records)


def boxes_by_class(table: pd.DataFrame | Stored, features: list[str], target: str) -> dict[str, dict[int, dict]]:
    """Box plot statistics of each feature by class code, for Matplotlib's `Axes.bxp`.

    The whiskers end at the last values between the 5th and the 95th percentile.
    """
    codes = table[target].to_numpy()
    boxes = {}
    for name in features:
        values = table[name].to_numpy()
        boxes[name] = {
            int(code): boxplot_stats(values[codes == code], whis=(5, 95))[0] | {"fliers": ()}  # a tenth of the values
            for code in np.unique(codes)
        }
    return boxes


def level_shares(table: pd.DataFrame | Stored, feature: str, data: dict) -> pd.DataFrame:
    """Share of each class (columns) in each level (index) of a categorical feature.

    Levels are sorted by decreasing frequency, then by name.
    """
    names = [feature, data["target"]]
    counts = pd.concat([block.groupby(names).size() for block in blocks_of(table, names)]).groupby(level=[0, 1]).sum()
    counts = counts.unstack(fill_value=0)
    rows = counts.sum(axis=1)
    order = sorted(rows.index, key=lambda level: (-rows[level], level))
    shares = counts.div(rows, axis=0).reindex(index=order, columns=range(len(data["classes"])), fill_value=0.0)
    shares.columns = [str(name) for name in data["classes"]]
    return shares


def in_rows(shares: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """`level_shares` of several features as one table: feature, level, class, share."""
    records = [
        (feature, str(level), name, share)
        for feature, table in shares.items()
        for (level, name), share in table.stack().items()
    ]
    return pd.DataFrame(records, columns=["feature", "level", "class", "share"])


def correlations(table: pd.DataFrame | Stored, data: dict) -> pd.DataFrame:
    """Pearson correlations of the numeric features and the class code; NaN for constant columns."""
    names = [*data["numeric"], data["target"]]
    at_a_time = max(1, HELD // (8 * len(table)))
    groups = [names[start : start + at_a_time] for start in range(0, len(names), at_a_time)]
    matrix = pd.DataFrame(np.nan, names, names)
    for pair in itertools.combinations(groups, 2) if len(groups) > 1 else [groups]:
        held = list(itertools.chain(*pair))
        columns = np.empty((len(held), len(table)))
        for place, name in enumerate(held):
            columns[place] = table[name]
        matrix.loc[held, held] = pd.DataFrame(columns.T, columns=held, copy=False).corr()
    return matrix


def target_correlations(matrix: pd.DataFrame, target: str) -> dict[str, float | None]:
    """Correlation of each column with the target; None for constant columns."""
    return matrix[target].astype(object).where(matrix.notna().any(), None).to_dict()


def correlation_ratios(table: pd.DataFrame | Stored, data: dict) -> dict[str, float | None]:
    """Correlation ratio of each numeric feature with the class (Fisher 1925); None for constant columns.

    It is the square root of the share of variance between the class means, and does not depend on the classes' order.
    """
    codes = table[data["target"]].to_numpy()
    return {name: correlation_ratio(table[name].to_numpy(float), codes) for name in data["numeric"]}


def dominant_features(ratios: dict[str, float | None], threshold: float) -> list[str]:
    """Features whose correlation ratio with the class reaches `threshold`, the largest first."""
    reached = [name for name, ratio in ratios.items() if ratio is not None and ratio >= threshold]
    return sorted(reached, key=ratios.get, reverse=True)


def correlation_ratio(values: np.ndarray, codes: np.ndarray) -> float | None:
    rows, away = np.bincount(codes), values - values.mean()
    between = (np.bincount(codes, away) ** 2 / np.maximum(rows, 1)).sum()
    return float(np.sqrt(min(between / (away @ away), 1.0))) if np.ptp(values) else None
