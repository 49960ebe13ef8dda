"""Texts from data as cells of a CSV that a spreadsheet shows and does not run, and back again.

Excel and LibreOffice take a text that begins with one of FORMULA for a formula, which can start programs and send data
away (OWASP, "CSV injection"). An apostrophe before it makes it a text.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator

FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")  # with apostrophes before it: one more must not be taken for ours
NUMBER = re.compile(r"[-+]?(inf|(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?)")


def lines(rows: Iterable[Iterable]) -> Iterator[str]:
    """Rows of cells as the lines of a CSV, each cell inert.

    Python's csv module leaves a carriage return without quotes where lines end with a line feed only, and then reads
    it as the end of a row: the lines are made with both.
    """
    for row in rows:
        line = io.StringIO(newline="")
        csv.writer(line, lineterminator="\r\n").writerow(map(inert, row))
        yield line.getvalue()[:-2] + "\n"


def inert(value):
    """A text that could start a formula, with an apostrophe before it; any other value, and a number, as it is."""
    if isinstance(value, str) and FORMULA.match(value) and not NUMBER.fullmatch(value):
        return f"'{value}"
    return value


def bare(text: str) -> str:
    """The text that `inert` was given."""
    return text[1:] if text.startswith("'") and FORMULA.match(text) else text
