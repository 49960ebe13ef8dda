"""Rows of a cleaned table by their place: of one that is stored, read when they are asked for, or of one in memory."""

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
