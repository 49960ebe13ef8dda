"""Remedies: what each does to rows, columns and probabilities, against hand-worked figures, scikit-learn and scipy."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm
from sklearn.metrics import f1_score

from gapscope.evaluation.metrics import confusion
from gapscope.network.mlp import predict
from gapscope.network.partition import Partition
from gapscope.network.training import train
from gapscope.remedies.comparison import change_against, comparison
from gapscope.remedies.prior_correction import corrected
from gapscope.remedies.recommendation import Untried
from gapscope.remedies.resampling import (
    chosen_rows,
    density_ratio,
    first_of_each,
    folds_of,
    grouped_folds,
    judged_rows,
    not_among,
    oversampled,
    renumbered,
    row_groups,
)
from gapscope.remedies.trial import Bench, ceiling, macro_f1, tried, with_dropped_out, without
from remedy_rows import SETTINGS, rows_of


@pytest.fixture(scope="module")
def bench():
    table, test = rows_of(600, 1), rows_of(300, 2, lost=True)
    parts, each = (np.arange(480), np.arange(480, 600)), np.arange(600)
    return Bench(table.X, table.y, *parts, test, 2, (table.X,), each, each, None)


def test_the_figures_are_those_of_networks_trained_one_by_one(bench):
    found, right = tried(bench, {}, SETTINGS, [3, 4], 0)
    training, validation = bench.of(bench.training), bench.of(bench.validation)
    apart = [train(training, validation, 2, {**SETTINGS, "seed": seed}) for seed in (3, 4)]
    predicted = [predict(network, bench.test.X) for network in apart]
    assert found["test_accuracy"] == [(codes == bench.test.y).mean() for codes in predicted]
    assert found["test_macro_f1"] == pytest.approx(
        [f1_score(bench.test.y, codes, average="macro") for codes in predicted]
    )
    assert found["validation_accuracy"] == [(predict(n, validation.X) == validation.y).mean() for n in apart]
    assert right.tolist() == np.mean([codes == bench.test.y for codes in predicted], axis=0).tolist()
    assert found["cross_validated_accuracy"] == []


def test_leaving_out_a_lost_feature_helps(bench):
    found, _ = tried(bench, {}, SETTINGS, [1, 2], 3)
    better, _ = tried(without(bench, np.array([0])), {}, SETTINGS, [1, 2], 3)
    assert np.mean(better["test_accuracy"]) > np.mean(found["test_accuracy"]) + 0.05
    assert np.mean(better["validation_accuracy"]) < np.mean(found["validation_accuracy"]) - 0.05
    assert len(found["cross_validated_accuracy"]) == 3
    assert np.mean(found["cross_validated_accuracy"]) == pytest.approx(np.mean(found["validation_accuracy"]), abs=0.03)


@pytest.mark.parametrize("change", [{}, {"weights": "importance"}, {"correct": "prior"}, {"rows": "all"}])
def test_no_class_of_the_test_set_plays_a_part(bench, change):
    """Were all test rows of class 0 or all of class 1, each row would be right in exactly one of both cases."""
    zeros, ones = (replace(bench, test=Partition(bench.test.X, np.full(300, code))) for code in (0, 1))
    (first, right), (second, other) = (tried(one, change, SETTINGS, [1], 2) for one in (zeros, ones))
    assert (right + other == 1.0).all()
    assert first["cross_validated_accuracy"] == second["cross_validated_accuracy"]


def test_training_again_on_all_rows_leaves_the_validation_figures_alone(bench):
    part, whole = (tried(bench, change, SETTINGS, [1], 0)[0] for change in ({}, {"rows": "all"}))
    assert part["validation_accuracy"] == whole["validation_accuracy"]
    every = train(bench.of(np.arange(600)), bench.of(bench.validation), 2, {**SETTINGS, "seed": 1})
    assert whole["test_accuracy"] == [(predict(every, bench.test.X) == bench.test.y).mean()]


def test_dropped_out_columns_are_zero_in_their_share_of_the_rows(bench):
    versions = with_dropped_out(bench, np.array([0, 2]), 0.25, 4, np.random.default_rng(0)).versions
    gone = np.array([(X[:, 0] == 0) for X in versions])
    assert len(versions) == 4 and gone.mean() == pytest.approx(0.25, abs=0.02)
    for X, rows in zip(versions, gone):
        assert (X[rows][:, 2] == 0).all() and np.array_equal(X[~rows], bench.X[~rows])
        assert np.array_equal(X[:, 1], bench.X[:, 1])


def test_oversampling_makes_classes_equally_large():
    y = np.array([0] * 5 + [1] * 20 + [2] * 12 + [1] * 9)
    rows = oversampled(np.arange(37), y, np.random.default_rng(0))
    assert np.bincount(y[rows]).tolist() == [20, 20, 20]
    assert set(range(37)) <= set(rows.tolist()) and rows.max() < 37


def test_density_ratio_of_two_shifted_normals():
    """N(1, 1) over N(0, 1) is exp(x - 1/2)."""
    rng = np.random.default_rng(4)
    X, X_test = rng.normal(size=(8000, 1)), rng.normal(1.0, size=(4000, 1))
    found = density_ratio(X, X_test, {**SETTINGS, "iterations": 20}, rng)
    expected = norm.pdf(X[:, 0], 1.0) / norm.pdf(X[:, 0])
    near = np.abs(X[:, 0]) < 1.5
    assert np.abs(np.log(found[near] / expected[near])).mean() < 0.15


def test_folds_part_the_rows_and_keep_equal_ones_together():
    X = np.repeat(np.arange(50.0), 3)[:, None]
    X[0] = -0.0  # the same as 0
    folds = grouped_folds(row_groups(X), 4, np.random.default_rng(0))
    assert np.sort(np.concatenate(folds)).tolist() == list(range(150))
    assert all(len(np.unique(X[fold])) * 3 == len(fold) for fold in folds)
    assert max(map(len, folds)) - min(map(len, folds)) <= 3


def test_a_large_table_gives_each_remedy_the_same_rows_in_the_parts_proportion():
    sizes = {"training": 8000, "validation": 2000, "test": 3000}
    rows = chosen_rows(sizes, 1000, 7)
    assert [len(rows[name]) for name in sizes] == [1000, 250, 1000]
    assert len(np.unique(rows["test"])) == 1000 and 1300 < rows["test"].mean() < 1700
    assert (chosen_rows(sizes, 1000, 7)["test"] == rows["test"]).all()
    assert (judged_rows(3000, 1000, 7) == rows["test"]).all()  # by which the ceiling is judged
    for name, own in chosen_rows(sizes, 8000, 7).items():
        assert own.tolist() == list(range(sizes[name]))
    assert "test" not in chosen_rows({"training": 5, "validation": 1}, 2, 7)
    assert renumbered(np.array([7, 3, 7, 9])).tolist() == [1, 0, 1, 2]


def test_copies_of_rows():
    X, y = np.array([[1.0], [1.0], [2.0], [1.0], [3.0]]), np.array([0, 0, 0, 1, 0])
    groups = row_groups(X, y)
    assert first_of_each(groups, np.array([1, 0, 2, 3])).tolist() == [1, 2, 3]
    assert not_among(groups, np.array([0, 3, 4]), np.array([1, 2])).tolist() == [3, 4]


def test_correction_finds_new_class_shares():
    """Two normals with equal variances: the posterior under new shares is known."""
    rng = np.random.default_rng(5)
    y = (rng.random(20_000) < 0.2).astype(int)
    x = rng.normal(size=20_000) + 1.5 * y
    likelihood = norm.pdf(np.subtract.outer(x, [0.0, 1.5]))
    posterior = {one: likelihood * [1 - one, one] for one in (0.6, 0.2)}
    posterior = {one: p / p.sum(axis=1, keepdims=True) for one, p in posterior.items()}
    found = corrected(posterior[0.6], np.array([0.4, 0.6]))
    assert found.mean(axis=0)[1] == pytest.approx(0.2, abs=0.01)
    assert np.abs(found - posterior[0.2]).max() < 0.03
    assert (found.argmax(axis=1) == y).mean() > (posterior[0.6].argmax(axis=1) == y).mean() + 0.05


def test_macro_f1_equals_scikit_learn():
    y, predicted = np.array([0, 0, 1, 1, 3]), np.array([0, 1, 1, 1, 0])
    assert macro_f1(confusion(y, predicted, 4)) == pytest.approx(
        f1_score(y, predicted, average="macro", labels=[0, 1, 3], zero_division=0)
    )


def test_ceiling_is_what_the_test_rows_tell():
    test = rows_of(400, 6)
    best = (predict(train(test, test, 2, {**SETTINGS, "seed": 1}), test.X) == test.y).mean()
    assert np.mean(ceiling(test, 400, 2, SETTINGS, [1], 4)) == pytest.approx(best, abs=0.04)
    copied = Partition(np.tile(rows_of(30, 7).X[:, 2:], (20, 1)), np.tile(rows_of(30, 7).y, 20))
    assert np.mean(ceiling(copied, 600, 2, {**SETTINGS, "iterations": 60}, [1], 3)) < 0.8  # copies teach nothing


def test_a_table_of_few_different_rows_is_not_judged_by_their_other_class():
    rng = np.random.default_rng(8)
    levels = rng.integers(5, size=(1000, 2))
    y = ((levels.sum(axis=1) > 4) ^ (rng.random(1000) < 0.1)).astype(int)  # 0.9 at best
    test = Partition(np.eye(5)[levels].reshape(1000, 10), y)
    assert np.mean(ceiling(test, 800, 2, SETTINGS, [1], 5)) > 0.7


def record(name, accuracies, change=None):
    figures = ("validation_accuracy", "test_macro_f1", "cross_validated_accuracy")
    return {
        "mitigation": name,
        "change": change or {},
        "test_accuracy": accuracies,
        **dict.fromkeys(figures, accuracies),
        "diverged": 0,
    }


def test_change_and_its_interval_by_hand():
    """Row differences 1, 0, 0, -1, 1: mean 0.2, variance 0.7; seeds' variances 0.02 and 0, over two seeds each."""
    better, base = (
        (record("x", [0.5, 0.7]), np.array([1, 1, 0, 0, 1])),
        (record("b", [0.4, 0.4]), np.array([0, 1, 0, 1, 0])),
    )
    change, low, high = change_against(better, base, 0.95)
    half = 1.959964 * np.sqrt(0.7 / 5 + 0.02 / 2)
    assert (change, low, high) == pytest.approx((0.2, 0.2 - half, 0.2 + half), abs=1e-6)


