"""Tables written in blocks have the bytes that pandas writes in one piece."""

import numpy as np
import pandas as pd
import pytest

from gapscope.data import csv_file as write


@pytest.mark.parametrize("block", [3, 7, 1000])
def test_the_bytes_that_pandas_writes(tmp_path, monkeypatch, block):
    monkeypatch.setattr(write, "BLOCK", block)
    rows = 20
    rng = np.random.default_rng(0)
    floats = rng.choice([0.0, -0.0, 0.1 + 0.2, 1e-7, 1e22, np.nan, np.inf, 2.0], rows)
    texts = rng.choice(np.array(["a", 'say "hi"', "x,y", "two\nlines", "", "é", None], dtype=object), rows)
    table = pd.DataFrame(
        {
            "floats": floats,
            "a,b": rng.integers(-3, 3, rows),
            "objects": texts,
            "categories": pd.Categorical(texts),
            "text": pd.Series(texts, dtype="str"),
        }
    )
    write.write_table(tmp_path / "a.csv", table)
    table.to_csv(tmp_path / "b.csv", index=False, lineterminator="\n")
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()
    write.write_table(tmp_path / "c.csv", table[["floats"]].fillna(1.5))
    assert (tmp_path / "c.csv").read_text() == table[["floats"]].fillna(1.5).to_csv(index=False, lineterminator="\n")


def test_a_table_without_rows(tmp_path):
    write.write_table(tmp_path / "a.csv", pd.DataFrame({"a": [1], "b": ["x"]}).iloc[:0])
    assert (tmp_path / "a.csv").read_text() == "a,b\n"
