"""No silent misreading: cells as people write them have their true values, or the column is left out."""

import contextlib
import csv
import datetime
import io
import tempfile
from pathlib import Path

import numpy as np
import yaml
from hypothesis import HealthCheck, given, settings

import start
from gapscope.common.errors import UserError
from gapscope.config.defaults import shipped
from gapscope.data.read import read_table
from written import written_tables


def read_right_or_said(table):
    """What start.py proposes reads each number and date as it is, or a thousand times as large where it shows that."""
    rows, true, separator = table
    with tempfile.TemporaryDirectory() as name, contextlib.redirect_stdout(io.StringIO()) as said:
        path, config = Path(name) / "t.csv", Path(name) / "mine.yaml"
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file, delimiter=separator, lineterminator="\n").writerows(rows)
        try:
            start.main([str(path), "--target", "y", "-o", str(config)])
        except UserError:
            return
        data = shipped()["data"] | yaml.safe_load(config.read_text(encoding="utf-8"))["data"]
        found, told = read_table(str(path), data), said.getvalue()
    assert len(found) == len(rows) - 1
    for column in data["numeric"]:
        values = true[column]
        if isinstance(values[0], datetime.date):
            values = [(day - datetime.date(1970, 1, 1)).days for day in values]
        cells = [row[list(true).index(column)] for row in rows[1:]]
        shown = any(f"{column}: '{cell}' is read as {read:.15g}" in told for cell, read in zip(cells, found[column]))
        right = np.allclose(found[column], values, rtol=1e-12, atol=0)
        ambiguous = any(np.allclose(found[column], np.multiply(values, by), rtol=1e-12, atol=0) for by in (1000, 0.001))
        assert right or (ambiguous and shown), (column, found[column].tolist(), values, told)
    for column in data["categorical"]:
        levels = found[column].dropna()
        assert levels.tolist() == [rows[row + 1][list(true).index(column)].strip() for row in levels.index], column
        assert len(levels) == len(found) or "missing" in told


test_written = settings(
    max_examples=30, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)(given(written_tables())(read_right_or_said))