def test_the_table():
    right = np.array([1.0, 0.0])
    tried_ones = [
        (record("baseline", [0.5, 0.5]), right),
        (record("without", [0.6, 0.8], {"drop": ["a"]}), right),
        (record("recommended", [0.6], {"drop": ["a"]}), right),
    ]
    table = comparison(tried_ones, {"kind": "feature_lost", "features": ["a"]}, 0.95)
    table = pd.DataFrame(table).set_index("mitigation")
    assert table["test_accuracy"].tolist() == pytest.approx([0.5, 0.7, 0.6])
    assert table.loc["without", "test_accuracy_sd"] == pytest.approx(np.sqrt(0.02))
    assert np.isnan(table.loc["recommended", "test_accuracy_sd"])
    assert table["addresses_cause"].tolist() == ["no", "yes", "yes"]
    assert table["recommended"].tolist() == ["no", "no", "yes"]
    assert table.loc["without", "dropped"] == "a" and table.loc["baseline", "test_change"] == 0.0


def test_remedies_whose_training_diverges_are_counted(bench):
    figures, _ = tried(bench, {}, {**SETTINGS, "learning_rate": 1e6}, [1, 2], folds=2)
    assert figures["diverged"] == 4  # two seeds, two folds
    assert all(np.isfinite(values).all() for name, values in figures.items())


