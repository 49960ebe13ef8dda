"""A CSV file, plain or gzipped: its separator, its header line, and its cells as text."""

import csv
import gzip
import io
import os
import re
import zlib
from collections.abc import Iterator
from functools import lru_cache

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from gapscope.common.errors import UserError
from gapscope.common.whole import whole

SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t"}
LONGEST = 1 << 20  # bytes of the header line and of what stands before it
BLOCK = 1 << 20  # bytes that are read at a time: no cell is longer
NO_ROWS = "the table has a header but no rows; expected at least one row per class."
UTF_16 = (b"\xff\xfe", b"\xfe\xff")  # what such files begin with


def header(path: str, gzipped: bool, data: dict, wanted: list[str]) -> tuple[str, list[str]]:
    """The separator, comma, semicolon or tab, and the columns' names.

    Args:
        data: the settings `separator` and `encoding` of config.yaml's data block. The separator `auto` is the one that
            the header line has; of several, the one with which most of the names in `wanted` are columns.

    Raises:
        UserError: no text of this encoding, no header line in the first megabyte, a separator that cannot be told.
    """
    encoding = data["encoding"]
    try:
        start = first_bytes(path, gzipped)
        if start[:2] in UTF_16 and "16" not in encoding:
            raise UserError(
                f"{path}: UTF-16 text; set data.encoding to utf-16 in the config, or save the file as UTF-8."
            )
        if b"\0" in start[: 1 << 16] and not re.search("16|32", encoding):
            raise UserError(f"{path}: not a text file, it holds NUL bytes; expected CSV, gzipped CSV or Parquet.")
        own = "utf-8-sig" if encoding.lower() in ("utf-8", "utf8") else encoding  # without a byte order mark
        text, whole = start.decode(own, errors="replace"), len(start) < LONGEST
        headers = {name: _first_row(path, text, whole, sign) for name, sign in SEPARATORS.items()}
    except csv.Error as error:
        raise UserError(
            f"{path}: row 1: {error}, or a quote that is opened and never closed; expected CSV with the column names."
        ) from None
    except (OSError, EOFError, zlib.error, UnicodeError) as error:
        raise UserError(f"{path}: not a table ({error}); expected CSV, gzipped CSV or Parquet.") from None
    if not headers["comma"]:
        raise UserError(f"{path}: the file is empty; expected a header line with the column names.")
    separator = data["separator"] if data["separator"] != "auto" else _separator(path, headers, wanted)
    names = headers[separator]
    if any("\ufffd" in name for name in names):
        raise UserError(f"{path}: row 1 is {_not_decoded(path, gzipped, encoding)}")
    return separator, names


def first_bytes(path: str, gzipped: bool) -> bytes:
    """The first megabyte of the file's content, unpacked; read once while the file is unchanged."""
    status = os.stat(path)
    return _first_bytes(path, gzipped, status.st_mtime_ns, status.st_ctime_ns, status.st_size)


@lru_cache(maxsize=8)
def _first_bytes(path: str, gzipped: bool, *unchanged: int) -> bytes:
    with _opened(path, gzipped) as file:
        return file.read(LONGEST)


def _opened(path: str, gzipped: bool):
    return gzip.open(path) if gzipped else open(path, "rb")


def _first_row(path: str, text: str, whole: bool, sign: str) -> list[str]:
    """The first row that is not empty; a byte that is no text shows as U+FFFD. `whole`: the text is all of the file."""
    lines = io.StringIO(text, newline="")
    row = next((row for row in csv.reader(lines, delimiter=sign) if row), [])
    if not whole and lines.tell() == len(text):
        raise UserError(f"{path}: row 1 does not end within a megabyte; expected CSV with the column names there.")
    return row


def _separator(path: str, headers: dict[str, list[str]], wanted: list[str]) -> str:
    found = [name for name, names in headers.items() if len(names) > 1] or ["comma"]
    if len(found) == 1:
        return found[0]
    known = {name: len(set(wanted) & set(headers[name])) for name in found}
    fitting = [name for name in found if 0 < known[name] == max(known.values())]
    if len(fitting) == 1:
        return fitting[0]
    raise UserError(
        f"{path}: the header line holds more than one separator ({', '.join(found)}), and as many of the columns that "
        f"are expected there ({', '.join(wanted[:8])}{', ...' * (len(wanted) > 8)}) are found with each of them, "
        f"{max(known.values())}; set data.separator."
    )


