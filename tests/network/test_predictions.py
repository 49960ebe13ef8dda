"""Files with the predictions of a model that cannot be run: read in the table's order, mistakes in one line each."""

import numpy as np
import pandas as pd
import pytest

from gapscope.common.errors import UserError
from gapscope.config.check import check
from gapscope.config.defaults import shipped
from gapscope.evaluation import prediction
from gapscope.network.predictions import Predictions, of_files, probabilities_in

CLASSES = ["low", "high"]
P = [[0.9, 0.1], [0.2, 0.8], [0.5, 0.5]]


@pytest.fixture
def file(tmp_path):
    def file(table: dict | str, name: str = "v.csv") -> str:
        path = tmp_path / name
        if isinstance(table, str):
            path.write_text(table)
        elif name.endswith(".parquet"):
            pd.DataFrame(table).to_parquet(path)
        else:
            pd.DataFrame(table).to_csv(path, index=False)
        return str(path)

    return file


@pytest.mark.parametrize("name", ["v.csv", "v.parquet"])
@pytest.mark.parametrize(
    "table",
    [
        {"low": [0.9, 0.2, 0.5], "high": [0.1, 0.8, 0.5]},
        {"p_high": [0.1, 0.8, 0.5], "p_low": [0.9, 0.2, 0.5], "predicted": ["low", "high", "low"]},
        *(
            {"row": [first + 2, first, first + 1], "low": [0.5, 0.9, 0.2], "high": [0.5, 0.1, 0.8]}
            for first in range(3)
        ),
    ],
)
def test_columns_and_rows_may_stand_in_any_order(file, table, name):
    assert probabilities_in(file(table, name), CLASSES, 3, "training", np.arange(3)).tolist() == P


MISTAKES = [
    ("", "v.csv: cannot be read .*; expected a CSV file with commas, or Parquet"),
    ({"low": [1.0], "Hihg": [0.0]}, "a column for each class .low, high., and perhaps row; got 'Hihg'"),
    ({"low": [1.0]}, "got none for high"),
    ({"low": [1.0], "p_low": [1.0], "high": [0.0]}, "got two of one name"),
    (
        {"low": [0.5] * 2, "high": [0.5] * 2},
        "expected 3 rows of probabilities, one for each row of the test table, got 2",
    ),
    ({"low": [0.5, 0.5, None], "high": [0.5] * 3}, "row 4 of the test table .*sum to 1, got nan, 0.5; 1 rows"),
    ({"low": [0.5, 0.9, 0.9], "high": [0.5] * 3}, "row 3 of the test table .*, got 0.9, 0.5; 2 rows are like this"),
    ({"low": [0.5, "a lot", 0.5], "high": [0.5] * 3}, "row 3 of the test table .*, got a lot, 0.5"),
    ({"row": [2, 3, 3], "low": [0.5] * 3, "high": [0.5] * 3}, "column row: expected each number of a row once"),
    ({"row": [7, 8, 9], "low": [0.5] * 3, "high": [0.5] * 3}, "column row: expected each number of a row once"),
]


@pytest.mark.parametrize(("table", "message"), MISTAKES)
def test_a_mistake_in_the_file_is_one_line(file, table, message):
    with pytest.raises(UserError, match=message) as told:
        probabilities_in(file(table), CLASSES, 3, "test", np.arange(3))
    assert "\n" not in str(told.value)


def test_rows_are_looked_up_by_their_place_among_those_that_clean_keeps(file, tmp_path):
    paths = {"validation": file({"low": [0.9, None, 0.5], "high": [0.1, None, 0.5]})}  # of no use, so it may be empty
    paths["test"] = file({"low": [0.0, 1.0], "high": [1.0, 0.0]}, "t.csv")
    kept = {"train": np.array([0, 2]), "test": np.array([1])}
    model = of_files(paths, CLASSES, {"train": 3, "test": 2}, kept)
    model.save(tmp_path / "theirs.model")
    for found in (model, Predictions.load(tmp_path / "theirs.model")):
        assert found.probabilities(found.inputs("", np.array([1, 0]), of_test=False)).tolist() == [P[2], P[0]]
        assert found.probabilities(found.inputs("", None, of_test=True)).tolist() == [[1.0, 0.0]]
        assert found.test.tolist() == [[0.0, 1.0], [1.0, 0.0]] and found.units[-1] == 2
    without_test = of_files(paths, CLASSES, {"train": 3}, {"train": kept["train"]})
    assert without_test.predict(without_test.inputs("", None, of_test=False)).tolist() == [0, 0]


def test_the_files_must_be_there_and_suit_the_test_set(file):
    path = file({"low": [1.0], "high": [0.0]})
    for data, given, message in (
        ({}, {"validation": path, "test": "no.csv"}, "models.theirs.predictions.test: no file 'no.csv'"),
        ({}, {"validation": path}, "models.theirs.predictions.test: add a file with probabilities of the test rows"),
        ({"test": "none"}, {"validation": path, "test": path}, "predictions.test: remove it, as data.test is none"),
    ):
        config = shipped()
        config["data"] |= data
        config["models"] = {"theirs": {"predictions": given}}
        with pytest.raises(UserError, match=message):
            check(config)


def test_other_rows_are_refused(tmp_path):
    model = type("Model", (), {"network": Predictions(np.eye(2), np.eye(2), np.arange(2))})
    with pytest.raises(UserError, match="new.csv: the model cannot classify other rows than its own"):
        prediction.classify(model, "new.csv", str(tmp_path / "out.csv"))