def test_folds_keep_groups_together_with_the_class_shares():
    """Groups are of one class or of two, as a person's rows may be; every fold has each class within a group's size."""
    rng = np.random.default_rng(0)
    together, y = np.repeat(np.arange(60), 10), np.repeat(rng.integers(3, size=120), 5)
    folds = folds_of(np.arange(600), together, y, 4, rng)
    assert sorted(np.concatenate(folds)) == list(range(600))
    for number, fold in enumerate(folds):
        for other in folds[:number]:
            assert not set(together[fold]) & set(together[other])
        assert np.abs(np.bincount(y[fold], minlength=3) - np.bincount(y) / 4).max() <= 10
    assert folds_of(np.arange(600), together, y, 0, rng) == []


def test_no_fold_is_trained_on_rows_of_its_groups(bench):
    """The columns say which group a row is of, and the class is the group's own: known groups are told, new not."""
    rng = np.random.default_rng(0)
    together, own = np.arange(600) // 6, rng.integers(2, size=100)
    X, y = rng.normal(size=(100, 3))[together], own[together]
    by_group = replace(bench, X=X, y=y, versions=(X,), test=None, together=together)
    settings = SETTINGS | {"hidden": [64], "iterations": 60, "batch_size": 32, "learning_rate": 0.02}
    apart, _ = tried(by_group, {}, settings, [1], 3)
    mixed, _ = tried(replace(by_group, together=None), {}, settings, [1], 3)
    assert np.mean(mixed["cross_validated_accuracy"]) > 0.75 > 0.65 > np.mean(apart["cross_validated_accuracy"])


