"""Cleaning: imputed values by hand, dropped rows, and that the test table has no say in what is imputed."""

import numpy as np
import pandas as pd
import pytest

from gapscope.common.errors import UserError
from gapscope.common.files import read_json
from gapscope.config.defaults import shipped
from gapscope.data.clean import check_classes, cleaned, column_types, fit_imputation, kept_rows, row_counts, shared_rows
from gapscope.data.parquet import stored
from stage_scripts import Files, stage, stage_settings

DATA = {"target": "y", "numeric": ["a", "b"], "categorical": ["c"]}
IMPUTE = {"numeric": "mean", "categorical": "mode", "columns": {}}


def table(rows):
    frame = pd.DataFrame(rows, columns=["a", "b", "c", "y"])
    return frame.astype({"a": "float64", "b": "float64", "c": "str", "y": "Int64"})


@pytest.fixture
def train():
    return table([(1, 10, "u", 0), (2, None, "v", 1), (2, 30, None, 1), (None, 50, "v", 0), (7, 20, "u", None)])


@pytest.fixture
def kept(tmp_path):
    """Returns a function that writes a table in two blocks and gives it as the stage has it."""
    return lambda rows: stored(tmp_path / "kept.parquet", "files", [rows[:2], rows[2:]])


@pytest.mark.parametrize(
    "strategy, a, b", [("mean", 3.0, 27.5), ("median", 2.0, 25.0), ("mode", 2.0, 10.0), ({"constant": -1}, -1, -1)]
)
def test_numeric_strategies(train, kept, strategy, a, b):
    # a: 1 2 2 7; b: 10 20 30 50, each once, so that its mode is the smallest; c: u and v twice
    assert fit_imputation(kept(train), DATA, IMPUTE | {"numeric": strategy}, "t.csv") == {"a": a, "b": b, "c": "u"}


def test_strategies_per_column_and_constants(train, kept):
    impute = {"numeric": "median", "categorical": {"constant": "unknown"}}
    impute["columns"] = {"b": {"constant": 0}, "c": "mode"}
    assert fit_imputation(kept(train), DATA, impute, "t.csv") == {"a": 2.0, "b": 0, "c": "u"}
    impute["columns"] = {"a": "mean"}
    assert fit_imputation(kept(train), DATA, impute, "t.csv") == {"a": 3.0, "b": 25.0, "c": "unknown"}


def test_imputed_by_hand(train):
    """The target is never imputed: the last row goes."""
    done = cleaned(train, "y", {"a": 2.0, "b": 25.0, "c": "w"})
    by_hand = table([(1, 10, "u", 0), (2, 25, "v", 1), (2, 30, "w", 1), (2, 50, "v", 0)])
    pd.testing.assert_frame_equal(done, by_hand, check_dtype=False)
    assert done["y"].dtype == "int64" and done.index.tolist() == [0, 1, 2, 3]


def test_column_types(train, kept):
    a, _, c, y = column_types(kept(train), DATA)
    assert a == {"column": "a", "role": "numeric", "missing": 1, "distinct": 3, "min": 1, "median": 2, "max": 7}
    assert c == {"column": "c", "role": "categorical", "missing": 1, "distinct": 2, "commonest": "u"}
    assert y == {"column": "y", "role": "target", "missing": 1, "distinct": 2, "min": 0, "median": 0.5, "max": 1}


def test_column_types_of_empty_columns(train, kept):
    a, _, c, _ = column_types(kept(train.assign(a=float("nan"), c=pd.Series([None] * 5, dtype="str"))), DATA)
    assert (a["min"], a["median"], a["max"], c["commonest"]) == (None, None, None, None)


def test_row_counts(train):
    twice = pd.concat([train, train.iloc[[0, 3]]], ignore_index=True)
    for blocks in ([twice], [twice[:3], twice[3:6], twice[6:]]):
        counts = row_counts(blocks, len(cleaned(twice, "y", None)))
        assert counts == {"rows_in": 7, "rows_out": 2, "with_missing": 5, "duplicates": 2}


