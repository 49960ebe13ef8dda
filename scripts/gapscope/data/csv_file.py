"""The cells of a CSV file, plain or gzipped, as text."""

import codecs
import re
import zlib
from collections.abc import Callable, Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from gapscope.common.errors import UserError, counted
from gapscope.data.csv_header import NO_ROWS, OTHERS, SEPARATORS, Header, not_decoded, opened

BLOCK = 1 << 20  # bytes that are read at a time: no cell is longer
BLANK = " \t\u00a0\u200b\x1a"  # all that a line may hold that counts as empty; the last is DOS's end of a file
LINES = 5  # line breaks in a cell from which it is taken for swallowed rows, in a table of two columns


def cell_blocks(
    path: str, header: Header, encoding: str, places: list[int], remark: Callable[[str], None]
) -> Iterator[pa.RecordBatch]:
    """The columns at these places as text, exactly as they stand in the file, about a megabyte of the file at a time.

    Rows that begin with # and have not as many cells as the header are comments: `remark` is told of them.
    """
    sign = (SEPARATORS | OTHERS).get(header.separator, header.separator)
    lines = _Lines(path, encoding)
    everywhere = [str(place) for place in range(len(header.names))]  # any name may stand there twice
    columns = [everywhere[place] for place in places]
    rows, broken = 0, []
    for batch in _batches(path, lines, sign, header.above, encoding, everywhere, columns, remark):
        broken += _check_quotes(path, batch, len(everywhere), sign, rows)
        rows += batch.num_rows
        yield batch
    if broken:
        remark(f"cells hold line breaks in {counted(len(set(broken)), 'row')}, the first is row {min(broken)}")
    if len(columns) < len(everywhere) and lines.ends > rows + header.above + 1:  # rows in a cell of another column?
        list(cell_blocks(path, header, encoding, list(range(len(everywhere))), remark))


class _Lines:
    """The file's content, unpacked, with the number of line ends in what was read of it."""

    def __init__(self, path: str, encoding: str):
        self.path, self.file, self.ends, self.closed = path, opened(path), 0, False
        # Arrow decodes other encodings itself, and these bytes too late to say where it failed.
        utf_8 = codecs.lookup(encoding).name == "utf-8"
        self.decode = codecs.getincrementaldecoder("utf-8")().decode if utf_8 else lambda *content: None

    def read(self, size: int) -> bytes:
        content = self.file.read(size)
        try:
            self.decode(content, not content)
        except UnicodeDecodeError as error:
            line = self.ends + error.object[: error.start].count(b"\n") + 1
            raise UserError(f"{self.path}: line {line} is {not_decoded(self.path, 'utf-8')}") from None
        self.ends += content.count(b"\n")
        return content

    def close(self) -> None:
        self.file.close()


def _batches(path, lines, sign, above, encoding, everywhere, columns, remark) -> Iterator[pa.RecordBatch]:
    def judged(row: pyarrow.csv.InvalidRow) -> str:
        if not row.text.strip(BLANK):
            return "skip"
        if not row.text.lstrip().startswith("#"):
            return "error"
        remark(f"row {row.number} begins with # and is left out as a comment")
        return "skip"

    try:
        yield from pyarrow.csv.open_csv(
            pa.PythonFile(lines, "r"),
            pyarrow.csv.ReadOptions(
                use_threads=False,  # so errors name rows
                block_size=BLOCK,
                encoding=encoding,
                skip_rows=above,
                skip_rows_after_names=1,
                column_names=everywhere,
            ),
            pyarrow.csv.ParseOptions(newlines_in_values=True, delimiter=sign, invalid_row_handler=judged),
            pyarrow.csv.ConvertOptions(include_columns=columns, column_types=dict.fromkeys(columns, pa.string())),
        )
    except UnicodeError as error:
        raise UserError(f"{path}: not text in the encoding {encoding} ({error}); correct data.encoding.") from None
    except (OSError, EOFError, zlib.error) as error:
        raise UserError(f"{path}: the file cannot be unpacked ({error}); copy it anew.") from None
    except pa.ArrowInvalid as error:
        raise UserError(f"{path}: {_refusal(str(error))}") from None


def _check_quotes(path: str, batch: pa.RecordBatch, width: int, sign: str, above: int) -> list[int]:
    """Numbers of the rows with a line break in a cell, once for each such cell.

    Raises:
        UserError: for a cell that contains whole rows: its lines have as many separators as rows have. In a table of
            two columns, it must have at least LINES lines.
    """
    found = []
    for column in batch.columns:
        for place in np.flatnonzero(pc.match_substring_regex(column, r"[\r\n]").fill_null(False)):
            text = column[int(place)].as_py()
            ends, signs = len(re.findall(r"\r\n|\r|\n", text)), text.count(sign)
            found.append(above + int(place) + 2)
            if width == 2:
                swallowed = ends >= LINES and all(line.count(sign) == 1 for line in text.splitlines()[1:-1])
            else:
                swallowed = signs == ends * (width - 1) or (width > 3 and signs > ends * (width - 1))
            if swallowed:
                raise UserError(
                    f"{path}: row {above + place + 2}: a cell holds {ends} line breaks and the separators of as "
                    f"many rows ({text[:30]!r}...): a stray quote swallows them; write a quote in a cell twice, or "
                    "take it away."
                )
    return found


def _refusal(error: str) -> str:
    """Message for an error of Arrow's: what is wrong and what to do."""
    error = " ".join(error.split())
    if "Empty CSV" in error:
        return NO_ROWS
    if "straddl" in error:
        return "a cell of more than a megabyte, or a quote that is opened and never closed."
    reason = error.removeprefix("CSV parse error: ")
    hint = ", and write a quote in a cell twice" if '"' in reason else ""
    cells = re.match(r"Row #2: Expected (\d+) columns, got (\d+)", reason)
    if cells and int(cells[2]) == int(cells[1]) + 1:
        hint += ": does it lack a name for the first column, or do rows end with a separator?"
    else:
        hint += "."
    return f"{reason[:200]}; give every row as many cells as the header{hint}"