@pytest.mark.parametrize("test", [None, "rows"])
def test_without_test_classes_there_are_no_test_figures_and_the_others_stay(bench, test):
    known, _ = tried(bench, {}, SETTINGS, [1, 2], 3)
    hidden = None if test is None else Partition(bench.test.X, None)
    found, right = tried(replace(bench, test=hidden), {}, SETTINGS, [1, 2], 3)
    assert found["test_accuracy"] == found["test_macro_f1"] == [] and right.size == 0
    for name in ("validation_accuracy", "cross_validated_accuracy"):
        assert found[name] == known[name]
    table = comparison([({"mitigation": "baseline", "change": {}, **found}, right)], {"kind": "undecided"}, 0.95)
    assert all(np.isnan(row[name]) for row in table for name in ("test_accuracy", "test_macro_f1", "test_change"))
    assert [row["seeds"] for row in table] == [2]


def test_a_ceiling_by_groups(bench):
    """Were a group's rows in several folds, its own class would give them away."""
    rng = np.random.default_rng(1)
    together, own = np.arange(300) // 6, rng.integers(2, size=50)
    test = Partition(rng.normal(size=(50, 3))[together] + rng.normal(0, 1e-3, (300, 3)), own[together])
    settings = SETTINGS | {"hidden": [64], "iterations": 30, "batch_size": 32, "learning_rate": 0.02}
    mixed, apart = (np.mean(ceiling(test, 300, 2, settings, [1], 3, groups)) for groups in (None, together))
    assert mixed > 0.75 > 0.68 > apart


def test_a_table_of_few_distinct_rows_has_as_many_folds():
    groups = np.repeat([0, 1, 2], 10)
    folds = grouped_folds(groups, 5, np.random.default_rng(0))
    assert sorted(fold.tolist() for fold in folds) == [list(range(start, start + 10)) for start in (0, 10, 20)]
    assert grouped_folds(groups, 0, np.random.default_rng(0)) == []


def test_without_copies_there_may_be_nothing_to_validate_with(bench):
    copied = replace(bench, validation=bench.training[:100])
    with pytest.raises(Untried, match="every validation row stands in the training part too"):
        tried(copied, {"duplicates": "drop"}, SETTINGS, [3], 0)
