"""Reading a table as config.yaml describes it: the one place where a table from outside is checked."""

import re

import numpy as np
import pandas as pd

from gapscope.errors import UserError
from gapscope.tables.source import cells, examined

LARGEST = 1e100  # absolute value of a number: the cube of the largest, summed over all rows, is finite too
MOST_UNEQUAL = 1_000_000  # largest weight of a row over the smallest: beyond, single precision loses rows


def read_table(path: str, data: dict) -> pd.DataFrame:
    """The feature columns of a table (numeric ones as float64, categorical ones as text) and the target as class codes.

    Args:
        path: a CSV file with a header line, plain or gzipped, or a Parquet file.
        data: config.yaml's data block. A table without classes has the target None.

    Returns:
        Columns in the order numeric, categorical, target. The target holds 0 .. len(classes) - 1, <NA> where missing.

    Raises:
        UserError: for a file, a column or a value that does not fit, naming it. Row 1 is the header.
    """
    names = column_names(data)
    table, missing = cells(examined(path, data, names), names), data["missing_values"]
    columns = {name: numbers(table[name], data["decimal"], missing, path) for name in data["numeric"]}
    columns |= {name: table[name].mask(is_missing(table[name], missing)) for name in data["categorical"]}
    if data["target"] is not None:
        columns[data["target"]] = _class_codes(table[data["target"]], data, path)
    return pd.DataFrame(columns)


def column_names(data: dict) -> list[str]:
    """The columns that the data block names: numeric, categorical, target."""
    return [*data["numeric"], *data["categorical"], *([data["target"]] if data["target"] is not None else [])]


def read_groups(path: str, data: dict) -> pd.Series:
    """The column data.group of a table as text: which group each row belongs to. UserError where a row names none."""
    name = data["group"]
    groups = cells(examined(path, data, [*column_names({**data, "target": None}), name]), [name])[name].str.strip()
    missing = is_missing(groups, data["missing_values"])
    if missing.any():
        _refuse(groups, missing, path, "the row's group (data.group), or the row left out of the file")
    return groups


def read_weights(path: str, data: dict) -> np.ndarray:
    """The column data.weight of a table (n,): how many rows of the population each row stands for.

    Raises:
        UserError: no such column, a cell that is no positive number, or one row that outweighs all others.
    """
    name = data["weight"]
    source = examined(path, data, column_names({**data, "target": None}))
    if name not in source.names:
        raise UserError(
            f"{path}: column '{name}' is missing; data.weight names it, and both tables need it: where all rows count "
            f"alike, add it with 1 in each. The file has: {', '.join(source.names)}."
        )
    column = cells(source, [name])[name]
    found = parsed(column, data["decimal"])
    wrong = ~((found >= 1 / LARGEST) & (found <= LARGEST))
    if wrong.any():
        expected = f"a positive number with a decimal {data['decimal']}, the rows that this one stands for"
        _refuse(column, wrong, path, f"{expected} (data.weight; leave one that stands for none out of the file)")
    if found.max() > MOST_UNEQUAL * found.min():
        row = int(found.to_numpy().argmax())
        expected = f"no row that counts more than {MOST_UNEQUAL:,} times another (data.weight)"
        _refuse(column, found == found.iloc[row], path, expected)
    return found.to_numpy()


def is_missing(column: pd.Series, spellings: list[str]) -> pd.Series:
    """Which cells hold no value: none at all, or one of these spellings, with or without blanks around it."""
    return column.isna() | column.str.strip().isin(spellings)


def numbers(column: pd.Series, decimal: str, spellings: list[str], path: str) -> pd.Series:
    """A column of texts as float64, with NaN where `is_missing`. `decimal`: point | comma.

    Raises:
        UserError: for a cell that is neither a finite number nor missing.
    """
    missing = is_missing(column, spellings)
    found = parsed(column, decimal).mask(missing)
    wrong = found.isna() & ~missing
    if wrong.any():
        expected = f"a number with a decimal {decimal} (or move the column to data.categorical)"
        _refuse(column, wrong, path, expected)
    too_large = found.abs() > LARGEST
    if too_large.any():
        expected = (
            f"a finite number, up to {LARGEST:g} (an empty cell where the value is missing, or list this spelling in "
        )
        _refuse(column, too_large, path, f"{expected}data.missing_values)")
    return found


def parsed(column: pd.Series, decimal: str) -> pd.Series:
    """Texts as float64; NaN where a text is no number with this decimal sign."""
    text = column.str.strip()
    if decimal == "comma":  # where a point is no part of a number, not even between thousands
        text = text.mask(text.str.contains(".", regex=False)).str.replace(",", ".", regex=False)
    return pd.to_numeric(text, errors="coerce").astype("float64")


def _class_codes(column: pd.Series, data: dict, path: str) -> pd.Series:
    """A cell is a class as data.codes or else data.classes has it.

    Without data.codes, and where no class is a number, it may also be its place 0, 1, 2, ... in data.classes.
    """
    classes, own = data["classes"], data["codes"] or data["classes"]
    codes = {spelling: code for code, name in enumerate(own) for spelling in _spellings(name)}
    expected = f"one of data.{'codes' if data['codes'] else 'classes'} ({', '.join(map(str, own))})"
    if not (data["codes"] or any(re.fullmatch(r"[-+]?\d+", str(name)) for name in classes)):
        codes = {str(code): code for code in range(len(classes))} | codes
        expected += " or its place there, counted from 0"
    text = column.str.strip()
    # A column of codes with gaps is often written 1.0, 3.0.
    text = text.where(text.isin(list(codes)), text.str.replace(r"^([-+]?\d+)\.0+$", r"\1", regex=True))
    missing = text.isna() | text.isin([spelling for spelling in data["missing_values"] if spelling not in codes])
    wrong = ~text.isin(list(codes)) & ~missing
    if wrong.any():
        _refuse(column, wrong, path, expected)
    found = text.map(codes).astype("Int64")
    if found.nunique() < 2:
        only = "no value at all" if missing.all() else f"only the class '{classes[int(found.dropna().iloc[0])]}'"
        raise UserError(f"{path}: the target '{column.name}' has {only}; expected rows of at least two classes.")
    return found


def _spellings(name) -> list[str]:
    return [str(name), str(name).lower(), str(name).upper()] if isinstance(name, bool) else [str(name)]


def _refuse(column: pd.Series, wrong: pd.Series, path: str, expected: str) -> None:
    position = int(wrong.to_numpy().argmax())
    raise UserError(
        f"{path}: row {position + 2}, column '{column.name}': expected {expected}, "
        f"got {str(column.iloc[position])[:60]!r} ({int(wrong.sum())} such cells; row 1 is the header)."
    )
