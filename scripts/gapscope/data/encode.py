"""Encoding: a cleaned table as a matrix, with a column per transform of a numeric feature and per level of another."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from gapscope.data.transforms import Choice, Transform, chosen, fit_transforms, of_record, record

if TYPE_CHECKING:  # split uses the columns, but no table
    import pandas as pd

    from gapscope.data.parquet import Stored


@dataclass(frozen=True)
class Column:
    """One column of the encoded matrix: a level of a categorical feature, or a numeric one as it is or transformed.

    A column with `others` stands for every level of its feature but these, which have columns of their own. `alias` is
    the column's name where another one would have the same. A column with `codes` holds the place of each row's level
    among them, -1 for another level: that is how a model other than our networks gets a categorical feature.
    """

    feature: str
    level: str | None = None
    transform: Transform | None = None
    others: tuple[str, ...] = ()
    alias: str | None = None
    codes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        if self.codes:
            return self.feature
        if self.alias is not None:
            return self.alias
        if self.transform is not None:
            return f"{self.transform.label}({self.feature})"
        return self.feature if self.level is None else f"{self.feature}_{self.level}"

    def of(self, table: pd.DataFrame) -> np.ndarray:
        """The column of a table's rows (rows,)."""
        if self.codes:
            place = {level: float(number) for number, level in enumerate(self.codes)}
            return table[self.feature].map(place).fillna(-1.0).to_numpy(np.float64)
        if self.others:
            return ~table[self.feature].isin(self.others).to_numpy()
        if self.level is not None:
            return (table[self.feature] == self.level).to_numpy()
        values = table[self.feature].to_numpy(np.float64)
        return values if self.transform is None else self.transform(values)


def fit_columns(
    train: pd.DataFrame | Stored, data: dict, encode: dict, choices: dict[str, Choice] | None = None
) -> list[Column]:
    """The encoded columns, each with a name of its own: transforms fitted on `train`, and the levels that it has.

    `choices`: what `transform_choices` has given, if it was called.

    Raises:
        UserError: for a transform that does not suit the values of `train`.
    """
    columns = []
    for name, choice in (choices or transform_choices(train, data, encode)).items():
        fitted = fit_transforms(train[name].to_numpy(np.float64), name, choice.setting)
        columns += [Column(name, transform=transform) for transform in fitted]
    if encode["categorical"] == "one_hot":
        for name in data["categorical"]:
            columns += _levels(name, _rows_by_level(train, name), encode["max_levels"])
    columns = _told_apart(columns)
    return columns if encode["column_order"] == "config" else sorted(columns, key=lambda column: column.name)


def plain_columns(train: pd.DataFrame | Stored, data: dict) -> list[Column]:
    """One column per feature: numbers as they are, and the places of the levels that `train` has."""
    levels = {name: tuple(sorted(_rows_by_level(train, name).index)) for name in data["categorical"]}
    numeric = [Column(name) for name in data["numeric"]]
    return numeric + [Column(name, "", codes=codes) for name, codes in levels.items()]


def decoded(X: np.ndarray, columns: list[Column]) -> pd.DataFrame:
    """The table whose `plain_columns` are X (rows, len(columns)); a level not known there is missing."""
    import pandas as pd  # here: split needs these columns, but no table

    series = {
        column.feature: pd.Categorical.from_codes(values.astype(int), list(column.codes)) if column.codes else values
        for column, values in zip(columns, X.T)
    }
    return pd.DataFrame(series, columns=[column.feature for column in columns])


def _rows_by_level(table: pd.DataFrame | Stored, feature: str) -> pd.Series:
    """How many rows each level has, in the order in which they first stand there."""
    if hasattr(table, "level_counts"):
        return table.level_counts(feature)
    return table[feature].value_counts(sort=False)


def _levels(feature: str, rows: pd.Series, most: int) -> list[Column]:
    """A column per level, sorted; beyond `most` levels, of the most - 1 commonest, and one of all others, seen or not.

    Of levels that are equally common the first in the alphabet are kept. `rows`: of each level.
    """
    levels = sorted(rows.index)
    if len(levels) <= most:
        return [Column(feature, level) for level in levels]
    kept = tuple(sorted(sorted(levels, key=lambda level: -rows[level])[: most - 1]))
    other = next(name for name in ("other", *(f"other {number}" for number in range(2, most + 2))) if name not in kept)
    return [*(Column(feature, level) for level in kept), Column(feature, other, others=kept)]


