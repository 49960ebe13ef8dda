"""Transforms chosen for columns that the config does not name: by hand, against scipy, and without the target."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import skew

from gapscope.data.encode import fit_columns
from gapscope.data.transforms import automatic, chosen, skewness

AUTO = {"log1p_above_skewness": 2.0, "fourier": 3, "fourier_from_values": 50, "fourier_from_rows": 200}
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
    found = automatic(x, AUTO)
    assert found.setting == setting and found.because


def test_bounds_are_the_configs():
    assert automatic(TAIL, AUTO | {"log1p_above_skewness": 1000.0}).setting == WAVES
    assert automatic(EVEN, AUTO | {"fourier": 0}).setting == "identity"
    assert automatic(EVEN, AUTO | {"fourier": 1}).setting == ["identity", {"fourier": 1}]
    assert automatic(EVEN[:200], AUTO).setting == WAVES


def test_what_the_config_names_stands():
    encode = {"transform": {"tail": "identity", "even": "auto"}, "auto": AUTO}
    assert chosen(TAIL, "tail", encode).setting == "identity"
    assert chosen(EVEN, "even", encode).setting == chosen(EVEN, "another", encode).setting == WAVES


def test_the_target_plays_no_part():
    data = {"numeric": ["tail", "even"], "categorical": [], "target": "y"}
    encode = {"transform": {}, "auto": AUTO, "max_levels": 50, "categorical": "one_hot", "column_order": "config"}
    table = pd.DataFrame({"tail": TAIL, "even": EVEN, "y": 0})
    columns = fit_columns(table, data, encode)
    assert [column.name for column in columns[:3]] == ["log1p(tail)", "even", "sin1(even)"] and len(columns) == 8
    assert fit_columns(table.assign(y=np.arange(1000) % 4), data, encode) == columns
