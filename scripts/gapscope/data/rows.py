"""Rows of tables: read by their place, told apart by hashes, or with columns replaced."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gapscope.data import parquet


@dataclass(frozen=True)
class Listed:
    """The rows (n,) of a Parquet file, in this order."""

    path: str
    rows: np.ndarray

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, places: np.ndarray, columns: list[str]) -> pd.DataFrame:
        """The rows at these places, in their order."""
        return parquet.take(self.path, self.rows[places], columns)

    def blocks(self, columns: list[str]) -> Iterator[tuple[np.ndarray, pd.DataFrame]]:
        """All rows, as many at a time as the file keeps together: their places, which rise, and the rows."""
        order = np.argsort(self.rows, kind="stable")
        first, done = 0, 0
        for block in parquet.blocks(self.path, columns):
            end = first + len(block)
            own = np.searchsorted(self.rows, end, sorter=order)
            places = np.sort(order[done:own])
            yield places, block.iloc[self.rows[places] - first].reset_index(drop=True)
            first, done = end, own


@dataclass(frozen=True)
class Held:
    """A table in memory."""

    table: pd.DataFrame

    def __len__(self) -> int:
        return len(self.table)

    def take(self, places: np.ndarray, columns: list[str]) -> pd.DataFrame:
        """The rows at these places, in their order."""
        return self.table[columns].iloc[places].reset_index(drop=True)

    def blocks(self, columns: list[str]) -> Iterator[tuple[np.ndarray, pd.DataFrame]]:
        """All rows at once: their places, and the rows."""
        yield np.arange(len(self.table)), self.table[columns]


def row_hashes(block: pd.DataFrame) -> np.ndarray:
    """One number (n,) uint64 for each of the rows, whichever rows are beside it."""
    zeros = {name: block[name] + 0.0 for name in block if block[name].dtype == np.float64}  # -0.0 + 0.0 is 0.0
    return pd.util.hash_pandas_object(replaced(block, zeros), index=False).to_numpy()


def replaced(table: pd.DataFrame, columns: dict) -> pd.DataFrame:
    """Result of `table.assign(**columns)`, also for a column that is called `self`, which would be its argument."""
    table = table.copy(deep=False)
    for name, values in columns.items():
        table[name] = values
    return table
