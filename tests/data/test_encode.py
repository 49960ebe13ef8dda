"""Encoding: order of the columns, vocabulary of the training table, levels that it does not know."""

import numpy as np
import pandas as pd
import pytest

from gapscope.data.encode import (
    Column,
    columns_of,
    encoded,
    feature_groups,
    fit_columns,
    pooled_levels,
    records,
    unseen_levels,
)

DATA = {"numeric": ["size", "age"], "categorical": ["room", "borough"]}
AUTO = {"log1p_above_skewness": 100.0, "fourier": 0, "fourier_from_values": 500, "fourier_from_rows": 5000}
CONFIG = {"categorical": "one_hot", "max_levels": 50, "column_order": "config", "transform": {}, "auto": AUTO}


@pytest.fixture
def train():
    numbers = {"age": [1.0, 2.0, 3.0], "size": [10.0, 20.0, 30.0]}
    return pd.DataFrame(numbers | {"room": ["b", "a", "b"], "borough": ["Y", "X", "Z"], "y": [0, 1, 0]})


def names(columns):
    return [column.name for column in columns]


def test_leave_out(train):
    columns = fit_columns(train, DATA, CONFIG | {"categorical": "leave_out"})
    assert columns == [Column("size"), Column("age")]
    assert encoded(train, columns).tolist() == [[10, 1], [20, 2], [30, 3]]


def test_one_hot_against_pandas(train):
    dummies = pd.get_dummies(train[["size", "age", "room", "borough"]], columns=["room", "borough"], dtype=float)
    columns = fit_columns(train, DATA, CONFIG)
    assert names(columns) == list(dummies.columns)
    assert names(fit_columns(train, DATA, CONFIG | {"column_order": "name"})) == sorted(dummies.columns)
    np.testing.assert_array_equal(encoded(train, columns), dummies.to_numpy())


def test_test_levels(train):
    columns = fit_columns(train, DATA, CONFIG)
    test = pd.DataFrame({"age": 1.0, "size": 2.0, "room": ["a", "c", "c"], "borough": ["X", "X", "W"]})
    X = encoded(test, columns)
    assert X.shape == (3, 7)  # room_b, borough_Y and _Z stay although test lacks them
    assert X[:, 2:].tolist() == [[1, 0, 1, 0, 0], [0, 0, 1, 0, 0], [0, 0, 0, 0, 0]]
    assert unseen_levels(test, columns) == {"room": {"c": 2}, "borough": {"W": 1}}
    assert unseen_levels(train, columns) == {}


def test_feature_groups(train):
    groups = feature_groups(fit_columns(train, DATA, CONFIG | {"column_order": "name"}))
    places = {name: own.tolist() for name, own in groups.items()}
    assert places == {"age": [0], "borough": [1, 2, 3], "room": [4, 5], "size": [6]}


def levels(counts, feature="c"):
    return pd.DataFrame({feature: [level for level, rows in counts.items() for _ in range(rows)]})


ONE = {"numeric": [], "categorical": ["c"]}


def test_rare_levels_share_a_column():
    train = levels({"z": 5, "b": 3, "a": 2, "d": 2, "e": 1})
    columns = fit_columns(train, ONE, CONFIG | {"max_levels": 3})
    assert names(columns) == ["c_b", "c_z", "c_other"]
    X = encoded(pd.DataFrame({"c": ["z", "b", "a", "e", "never seen"]}), columns)
    assert X.tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 1], [0, 0, 1], [0, 0, 1]]
    assert columns_of({"columns": records(columns)}) == columns
    assert unseen_levels(levels({"new": 2}), columns) == {}


def test_of_equally_common_levels_the_first_are_kept():
    for order in (list("abcdef"), list("fedcba")):
        columns = fit_columns(levels(dict.fromkeys(order, 2)), ONE, CONFIG | {"max_levels": 4})
        assert names(columns) == ["c_a", "c_b", "c_c", "c_other"]


def test_a_kept_level_may_be_called_other():
    columns = fit_columns(levels({"other": 5, "b": 3, "a": 2}), ONE, CONFIG | {"max_levels": 2})
    assert names(columns) == ["c_other", "c_other 2"]
    assert encoded(levels({"other": 1, "b": 1}), columns).tolist() == [[1, 0], [0, 1]]


def test_what_is_told_of_pooled_levels():
    train, test = levels({"z": 5, "b": 3, "a": 2}), levels({"z": 1, "a": 1, "new": 4})
    columns = fit_columns(train, ONE, CONFIG | {"max_levels": 2})
    assert pooled_levels({"train": train, "test": test}, columns) == [
        {"feature": "c", "column": "c_other", "levels": 3, "kept": 1,
         "rows": {"train": 5, "test": 5}, "new": {"test": 4}}
    ]  # fmt: skip
    assert pooled_levels({"train": train}, fit_columns(train, ONE, CONFIG)) == []


def test_columns_of_one_name_are_told_apart():
    """`a_b` with level `c` and `a` with level `b_c` are both a_b_c, and so may a number be called."""
    data = {"numeric": ["a_b_c", "x"], "categorical": ["a", "a_b"]}
    train = pd.DataFrame({"a_b_c": [1.0, 2], "x": [3.0, 4], "a": ["b_c", "b_c"], "a_b": ["c", "d"]})
    columns = fit_columns(train, data, CONFIG)
    assert names(columns) == ["a_b_c [a_b_c]", "x", "a_b_c [a]", "a_b_c [a_b]", "a_b_d"]
    assert encoded(train, columns).tolist() == [[1, 3, 1, 1, 0], [2, 4, 1, 0, 1]]
    assert columns_of({"columns": records(columns)}) == columns


def test_names_stay_apart_even_where_a_level_looks_like_the_remedy():
    data = {"numeric": [], "categorical": ["a", "a_b", "a_b_c [a"]}
    train = pd.DataFrame({"a": ["b_c", "b_c [a]"], "a_b": ["c", "d"], "a_b_c [a": ["]", "x"]})
    found = names(fit_columns(train, data, CONFIG))
    assert len(set(found)) == len(found)
