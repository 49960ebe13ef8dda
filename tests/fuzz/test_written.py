"""No silent misreading: cells as people write them have their true values, or the column is left out."""

import contextlib
import io
import tempfile
from pathlib import Path

import numpy as np
import yaml
from hypothesis import HealthCheck, given, settings

import start
from gapscope.common.errors import UserError
from gapscope.config.defaults import shipped
from gapscope.data.classes import truth
from gapscope.data.read import read_table
from written import FIRST, ROWS, Written, written_tables


def read_right_or_said(written: Written):
    """What start.py proposes reads each cell as it is, or a number a thousand times as large where it shows that.

    Only rows in a stray quote and names that stand twice are refused. Numbers in different units are none.
    """
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()) as said:
        paths = {name: str(Path(folder) / f"{name}.csv") for name in written.files}
        for name, path in paths.items():
            Path(path).write_bytes(written.files[name])
        config = Path(folder) / "mine.yaml"
        try:
            start.main([*paths.values(), "--target", "y", "-o", str(config), "--encoding", written.encoding])
        except UserError as error:
            assert (written.refused or "no column is left") in str(error), error
            return
        assert not written.refused, written.refused
        data = shipped()["data"] | yaml.safe_load(config.read_text(encoding="utf-8"))["data"]
        formats = {"train": {}, "test": data["test_format"]}
        found = {name: read_table(path, data | formats[name]) for name, path in paths.items()}
        told = said.getvalue()
    for name, table in found.items():
        true, cells, rows = written.true[name], written.cells[name], ROWS[name]
        assert len(table) in (rows, rows + 1) and table[data["target"]][rows:].isna().all(), name  # one of totals
        table = table[:rows]
        classes = [data["classes"][code] for code in table[data["target"]]]
        assert [same_class(value, text) for value, text in zip(classes, cells["y"])] == [True] * rows, (name, classes)
        for column in data["numeric"]:
            key = column.lower()
            assert key != "mixed" or cells[key][0].isdigit(), told
            assert right_numbers(column, table[column], true[key], cells[key], told), (name, column, told)
        for column in data["categorical"]:
            levels = table[column].dropna()
            expected = [str(bool(value)) for value in true["t"]] if column in data["truth"] else cells[column.lower()]
            expected = [text.removesuffix(".0") for text in expected]
            assert levels.tolist() == [expected[row] for row in levels.index], (name, column, told)
            assert len(levels) == rows or "missing" in told, (name, column, told)


def same_class(value, text: str) -> bool:
    if truth(text) is not None:
        return truth(value) == truth(text)
    return str(value).casefold() == text.replace(",", ".").casefold()


def right_numbers(column: str, found, values: list, cells: list[str], told: str) -> bool:
    if column in ("d", "D"):
        values = [(day - FIRST).days + 7305 for day in values]  # days from 1970 to 1990
    shown = any(f"{column}: '{cell}' is read as {read:.15g}" in told for cell, read in zip(cells, found))
    ambiguous = any(np.allclose(found, np.multiply(values, by), rtol=1e-12, atol=0) for by in (1000, 0.001))
    return np.allclose(found, values, rtol=1e-12, atol=0) or (ambiguous and shown)


test_written = settings(
    max_examples=30, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)(given(written_tables())(read_right_or_said))
