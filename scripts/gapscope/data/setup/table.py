"""One new table: its cells as text, and what is odd about its rows."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from gapscope.common.errors import UserError
from gapscope.data.classes import bare
from gapscope.data.parquet_cells import unreadable
from gapscope.data.read import is_missing
from gapscope.data.setup.conventions import Convention
from gapscope.data.source import Source, cell_blocks

LOOKED_AT = 200_000  # rows by which columns are judged, at most


@dataclass(frozen=True)
class Table:
    """A file, its number of rows, the cells as text of every `every`th of them, and the target's cells in all rows.

    `target`: rows by text; empty where the file has no such column. `unlike`: column -> what its cells hold that is no
    text.
    """

    source: Source
    rows: int
    every: int
    cells: pd.DataFrame
    target: pd.Series
    unlike: dict[str, str]

    def masked(self, spellings: Iterable[str], kept: dict[str, tuple[str, ...]]) -> "Table":
        """The table with missing values for these spellings, but for those that a column keeps."""
        words = {name: [word for word in spellings if word not in kept.get(name, ())] for name in self.cells}
        cells = {name: column.mask(is_missing(column, words[name])) for name, column in self.cells.items()}
        return replace(self, cells=pd.DataFrame(cells))


def table(source: Source, target: str, like: tuple[str, ...] = ()) -> Table:
    """The file read through; beyond LOOKED_AT rows, every second, fourth, ... is kept.

    Columns have the names that they have in `like`, those of the training table.
    """
    unlike = unreadable(source.path) if source.format == "parquet" else {}
    known = {source.place_among(name, [target, *like]): name for name in [target, *like]}
    names = [known.get(place, name) for place, name in enumerate(source.names) if source.written[place] not in unlike]
    kept, rows, every = [], 0, 1
    counts = [pd.Series(dtype="int64", index=pd.Index([], dtype="str"))]
    for block in cell_blocks(source, names):
        again = block[block.iloc[:, 0].str.strip().str.casefold() == names[0].casefold()]
        same = again.apply(lambda cells: bare(cells).str.casefold() == cells.name.casefold()).all(axis=1)
        if same.any():
            raise UserError(
                f"{source.path}: row {rows + same.idxmax() + 2} repeats the header; take it out of the file."
            )
        if target in block:
            counts.append(block[target].fillna("").value_counts(sort=False))
        kept.append(block.iloc[-rows % every :: every])
        rows += len(block)
        while sum(map(len, kept)) > LOOKED_AT:
            every *= 2
            kept = [pd.concat(kept, ignore_index=True).iloc[::2]]
    counted = pd.concat(counts)
    counted = counted.groupby(bare(counted.index.to_series()).to_numpy()).sum()
    return Table(source, rows, every, pd.concat(kept, ignore_index=True).apply(bare), counted, unlike)


def stray_rows(train: Table, target: str, rows: dict) -> list[str]:
    """Warnings of a first or last row that has a class of its own."""
    ends = {"first": train.cells[target].iloc[0], "last": train.cells[target].iloc[-1]} if train.every == 1 else {}
    return [
        f"the {which} row alone is of the class '{value}': take it out of the file if it holds units, totals or notes"
        for which, value in ends.items()
        if isinstance(value, str) and rows.get(value) == 1
    ]


def totals(own: Table, convention: Convention) -> list[str]:
    """A warning where the last row holds the sums of the others in two columns or more."""
    last = {name: convention.numbers(name, column.tail(1)).iloc[0] for name, column in own.cells.items()}
    sums = {name: convention.numbers(name, own.cells[name].iloc[:-1]).sum() for name in last if last[name]}
    found = [name for name, total in sums.items() if np.isclose(last[name], total, rtol=1e-9)]
    if own.every > 1 or len(own.cells) < 3 or len(found) < 2:
        return []
    return [f"{own.source.path}: the last row holds the sums of {', '.join(found[:8])}: take it out of the file"]


def looked_at(own: Table) -> list[str]:
    told = f"judged by every {own.every}th row ({len(own.cells):,} of {own.rows:,}); classes are counted in all"
    return [f"{own.source.path}: columns are {told}"] if own.every > 1 else []
