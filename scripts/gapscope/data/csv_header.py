"""The start of a CSV file: how it is packed, what stands before the header line, the separator, the columns' names."""

import codecs
import csv
import gzip
import io
import os
import re
import zlib
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache

from gapscope.common.errors import UserError

SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}
OTHERS = {"colon": ":", "^": "^", "~": "~", "!": "!", "@": "@", "control character 1": "\x01", "blank": " "}
LONGEST = 1 << 20  # bytes of the header line and of what stands before it
LOOKED_AT = 20  # rows that may tell the separator
NO_ROWS = "the table has a header but no rows; expected at least one row per class."
GZIP = b"\x1f\x8b"
UTF_16 = (b"\xff\xfe", b"\xfe\xff")  # what such files begin with
LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r|$)")
EXCEL = re.compile(r'"?sep=(.)"?', re.IGNORECASE)


@dataclass(frozen=True)
class Header:
    """Separator (its name), the columns' names as they stand there, and the lines before that row."""

    separator: str
    names: list[str]
    above: int
    unread: int  # of these lines, the comments and titles


def header(path: str, data: dict, wanted: list[str]) -> Header:
    """The separator and the names that the first lines tell.

    Args:
        data: the settings `separator` and `encoding` of config.yaml's data block. The separator `auto` is the one that
            the header line has; of several, the one with which most of the names in `wanted` are columns, or all rows
            below are as long.

    Raises:
        UserError: no text of this encoding, no header line in the first megabyte, a separator that cannot be told.
    """
    encoding = data["encoding"]
    try:
        start = first_bytes(path)[1]
        if start[:2] in UTF_16 and "16" not in encoding:
            raise UserError(
                f"{path}: UTF-16 text; set data.encoding to utf-16 in the config, or save the file as UTF-8."
            )
        if b"\0" in start[: 1 << 16] and not re.search("16|32", encoding):
            raise UserError(f"{path}: not a text file, it holds NUL bytes; expected CSV, gzipped CSV or Parquet.")
        known = "utf-8-sig" if encoding.lower() in ("utf-8", "utf8") else encoding  # without a byte order mark
        found = _header(path, start.decode(known, errors="replace"), len(start) < LONGEST, data["separator"], wanted)
    except csv.Error as error:
        raise UserError(
            f"{path}: row 1: {error}, or a quote that is opened and never closed; expected CSV with the column names."
        ) from None
    except (OSError, EOFError, zlib.error, UnicodeError) as error:
        raise UserError(f"{path}: not a table ({error}); expected CSV, gzipped CSV or Parquet.") from None
    if any("\ufffd" in name for name in found.names):
        raise UserError(f"{path}: row 1 is {not_decoded(path, encoding)}")
    return found


def first_bytes(path: str) -> tuple[bool, bytes]:
    """Whether the file is gzipped, and the first megabyte of its content; read once while the file is unchanged."""
    status = os.stat(path)
    return _first_bytes(path, status.st_mtime_ns, status.st_ctime_ns, status.st_size)


@lru_cache(maxsize=8)
def _first_bytes(path: str, *unchanged: int) -> tuple[bool, bytes]:
    with opened(path) as file:
        return isinstance(file, gzip.GzipFile), file.read(LONGEST)


def opened(path: str):
    """The file's content, unpacked."""
    file = open(path, "rb")  # noqa: SIM115
    if file.peek(2)[:2] != GZIP:
        return file
    unpacked = gzip.GzipFile(fileobj=file)
    unpacked.myfileobj = file  # closed with it
    return unpacked


def _header(path: str, text: str, whole: bool, separator: str, wanted: list[str]) -> Header:
    """`whole`: the text is all of the file. A byte that is no text shows as U+FFFD."""
    above, place = _above(text, wanted)
    told = [line for line in map(str.strip, above) if line]
    excel = [found[1] for line in told if (found := EXCEL.fullmatch(line))]
    if excel and separator == "auto":
        separator = next((name for name, sign in SEPARATORS.items() if sign == excel[0]), excel[0])
    signs = SEPARATORS | OTHERS if separator == "auto" else {separator: SEPARATORS.get(separator, separator)}
    rows = {name: _rows(path, text[place:], whole, sign) for name, sign in signs.items()}
    if not any(rows.values()):
        raise UserError(f"{path}: the file is empty; expected a header line with the column names.")
    if whole and not re.search(r"[\r\n]", text[place:]):
        raise UserError(f"{path}: {NO_ROWS}")
    separator = separator if separator != "auto" else _separator(path, rows, wanted)
    _check_blanks(path, rows[separator])
    return Header(separator, rows[separator][0], len(above), len(told) - len(excel))


