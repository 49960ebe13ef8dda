"""Few rows, one class, a network that is never wrong: figures that cannot be computed are empty, and nothing fails."""

import json

import numpy as np
import pandas as pd
import pytest

from gapscope.config.defaults import shipped
from gapscope.data.encode import Column
from gapscope.data.rows import Held
from gapscope.diagnosis.diagnosis import diagnose
from gapscope.diagnosis.estimates import Encoder, Sets
from gapscope.diagnosis.evidence.counterfactuals import label_part, split_by_x
from gapscope.network.partition import Partition
from small_networks import network

SETTINGS = {**shipped()["diagnose"], "resamples": 20}
COLUMNS = (Column("x"), Column("z"))


def rows(n, rng, classes=(0, 1), weight=None):
    """The class is whether x is positive; z is noise."""
    y = np.resize(classes, n)
    table = pd.DataFrame({"x": rng.uniform(0.1, 1, n) * (2 * y - 1), "z": rng.normal(size=n), "y": y})
    return Partition(table[["x", "z"]].to_numpy(), y, weight and np.full(n, weight)), table


def diagnosed(train, validation, test):
    """The diagnosis of a network that calls a row 1 where x is positive. Each part: rows as `rows` gives them."""
    right = network("relu", ([[-5.0, 5.0], [0.0, 0.0]], [0.0, 0.0]))
    parts, tables = zip(train, validation, test)
    sets = Sets(*parts, Held(pd.concat(tables[:2], ignore_index=True)), Held(tables[2]))
    return diagnose(right, sets, Encoder(COLUMNS, np.zeros(2), np.ones(2)), "y", SETTINGS)


def test_no_error_of_rounding_becomes_a_variance():
    """Every size of five, six and seven classes or strata whose rows are all classified right."""
    for k in (5, 6, 7):
        for n in range(1, 60):
            y, y_test = np.arange(n) % k, np.arange(20) % k
            assert np.isfinite(label_part(np.ones(n), y, y_test, k)[1])
            assert np.isfinite(split_by_x((np.ones(n), np.ones(20)), (y, y_test), 1).x_error)


@pytest.mark.parametrize("sizes", [(40, 10, 3), (12, 4, 12), (200, 60, 60)], ids=str)
@pytest.mark.parametrize("classes", [(0, 1), (1,)], ids=["both classes", "one class"])
def test_empty_figures_have_a_reason(sizes, classes):
    rng = np.random.default_rng(3)
    found = diagnosed(*(rows(n, rng, classes if place == 2 else (0, 1)) for place, n in enumerate(sizes)))
    json.dumps(found, allow_nan=False)
    explained = {(one["figure"], name) for one in found["empty"] for name in one["features"]}
    for record in found["features"]:
        for key in ("information_validation", "information_test", "correlation_validation", "correlation_test"):
            assert (record[key] is None) == ((key, record["feature"]) in explained)
    assert all(one["reason"].endswith(".") for one in found["empty"])
    if classes == (1,):
        assert ("information_test", "x") in explained
