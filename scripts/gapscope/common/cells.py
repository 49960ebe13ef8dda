"""Cells of a CSV that a spreadsheet shows but does not run.

Excel and LibreOffice take a text that begins like FORMULA for a formula, which can start programs and send data away
(OWASP, "CSV injection"). An apostrophe before it makes it a text.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator

# A text may begin with apostrophes of its own; `bare` must take off only the one that `inert` put there.
FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
NUMBER = re.compile(r"[-+]?(inf|(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?)")


def lines(rows: Iterable[Iterable]) -> Iterator[str]:
    """Rows of cells as the lines of a CSV, each cell inert."""
    for row in rows:
        # csv quotes a carriage return only if lines end with one, and would read it as the end of a row without quotes
        line = io.StringIO(newline="")
        csv.writer(line, lineterminator="\r\n").writerow(map(inert, row))
        yield line.getvalue()[:-2] + "\n"


def inert(value):
    """The value, with an apostrophe before it if it is a text that could start a formula."""
    if isinstance(value, str) and FORMULA.match(value) and not NUMBER.fullmatch(value):
        return f"'{value}"
    return value


def bare(text: str) -> str:
    """The text without the apostrophe that `inert` puts before it."""
    return text[1:] if text.startswith("'") and FORMULA.match(text) else text
