"""Cleaning: missing values dropped or imputed, with values fitted on one table and applied to another."""

import numpy as np
import pandas as pd

from gapscope.errors import UserError
from gapscope.weights import effective_rows


def fit_imputation(table: pd.DataFrame, data: dict, impute: dict, path: str) -> dict[str, float | str]:
    """The value that stands in for a missing one, per feature column: mean, median, mode or a constant of `table`."""
    values = {}
    for kind in ("numeric", "categorical"):
        for name in data[kind]:
            strategy = impute["columns"].get(name, impute[kind])
            values[name] = _fitted(table[name], strategy, path)
    return values


def _fitted(column: pd.Series, strategy: str | dict, path: str) -> float | str:
    if isinstance(strategy, dict):
        return strategy["constant"]
    if column.notna().sum() == 0:
        raise UserError(
            f"{path}: column '{column.name}' has no value at all, so no {strategy} can stand in for the missing ones; "
            "remove it from the config's data block or give clean.impute.columns a constant for it."
        )
    if strategy == "mode":
        return column.mode().iloc[0]  # the smallest of several equally frequent values
    return float(column.agg(strategy))


def cleaned(table: pd.DataFrame, target: str | None, imputation: dict | None) -> pd.DataFrame:
    """Rows without missing values: imputed by column where `imputation` is given, dropped otherwise.

    A row without a target is dropped in either case: there is nothing to learn from it or to hold it against. A table
    without classes has the target None.
    """
    whole = table.fillna(imputation or {}).dropna()
    return whole.astype({target: "int64"} if target else {}).reset_index(drop=True)


def complete(table: pd.DataFrame, imputation: dict | None) -> np.ndarray:
    """Which rows (n,) `cleaned` keeps."""
    return table.fillna(imputation or {}).notna().all(axis=1).to_numpy()


def group_numbers(groups: pd.Series) -> np.ndarray:
    """0, 1, ... for each row's group (n,)."""
    return np.unique(groups.to_numpy(dtype=str), return_inverse=True)[1]


def weight_record(weights: np.ndarray) -> dict[str, float]:
    """What a cleaned table's weights (n,) come to."""
    return {
        "sum": float(weights.sum()),
        "smallest": float(weights.min()),
        "largest": float(weights.max()),
        "effective_rows": effective_rows(weights),
    }


def check_classes(codes: dict[str, pd.Series], data: dict, paths: dict[str, str]) -> list[str]:
    """The classes without a training row, whose names are for a warning.

    Args:
        codes: of the cleaned tables' rows, "train" and, where its classes are known, "test".

    Raises:
        UserError: fewer than two classes are left to learn, or the test rows have none of them.
    """
    found = {name: sorted(own.unique()) for name, own in codes.items()}
    names = {name: ", ".join(str(data["classes"][code]) for code in own) for name, own in found.items()}
    if len(found["train"]) < 2:
        raise UserError(
            f"{paths['train']}: once rows with a missing value are dropped, only the class {names['train']} is left; "
            "set clean.missing to impute, or remove the emptiest column from the config's data block."
        )
    if "test" in found and not set(found["test"]) & set(found["train"]):
        raise UserError(
            f"{paths['test']}: the test table has the classes {names['test']}, the training table {names['train']}: "
            "none in common; correct data.test, data.classes or data.codes."
        )
    return [str(name) for code, name in enumerate(data["classes"]) if code not in found["train"]]


def column_types(table: pd.DataFrame, data: dict) -> list[dict]:
    """One record per column: what it is, how many values miss, how many differ, and its range or commonest value."""
    records = []
    for name in table.columns:
        column = table[name]
        role = "target" if name == data["target"] else "numeric" if name in data["numeric"] else "categorical"
        record = {"column": name, "role": role, "missing": int(column.isna().sum()), "distinct": int(column.nunique())}
        if role == "categorical":
            record["commonest"] = column.mode().iloc[0] if record["distinct"] else None
        else:
            record |= {key: float(column.agg(key)) if record["distinct"] else None for key in ("min", "median", "max")}
        records.append(record)
    return records


def row_counts(before: pd.DataFrame, after: pd.DataFrame) -> dict[str, int]:
    """Rows in, rows out, rows with a missing value, and rows that repeat an earlier one."""
    return {
        "rows_in": len(before),
        "rows_out": len(after),
        "with_missing": int(before.isna().any(axis=1).sum()),
        "duplicates": int(before.duplicated().sum()),
    }


def shared_rows(train: pd.DataFrame, test: pd.DataFrame) -> int:
    """Number of test rows that stand in train too, with all their values and their class if the test set has it."""
    return int(test.merge(train[list(test)].drop_duplicates(), how="inner").shape[0])
