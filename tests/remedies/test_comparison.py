"""The table of remedies: means, deviations, and the change against the baseline, by hand."""

import numpy as np
import pytest

from gapscope.remedies.comparison import change_against, comparison, summary


def record(name, accuracies, change=None):
    figures = ("validation_accuracy", "test_accuracy", "test_macro_f1", "cross_validated_accuracy")
    return {"mitigation": name, "change": change or {}, **dict.fromkeys(figures, accuracies), "diverged": 0}


def test_change_and_its_interval_by_hand():
    """Row differences 1, 0, 0, -1, 1 and half of 1, -1 beside two rows of 0: seven rows, mean 1/7, squares 4/7; seeds'
    variances 0.02 and 0, over two seeds each."""
    better = record("x", [0.5, 0.7]), np.array([1, 1, 0, 0, 1])
    base = record("b", [0.4, 0.4]), np.array([0, 1, 0, 1, 0])
    half = 1.959964 * np.sqrt((4 / 7 - 1 / 49) / 7 + 0.02 / 2)
    assert change_against(better, base, 0.95) == pytest.approx((0.2, 1 / 7 - half, 1 / 7 + half), abs=1e-6)


def test_a_change_by_weight():
    right, before, w = np.array([1.0, 1.0, 0.0, 1.0]), np.array([0.0, 1.0, 0.0, 1.0]), np.array([3.0, 1.0, 1.0, 1.0])
    one, other = (({"test_accuracy": [0.5]}, own) for own in (right, before))
    assert change_against(one, other, 0.95, w)[0] == 0.5
    equal = change_against(one, other, 0.95, np.full(4, 2.0))
    assert equal == pytest.approx(change_against(one, other, 0.95))


def test_remedies_that_classify_all_rows_alike_may_still_differ():
    same = [(record(name, [0.5, 0.5]), np.repeat([1.0, 0.0], 20)) for name in "ab"]
    change, low, high = change_against(*same, 0.95)
    assert change == 0.0 and low < -0.03 and high > 0.03


@pytest.mark.parametrize("better, verdict", [(60, "yes"), (2, "no")])
def test_the_table(better, verdict):
    """With 60 of 200 rows more right the remedy surely helps; with 2 it may be chance."""
    before, after = (np.arange(200) < rows for rows in (100, 100 + better))
    trials = [
        (record("baseline", [0.5, 0.5]), before.astype(float)),
        (record("without", [0.6, 0.8], {"drop": ["a"]}), before.astype(float)),
        (record("recommended", [0.6], {"drop": ["a"]}), after.astype(float)),
    ]
    found = {"verdict": {"kind": "feature_lost", "features": ["a"]}, "gap": {"majority_test": 0.5}}
    baseline, without, recommended = rows = comparison(trials, found["verdict"], 0.95)
    told = summary([trial[0] for trial in trials], rows, found, None)
    assert (told["recommended"] == "without a", told["not_recommended"] is None) == (verdict == "yes",) * 2
    accuracies = [row["test_accuracy"] for row in (baseline, without, recommended)]
    assert accuracies == pytest.approx([0.5, 0.7, 0.6])
    assert without["test_accuracy_sd"] == pytest.approx(np.sqrt(0.02)) and np.isnan(recommended["test_accuracy_sd"])
    assert [row["addresses_cause"] for row in (baseline, without, recommended)] == ["no", "yes", "yes"]
    assert [row["recommended"] for row in (baseline, without, recommended)] == ["no", "no", verdict]
    assert (without["dropped"], without["seeds"], baseline["test_change"]) == ("a", 2, 0.0)
    assert [row["against"] for row in (baseline, without, recommended)] == ["", "baseline", "baseline"]


def test_a_change_of_training_is_no_merit_of_the_remedy():
    """Training alone takes 0.5 to 0.8, the remedy beside it to 0.7: it harms. The baseline says how it is trained."""
    trials = [
        (record("baseline", [0.5]), np.repeat([1.0, 0.0], [5, 5])),
        (record("recommended_training", [0.8], {"train": {"iterations": 40}}), np.repeat([1.0, 0.0], [8, 2])),
        (record("recommended", [0.7], {"drop": ["a"], "train": {"iterations": 40}}), np.repeat([1.0, 0.0], [7, 3])),
    ]
    rows = comparison(trials, {"kind": "feature_lost", "features": ["a"]}, 0.95, train={"l2": 0.1})
    assert [row["test_change"] for row in rows] == pytest.approx([0.0, 0.3, -0.1])
    assert [row["against"] for row in rows] == ["", "baseline", "recommended_training"]
    assert [row["remedy"] for row in rows] == ["l2 0.1", "iterations 40", "without a, iterations 40"]


def test_without_test_classes_the_test_figures_are_missing():
    untested = record("baseline", [0.5]) | {"test_accuracy": [], "test_macro_f1": []}
    (row,) = comparison([(untested, np.array([]))], {"kind": "undecided"}, 0.95)
    assert all(np.isnan(row[name]) for name in ("test_accuracy", "test_macro_f1", "test_change"))
    assert (row["validation_accuracy"], row["seeds"]) == (0.5, 1)
