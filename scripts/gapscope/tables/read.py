"""Reading a CSV as config.yaml describes it: the one place where a table from outside is checked."""

import csv
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv

from gapscope.errors import UserError

MISSING = [
    "",
    "NA",
    "N/A",
    "NaN",
    "nan",
    "null",
    "NULL",
    "None",
    "<NA>",
]  # as in most tables; a class may still have such a name


def read_table(path: str, data: dict) -> pd.DataFrame:
    """The feature columns of a CSV (numeric ones as float64, categorical ones as text) and the target as class codes.

    Args:
        path: the CSV file, with a header line.
        data: the settings `target`, `classes`, `numeric` and `categorical` of config.yaml's data block.

    Returns:
        Columns in the order numeric, categorical, target. The target holds 0 .. len(classes) - 1, <NA> where missing.

    Raises:
        UserError: for a file, a column or a value that does not fit, naming it. Row 1 is the header.
    """
    names = [*data["numeric"], *data["categorical"], data["target"]]
    _check_header(path, names)
    table = _cells(path, names)
    columns = {name: _numbers(table[name], path) for name in data["numeric"]}
    columns |= {name: table[name].mask(table[name].isin(MISSING)) for name in data["categorical"]}
    columns[data["target"]] = _class_codes(table[data["target"]], data["classes"], path)
    return pd.DataFrame(columns)


def _check_header(path: str, wanted: list[str]) -> None:
    if not Path(path).is_file():
        raise UserError(
            f"{path}: no such file; correct data.train and data.test in the config, or set data.source to simulated."
        )
    with open(path, encoding="utf-8-sig", errors="replace", newline="") as file:
        header = next((row for row in csv.reader(file) if row), [])
    if not header:
        raise UserError(f"{path}: the file is empty; expected a header line with the column names.")
    twice = [name for name in header if header.count(name) > 1]
    if twice:
        raise UserError(
            f"{path}: column '{twice[0]}' stands {header.count(twice[0])} times in the header; "
            "rename or remove the copies."
        )
    missing = [name for name in wanted if name not in header]
    if missing:
        raise UserError(
            f"{path}: column '{missing[0]}' is missing; the config's data block names it, "
            f"the file has: {', '.join(header)}."
        )


def _cells(path: str, names: list[str]) -> pd.DataFrame:
    """The named columns as text, exactly as they stand in the file."""
    try:
        table = pyarrow.csv.read_csv(
            path,
            pyarrow.csv.ReadOptions(use_threads=False),  # only then does an error name its row
            pyarrow.csv.ParseOptions(newlines_in_values=True),
            pyarrow.csv.ConvertOptions(include_columns=names, column_types={name: pa.string() for name in names}),
        )
    except pa.ArrowInvalid as error:
        if "UTF8" in str(error):
            raise UserError(f"{path}: not UTF-8 text ({error}); save the file as UTF-8.") from None
        if "straddling" in str(error):
            raise UserError(
                f"{path}: a cell of more than a megabyte, or a quote that is opened and never closed."
            ) from None
        reason = " ".join(str(error).removeprefix("CSV parse error: ").split())
        raise UserError(f"{path}: {reason[:200]}; give every row as many cells as the header.") from None
    if table.num_rows == 0:
        raise UserError(f"{path}: the table has a header but no rows; expected at least one row per class.")
    return table.to_pandas()


def _numbers(column: pd.Series, path: str) -> pd.Series:
    text = column.str.strip()
    numbers = pd.to_numeric(text, errors="coerce").astype("float64")
    wrong = numbers.isna() & ~text.isin(MISSING)
    if wrong.any():
        _refuse(column, wrong, path, "a number (or move the column to data.categorical)")
    infinite = np.isinf(numbers)
    if infinite.any():
        _refuse(column, infinite, path, "a finite number (or an empty cell where the value is missing)")
    return numbers


def _class_codes(column: pd.Series, classes: list, path: str) -> pd.Series:
    """A cell is a class as data.classes has it or, where no class is a number, its place 0, 1, 2, ... in that list."""
    codes = {spelling: code for code, name in enumerate(classes) for spelling in _spellings(name)}
    expected = f"one of data.classes ({', '.join(map(str, classes))})"
    if not any(re.fullmatch(r"[-+]?\d+", str(name)) for name in classes):
        codes = {str(code): code for code in range(len(classes))} | codes
        expected += " or its place there, counted from 0"
    text = column.str.strip()
    # A column of codes with gaps is often written 1.0, 3.0.
    text = text.where(text.isin(list(codes)), text.str.replace(r"^([-+]?\d+)\.0+$", r"\1", regex=True))
    missing = text.isin([spelling for spelling in MISSING if spelling not in codes])
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
