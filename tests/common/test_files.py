"""Writing of results: whole or not at all, the same bytes every time, and JSON that any reader can load."""

import json

import numpy as np
import pandas as pd
import pytest

from gapscope.common import files


def test_a_file_appears_only_when_it_is_whole(tmp_path):
    target = tmp_path / "new" / "folder" / "a.txt"
    with files.whole(target) as temporary:
        temporary.write_text("new")
        assert not target.exists()
    assert target.read_text() == "new" and [path.name for path in target.parent.iterdir()] == ["a.txt"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
@pytest.mark.parametrize("old", [None, "old"])
def test_a_failure_leaves_what_was_there(tmp_path, error, old):
    target = tmp_path / "a.txt"
    if old:
        target.write_text(old)
    with pytest.raises(error), files.whole(target) as temporary:
        temporary.write_text("half")
        raise error
    assert [path.name for path in tmp_path.iterdir()] == (["a.txt"] if old else [])
    assert old is None or target.read_text() == old


def test_a_failure_before_anything_is_written(tmp_path):
    with pytest.raises(ZeroDivisionError), files.whole(tmp_path / "a.txt"):
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_a_block_that_writes_nothing_is_a_mistake(tmp_path):
    with pytest.raises(FileNotFoundError), files.whole(tmp_path / "a.txt"):
        pass


@pytest.mark.parametrize(
    "value",
    [
        float("nan"),
        float("inf"),
        np.float64("nan"),
        np.float32("-inf"),
        np.array([1, np.nan]),
        {"deep": [float("nan")]},
    ],
)
def test_json_refuses_what_is_no_number(tmp_path, value):
    path = tmp_path / "a.json"
    path.write_text("old")
    with pytest.raises(ValueError):
        files.write_json(path, {"value": value})
    assert path.read_text() == "old" and len(list(tmp_path.iterdir())) == 1


def test_json_refuses_strange_objects(tmp_path):
    with pytest.raises(TypeError, match="set cannot be written"):
        files.write_json(tmp_path / "a.json", {"value": {1}})


def test_json_of_numpy_values(tmp_path):
    content = {"b": np.int64(2), "a": np.float32(0.5), "c": np.array([[1, 2]]), "d": np.bool_(True), "é": None}
    files.write_json(tmp_path / "a.json", content)
    assert files.read_json(tmp_path / "a.json") == {"b": 2, "a": 0.5, "c": [[1, 2]], "d": True, "é": None}
    text = (tmp_path / "a.json").read_bytes().decode("utf-8")
    assert "é" in text and text.endswith("}\n") and text.index('"b"') < text.index('"a"')


def test_json_keeps_every_digit(tmp_path):
    files.write_json(tmp_path / "a.json", {"x": 0.1 + 0.2, "y": 5e-324})
    assert json.loads((tmp_path / "a.json").read_text()) == {"x": 0.1 + 0.2, "y": 5e-324}


def test_csv_tells_its_source(tmp_path):
    table = pd.DataFrame({"x": [1, 2], "y": [0.1 + 0.2, np.nan]})
    files.write_csv(tmp_path / "a.csv", table, "simulated")
    assert (tmp_path / "a.csv").read_bytes() == (b"x,y,data_source\n1,0.30000000000000004,simulated\n2,,simulated\n")
    assert list(table) == ["x", "y"]


def test_records_are_written_as_their_table_is(tmp_path):
    records = [{"x": 1, "y": 0.1 + 0.2, "z": 1e-7}, {"x": 2, "y": 1.0, "z": 1e22}]
    files.write_records(tmp_path / "a.csv", records, "files")
    files.write_csv(tmp_path / "b.csv", pd.DataFrame(records), "files")
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


def test_columns_of_numbers_come_back_to_the_last_bit(tmp_path):
    values = np.random.default_rng(0).standard_normal(50) / 3
    files.write_records(tmp_path / "a.csv", [{"n": 1, "x": value} for value in [*values.tolist(), np.nan]], "files")
    found = files.read_columns(tmp_path / "a.csv")
    assert list(found) == ["n", "x"] and found["n"].tolist() == [1] * 51
    np.testing.assert_array_equal(found["x"], [*values, np.nan])


def test_arrays_come_back(tmp_path):
    array = np.random.default_rng(0).normal(size=(3, 2))
    files.write_array(tmp_path / "a.npy", array)
    assert [path.name for path in tmp_path.iterdir()] == ["a.npy"]
    np.testing.assert_array_equal(files.read_array(tmp_path / "a.npy"), array)


def test_a_matrix_in_blocks_has_the_bytes_of_the_whole(tmp_path):
    X = np.random.default_rng(0).normal(size=(30, 7))
    files.write_array(tmp_path / "a.npy", X)
    for blocks in ([X], [X[:11], X[11:11], np.asfortranarray(X[11:])]):
        files.write_blocks(tmp_path / "b.npy", (30, 7), blocks)
        assert (tmp_path / "a.npy").read_bytes() == (tmp_path / "b.npy").read_bytes()
    with pytest.raises(ValueError, match="expected 30 rows, got 29"):
        files.write_blocks(tmp_path / "c.npy", (30, 7), [X[1:]])
    assert not (tmp_path / "c.npy").exists()


def test_arrays_of_objects_are_refused(tmp_path):
    with pytest.raises(ValueError, match="pickle"):
        files.write_array(tmp_path / "a.npy", np.array([{}]))
    assert list(tmp_path.iterdir()) == []
    np.save(tmp_path / "b.npy", np.array([{}]), allow_pickle=True)
    with pytest.raises(ValueError, match="pickle"):
        files.read_array(tmp_path / "b.npy")


TABLE = pd.DataFrame({"x": [1.0, 0.1]})
WRITERS = {
    "json": lambda path: files.write_json(path, {"b": 1, "a": [0.1]}),
    "csv": lambda path: files.write_csv(path, TABLE, "files"),
    "records": lambda path: files.write_records(path, [{"x": 0.1}], "files"),
    "npy": lambda path: files.write_array(path, np.arange(3)),
}


@pytest.mark.parametrize("kind", WRITERS)
def test_the_same_bytes_twice(tmp_path, kind):
    one, two = tmp_path / f"one.{kind}", tmp_path / f"two.{kind}"
    WRITERS[kind](one)
    WRITERS[kind](two)
    assert one.read_bytes() == two.read_bytes() and one.stat().st_size > 10


def test_a_link_in_the_place_of_the_temporary_file_is_not_written_through(tmp_path):
    (tmp_path / "theirs").write_text("untouched")
    (tmp_path / ".mine.txt.part").symlink_to(tmp_path / "theirs")
    files.write_text(str(tmp_path / "mine.txt"), "new")
    assert (tmp_path / "theirs").read_text() == "untouched" and (tmp_path / "mine.txt").read_text() == "new"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.txt", "theirs"]
