"""sweep.table: a CSV with a column per setting and a row per point."""

import csv
import json

from gapscope.common.errors import UserError
from gapscope.config.paths import check_input


def read_points(path: str) -> list[dict]:
    """The points of the table at `path`, in its order. An empty cell leaves the config's own value.

    A cell is a JSON value (0.01, 1e-3, [64, 32], true, "text") or a text.

    Raises:
        UserError: naming file and line, for a file that is none, cells without a column, and points that stand twice.
    """
    check_input("sweep.table", path)
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            header, *rows = [(number, row) for number, row in enumerate(csv.reader(file), 1) if any(row)] or [(1, [])]
    except (UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"{path}: no CSV file in UTF-8 ({error}); write one with a header line of settings.") from None
    names = [name.strip() for name in header[1]]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None or not names or not rows:
        problem = f"the column '{twice}' stands there twice" if twice is not None else "it holds no point"
        raise UserError(f"{path}: {problem}; expected a header line of settings, as train.l2, and a row per point.")
    return _without_twins(path, [(number, _point(path, number, names, row)) for number, row in rows])


def _point(path: str, number: int, names: list[str], row: list[str]) -> dict:
    if len(row) != len(names):
        raise UserError(
            f"{path}, row {number}: expected {len(names)} cells, as in the header line, got {len(row)}; a value with a "
            "comma, as [64, 32], stands in quotes."
        )
    return {name: _value(cell.strip(), path, number) for name, cell in zip(names, row) if cell.strip()}


def _value(cell: str, path: str, number: int):
    def no_number(text):
        raise UserError(f"{path}, row {number}: expected finite numbers, got {text}.")

    try:
        return json.loads(cell, parse_constant=no_number)
    except ValueError:
        return cell


def _without_twins(path: str, points: list[tuple[int, dict]]) -> list[dict]:
    seen: dict[str, int] = {}
    for number, point in points:
        first = seen.setdefault(json.dumps(point, sort_keys=True), number)
        if first != number:
            raise UserError(f"{path}, row {number}: the same point as in row {first}; remove one.")
    return [point for _, point in points]
