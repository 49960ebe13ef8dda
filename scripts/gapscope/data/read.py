"""Reading a table as config.yaml describes it: the one place where a table from outside is checked."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import pandas as pd
from pandas.api.types import union_categoricals

from gapscope.common.errors import UserError, counted
from gapscope.data.classes import bare, class_codes, levels_of, truth_values
from gapscope.data.dates import SAID, days
from gapscope.data.numbers import parsed, words
from gapscope.data.source import Source, cell_blocks, examined

Found = tuple[pd.Series, dict[str, pd.Series]]  # values of texts (k,); by what was expected, which of them do not fit

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
    return pd.concat(table_blocks(path, data), ignore_index=True)


def table_blocks(path: str, data: dict, least_classes: int = 2, source: Source | None = None) -> Iterator[pd.DataFrame]:
    """The table as `read_table` has it, a block of rows at a time; test rows may be of one class.

    `source`: the file as `examined` has it, which keeps what is remarked on the way.

    Raises:
        UserError: as `read_table`; for values that do not fit after the last block, with the number of all of them.
    """
    names = column_names(data)
    columns = {name: TextColumn(name, partial(numbers, name=name, data=data)) for name in data["numeric"]}
    columns |= {name: TextColumn(name, partial(_levels, name=name, data=data)) for name in data["categorical"]}
    if data["target"] is not None:
        columns[data["target"]] = TextColumn(data["target"], partial(class_codes, data=data))
    classes: set[int] = set()
    for cells in cell_blocks(source or examined(path, data, names), names):
        block = pd.DataFrame({name: columns[name].read(cells[name]) for name in names})
        if data["target"] is not None:
            classes |= set(block[data["target"]].dropna().unique())
        yield block
    for column in columns.values():
        column.check(path)
    if data["target"] is not None:
        _check_classes(classes, data, path, least_classes)


def column_names(data: dict) -> list[str]:
    """The columns that the data block names: numeric, categorical, target."""
    return [*data["numeric"], *data["categorical"], *([data["target"]] if data["target"] is not None else [])]


def read_groups(path: str, data: dict) -> np.ndarray:
    """Numbers (n,), from 0 in the order of their names, of the groups that data.group names for a table's rows.

    Raises:
        UserError: where a row names none.
    """
    name = data["group"]
    column = TextColumn(name, partial(_groups, spellings=data["missing_values"]), required=True)
    source = examined(path, data, [*column_names({**data, "target": None}), name])
    found = [column.read(block[name]).astype("category") for block in cell_blocks(source, [name])]
    column.check(path)
    return union_categoricals(found, sort_categories=True).codes.astype(np.int64)


def read_weights(path: str, data: dict) -> np.ndarray:
    """The column data.weight of a table (n,): how many rows of the population each row stands for.

    Raises:
        UserError: no such column, a cell that is no positive number, or one row that outweighs all others.
    """
    name = data["weight"]
    source = examined(path, data, column_names({**data, "target": None}))
    if source.place(name) is None:
        raise UserError(
            f"{path}: column '{name}' is missing; data.weight names it, and both tables need it: where all rows count "
            f"alike, add it with 1 in each. The file has: {', '.join(source.names)}."
        )
    convention = data["decimal"], data["thousands"], data["units"].get(name, "")
    column = TextColumn(name, partial(_weights, convention=convention), required=True)
    weights = np.concatenate([column.read(block[name]).to_numpy() for block in cell_blocks(source, [name])])
    column.check(path)
    if (largest := weights.max()) > MOST_UNEQUAL * weights.min():
        raise UserError(
            f"{path}: row {weights.argmax() + 2}, column '{name}': expected no row that counts more than "
            f"{MOST_UNEQUAL:,} times another (data.weight), got {largest:g} (row 1 is the header)."
        )
    return weights


def _weights(texts: pd.Series, convention: tuple) -> Found:
    found = parsed(texts, *convention)
    expected = (
        f"a positive number with a decimal {convention[0]}, the rows that this one stands for (data.weight; leave one "
        "that stands for none out of the file)"
    )
    return found, {expected: ~found.between(1 / LARGEST, LARGEST)}


def is_missing(column: pd.Series, spellings: list[str]) -> pd.Series:
    """Cells without a value, as booleans: empty, or one of these spellings, with or without blanks around it."""
    return column.isna() | column.str.strip().isin(spellings)


def numbers(texts: pd.Series, name: str, data: dict) -> Found:
    """Texts (k,) of a numeric column as float64, NaN where missing; and those that are no finite number, or no date."""
    missing = is_missing(texts, _spellings(name, data))
    if name in data["dates"]:
        form = data["dates"][name]
        found, number = days(texts, form), f"a date {SAID[form]} (data.dates)"
    else:
        convention = data["decimal"], data["thousands"], data["units"].get(name, "")
        found, number = parsed(texts, *convention), f"{words(*convention)} (or move the column to data.categorical)"
    found = found.mask(missing)
    finite = (
        f"a finite number, up to {LARGEST:g} (an empty cell where the value is missing, or list this spelling in "
        "data.missing_values)"
    )
    return found, {number: found.isna() & ~missing, finite: found.abs() > LARGEST}


def _levels(texts: pd.Series, name: str, data: dict) -> Found:
    texts = levels_of(texts).mask(is_missing(texts, _spellings(name, data)))
    return truth_values(texts) if name in data["truth"] else (texts, {})


def _spellings(name: str, data: dict) -> list[str]:
    """Spellings of missing values in this column."""
    kept = data["not_missing"].get(name, [])
    return [word for word in data["missing_values"] if word not in kept]


def _groups(texts: pd.Series, spellings: list[str]) -> Found:
    expected = "the row's group (data.group), or the row left out of the file"
    return bare(texts), {expected: is_missing(texts, spellings)}


def _check_classes(codes: set[int], data: dict, path: str, least: int) -> None:
    if len(codes) < least:
        only = f"only the class '{data['classes'][min(codes)]}'" if codes else "no value at all"
        expected = "at least two classes" if least == 2 else "one class at least"
        raise UserError(f"{path}: the target '{data['target']}' has {only}; expected rows of {expected}.")


@dataclass
class TextColumn:
    """A column as it is read. `of_texts` is asked for each different text of a block once.

    `required`: a cell without a text, as a Parquet file may have it, does not fit either. `refused`: what was expected
    -> the number of cells that do not fit, and row (the header is row 1) and text of the first.
    """

    name: str
    of_texts: Callable[[pd.Series], Found]
    required: bool = False
    rows: int = 0
    refused: dict[str, tuple[int, int, str]] = field(default_factory=dict)

    def read(self, cells: pd.Series) -> pd.Series:
        """The values (n,) of a block's cells; missing where there is none, or a text that does not fit."""
        codes, texts = pd.factorize(cells)
        values, wrong = self.of_texts(pd.Series(texts, dtype="str"))
        for expected, which in wrong.items():
            hit = np.append(which.to_numpy(bool), self.required)[codes]
            count, row, text = self.refused.get(expected, (0, 0, ""))
            if hit.any() and not count:
                row, text = self.rows + int(hit.argmax()) + 2, str(cells.iloc[hit.argmax()])
            self.refused[expected] = count + int(hit.sum()), row, text
        self.rows += len(cells)
        return pd.Series(values.array.take(codes, allow_fill=True))

    def check(self, path: str) -> None:
        """Raises UserError for the first of the reasons for which cells of the file `path` were refused."""
        for expected, (count, row, text) in self.refused.items():
            if count:
                raise UserError(
                    f"{path}: row {row}, column '{self.name}': expected {expected}, got {text[:60]!r} "
                    f"({counted(count, 'such cell')}; row 1 is the header)."
                )
