"""Rows of a stored table by their place, as those of the same table in memory; tables with replaced columns."""

import numpy as np
import pandas as pd
import pytest

from gapscope.data import parquet
from gapscope.data.rows import Held, Listed, replaced


@pytest.fixture
def both(tmp_path, monkeypatch):
    """300 of 500 rows, in some order: stored in row groups of 64 rows, and in memory."""
    monkeypatch.setattr(parquet, "ROW_GROUP", 64)
    rng = np.random.default_rng(3)
    table = pd.DataFrame({"a": rng.normal(size=500), "b": rng.choice(["x", "yy"], 500), "c": rng.integers(9, size=500)})
    path, rows = str(tmp_path / "table.parquet"), rng.permutation(500)[:300]
    parquet.stored(path, "simulated", [table])
    return Listed(path, rows), Held(table.iloc[rows].reset_index(drop=True))


def test_rows_taken(both):
    places = np.array([7, 299, 0, 7])
    stored, held = (one.take(places, ["c", "b"]) for one in both)
    pd.testing.assert_frame_equal(stored, held)
    assert len(both[0]) == len(both[1]) == 300


def test_blocks_hold_every_row_once_at_its_place(both):
    blocks = list(both[0].blocks(["b", "a"]))
    assert len(blocks) > 1 and all((np.diff(places) > 0).all() for places, _ in blocks)
    (_, held), = both[1].blocks(["b", "a"])  # fmt: skip
    for places, block in blocks:
        pd.testing.assert_frame_equal(block, held.iloc[places].reset_index(drop=True))
    assert sorted(np.concatenate([places for places, _ in blocks])) == list(range(300))


def test_columns_are_replaced_and_added_whatever_they_are_called():
    table = pd.DataFrame({"self": [1, 2], "b": [3, 4]})
    found = replaced(table, {"self": [5, 6], "kwargs": [7, 8]})
    assert found.to_dict("list") == {"self": [5, 6], "b": [3, 4], "kwargs": [7, 8]}
    assert table.to_dict("list") == {"self": [1, 2], "b": [3, 4]}
