"""Cleaned tables in row groups: what is written comes back, whole, a block, a column or some rows at a time."""

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from gapscope.data import parquet


@pytest.fixture
def small_groups(monkeypatch):
    monkeypatch.setattr(parquet, "ROW_GROUP", 10)


def table(rows):
    rng = np.random.default_rng(rows)
    text = pd.Series(rng.choice(["a", "é", "日本"], rows), dtype="str")
    return pd.DataFrame({"x": rng.normal(size=rows), "c": text, "y": rng.integers(0, 3, rows)})


def write(path, *blocks):
    return parquet.stored(path, "files", blocks).path


def cut(whole, *places):
    ends = [0, *places, len(whole)]
    return [whole.iloc[first:last] for first, last in zip(ends, ends[1:])]


@pytest.mark.parametrize("places", [(), (10,), (3, 4, 9, 21), (10, 20), (0, 35)])
def test_row_groups_do_not_depend_on_the_blocks(tmp_path, small_groups, places):
    path = write(tmp_path / "a.parquet", *cut(table(35), *places))
    pd.testing.assert_frame_equal(pd.read_parquet(path), table(35))
    assert [len(block) for block in parquet.blocks(path)] == [10, 10, 10, 5] and parquet.rows(path) == 35
    assert pd.read_parquet(path).attrs == {"data_source": "files"}
    write(tmp_path / "one.parquet", table(35))
    assert (tmp_path / "one.parquet").read_bytes() == (tmp_path / "a.parquet").read_bytes()


def test_a_table_below_one_row_group_has_the_bytes_that_pandas_writes(tmp_path):
    whole = table(50)
    path = write(tmp_path / "a.parquet", *cut(whole, 20))
    whole.attrs = {"data_source": "files"}
    whole.to_parquet(tmp_path / "b.parquet", index=False)
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()
    assert pq.ParquetFile(path).num_row_groups == 1


def test_blocks_and_columns(tmp_path, small_groups):
    path, whole = write(tmp_path / "a.parquet", table(35)), table(35)
    for block in parquet.blocks(path, ["y", "c"]):
        assert list(block) == ["y", "c"] and block.index.tolist() == list(range(len(block)))
    for name in whole:
        pd.testing.assert_series_equal(parquet.Stored(path)[name], whole[name])


def test_level_counts(tmp_path, small_groups):
    own = table(35).assign(c=pd.Series(["b", "Z", None, "b", "é"] * 7, dtype="str"))
    stored = parquet.stored(tmp_path / "a.parquet", "files", cut(own, 7, 30))
    assert stored.level_counts("c").to_dict() == {"Z": 7, "b": 14, "é": 7}
    assert list(stored.level_counts("c").index) == ["b", "Z", "é"]
    pd.testing.assert_series_equal(stored["c"], own["c"])
    assert len(stored) == 35 and stored.columns == ["x", "c", "y"]
    empty = parquet.stored(tmp_path / "b.parquet", "files", [own.assign(c=pd.Series([None] * 35, dtype="str"))])
    assert len(empty.level_counts("c")) == 0


@pytest.mark.parametrize("wanted", [[34, 0, 11, 11, 9, 10, 34], [5], [], range(35), range(34, -1, -1)])
def test_rows_by_number_in_any_order(tmp_path, small_groups, wanted):
    path = write(tmp_path / "a.parquet", table(35))
    wanted = np.array(list(wanted), dtype=np.int64)
    expected = table(35).iloc[wanted].reset_index(drop=True)
    pd.testing.assert_frame_equal(parquet.take(path, wanted), expected)
    pd.testing.assert_frame_equal(parquet.take(path, wanted, ["c", "x"]), expected[["c", "x"]])


@pytest.mark.parametrize("wanted", [[35], [-1, 3]])
def test_no_such_row(tmp_path, wanted):
    path = write(tmp_path / "a.parquet", table(35))
    with pytest.raises(IndexError, match="which has 35"):
        parquet.take(path, np.array(wanted))


def test_a_table_without_a_row_and_one_without_a_block(tmp_path):
    path = write(tmp_path / "a.parquet", table(35).iloc[:0])
    assert parquet.rows(path) == 0 and len(parquet.Stored(path)["c"]) == 0
    with pytest.raises(ValueError, match="without a block"):
        write(tmp_path / "b.parquet")
    assert [file.name for file in tmp_path.iterdir()] == ["a.parquet"]


def test_nothing_is_left_of_a_table_that_was_not_finished(tmp_path):
    def blocks():
        yield table(35)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        parquet.stored(tmp_path / "a.parquet", "files", blocks())
    assert list(tmp_path.iterdir()) == []
