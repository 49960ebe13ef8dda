"""A file with a table in it: of which format it is, which columns it has, and their cells as text."""

import difflib
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pandas as pd
import pyarrow as pa

from gapscope.common.errors import UserError, counted
from gapscope.data import csv_file, parquet_cells
from gapscope.data.csv_header import NO_ROWS, Header, first_bytes, header

ROWS, BYTES = 1 << 17, 1 << 25  # of a block: as many rows or bytes at least
PARQUET, ZIP = b"PAR1", b"PK\x03\x04"


@dataclass(frozen=True)
class Source:
    """A table's file: format, packing, encoding and header of a CSV (None for Parquet), and its columns' names.

    `written`: the names as they stand in the file, with blanks around them. `remarks`: what was found on the way that
    the user may not expect.
    """

    path: str
    format: str  # csv | parquet
    gzipped: bool
    header: Header | None
    encoding: str | None
    written: tuple[str, ...]
    remarks: dict[str, None] = field(default_factory=dict, compare=False)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The columns' names without blanks around them, where they so still differ."""
        bare = [unicodedata.normalize("NFC", name).strip(" \t\r\n\xa0\ufeff\u200b") for name in self.written]
        bare = [name or f"Unnamed: {place}" for place, name in enumerate(bare)]
        return tuple(name if bare.count(name) == 1 else raw for name, raw in zip(bare, self.written))

    @property
    def words(self) -> str:
        """The format in words, for the log and the report."""
        if self.format == "parquet":
            return "Parquet"
        return f"CSV with the separator {self.header.separator}, {self.encoding}{', gzip' if self.gzipped else ''}"

    def place(self, name: str) -> int | None:
        """The position of a column: the one of this name or, where there is only one, that differs in capitals."""
        for names in (self.written, self.names):
            if name in names:
                return names.index(name)
        wanted = unicodedata.normalize("NFC", name).strip().casefold()
        alike = [place for place, other in enumerate(self.names) if other.casefold() == wanted]
        if len(alike) != 1:
            return None
        self.remark(f"the column '{self.names[alike[0]]}' is taken for '{name}'")
        return alike[0]

    def place_among(self, name: str, others: Iterable[str]) -> int | None:
        """The position of a column, which is not that of another of these names."""
        place = self.place(name)
        return place if place is None or self.names[place] == name or self.names[place] not in others else None

    def near(self, name: str) -> str:
        """A hint at the column that may have been meant."""
        near = difflib.get_close_matches(name, self.names, n=1)
        return f"did you mean '{near[0]}'? " if near else ""

    def remark(self, text: str) -> None:
        self.remarks[text] = None


def examined(path: str, data: dict, wanted: list[str], like: tuple[str, ...] = ()) -> Source:
    """Recognise the file by its content, not its name.

    Args:
        path: a CSV file with a header line, plain or gzipped, or a Parquet file.
        data: the settings `separator` and `encoding` of config.yaml's data block, as `header` reads them.
        wanted: names of columns that the file must have. like: those of a table that it resembles.

    Raises:
        UserError: no such file, no table, a name that stands twice, a `wanted` one that is missing.
    """
    source = named(path, data, [*wanted, *like])
    names = source.names
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise UserError(
            f"{path}: column '{twice}' stands {names.count(twice)} times in the header; rename or remove the copies."
        )
    missing = next((name for name in wanted if source.place_among(name, wanted) is None), None)
    if missing is not None:
        numbers = any(re.fullmatch(r"[-+]?\d[\d.,]*", name) for name in names)
        hint = source.near(missing) or ("is the first line a header? " if numbers else "")
        if len(names) == 1:
            hint = "no separator splits the first line: name it with data.separator, or save the file as CSV. "
        raise UserError(
            f"{path}: column '{missing}' is missing; {hint or 't'}{'T' * bool(hint)}he file has: {', '.join(names)}."
        )
    return source


def named(path: str, data: dict, wanted: list[str]) -> Source:
    """The file as `examined` recognises it, whatever its columns are called."""
    if not Path(path).is_file():
        raise UserError(
            f"{path}: no such file; correct data.train and data.test in the config, or set data.source to simulated."
        )
    with open(path, "rb") as file:
        start = file.read(4)
    if start == ZIP:
        raise UserError(f"{path}: a zip archive or a spreadsheet; save the table in it as CSV (UTF-8).")
    if start == PARQUET:
        return Source(path, "parquet", False, None, None, tuple(parquet_cells.schema(path).names))
    found = header(path, data, wanted)
    source = Source(path, "csv", first_bytes(path)[0], found, data["encoding"], tuple(found.names))
    if found.unread:
        source.remark(f"comments or titles above the header are left out: {counted(found.unread, 'line')}")
    return source


def cell_blocks(source: Source, names: list[str]) -> Iterator[pd.DataFrame]:
    """The named columns as text, exactly as they stand in the file, a block of rows (index from 0) at a time.

    A null of a Parquet file is missing.

    Raises:
        UserError: a row of another length than the header, a cell that is no text, no row at all.
    """
    places = [source.place(name) for name in names]
    if source.format == "parquet":
        parts = parquet_cells.cell_blocks(source.path, [source.written[place] for place in places])
    else:
        parts = csv_file.cell_blocks(source.path, source.header, source.encoding, places, source.remark)
    rows = 0
    for block in _gathered(parts):
        rows += len(block)
        yield block.set_axis(names, axis=1)
    if not rows:
        raise UserError(f"{source.path}: {NO_ROWS}")


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