def test_repeated_rows_are_those_that_pandas_finds():
    rng = np.random.default_rng(0)
    rows = pd.DataFrame({"a": rng.choice([0.0, -0.0, 1.5, np.nan], 900), "b": rng.integers(0, 9, 900) / 3,
                         "c": pd.Series(rng.choice(["u", "v", None], 900), dtype="str"),
                         "y": pd.array(rng.choice([0, 1, None], 900), dtype="Int64")})  # fmt: skip
    assert row_counts([rows[:300], rows[300:]], 0)["duplicates"] == rows.duplicated().sum() > 500


def test_shared_rows(tmp_path):
    train = table([(1, 1, "u", 0), (1, 1, "u", 0), (2, 2, "v", 1)])
    test = table([(1, 1, "u", 0), (1, 1, "u", 1), (1, 1, "w", 0), (2, 2, "v", 1), (2, 2, "v", 1), (2, 2.5, "v", 1)])
    train, test, unlabelled = (
        stored(tmp_path / f"{name}.parquet", "files", [rows])
        for name, rows in (("train", train), ("test", test), ("unlabelled", test.drop(columns="y")))
    )
    assert shared_rows(train, test) == 3  # rows 0, 3 and 4; a repeated row of train counts once
    assert shared_rows(train, unlabelled) == 4  # row 1 too, which only its class tells apart


def test_the_rows_that_are_kept(tmp_path, train):
    raw = stored(tmp_path / "raw.parquet", "files", [train[:2], train[2:]])
    assert kept_rows(raw, None).tolist() == [True, False, False, False, False]
    assert kept_rows(raw, {"a": 1.0, "b": 1.0, "c": "w"}).tolist() == [True] * 4 + [False]


def test_classes_that_no_network_can_learn():
    def checked(**codes):
        tables, paths = {name: pd.Series(own) for name, own in codes.items()}, {"train": "a.csv", "test": "b.csv"}
        return check_classes(tables, DATA | {"classes": ["lo", "mid", "hi"]}, paths)

    assert checked(train=[0, 2, 0], test=[1, 2]) == ["mid"] and checked(train=[0, 1, 2]) == []
    with pytest.raises(UserError, match="a.csv: .*only the class hi is left; set clean.missing to impute"):
        checked(train=[2, 2], test=[0, 1])
    with pytest.raises(UserError, match="b.csv: the test table has the classes hi, the training table lo, mid: none"):
        checked(train=[0, 1], test=[2, 2])


def test_the_test_file_may_be_written_otherwise(tmp_path):
    """Each file is read as its own settings say, from the header on; so are the columns that are no features."""
    rows = np.arange(40)
    table = pd.DataFrame({"größe": rows + 0.5, "site": [f"s{row % 8}" for row in rows], "y": rows % 2})
    table.to_csv(tmp_path / "train.csv", index=False)
    table.to_csv(tmp_path / "test.csv", index=False, sep=";", decimal=",", encoding="cp1252")
    data = {**shipped()["data"], "numeric": ["größe"], "categorical": [], "target": "y", "classes": [0, 1]}
    config = {**shipped(), "data": {**data, "test_format": {"decimal": "comma", "encoding": "cp1252"}}}
    files = {name: str(tmp_path / f"{name}.parquet") for name in ("train", "test", "train_left_out", "test_left_out")}
    output = Files(files, summary=str(tmp_path / "summary.json"))
    tables = Files({name: str(tmp_path / f"{name}.csv") for name in ("train", "test")})
    stage("clean")(tables, output, stage_settings(config, "clean"))
    for names in (("train", "test"), ("train_left_out", "test_left_out")):
        pd.testing.assert_frame_equal(*(pd.read_parquet(files[name]) for name in names))
    assert "cp1252" in read_json(output.summary)["formats"]["test"]
