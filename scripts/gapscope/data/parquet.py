"""A cleaned table in its file: Parquet in row groups, so that no more than one of them need be in memory.

Each block, and each table that is read in whole, has the columns' types as `pd.read_parquet` gives them and an index
from 0.
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from gapscope.common.whole import whole

ROW_GROUP = 131_072  # rows


def rows(path: str) -> int:
    return pq.read_metadata(path).num_rows


def blocks(path: str, columns: list[str] | None = None) -> Iterator[pd.DataFrame]:
    """The table a row group at a time, all columns or those named, in that order."""
    with pq.ParquetFile(path, pre_buffer=False) as file:
        for group in range(file.num_row_groups):
            block = file.read_row_group(group, columns=columns, use_threads=False).to_pandas()
            yield block if columns is None else block[columns]


def take(path: str, wanted: np.ndarray, columns: list[str] | None = None) -> pd.DataFrame:
    """The rows numbered by `wanted` (n,) in its order, each as often as it stands there; index 0 to n - 1.

    Raises:
        IndexError: for a number that is no row's.
    """
    wanted = np.asarray(wanted, dtype=np.int64)
    if len(wanted) and not 0 <= wanted.min() <= wanted.max() < rows(path):
        raise IndexError(f"rows {wanted.min()} to {wanted.max()} of {path}, which has {rows(path)}")
    order = np.argsort(wanted, kind="stable")
    rising, parts, first = wanted[order], [], 0
    for block in blocks(path, columns):
        here = rising[slice(*np.searchsorted(rising, (first, first + len(block))))] - first
        if len(here) or not parts:
            parts.append(block.iloc[here])
        first += len(block)
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    return pd.concat(parts, ignore_index=True).iloc[place].reset_index(drop=True)


@dataclass(frozen=True)
class Stored:
    """A table in its file, for code that asks for a column at a time, as it may of a pandas table in memory."""

    path: str

    def __getitem__(self, name: str) -> pd.Series:
        return pd.concat([block[name] for block in self.blocks([name])], ignore_index=True)

    def __len__(self) -> int:
        return rows(self.path)

    def level_counts(self, name: str) -> pd.Series:
        """Rows of each level of a categorical column, in the order in which they first stand there."""
        counts = pd.concat([block[name].value_counts(sort=False) for block in self.blocks([name])])
        return counts.groupby(level=0, sort=False).sum()

    @property
    def columns(self) -> list[str]:
        return pq.read_schema(self.path).names

    def blocks(self, columns: list[str] | None = None) -> Iterator[pd.DataFrame]:
        return blocks(self.path, columns)


def blocks_of(table: pd.DataFrame | Stored, columns: list[str]) -> Iterable[pd.DataFrame]:
    """A table's columns in blocks of rows; of one in memory all rows are one."""
    return [table[columns]] if isinstance(table, pd.DataFrame) else table.blocks(columns)


def stored(path: str, source: str, parts: Iterable[pd.DataFrame]) -> Stored:
    """The table of these blocks of rows, of any number, written to `path`, where it appears when all are written.

    The table's attributes tell its source (simulated, files, download), as `files.write_csv`'s last column does.

    Raises:
        ValueError: no block came, or one with other columns than the first.
    """
    with whole(path) as temporary, ExitStack() as stack:
        file = None
        for group in _row_groups(map(partial(_arrow, source=source), parts)):
            file = file or stack.enter_context(pq.ParquetWriter(temporary, group.schema))
            file.write_table(group, row_group_size=ROW_GROUP)
        if file is None:
            raise ValueError(f"{path}: a table without a block; expected one at least, if without a row")
    return Stored(str(path))


def _arrow(block: pd.DataFrame, source: str) -> pa.Table:
    block = block.copy(deep=False)
    block.attrs = {"data_source": source}
    table = pa.Table.from_pandas(block, preserve_index=False)
    return table.replace_schema_metadata({**table.schema.metadata, "PANDAS_ATTRS": json.dumps(block.attrs)})


def _row_groups(tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """The rows of all tables, ROW_GROUP at a time; of tables without a row one of these."""
    waiting, first = None, True
    for table in tables:
        waiting = table if waiting is None else pa.concat_tables([waiting, table])
        while waiting.num_rows >= ROW_GROUP:
            yield waiting.slice(0, ROW_GROUP).combine_chunks()
            waiting, first = waiting.slice(ROW_GROUP), False
    if waiting is not None and (waiting.num_rows or first):
        yield waiting.combine_chunks()
