"""Cleaning: missing values dropped or imputed, with values fitted on one table and applied to another."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from gapscope.common.errors import UserError
from gapscope.common.weights import effective_rows
from gapscope.data.parquet import Stored, stored
from gapscope.data.rows import row_hashes


def fit_imputation(table: Stored, data: dict, impute: dict, path: str) -> dict[str, float | str]:
    """The value that stands in for a missing one, per feature column: mean, median, mode or a constant of `table`.

    Raises:
        UserError: for a column without a value. `path` is the file that the table was read from.
    """
    values = {}
    for kind in ("numeric", "categorical"):
        for name in data[kind]:
            strategy = impute["columns"].get(name, impute[kind])
            values[name] = strategy["constant"] if isinstance(strategy, dict) else _fitted(table, name, kind, strategy)
            if values[name] is None:
                raise UserError(
                    f"{path}: column '{name}' has no value at all, so no {strategy} can stand in for the missing ones; "
                    "remove it from the config's data block or give clean.impute.columns a constant for it."
                )
    return values


def _fitted(table: Stored, name: str, kind: str, strategy: str) -> float | str | None:
    """None for a column without a value; as the mode the smallest of several equally frequent ones."""
    if kind == "categorical":
        return _commonest(table.level_counts(name))
    column = table[name]
    if column.isna().all():
        return None
    return column.mode().iloc[0] if strategy == "mode" else float(column.agg(strategy))


def _commonest(rows: pd.Series) -> str | None:
    """The level with the most rows, of several the first in the alphabet; None without a level."""
    return min(rows.index[rows == rows.max()]) if len(rows) else None


def imputations(raw: dict[str, Stored], data: dict, clean: dict, paths: dict[str, str]) -> dict[str, dict | None]:
    """For "train" and "test" the values of `fit_imputation`, None where rows with a missing value are dropped."""
    if clean["missing"] == "drop":
        return {"train": None, "test": None}
    train = fit_imputation(raw["train"], data, clean["impute"], paths["train"])
    if clean["impute"]["test_from"] == "train":
        return {"train": train, "test": train}
    return {"train": train, "test": fit_imputation(raw["test"], data, clean["impute"], paths["test"])}


def cleaned(table: pd.DataFrame, target: str | None, imputation: dict | None) -> pd.DataFrame:
    """Rows without missing values: imputed by column where `imputation` is given, dropped otherwise.

    A row without a target is dropped in either case: there is nothing to learn from it or to hold it against. A table
    without classes has the target None.
    """
    whole = table.fillna(imputation or {}).dropna()
    return whole.astype({target: "int64"} if target else {}).reset_index(drop=True)


def write_cleaned(
    path: str, table: Stored, target: str | None, imputation: dict | None, source: str, read_from: str
) -> Stored:
    """The rows of `table`, as it was read from the file `read_from`, that `cleaned` keeps, in the file `path`."""
    kept = stored(path, source, (cleaned(block, target, imputation) for block in table.blocks()))
    if not len(kept):
        raise UserError(
            f"{read_from}: every row misses some value, so none is left; set clean.missing to impute, or remove the "
            "emptiest column from the config's data block."
        )
    return kept


def kept_rows(table: Stored, imputation: dict | None) -> np.ndarray:
    """Rows of a table that `cleaned` keeps (n,), as booleans."""
    return np.concatenate([block.fillna(imputation or {}).notna().all(axis=1) for block in table.blocks()])


def weight_record(weights: np.ndarray) -> dict[str, float]:
    """Summary of a cleaned table's weights (n,)."""
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


def column_types(table: Stored, data: dict) -> list[dict]:
    """One record per column: what it is, how many values miss, how many differ, and its range or commonest value."""
    records = []
    for name in table.columns:
        role = "target" if name == data["target"] else "numeric" if name in data["numeric"] else "categorical"
        if role == "categorical":
            rows = table.level_counts(name)
            missing, distinct = len(table) - rows.sum(), len(rows)
            more = {"commonest": _commonest(rows)}
        else:
            column = table[name]
            missing, distinct = column.isna().sum(), column.nunique()
            more = {key: float(column.agg(key)) if distinct else None for key in ("min", "median", "max")}
        records.append({"column": name, "role": role, "missing": int(missing), "distinct": int(distinct), **more})
    return records


def row_counts(before: Iterable[pd.DataFrame], rows_out: int) -> dict[str, int]:
    """Rows in, rows out, rows with a missing value, and rows that repeat an earlier one, of a table in blocks."""
    holes, hashes = 0, [np.empty(0, dtype=np.uint64)]
    for block in before:
        holes += int(block.isna().any(axis=1).sum())
        hashes.append(row_hashes(block))
    hashes = np.concatenate(hashes)
    repeated = len(hashes) - len(np.unique(hashes))
    return {"rows_in": len(hashes), "rows_out": rows_out, "with_missing": holes, "duplicates": repeated}


def shared_rows(train: Stored, test: Stored) -> int:
    """Number of test rows that stand in train too, with all their values and their class if the test set has it."""
    there, own = (
        np.concatenate([row_hashes(block) for block in table.blocks(test.columns)]) for table in (train, test)
    )
    return int(np.isin(own, there).sum())