def _told_apart(columns: list[Column]) -> list[Column]:
    """Columns of one name, as level b_c of a and level c of a_b are, get their feature's name in brackets beside it."""
    for form in ("{name} [{feature}]", "{name} [{feature}] ({place})"):
        count = Counter(column.name for column in columns)
        columns = [
            replace(column, alias=form.format(name=column.name, feature=column.feature, place=place))
            if count[column.name] > 1
            else column
            for place, column in enumerate(columns, 1)
        ]
    return columns


def transform_choices(train: pd.DataFrame | Stored, data: dict, encode: dict) -> dict[str, Choice]:
    """Per numeric feature the transforms that encode.transform sets or `auto` chooses."""
    return {name: chosen(train[name].to_numpy(np.float64), name, encode) for name in data["numeric"]}


def encoded(table: pd.DataFrame, columns: list[Column]) -> np.ndarray:
    """The matrix X (rows, len(columns)), float64. A level that is in no column leaves its feature's columns at 0."""
    X = np.empty((len(table), len(columns)))
    for position, column in enumerate(columns):
        X[:, position] = column.of(table)
    return X


def unseen_levels(table: pd.DataFrame | Stored, columns: list[Column]) -> dict[str, dict[str, int]]:
    """Per categorical feature: the levels that no column stands for, with their numbers of rows, most first.

    A feature with a column for all other levels has none.
    """
    pooled = {column.feature for column in columns if column.others}
    known: dict[str, set] = {}
    for column in columns:
        if column.level is not None and column.feature not in pooled:
            known.setdefault(column.feature, set()).update(column.codes or [column.level])
    unseen = {}
    for feature, levels in known.items():
        rows = _rows_by_level(table, feature)
        rows = rows[~rows.index.isin(levels)].sort_values(ascending=False, kind="stable")
        if len(rows):
            unseen[feature] = {str(level): int(count) for level, count in rows.items()}
    return unseen


def pooled_levels(tables: dict[str, pd.DataFrame | Stored], columns: list[Column]) -> list[dict]:
    """One record per feature with a column for all other levels: its name, levels, and rows there of each table.

    `tables`: "train" and others, by name. `new` counts the rows of the others whose level the training table lacks.
    """
    records = []
    for column in (one for one in columns if one.others):
        rows = {name: _rows_by_level(table, column.feature) for name, table in tables.items()}
        known = rows["train"].index
        records.append(
            {
                "feature": column.feature,
                "column": column.name,
                "levels": len(known),
                "kept": len(column.others),
                "rows": {name: int(own[~own.index.isin(column.others)].sum()) for name, own in rows.items()},
                "new": {name: int(own[~own.index.isin(known)].sum()) for name, own in rows.items() if name != "train"},
            }
        )
    return records


def records(columns: list[Column]) -> list[dict]:
    """The columns as plain JSON, for encoding.json and for the models: all that it takes to encode new rows."""
    return [
        {
            "name": column.name,
            "feature": column.feature,
            "level": column.level,
            "transform": record(column.transform),
            "others": list(column.others),
            **({"codes": list(column.codes)} if column.codes else {}),
        }
        for column in columns
    ]


def columns_of(encoding: dict) -> list[Column]:
    """The columns as read back from encoding.json or from a model's description."""
    columns = []
    for read in encoding["columns"]:
        others, codes = tuple(read["others"]), tuple(read.get("codes", ()))
        column = Column(read["feature"], read["level"], of_record(read["transform"]), others, codes=codes)
        columns.append(column if column.name == read["name"] else replace(column, alias=read["name"]))
    return columns


def feature_groups(columns: list[Column]) -> dict[str, np.ndarray]:
    """Per original feature: the positions of its columns in the matrix."""
    features = dict.fromkeys(column.feature for column in columns)
    return {name: np.array([i for i, column in enumerate(columns) if column.feature == name]) for name in features}
