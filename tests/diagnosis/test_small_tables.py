"""Few rows, one class, a network that is never wrong: figures that cannot be computed are empty, and nothing fails."""

import json

import numpy as np
import pandas as pd
import pytest

from gapscope.diagnosis.context import accuracy, other_gaps
from gapscope.diagnosis.estimates import Estimate
from gapscope.diagnosis.evidence.counterfactuals import label_part, split_by_x
from gapscope.evaluation.metrics import confusion
from gapscope.network.partition import Partition
from sign_tables import diagnosed, rows


def test_no_error_of_rounding_becomes_a_variance():
    """Every size of five, six and seven classes or strata whose rows are all classified right."""
    for k in (5, 6, 7):
        for n in range(1, 60):
            y, y_test = np.arange(n) % k, np.arange(20) % k
            assert np.isfinite(label_part(np.ones(n), Partition(y, y), y_test, k, 0.95).low)
            assert np.isfinite(split_by_x((np.ones(n), np.ones(20)), (y, y_test), (y, y_test), k, 0.95).x_part.low)


@pytest.mark.parametrize("sizes", [(40, 10, 3), (12, 4, 12), (200, 60, 60)], ids=str)
@pytest.mark.parametrize("classes", [(0, 1), (1,)], ids=["both classes", "one class"])
def test_empty_figures_have_a_reason(sizes, classes):
    rng = np.random.default_rng(3)
    found = diagnosed(*(rows(n, rng, classes if place == 2 else (0, 1)) for place, n in enumerate(sizes)))
    json.dumps({**found, "failures": None}, allow_nan=False)
    explained = {(one["figure"], name) for one in found["empty"] for name in one["features"]}
    for record in found["features"]:
        for key in ("information_validation", "information_test"):
            assert (record[key] is None) == ((key, record["feature"]) in explained)
    assert all(one["reason"].endswith(".") for one in found["empty"])
    if classes == (1,):
        assert ("information_test", "x") in explained


@pytest.mark.parametrize("n", [30, 100, 300])
@pytest.mark.parametrize("p", [0.75, 0.97])
def test_intervals_cover_the_truth_as_often_as_they_say(n, p):
    """800 draws of validation and test rows of one accuracy: 95% intervals of differences hold 0 in 92% or more."""
    rng, held = np.random.default_rng(n), {"accuracy": [], "balanced_accuracy": [], "paired": []}
    for _ in range(800):
        right, y = rng.random((2, n)) < p, rng.integers(2, size=(2, n))
        gap = accuracy(right[0], 0.95).minus(accuracy(right[1], 0.95))
        matrices = [confusion(codes, np.where(one, codes, 1 - codes), 2) for one, codes in zip(right, y)]
        balanced = other_gaps(matrices, [gap, gap], 0.95, 400, rng)["balanced_accuracy"]
        changed = Estimate.change(rng.choice([-1.0, 0.0, 1.0], p=[(1 - p) / 2, p, (1 - p) / 2], size=n), 0.95)
        for name, one in zip(held, (gap, balanced, changed)):
            assert one.low < one.high
            held[name].append(one.low <= 0 <= one.high)
    assert {name: np.mean(one) for name, one in held.items() if np.mean(one) < 0.92} == {}


def test_a_large_gap_with_a_rare_class_is_covered():
    """30 rows of three classes, of which 90% and 30% are right in each class: the gap is 0.6."""
    rng, held = np.random.default_rng(1), []
    for _ in range(400):
        y = rng.choice(3, p=[0.1, 0.4, 0.5], size=(2, 30))
        right = rng.random((2, 30)) < [[0.9], [0.3]]
        matrices = [confusion(codes, np.where(one, codes, (codes + 1) % 3), 3) for one, codes in zip(right, y)]
        gap = other_gaps(matrices, [Estimate(0.0, 0.0, 0.0)] * 2, 0.95, 200, rng)["balanced_accuracy"]
        held.append(gap.low <= 0.6 <= gap.high)
    assert 0.92 < np.mean(held) < 0.99


def test_test_rows_that_repeat_widen_the_gap():
    rng = np.random.default_rng(4)
    train, validation, (test, table) = (rows(n, rng) for n in (300, 100, 100))
    y = np.where(rng.random(100) < 0.3, 1 - test.y, test.y)
    once = Partition(test.X, y), table.assign(y=y)
    fourfold = Partition(np.tile(test.X, (4, 1)), np.tile(y, 4)), pd.concat([once[1]] * 4, ignore_index=True)
    gaps = [diagnosed(train, validation, part)["gap"]["validation_test"] for part in (once, fourfold)]
    widths = [gap["high"] - gap["low"] for gap in gaps]
    assert gaps[0]["difference"] == gaps[1]["difference"] and widths[1] == pytest.approx(widths[0], rel=0.02)
