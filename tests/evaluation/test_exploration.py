"""Exploration: classes, shares within levels and correlations, by hand and beside pandas."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import f_oneway

from gapscope.evaluation import exploration
from gapscope.evaluation.exploration import class_distribution, correlation_ratio, level_shares


def test_classes_are_counted_by_weight():
    found = class_distribution(pd.Series([0, 0, 1]), ["a", "b", "c"], np.array([0.25, 0.25, 1.5]))
    assert found["counts"] == {"a": 2, "b": 1, "c": 0} and found["shares"] == {"a": 0.25, "b": 0.75, "c": 0.0}
    assert found["imbalance_ratio"] == 3.0 and found["weights"] == {"a": 0.5, "b": 1.5, "c": 0.0}
    assert found["absent"] == ["c"]


def test_the_commonest_level_comes_first():
    table = pd.DataFrame({"c": list("bbbaaccd"), "y": [0, 0, 2, 0, 2, 2, 2, 0]})
    shares = level_shares(table, "c", {"target": "y", "classes": ["lo", "mid", "hi"]})
    assert list(shares.index) == ["b", "a", "c", "d"] and list(shares.columns) == ["lo", "mid", "hi"]
    assert shares.to_numpy().tolist() == [[2 / 3, 0, 1 / 3], [0.5, 0, 0.5], [0, 0, 1], [1, 0, 0]]


@pytest.mark.parametrize("held", [1, 5000])
def test_correlations_of_columns_held_few_at_a_time(monkeypatch, held):
    rng = np.random.default_rng(1)
    names = list("abcdefg")
    table = pd.DataFrame(rng.normal(size=(200, 7)) @ rng.normal(size=(7, 7)), columns=names)
    table = table.assign(b=3.0, y=rng.integers(0, 3, 200))
    monkeypatch.setattr(exploration, "HELD", held)
    matrix = exploration.correlations(table, {"numeric": names, "target": "y"})
    pd.testing.assert_frame_equal(matrix, table.corr(), check_exact=True)
    assert exploration.target_correlations(matrix, "y") == matrix["y"].to_dict() | {"b": None}


def test_the_correlation_ratio_is_that_of_an_analysis_of_variance_whatever_the_order_of_classes():
    rng = np.random.default_rng(2)
    codes = rng.integers(0, 3, 90)
    values = np.array([1.0, 5.0, 2.0])[codes] + rng.normal(size=90)
    groups = [values[codes == code] for code in range(3)]
    f = f_oneway(*groups).statistic  # F = (between / 2) / (within / 87)
    assert correlation_ratio(values, codes) == pytest.approx(np.sqrt(2 * f / (2 * f + 87)), rel=1e-12)
    assert correlation_ratio(values, np.array([2, 0, 4])[codes]) == pytest.approx(correlation_ratio(values, codes))
    assert correlation_ratio(np.full(90, 3.1), codes) is None
