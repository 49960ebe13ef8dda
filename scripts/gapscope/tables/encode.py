"""Encoding: a cleaned table as a matrix, with a column per transform of a numeric feature and per level of another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gapscope.tables.automatic import Choice, chosen
from gapscope.tables.transforms import Transform, fit_transforms, of_record, record

if TYPE_CHECKING:  # split uses the columns, but no table
    import pandas as pd


@dataclass(frozen=True)
class Column:
    """One column of the encoded matrix: a level of a categorical feature, or a numeric one as it is or transformed."""

    feature: str
    level: str | None = None
    transform: Transform | None = None

    @property
    def name(self) -> str:
        if self.transform is not None:
            return f"{self.transform.label}({self.feature})"
        return self.feature if self.level is None else f"{self.feature}_{self.level}"

    def of(self, table: pd.DataFrame) -> np.ndarray:
        """The column of a table's rows (rows,)."""
        if self.level is not None:
            return (table[self.feature] == self.level).to_numpy()
        values = table[self.feature].to_numpy(np.float64)
        return values if self.transform is None else self.transform(values)


def fit_columns(train: pd.DataFrame, data: dict, encode: dict) -> list[Column]:
    """The encoded columns: transforms fitted on `train`, and the levels that it has, sorted.

    Raises:
        UserError: for a transform that does not suit the values of `train`.
    """
    columns = []
    for name, choice in transform_choices(train, data, encode).items():
        fitted = fit_transforms(train[name].to_numpy(np.float64), name, choice.setting)
        columns += [Column(name, transform=transform) for transform in fitted]
    if encode["categorical"] == "one_hot":
        columns += [Column(name, level) for name in data["categorical"] for level in sorted(train[name].unique())]
    return columns if encode["column_order"] == "config" else sorted(columns, key=lambda column: column.name)


def transform_choices(train: pd.DataFrame, data: dict, encode: dict) -> dict[str, Choice]:
    """Per numeric feature the transforms that encode.transform sets or `auto` chooses."""
    return {name: chosen(train[name].to_numpy(np.float64), name, encode) for name in data["numeric"]}


def encoded(table: pd.DataFrame, columns: list[Column]) -> np.ndarray:
    """The matrix X (rows, len(columns)), float64. A level that is in no column leaves its feature's columns at 0."""
    X = np.empty((len(table), len(columns)))
    for position, column in enumerate(columns):
        X[:, position] = column.of(table)
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


def records(columns: list[Column]) -> list[dict]:
    """The columns as plain JSON, for encoding.json and for the models: all that it takes to encode new rows."""
    return [
        {"name": column.name, "feature": column.feature, "level": column.level, "transform": record(column.transform)}
        for column in columns
    ]


def columns_of(encoding: dict) -> list[Column]:
    """The columns as read back from encoding.json or from a model's description."""
    return [Column(read["feature"], read["level"], of_record(read["transform"])) for read in encoding["columns"]]


def feature_groups(columns: list[Column]) -> dict[str, np.ndarray]:
    """Per original feature: the positions of its columns in the matrix."""
    features = dict.fromkeys(column.feature for column in columns)
    return {name: np.array([i for i, column in enumerate(columns) if column.feature == name]) for name in features}
