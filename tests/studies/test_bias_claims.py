"""Paired comparisons against SciPy's t test, and the decision of each claim on made-up runs."""

import numpy as np
import pytest
from scipy import stats

from gapscope.studies.shared_bias.claims import claims, compare, lowest_common_level, paired

LEVELS = [1.0, 0.5, 0.1]


def runs(shared, independent, figure="iterations_to"):
    """Runs of two networks that differ in one figure only."""
    same = {"iterations_to": [2, 5, None], "loss_rises": 0, "highest_curvature_end": 2.0, "condition_number_end": 10.0}
    return [
        {"network": name, "seed": seed, **same, figure: value}
        for name, values in (("shared", shared), ("independent", independent))
        for seed, value in enumerate(values)
    ]


def of(entries, name):
    return next(entry for entry in entries if entry["claim"] == name)


def test_paired_difference_and_ratio_agree_with_scipy():
    rng = np.random.default_rng(0)
    a, b = rng.uniform(1, 9, 6), rng.uniform(1, 9, 6)
    ours, theirs = paired(list(a), list(b), False), stats.ttest_rel(a, b)
    np.testing.assert_allclose(ours["interval"], theirs.confidence_interval(0.95))
    assert ours["estimate"] == pytest.approx((a - b).mean())
    ours, theirs = paired(list(a), list(b), True), stats.ttest_rel(np.log(a), np.log(b))
    np.testing.assert_allclose(ours["interval"], np.exp(theirs.confidence_interval(0.95)))


def test_without_a_pair_of_figures_nothing_is_compared():
    nothing = {"estimate": None, "interval": None}
    assert paired([1, None], [1, 2], False) == nothing
    assert paired([1.0, 0.0], [1.0, 2.0], True) == nothing
    assert paired([3], [1], False) == {**nothing, "estimate": 2.0}


@pytest.mark.parametrize(
    "shared, independent, decision",
    [
        ([10.0, 21.0, 30.0], [1.0, 2.0, 3.0], "holds"),
        ([1.0, 2.0, 3.0], [10.0, 21.0, 30.0], "does not hold"),
        ([1.0, 20.0, 3.0], [10.0, 2.0, 3.0], "undecided"),
        ([5.0, 5.0, 5.0], [5.0, 5.0, 5.0], "does not hold"),
        ([10.0], [1.0], "undecided"),
        ([10.0, None, 30.0], [1.0, 2.0, 3.0], "undecided"),
    ],
)
def test_decisions(shared, independent, decision):
    entry = of(claims(runs(shared, independent, "condition_number_end"), LEVELS), "worse conditioned")
    assert entry["decision"] == decision


def test_slower_is_judged_at_the_lowest_level_that_every_run_reached():
    made = runs([[2, 9, 20], [3, 9, None], [2, 10, 20]], [[2, 5, 20], [2, 5, 20], [1, 5, 20]])
    assert lowest_common_level(made, LEVELS) == 0.5
    entry = of(claims(made, LEVELS), "slower")
    assert entry["statistic"] == "iterations to a training loss of 0.5"
    assert (entry["shared"], entry["independent"]) == (pytest.approx(28 / 3), 5.0)
    assert (entry["decision"], entry["seeds_for"], entry["seeds"]) == ("holds", 3, 3)
    never = of(claims(runs([[None] * 3] * 2, [[None] * 3] * 2), LEVELS), "slower")
    assert never["decision"] == "undecided" and never["estimate"] is None


def test_compare_gives_the_spread_over_seeds_and_each_levels_iterations():
    result = compare(runs([1.0, 2.0, 6.0], [1.0, None, 1.0], "loss_rises"), LEVELS)
    assert result["networks"]["shared"]["loss_rises"] == {"mean": 3.0, "sd": pytest.approx(np.sqrt(7)), "median": 2.0}
    assert result["networks"]["independent"]["loss_rises"]["mean"] is None
    assert result["levels"][1]["shared"] == [5, 5, 5] and result["levels"][1]["estimate"] == 0.0
