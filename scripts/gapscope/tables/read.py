"""Reading a CSV as config.yaml describes it: the one place where a table from outside is checked."""

import csv
from pathlib import Path

import pandas as pd

from gapscope.errors import UserError


def read_table(path: str, data: dict) -> pd.DataFrame:
    """The feature columns of a CSV (numeric ones as float64, categorical ones as text) and the target as class codes.

    Args:
        path: the CSV file, with a header line.
        data: the settings `target`, `classes`, `numeric` and `categorical` of config.yaml's data block.

    Returns:
        Columns in the order numeric, categorical, target. The target holds 0 .. len(classes) - 1, or <NA> where missing.

    Raises:
        UserError: for a file, a column or a value that does not fit, naming it.
    """
    _check_header(path, [*data["numeric"], *data["categorical"], data["target"]])
    try:
        table = pd.read_csv(path, dtype={name: str for name in data["categorical"]}, encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: not UTF-8 text (byte {error.start}); save the file as UTF-8.") from None
    except pd.errors.ParserError as error:
        raise UserError(f"{path}: not a regular CSV: {error}. Give every row as many cells as the header.") from None
    if table.empty:
        raise UserError(f"{path}: the table has a header but no rows; expected at least one row per class.")
    columns = {name: _numbers(table[name], path) for name in data["numeric"]}
    columns |= {name: table[name] for name in data["categorical"]}
    columns[data["target"]] = _class_codes(table[data["target"]], data["classes"], path)
    return pd.DataFrame(columns)


def _check_header(path: str, wanted: list[str]) -> None:
    if not Path(path).is_file():
        raise UserError(f"{path}: no such file; correct data.train and data.test in the config, or set data.source to simulated.")
    with open(path, encoding="utf-8-sig", errors="replace", newline="") as file:
        header = next(csv.reader(file), [])
    if not header:
        raise UserError(f"{path}: the file is empty; expected a header line with the column names.")
    twice = [name for name in dict.fromkeys(header) if header.count(name) > 1]
    if twice:
        raise UserError(f"{path}: column '{twice[0]}' stands {header.count(twice[0])} times in the header; rename or remove the copies.")
    missing = [name for name in wanted if name not in header]
    if missing:
        raise UserError(f"{path}: column '{missing[0]}' is missing; the config's data block names it, the file has: "
                        f"{', '.join(header)}.")


def _numbers(column: pd.Series, path: str) -> pd.Series:
    numbers = pd.to_numeric(column, errors="coerce").astype("float64")
    wrong = numbers.isna() & column.notna()
    if wrong.any():
        _refuse(column, wrong, path, "a number (or move the column to data.categorical)")
    infinite = numbers.abs() == float("inf")
    if infinite.any():
        _refuse(column, infinite, path, "a finite number (or an empty cell where the value is missing)")
    return numbers


def _class_codes(column: pd.Series, classes: list, path: str) -> pd.Series:
    text = column.map(_as_text, na_action="ignore").astype("object")
    values = {_as_text(value): code for code, value in enumerate(classes)}
    if not set(text.dropna()) <= set(values):
        codes = {str(code): code for code in range(len(classes))}
        # Whichever reading explains more rows is the one that was meant; the error names a row that it leaves over.
        values = max(values, codes, key=lambda known: text.isin(list(known)).sum())
    wrong = ~text.isin(list(values)) & text.notna()
    if wrong.any():
        _refuse(column, wrong, path, f"one of data.classes ({', '.join(map(str, classes))}) or a code from 0 to {len(classes) - 1}")
    codes = text.map(values).astype("Int64")
    if codes.nunique() < 2:
        only = f"only the class '{classes[int(codes.dropna().iloc[0])]}'" if codes.notna().any() else "no value at all"
        raise UserError(f"{path}: the target '{column.name}' has {only}; expected rows of at least two classes.")
    return codes


def _as_text(value) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _refuse(column: pd.Series, wrong: pd.Series, path: str, expected: str) -> None:
    position = int(wrong.to_numpy().argmax())
    raise UserError(f"{path}: row {position + 2}, column '{column.name}': expected {expected}, got {str(column.iloc[position])[:60]!r} "
                    f"({int(wrong.sum())} such cells; row 1 is the header).")
