"""Transforms of numeric columns: by hand, fitted on the training table only, and back from their JSON."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy.stats import skew

from gapscope.common.errors import UserError
from gapscope.common.files import read_array, read_json
from gapscope.config.defaults import shipped
from gapscope.data.encode import columns_of, encoded, feature_groups, fit_columns, records
from gapscope.data.transforms import Log1p, automatic, chosen, fit_transforms, skewness
from stage_scripts import Files, stage

EVERY = ["identity", "log1p", "quantile", {"fourier": 2}]
DATA = {"source": "files", "target": "y", "numeric": ["size", "age"], "categorical": ["room"]}
AUTO = {"log1p_above_skewness": 2.0, "fourier": 2, "fourier_from_values": 500, "fourier_from_rows": 5000}
ENCODE = shipped()["encode"] | {"transform": {"age": EVERY}, "auto": AUTO}


def table(ages):
    return pd.DataFrame({"size": 1.0, "age": np.array(ages, float), "room": "a", "y": 0})


def one(x, setting):
    (transform,) = fit_transforms(np.array(x, float), "age", setting)
    return transform


def test_identity_is_the_column_itself():
    assert fit_transforms(np.array([1.0]), "age", "identity") == [None]
    named = {"age": "identity", "size": ["identity"]}
    none, by_name = (fit_columns(table([1, 2]), DATA, ENCODE | {"transform": each}) for each in ({}, named))
    assert none == by_name


def test_log1p_by_hand():
    assert one([0.0, 1.0], "log1p")(np.array([0.0, np.e - 1, np.e**3 - 1])) == pytest.approx([0, 1, 3], abs=1e-15)


def test_log1p_of_a_training_value_below_zero():
    with pytest.raises(UserError, match=r"encode\.transform\.age: log1p .* at least 0, .* has 2 below .* least is -3"):
        fit_transforms(np.array([-3.0, 1.0, -1.0]), "age", ["identity", "log1p"])


def test_log1p_goes_on_below_zero_for_a_test_table():
    x = np.linspace(-1000, 1000, 999)
    assert (np.diff(Log1p()(x)) > 0).all()
    assert Log1p()(-x) == pytest.approx(-Log1p()(x))


def test_quantile_by_hand():
    quantile = one(range(101), "quantile")  # 0 .. 100: the quantile at level p is 100 p
    assert quantile(np.array([0, 12.5, 100])) == pytest.approx([0, 0.125, 1])


def test_quantile_of_a_spike_is_the_middle_of_its_ranks():
    quantile = one([0] * 50 + list(range(1, 52)), "quantile")  # level p is row 100 p: 0 up to 0.49, then 1, 2, ...
    assert quantile(np.array([0.0, 1.0, 51.0])) == pytest.approx([0.245, 0.5, 1.0])
    assert quantile(np.array([0.5])) == pytest.approx([(0.245 + 0.5) / 2])


def test_fourier_by_hand():
    waves = fit_transforms(np.array([10.0, 50.0]), "age", {"fourier": 2})
    assert [wave.label for wave in waves] == ["sin1", "cos1", "sin2", "cos2"]
    values = np.array([wave(np.array([10.0, 15.0, 20.0, 40.0])) for wave in waves])  # shares 0, 1/8, 1/4, 3/4
    half = np.sqrt(0.5)
    by_hand = [[0, half, 1, -1], [1, half, 0, 0], [0, 1, 0, 0], [1, 0, -1, -1]]
    np.testing.assert_allclose(values, by_hand, atol=1e-12)


def test_a_calendar_against_pandas():
    """Parts that the training rows share are left out, but for the elapsed days."""
    stamps = pd.to_datetime(
        ["1969-12-31 23:59:59", "1970-01-01", "2000-02-29 06:00", "2024-12-30 18:30"], format="ISO8601"
    )
    x = ((stamps - pd.Timestamp(0)) / pd.Timedelta(days=1)).to_numpy()
    parts = {part.label: part(x).tolist() for part in fit_transforms(x, "age", "calendar")}
    expected = {"year": stamps.year, "month": stamps.month, "weekday": stamps.day_of_week, "hour": stamps.hour}
    assert parts == {"days": x.tolist(), **{name: values.tolist() for name, values in expected.items()}}
    assert [part.label for part in fit_transforms(np.array([0.0, 1.0]), "age", "calendar")] == ["days", "weekday"]
    assert all(np.isfinite(part(np.array([-1e100, 1e100]))).all() for part in fit_transforms(x, "age", "calendar"))


def test_the_encoded_columns():
    columns = fit_columns(table([0, 4]), DATA, ENCODE)
    names = ["age", "log1p(age)", "quantile(age)", "sin1(age)", "cos1(age)", "sin2(age)", "cos2(age)"]
    assert [column.name for column in columns] == ["size", *names, "room_a"]
    groups = feature_groups(columns)
    assert {name: list(places) for name, places in groups.items()} == {"size": [0], "age": [*range(1, 8)], "room": [8]}
    by_hand = [1, 1, np.log(2), 0.25, 1, 0, 0, -1, 1]
    np.testing.assert_allclose(encoded(table([1]), columns), [by_hand], atol=1e-12)


def test_what_json_says_encodes_new_rows_to_the_same_bits():
    rng = np.random.default_rng(2)
    columns = fit_columns(table(rng.lognormal(size=200)), DATA, ENCODE)
    read = columns_of({"columns": json.loads(json.dumps(records(columns)))})
    new = table(rng.normal(size=50) * 10)
    assert read == columns and encoded(new, read).tobytes() == encoded(new, columns).tobytes()


@pytest.fixture
def encoding(tmp_path):
    """Returns a function that runs the stage on the ages of a training and of a test table."""

    def encoding(train, test, encode=ENCODE):
        input, output = ({name: str(tmp_path / name) for name in names.split()} for names in ("train test", OUTPUT))
        for name, ages in (("train", train), ("test", test)):
            table(ages).to_parquet(input[name], index=False)
        stage("encode")(input, Files(output), {"data": DATA, "encode": encode})
        return read_json(output["encoding"])["columns"], read_array(output["train_X"]), read_array(output["test_X"])

    return encoding


OUTPUT = "train_X train_y test_X test_y encoding"


def test_the_stage_fits_on_the_training_table_only_and_says_what_was_chosen_and_why(encoding, tmp_path):
    columns, train, test = encoding([0, 1, 2, 3], [1, 2])
    again, train_again, broken = encoding([0, 1, 2, 3], [-50, 1000])
    assert again == columns and train_again.tolist() == train.tolist()
    assert np.isfinite(broken).all()
    assert encoding([0, 1, 2, 4], [1, 2])[0] != columns
    assert columns[2] == {"name": "log1p(age)", "feature": "age", "level": None,
                          "transform": {"kind": "log1p"}, "others": []}  # fmt: skip
    chosen = read_json(tmp_path / "encoding")["transforms"]
    assert chosen["age"] == {"setting": EVERY, "because": "set in encode.transform"}
    assert chosen["size"]["setting"] == "identity" and "in 4 rows" in chosen["size"]["because"]


# Transforms chosen for columns that the config does not name.

BOUNDS = {"log1p_above_skewness": 2.0, "fourier": 3, "fourier_from_values": 50, "fourier_from_rows": 200}
WAVES = ["identity", {"fourier": 3}]
RNG = np.random.default_rng(0)
TAIL, EVEN = RNG.lognormal(sigma=1.5, size=1000), RNG.uniform(-1, 1, 1000)


def test_skewness_equals_scipys():
    for x in (TAIL, EVEN, np.array([0.0, 0, 0, 1])):
        assert skewness(x) == pytest.approx(skew(x), rel=1e-12)
    assert skewness(np.full(9, 7.0)) == 0.0


@pytest.mark.parametrize(
    "x, setting",
    [
        (TAIL, "log1p"),
        (TAIL - TAIL.min() - 1.0, WAVES),  # values below 0
        (-TAIL, WAVES),  # the tail is to the left
        (EVEN, WAVES),
        (np.round(EVEN * 20), "identity"),  # 41 values
        (EVEN[:199], "identity"),  # a row too few
        (np.zeros(1000), "identity"),
    ],
)
def test_the_choice(x, setting):
    found = automatic(x, BOUNDS)
    assert found.setting == setting and found.because


def test_what_the_config_names_stands():
    encode = {"transform": {"tail": "identity", "even": "auto"}, "auto": BOUNDS}
    assert chosen(TAIL, "tail", encode).setting == "identity"
    assert chosen(EVEN, "even", encode).setting == chosen(EVEN, "another", encode).setting == WAVES


def test_the_target_plays_no_part():
    data = {"numeric": ["tail", "even"], "categorical": [], "target": "y"}
    encode = ENCODE | {"transform": {}, "auto": BOUNDS}
    rows = pd.DataFrame({"tail": TAIL, "even": EVEN, "y": 0})
    columns = fit_columns(rows, data, encode)
    assert [column.name for column in columns[:3]] == ["log1p(tail)", "even", "sin1(even)"] and len(columns) == 8
    assert fit_columns(rows.assign(y=np.arange(1000) % 4), data, encode) == columns
