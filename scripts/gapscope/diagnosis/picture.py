"""Data of the one picture that proves a verdict: training rows beside test rows.

Each public function takes the evidence and the features of a cause, and returns what diagnosis.json holds under
`picture`.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd

from gapscope.diagnosis.evidence.bins import is_numeric
from gapscope.diagnosis.evidence.gather import Gathered

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
LEAST_ROWS = 5  # for quantiles or shares to be shown
MOST_LEVELS = 8
BARS = 24
SMALL = 12  # bars of a small drawing in a table


def relation_to_class(g: Gathered, features: tuple[str, ...]) -> dict:
    """Quantiles of a numeric feature in each class, or the classes' shares within each level of a category.

    Without features: of the one that tells most about the class among validation rows.
    """
    feature = features[0] if features else max(g.in_validation, key=lambda name: g.in_validation[name].value)
    column, target, n_classes = g.repaired.known[feature], g.case.target, g.case.n_classes

    def quantiles(table: pd.DataFrame, code: int) -> list[float] | None:
        values = table.loc[table[target] == code, feature].to_numpy(float)
        return np.quantile(values, QUANTILES).tolist() if len(values) >= LEAST_ROWS else None

    def classes(table: pd.DataFrame, level: str) -> list[float] | None:
        codes = table.loc[table[feature].astype(str) == level, target]
        return (np.bincount(codes, minlength=n_classes) / len(codes)).tolist() if len(codes) >= LEAST_ROWS else None

    if is_numeric(column):
        return {"form": "quantiles_by_class", "feature": feature, "rows": _rows(g, range(n_classes), quantiles)}
    levels = column.astype(str).value_counts().index[:MOST_LEVELS]
    return {"form": "classes_by_level", "feature": feature, "rows": _rows(g, levels, classes)}


def distribution(g: Gathered, features: tuple[str, ...]) -> dict:
    """Histogram of a numeric feature, or the share of each level of a category. Without features: of the one whose
    distribution changed most."""
    feature = features[0] if features else max(g.change.came, key=lambda name: g.change.came[name]["psi"])
    tables = g.repaired.known, g.repaired.came
    if not is_numeric(tables[0][feature]):
        levels = [table[feature].astype(str).value_counts().index[:MOST_LEVELS] for table in tables]
        rows = _rows(g, dict.fromkeys(np.concatenate(levels)), lambda table, level: _share(table, feature, level))
        return {"form": "shares", "feature": feature, "rows": rows}
    edges, shares = histograms(*(table[feature] for table in tables), BARS)
    return {"form": "histogram", "feature": feature, "edges": edges, **shares}


def small_bars(known: pd.Series, test: pd.Series) -> dict[str, list[float]]:
    """Shares of the rows in each bar of a small drawing: ranges of a number, or the commonest categories."""
    if is_numeric(known):
        return histograms(known, test, SMALL)[1]
    levels = pd.concat([known, test]).astype(str).value_counts().index[:SMALL]
    parts = {"train": known.astype(str), "test": test.astype(str)}
    return {name: [float((part == level).mean()) for level in levels] for name, part in parts.items()}


def histograms(known: pd.Series, test: pd.Series, count: int) -> tuple[list[float], dict[str, list[float]]]:
    """Edges of `count` equal ranges, which hold all but the outermost values of both columns, and the share of either's
    values in each range; those beyond the ends count in the first or last."""
    parts = {"train": known.to_numpy(float), "test": test.to_numpy(float)}
    ends = np.array([np.quantile(values, [0.005, 0.995]) for values in parts.values()])
    low, high = ends.min(), max(ends.max(), np.nextafter(ends.min(), np.inf))
    edges = np.linspace(low, high, count + 1)
    shares = {name: np.histogram(values.clip(low, high), edges)[0] / len(values) for name, values in parts.items()}
    return edges.tolist(), {name: share.tolist() for name, share in shares.items()}


def shares_of_classes(g: Gathered, features: tuple[str, ...]) -> dict:
    """The share of each class, by its code."""
    rows = _rows(g, range(g.case.n_classes), lambda table, code: _share(table, g.case.target, code))
    return {"form": "shares", "feature": None, "rows": rows}


def _rows(g: Gathered, names, value: Callable) -> list[dict]:
    known, test = g.repaired.known, g.repaired.came
    return [{"name": name, "train": value(known, name), "test": value(test, name)} for name in names]


def _share(table: pd.DataFrame, column: str, value) -> float:
    return float((table[column].astype(type(value)) == value).mean())
