"""Writing of results: whole or not at all, the same bytes every time, and JSON that any reader can load."""

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


@pytest.mark.parametrize("written", [None, "half"])
@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
@pytest.mark.parametrize("old", [None, "old"])
def test_a_failure_leaves_what_was_there(tmp_path, error, old, written):
    target = tmp_path / "a.txt"
    if old:
        target.write_text(old)
    with pytest.raises(error), files.whole(target) as temporary:
        if written:
            temporary.write_text(written)
        raise error
    assert [path.read_text() for path in tmp_path.iterdir()] == ([old] if old else [])


NO_JSON = [float("nan"), np.float64("inf"), np.float32("-inf"), np.array([1, np.nan]), {"deep": [float("nan")]}, {1}]


@pytest.mark.parametrize("value", NO_JSON)
def test_json_refuses_what_is_no_number_and_strange_objects(tmp_path, value):
    path = tmp_path / "a.json"
    path.write_text("old")
    with pytest.raises((ValueError, TypeError), match="not JSON compliant|set cannot be written"):
        files.write_json(path, {"value": value})
    assert path.read_text() == "old" and len(list(tmp_path.iterdir())) == 1


def test_json_of_numpy_values(tmp_path):
    digits = [0.1 + 0.2, 5e-324]
    content = {"b": np.int64(2), "a": np.float32(0.5), "c": np.array([[1, 2]]), "d": np.bool_(True), "é": digits}
    files.write_json(tmp_path / "a.json", content)
    assert files.read_json(tmp_path / "a.json") == {"b": 2, "a": 0.5, "c": [[1, 2]], "d": True, "é": digits}
    text = (tmp_path / "a.json").read_bytes().decode("utf-8")
    assert "é" in text and text.endswith("}\n") and text.index('"b"') < text.index('"a"')


def test_a_csv_says_its_source_and_keeps_every_digit(tmp_path):
    table = pd.DataFrame({"x": [1, 2], "y": [0.1 + 0.2, 1e22], "z": [1e-7, np.nan]})
    files.write_csv(tmp_path / "a.csv", table, "simulated")
    files.write_records(tmp_path / "b.csv", table.to_dict("records"), "simulated")
    expected = b"x,y,z,data_source\n1,0.30000000000000004,1e-07,simulated\n2,1e+22,,simulated\n"
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes() == expected
    assert list(table) == ["x", "y", "z"]


def test_columns_of_numbers_come_back_to_the_last_bit(tmp_path):
    values = np.random.default_rng(0).standard_normal(50) / 3
    files.write_records(tmp_path / "a.csv", [{"n": 1, "x": value} for value in [*values.tolist(), np.nan]], "files")
    found = files.read_columns(tmp_path / "a.csv")
    assert list(found) == ["n", "x"] and found["n"].tolist() == [1] * 51
    np.testing.assert_array_equal(found["x"], [*values, np.nan])


def test_a_matrix_in_blocks_has_the_bytes_of_the_whole(tmp_path):
    X = np.random.default_rng(0).normal(size=(30, 7))
    files.write_array(tmp_path / "a.npy", X)
    np.testing.assert_array_equal(files.read_array(tmp_path / "a.npy"), X)
    for blocks in ([X], [X[:11], X[11:11], np.asfortranarray(X[11:])]):
        files.write_blocks(tmp_path / "b.npy", (30, 7), blocks)
        assert (tmp_path / "a.npy").read_bytes() == (tmp_path / "b.npy").read_bytes()
    with pytest.raises(ValueError, match="expected 30 rows, got 29"):
        files.write_blocks(tmp_path / "c.npy", (30, 7), [X[1:]])
    assert not (tmp_path / "c.npy").exists()


def test_arrays_of_objects_are_not_written(tmp_path):
    with pytest.raises(ValueError, match="pickle"):
        files.write_array(tmp_path / "a.npy", np.array([{}]))
    assert list(tmp_path.iterdir()) == []


def test_a_link_in_the_place_of_the_temporary_file_is_not_written_through(tmp_path):
    (tmp_path / "theirs").write_text("untouched")
    (tmp_path / ".mine.txt.part").symlink_to(tmp_path / "theirs")
    files.write_text(str(tmp_path / "mine.txt"), "new")
    assert (tmp_path / "theirs").read_text() == "untouched" and (tmp_path / "mine.txt").read_text() == "new"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.txt", "theirs"]
