"""Encoding: a cleaned table as a matrix, with one column per numeric feature and one per level of a categorical one."""

from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Column:
    """One column of the encoded matrix: the feature it comes from and, for a categorical feature, the level."""

    feature: str
    level: str | None = None

    @property
    def name(self) -> str:
        return self.feature if self.level is None else f"{self.feature}_{self.level}"


def fit_columns(train: pd.DataFrame, data: dict, encode: dict) -> list[Column]:
    """The encoded columns; the levels of a categorical feature are those of `train`, sorted."""
    columns = [Column(name) for name in data["numeric"]]
    if encode["categorical"] == "one_hot":
        columns += [Column(name, level) for name in data["categorical"] for level in sorted(train[name].unique())]
    return columns if encode["column_order"] == "config" else sorted(columns, key=lambda column: column.name)


def encoded(table: pd.DataFrame, columns: list[Column]) -> np.ndarray:
    """The matrix X (rows, len(columns)), float64. A level that is in no column leaves its feature's columns at 0."""
    X = np.empty((len(table), len(columns)))
    for position, column in enumerate(columns):
        values = table[column.feature]
        X[:, position] = values if column.level is None else values == column.level
    return X


def unseen_levels(table: pd.DataFrame, columns: list[Column]) -> dict[str, dict[str, int]]:
    """Per categorical feature: the levels that `columns` do not know, with their numbers of rows."""
    known: dict[str, set] = {}
    for column in columns:
        if column.level is not None:
            known.setdefault(column.feature, set()).add(column.level)
    unseen = {
        feature: table.loc[~table[feature].isin(levels), feature].value_counts() for feature, levels in known.items()
    }
    return {
        feature: {str(level): int(rows) for level, rows in counts.items()}
        for feature, counts in unseen.items()
        if len(counts)
    }


def columns_of(encoding: dict) -> list[Column]:
    """The columns as read back from encoding.json."""
    return [Column(record["feature"], record["level"]) for record in encoding["columns"]]


def feature_groups(columns: list[Column]) -> dict[str, np.ndarray]:
    """Per original feature: the positions of its columns in the matrix."""
    features = dict.fromkeys(column.feature for column in columns)
    return {name: np.array([i for i, column in enumerate(columns) if column.feature == name]) for name in features}
