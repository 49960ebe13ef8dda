"""Cells that a spreadsheet would run get an apostrophe, come back without it, and nothing else changes."""

import csv

import pandas as pd
import pytest

from gapscope.common.cells import bare, inert
from gapscope.common.files import write_csv, write_records
from gapscope.reporting.page.downloads import csv_text
from gapscope.reporting.page.results import read_rows

FORMULAS = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "=a\rb", "＝1", "'=1", "''@x"]
FORMULAS += ["-", "=", "-1-1"]
HARMLESS = ["a=b", "'quoted'", "", " =1", "-1.5", "+3", "-.5e-3", "1e6", "'", "é"]


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_is_made_a_text_and_comes_back(text):
    assert inert(text) == f"'{text}" and bare(inert(text)) == text


@pytest.mark.parametrize("value", [*HARMLESS, -1.5, None, 3, True])
def test_other_values_stay_as_they_are(value):
    assert inert(value) is value
    assert not isinstance(value, str) or bare(value) == value


def test_no_file_that_is_written_starts_a_formula(tmp_path):
    """Names and cells of each writer; the last column, and a column of that name beside it."""
    rows = [{"=name": text, "figure": -1.5, "data_source": None} for text in [*FORMULAS, *HARMLESS]]
    write_csv(tmp_path / "table.csv", pd.DataFrame(rows), "files")
    write_records(tmp_path / "records.csv", [{"=name": row["=name"], "figure": -1.5} for row in rows], "files")
    (tmp_path / "download.csv").write_text(csv_text(rows), newline="")
    for name in ("table", "records", "download"):
        with open(tmp_path / f"{name}.csv", encoding="utf-8", newline="") as file:
            header, *cells = csv.reader(file)
        assert header[0] == "'=name" and {row[1] for row in cells} == {"-1.5"}
        assert [bare(row[0]) for row in cells] == [*FORMULAS, *HARMLESS]
        assert not [row[0] for row in cells if row[0].startswith(("=", "@", "\t", "\r", "-2", "+c"))]
    with open(tmp_path / "table.csv", encoding="utf-8") as file:
        assert file.readline() == "'=name,figure,data_source,data_source\n"
    assert [row["=name"] for row in read_rows(tmp_path / "records.csv", "figure")] == [*FORMULAS, *HARMLESS]


def test_tables_without_such_cells_are_written_to_the_byte_as_pandas_does(tmp_path):
    table = pd.DataFrame({"a": ["x", None, "y"], "b": [1, None, -3], "c": [1, "z", None], "d": [True, None, False]})
    write_csv(tmp_path / "table.csv", table, "files")
    expected = table.assign(data_source="files").to_csv(index=False, lineterminator="\n")
    assert (tmp_path / "table.csv").read_text() == expected
