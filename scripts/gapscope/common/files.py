"""Read and write results. A file only gets its final name once it is complete."""

import csv
import io
import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from gapscope.common.cells import lines
from gapscope.common.whole import whole, write_text

AT_ONCE = 65536  # rows to convert to text at a time


def read_json(path: str) -> dict:
    return json.loads(Path(path).read_text(encoding="utf-8"))


def write_json(path: str, content: dict) -> None:
    """Write standard JSON; NaN and infinities raise ValueError, because not every reader accepts them."""
    text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False, default=_plain)
    write_text(path, text + "\n")


def write_csv(path: str, table, source: str) -> None:
    """Write a pandas table as CSV, with a last column for the source of the data (simulated, files or download).

    Spreadsheets run none of its cells as formulas (see `cells`).
    """
    pieces = (table.iloc[first : first + AT_ONCE] for first in range(0, max(1, len(table)), AT_ONCE))
    write_csv_blocks(path, pieces, source)


def write_csv_blocks(path: str, tables: Iterable, source: str) -> None:
    """Write pandas tables with the same columns into one CSV, as `write_csv` does."""
    with whole(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        for place, table in enumerate(tables):
            table = table.copy(deep=False)
            # the data may have a column with this name, too
            table.insert(len(table.columns), "data_source", source, allow_duplicates=True)
            text = io.StringIO(table.to_csv(index=False, header=place == 0, lineterminator="\r\n"), newline="")
            file.writelines(lines(csv.reader(text)))


def write_records(path: str, records: list[dict], source: str, names: list[str] | None = None) -> None:
    """Write records with the same keys as CSV: the same bytes as `write_csv`, without pandas.

    `names` are the keys; only needed if there may be no records.
    """
    rows = [[None if value != value else value for value in record.values()] + [source] for record in records]
    with whole(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        file.writelines(lines([[*(names or records[0]), "data_source"], *rows]))


def read_columns(path: str) -> dict[str, np.ndarray]:
    """Read a numeric CSV from `write_records`, without the column data_source; empty cells are NaN."""
    with Path(path).open(encoding="utf-8", newline="") as file:
        names, *rows = csv.reader(file)
    cells = zip(names[:-1], zip(*rows))
    return {name: np.array([float(cell) if cell else np.nan for cell in column]) for name, column in cells}


def write_array(path: str, array: np.ndarray) -> None:
    with whole(path) as temporary, temporary.open("wb") as file:
        np.save(file, array, allow_pickle=False)


def write_blocks(path: str, shape: tuple[int, int], blocks: Iterable[np.ndarray]) -> None:
    """Write a float64 matrix (n, d) block by block (rows, d): the same bytes as `write_array`."""
    with whole(path) as temporary, temporary.open("wb") as file:
        header = {"descr": np.lib.format.dtype_to_descr(np.dtype(np.float64)), "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(file, header)
        rows = 0
        for block in blocks:
            file.write(np.ascontiguousarray(block, dtype=np.float64))
            rows += len(block)
        if rows != shape[0]:
            raise ValueError(f"{path}: expected {shape[0]} rows, got {rows}")


def read_array(path: str) -> np.ndarray:
    return np.load(path, allow_pickle=False)


def _plain(value):
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")