def _check_blanks(path: str, rows: list[list[str]]) -> None:
    for number, row in enumerate(rows, 1):
        cell = next((cell for cell in row if cell.startswith(" ") and cell.lstrip().startswith('"')), None)
        if cell:
            raise UserError(
                f"{path}: row {number}: a blank stands before the quote in {cell[:30]!r}, so the quote would count as "
                "text; take out the blanks behind the separators."
            )


def _above(text: str, wanted: list[str]) -> tuple[list[str], int]:
    """The lines above the header, and where it begins: the first line that is neither blank nor a comment, unless a
    later one has the wanted names."""
    names, lines, place = {name.strip().casefold() for name in wanted}, [], 0
    first: tuple[int, int] | None = None  # such a line: how many stand above it, and where it begins
    while place < len(text) and (first is None or len(lines) < first[0] + LOOKED_AT):
        line = LINE.match(text, place)
        bare = line[0].strip()
        cells = [cell.strip(' "\ufeff').casefold() for cell in re.split(r"[,;\t|]", bare)] if bare else []
        known = len(names.intersection(cells))
        if known and (
            first is None or (2 * known >= len(names) and not any(re.fullmatch(r"[-\d.]+", c) for c in cells))
        ):
            return lines, place
        if first is None and line[0].strip("\r\n") and not bare.startswith("#") and not EXCEL.fullmatch(bare):
            first = len(lines), place
        if line[0].count('"') % 2:  # a name of two lines
            break
        lines.append(line[0])
        place = line.end()
    return (lines[: first[0]], first[1]) if first else (lines, place)


def _rows(path: str, text: str, whole: bool, sign: str) -> list[list[str]]:
    """The header and the rows below it."""
    lines = io.StringIO(text, newline="")
    rows = csv.reader(lines, delimiter=sign)
    first = next((row for row in rows if row), None)
    if not whole and lines.tell() == len(text):
        raise UserError(f"{path}: row 1 does not end within a megabyte; expected CSV with the column names there.")
    found = [first] if first else []
    with suppress(csv.Error):  # further down, where it is told with its row
        found += [row for row, _ in zip((row for row in rows if row), range(LOOKED_AT))]
    return found


def _separator(path: str, rows: dict[str, list[list[str]]], wanted: list[str]) -> str:
    """The separator that splits the header; one of OTHERS only if all rows are as long and no usual one splits it."""
    splitting = [name for name, found in rows.items() if len(found[0]) > 1]
    even = [name for name in splitting if len({len(row) for row in rows[name]}) == 1]
    usual = [name for name in splitting if name in SEPARATORS]
    found = usual or sorted(even, key=lambda name: -len(rows[name][0]))[:1] or ["comma"]
    known = {name: len(set(wanted) & {cell.strip() for cell in rows[name][0]}) for name in found}
    merits = {name: (known[name], name in even) for name in found}
    best = [name for name in found if merits[name] == max(merits.values())]
    if len(best) == 1:
        return best[0]
    raise UserError(
        f"{path}: the header line holds more than one separator ({', '.join(found)}), and as many of the columns that "
        f"are expected there ({', '.join(wanted[:8])}{', ...' * (len(wanted) > 8)}) are found with each of them, "
        f"{max(known.values())}; set data.separator."
    )


def is_utf_8(path: str, encoding: str) -> bool:
    """Whether the file is UTF-8, and reads otherwise in this encoding."""
    try:
        with opened(path) as file:
            content = file.read(1 << 24)
        text = codecs.getincrementaldecoder("utf-8")().decode(content)
    except (OSError, EOFError, zlib.error, UnicodeDecodeError):  # no file, say: told where it is read
        return False
    return "\0" not in text and text != content.decode(encoding, errors="replace")


def not_decoded(path: str, encoding: str) -> str:
    """Message for bytes that are not of this encoding: which one they may be of, and what to do."""
    with opened(path) as file:
        content = file.read(1 << 24)
    try:
        content.decode("cp1252")
    except UnicodeDecodeError:
        return f"not {encoding.upper()} text; set data.encoding to what the file is written in, or save it as UTF-8."
    return (
        f"not {encoding.upper()} text; its bytes can be read as cp1252 (Windows, a superset of Latin-1): if the file "
        "is that, set data.encoding to cp1252, or save it as UTF-8."
    )