def cell_blocks(path: str, gzipped: bool, separator: str, encoding: str, names: list[str]) -> Iterator[pa.RecordBatch]:
    """The named columns as text, exactly as they stand in the file, about a megabyte of the file at a time."""
    try:
        yield from pyarrow.csv.open_csv(
            pa.input_stream(path, compression="gzip" if gzipped else None),
            pyarrow.csv.ReadOptions(use_threads=False, block_size=BLOCK, encoding=encoding),  # so errors name rows
            pyarrow.csv.ParseOptions(newlines_in_values=True, delimiter=SEPARATORS[separator]),
            pyarrow.csv.ConvertOptions(include_columns=names, column_types={name: pa.string() for name in names}),
        )
    except UnicodeError as error:
        raise UserError(f"{path}: not text in the encoding {encoding} ({error}); correct data.encoding.") from None
    except OSError as error:
        raise UserError(f"{path}: the file cannot be unpacked ({error}); copy it anew.") from None
    except pa.ArrowInvalid as error:
        raise UserError(f"{path}: {_refusal(str(error), path, gzipped, encoding)}") from None


def _refusal(error: str, path: str, gzipped: bool, encoding: str) -> str:
    """Message for an error of Arrow's: what is wrong and what to do."""
    error = " ".join(error.split())
    if "UTF8" in error:
        place = re.search(r"Row #\d+", error)
        return f"{_not_decoded(path, gzipped, encoding)}" + (f" ({place[0]})" if place else "")
    if "Empty CSV" in error:
        return NO_ROWS
    if "straddl" in error:
        return "a cell of more than a megabyte, or a quote that is opened and never closed."
    reason = error.removeprefix("CSV parse error: ")
    return f"{reason[:200]}; give every row as many cells as the header."


def _not_decoded(path: str, gzipped: bool, encoding: str) -> str:
    """Message for bytes that are not of this encoding: which one they may be of, and what to do."""
    with _opened(path, gzipped) as file:
        content = file.read(1 << 24)
    try:
        content.decode("cp1252")
    except UnicodeDecodeError:
        return f"not {encoding.upper()} text; set data.encoding to what the file is written in, or save it as UTF-8."
    return (
        f"not {encoding.upper()} text; its bytes can be read as cp1252 (Windows, a superset of Latin-1): if the file "
        "is that, set data.encoding to cp1252, or save it as UTF-8."
    )


BLOCK = 1 << 17  # rows that are texts at one time


def write_table(path: str, table: pd.DataFrame) -> None:
    with whole(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        file.write(table.iloc[:0].to_csv(index=False, lineterminator="\n"))
        file.writelines(_texts(table))


def _texts(table: pd.DataFrame) -> Iterator[str]:
    """The rows' lines, those of a block as one text."""
    for first in range(0, len(table), BLOCK):
        block = table.iloc[first : first + BLOCK]
        lines = pc.binary_join_element_wise(*(_cells(block[name]) for name in block), ",")
        yield pc.binary_join(pa.ListArray.from_arrays([0, len(lines)], lines), "\n")[0].as_py() + "\n"


def _cells(column: pd.Series) -> pa.Array:
    """The cells of a column as they stand in the file: each different value is written once, by pandas."""
    if column.dtype == np.float64:  # by their bits, since -0.0 equals 0.0
        codes, bits = pd.factorize(column.to_numpy().view(np.int64))
        values = bits.view(np.float64)
    else:
        codes, values = pd.factorize(column, use_na_sentinel=False)
    end = ",0\n"  # a second column: a line with nothing else on it would be quoted
    written = pd.DataFrame({"values": values, "end": 0}).to_csv(index=False, header=False, lineterminator="\n")
    return pa.array(written.split(end)[:-1]).take(pa.array(codes))
