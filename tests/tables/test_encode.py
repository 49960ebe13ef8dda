"""Encoding: order of the columns, vocabulary of the training table, levels that it does not know."""

import numpy as np
import pandas as pd
import pytest

from gapscope.tables.encode import Column, columns_of, encoded, feature_groups, fit_columns, records, unseen_levels

DATA = {"numeric": ["size", "age"], "categorical": ["room", "borough"]}
AUTO = {"log1p_above_skewness": 100.0, "fourier": 0, "fourier_from_values": 500, "fourier_from_rows": 5000}
CONFIG = {"categorical": "one_hot", "column_order": "config", "transform": {}, "auto": AUTO}


@pytest.fixture
def train():
    return pd.DataFrame(
        {
            "age": [1.0, 2.0, 3.0],
            "size": [10.0, 20.0, 30.0],
            "room": ["b", "a", "b"],
            "borough": ["Y", "X", "Z"],
            "y": [0, 1, 0],
        }
    )


def names(columns):
    return [column.name for column in columns]


def test_column_order(train):
    in_order = ["size", "age", "room_a", "room_b", "borough_X", "borough_Y", "borough_Z"]
    assert names(fit_columns(train, DATA, CONFIG)) == in_order
    assert names(fit_columns(train, DATA, CONFIG | {"column_order": "name"})) == sorted(in_order)


def test_the_order_of_rows_does_not_matter(train):
    assert fit_columns(train[::-1], DATA, CONFIG) == fit_columns(train, DATA, CONFIG)


def test_leave_out(train):
    columns = fit_columns(train, DATA, CONFIG | {"categorical": "leave_out"})
    assert columns == [Column("size"), Column("age")]
    assert encoded(train, columns).tolist() == [[10, 1], [20, 2], [30, 3]]


def test_the_matrix_by_hand(train):
    X = encoded(train, fit_columns(train, DATA, CONFIG))
    assert X.tolist() == [[10, 1, 0, 1, 0, 1, 0], [20, 2, 1, 0, 1, 0, 0], [30, 3, 0, 1, 0, 0, 1]]
    assert X.dtype == np.float64 and X.flags.c_contiguous  # pandas' own get_dummies would give booleans


def test_one_hot_against_pandas(train):
    dummies = pd.get_dummies(train[["size", "age", "room", "borough"]], columns=["room", "borough"], dtype=float)
    columns = fit_columns(train, DATA, CONFIG)
    assert names(columns) == list(dummies.columns)
    np.testing.assert_array_equal(encoded(train, columns), dummies.to_numpy())


def test_a_numeric_column_of_booleans_is_a_number(train):
    train["age"] = [True, False, True]
    assert encoded(train, [Column("age")]).tolist() == [[1.0], [0.0], [1.0]]


def test_test_levels(train):
    columns = fit_columns(train, DATA, CONFIG)
    test = pd.DataFrame({"age": 1.0, "size": 2.0, "room": ["a", "c", "c"], "borough": ["X", "X", "W"]})
    X = encoded(test, columns)
    assert X.shape == (3, 7)  # room_b, borough_Y and _Z stay although test lacks them
    assert X[:, 2:].tolist() == [[1, 0, 1, 0, 0], [0, 0, 1, 0, 0], [0, 0, 0, 0, 0]]
    assert unseen_levels(test, columns) == {"room": {"c": 2}, "borough": {"W": 1}}
    assert unseen_levels(train, columns) == {}


def test_feature_groups(train):
    groups = feature_groups(fit_columns(train, DATA, CONFIG))
    assert {name: places.tolist() for name, places in groups.items()} == {
        "size": [0],
        "age": [1],
        "room": [2, 3],
        "borough": [4, 5, 6],
    }
    by_name = feature_groups(fit_columns(train, DATA, CONFIG | {"column_order": "name"}))
    assert by_name["room"].tolist() == [4, 5] and by_name["age"].tolist() == [0]


def test_columns_come_back_from_the_written_encoding(train):
    columns = fit_columns(train, DATA, CONFIG)
    assert columns_of({"columns": records(columns)}) == columns
    assert [record["name"] for record in records(columns)] == names(columns)
