"""CSV cells that spreadsheets do not run as formulas.

Excel and LibreOffice treat text that starts like FORMULA as a formula, which can start programs and send data to others
(OWASP, "CSV injection"). An apostrophe in front keeps it text.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator

# Text in the data may start with apostrophes too; `bare` must only remove the one that `inert` added.
FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
NUMBER = re.compile(r"[-+]?(inf|(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?)")


def lines(rows: Iterable[Iterable]) -> Iterator[str]:
    """Yield rows of cells as lines of a CSV, with `inert` cells."""
    for row in rows:
        # csv only quotes a carriage return in a cell if lines end with one; unquoted, it would end the row when read
        line = io.StringIO(newline="")
        csv.writer(line, lineterminator="\r\n").writerow(map(inert, row))
        yield line.getvalue()[:-2] + "\n"


def inert(value):
    """The value; text that could start a formula gets an apostrophe in front."""
    if isinstance(value, str) and FORMULA.match(value) and not NUMBER.fullmatch(value):
        return f"'{value}"
    return value


def bare(text: str) -> str:
    """The text without the apostrophe that `inert` added."""
    return text[1:] if text.startswith("'") and FORMULA.match(text) else text
