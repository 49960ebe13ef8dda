"""The data behind each figure as CSV files inside the page."""

from urllib.parse import quote

from gapscope.common.cells import lines
from gapscope.reporting.page.results import bare_rows


def files(tables: dict[str, list[dict]], source: str) -> dict[str, str]:
    """By name of a figure: the address that holds its data; the last column tells where the figures come from."""
    return {
        name: uri(csv_text([{**row, "data_source": source} for row in rows]), "csv")
        for name, rows in tables.items()
        if rows
    }


def uri(text: str, kind: str) -> str:
    """The text as a file inside an address, of the type text/`kind`."""
    return f"data:text/{kind};charset=utf-8," + quote(text, safe=",:;/?@!$()*+-._~=")


def csv_text(rows: list[dict]) -> str:
    """Records as CSV, columns in the order in which they first come; floats with six significant digits.

    A text that a spreadsheet would run as a formula gets an apostrophe before it, as OWASP advises.
    """
    columns = list(dict.fromkeys(key for row in rows for key in row))
    return "".join(lines([columns, *([_cell(row.get(column)) for column in columns] for row in rows)]))


def _cell(value):
    return f"{value:.6g}" if isinstance(value, float) else value


def _number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def table(path: str, keep=None, leave: tuple[str, ...] = ("data_source",)) -> list[dict]:
    """The rows of a result's CSV that `keep` says, without the columns `leave`; numbers to six digits."""
    with open(path, encoding="utf-8", newline="") as file:
        rows = [row for row in bare_rows(file) if keep is None or keep(row)]
    return [{key: _short(value) for key, value in row.items() if key not in leave} for row in rows]


def _short(text: str):
    return float(text) if _number(text) and not text.isdigit() else text
