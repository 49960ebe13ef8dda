"""A file with a table in it: of which format it is, which columns it has, and their cells as text."""

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet

from gapscope.common.errors import UserError
from gapscope.data import csv_file

ROWS, BYTES = 1 << 17, 1 << 25  # of a block: as many rows or bytes at least
PART = 1 << 14  # rows of a Parquet file at a time
GZIP, PARQUET, ZIP = b"\x1f\x8b", b"PAR1", b"PK\x03\x04"


@dataclass(frozen=True)
class Source:
    """A table's file: format, packing, separator and encoding of a CSV (None for Parquet), and its columns' names."""

    path: str
    format: str  # csv | parquet
    gzipped: bool
    separator: str | None  # comma | semicolon | tab
    encoding: str | None
    names: tuple[str, ...]

    @property
    def words(self) -> str:
        """The format in words, for the log and the report."""
        if self.format == "parquet":
            return "Parquet"
        return f"CSV with the separator {self.separator}, {self.encoding}{', gzip' if self.gzipped else ''}"


def examined(path: str, data: dict, wanted: list[str], like: tuple[str, ...] = ()) -> Source:
    """Recognise the file by its content, not its name.

    Args:
        path: a CSV file with a header line, plain or gzipped, or a Parquet file.
        data: the settings `separator` and `encoding` of config.yaml's data block. The separator `auto` is the one that
            the header line has; of several, the one with which most of the names are columns.
        wanted: names of columns that the file must have. like: those of a table that it resembles.

    Raises:
        UserError: no such file, no table, a name that stands twice, a `wanted` one that is missing.
    """
    source = named(path, data, [*wanted, *like])
    _check_names(source, wanted)
    return source


def named(path: str, data: dict, wanted: list[str]) -> Source:
    """The file as `examined` recognises it, whatever its columns are called."""
    if not Path(path).is_file():
        raise UserError(
            f"{path}: no such file; correct data.train and data.test in the config, or set data.source to simulated."
        )
    start = csv_file.first_bytes(path, False)[:4]
    if start == ZIP:
        raise UserError(f"{path}: a zip archive or a spreadsheet; save the table in it as CSV (UTF-8).")
    if start == PARQUET:
        return Source(path, "parquet", False, None, None, tuple(_parquet(path).schema_arrow.names))
    gzipped = start[:2] == GZIP
    separator, names = csv_file.header(path, gzipped, data, wanted)
    return Source(path, "csv", gzipped, separator, data["encoding"], tuple(names))


def cell_blocks(source: Source, names: list[str]) -> Iterator[pd.DataFrame]:
    """The named columns as text, exactly as they stand in the file, a block of rows (index from 0) at a time.

    A null of a Parquet file is missing.

    Raises:
        UserError: a row of another length than the header, a cell that is no text, no row at all.
    """
    if source.format == "parquet":
        parts = _parquet_cells(source, names)
    else:
        parts = csv_file.cell_blocks(source.path, source.gzipped, source.separator, source.encoding, names)
    rows = 0
    for block in _gathered(parts):
        rows += len(block)
        yield block
    if not rows:
        raise UserError(f"{source.path}: {csv_file.NO_ROWS}")


def _gathered(parts: Iterable[pa.RecordBatch]) -> Iterator[pd.DataFrame]:
    """Parts put together to blocks worth the work that each takes, of bounded size however many columns there are."""
    waiting: list[pa.RecordBatch] = []
    for part in parts:
        waiting.append(part)
        if sum(own.num_rows for own in waiting) >= ROWS or sum(own.nbytes for own in waiting) >= BYTES:
            yield pa.Table.from_batches(waiting).to_pandas()
            waiting = []
    if waiting:
        yield pa.Table.from_batches(waiting).to_pandas()


def _check_names(source: Source, wanted: list[str]) -> None:
    path, names = source.path, source.names
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise UserError(
            f"{path}: column '{twice[0]}' stands {names.count(twice[0])} times in the header; "
            "rename or remove the copies."
        )
    missing = [name for name in wanted if name not in names]
    if missing:
        near = [f"did you mean '{name}'? The" for name in difflib.get_close_matches(missing[0], names, n=1)]
        raise UserError(
            f"{path}: column '{missing[0]}' is missing; {(near or ['the'])[0]} file has: {', '.join(names)}."
        )


def _parquet(path: str) -> pyarrow.parquet.ParquetFile:
    try:
        return pyarrow.parquet.ParquetFile(path, pre_buffer=False)
    except (pa.ArrowException, OSError) as error:
        raise UserError(f"{path}: a damaged Parquet file ({_short(error)}); copy it anew.") from None


def _parquet_cells(source: Source, names: list[str]) -> Iterator[pa.RecordBatch]:
    try:
        for batch in _parquet(source.path).iter_batches(PART, columns=names, use_threads=False):
            yield pa.record_batch({name: _as_text(source, name, batch[name]) for name in names})
    except (pa.ArrowException, OSError) as error:
        raise UserError(f"{source.path}: a damaged Parquet file ({_short(error)}); copy it anew.") from None


def _as_text(source: Source, name: str, column: pa.Array) -> pa.Array:
    try:
        return column.cast(pa.string())
    except pa.ArrowException:
        raise UserError(
            f"{source.path}: column '{name}' has values of the type {column.type}; expected numbers, texts or truth "
            "values."
        ) from None


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
