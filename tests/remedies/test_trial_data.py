"""Rows that remedies are tried on: samples, copies, versions and folds."""

from dataclasses import replace

import numpy as np
import pytest

from gapscope.remedies.comparison import judged_rows
from gapscope.remedies.recommendation import Untried
from gapscope.remedies.trial_data import (
    folds_of,
    renumbered,
    row_groups,
    sampled_rows,
    with_dropout,
    without_columns,
    without_copies,
)


def test_a_large_table_gives_each_remedy_the_same_rows_in_proportion():
    sizes = {"training": 8000, "validation": 2000, "test": 3000}
    rows = sampled_rows(sizes, 1000, 7)
    assert [len(rows[name]) for name in sizes] == [1000, 250, 1000]
    assert len(np.unique(rows["test"])) == 1000 and 1300 < rows["test"].mean() < 1700
    assert (judged_rows(3000, 1000, 7) == rows["test"]).all()  # by which the ceiling is judged
    for name, every in sampled_rows(sizes, 8000, 7).items():
        assert every.tolist() == list(range(sizes[name]))
    assert "test" not in sampled_rows({"training": 5, "validation": 1}, 2, 7)
    assert renumbered(np.array([7, 3, 7, 9])).tolist() == [1, 0, 1, 2]


def test_copies_are_left_out(trial_data):
    X, y = np.array([[1.0], [1.0], [2.0], [-0.0], [0.0], [2.0]]), np.array([0, 0, 0, 1, 1, 1])
    training, validation = np.array([1, 0, 2]), np.array([3, 4, 5, 0])  # 0 and 1 are alike
    data = replace(trial_data, X=X, y=y, training=training, validation=validation)
    kept = without_copies(data)
    assert (kept.training.tolist(), kept.validation.tolist()) == ([1, 0, 2], [3, 4, 5])
    with pytest.raises(Untried, match="every validation row stands in the training part too"):
        without_copies(replace(data, validation=np.array([0, 1])))


def test_no_remedy_leaves_out_all_columns(trial_data):
    with pytest.raises(Untried, match="it leaves no feature to learn from"):
        without_columns(trial_data, np.arange(3))


def test_dropped_out_columns_are_zero_in_their_share_of_the_rows(trial_data):
    versions = with_dropout(trial_data, np.array([0, 2]), 0.25, np.random.default_rng(0)).versions
    gone = np.array([(X[:, 0] == 0) for X in versions])
    assert len(versions) == 4 and gone.mean() == pytest.approx(0.25, abs=0.02)
    for X, rows in zip(versions, gone):
        assert (X[rows][:, 2] == 0).all() and np.array_equal(X[~rows], trial_data.X[~rows])
        assert np.array_equal(X[:, 1], trial_data.X[:, 1])
    again = with_dropout(replace(trial_data, versions=versions), np.array([1]), 0.5, np.random.default_rng(1)).versions
    assert len(again) == 4 and all(np.array_equal(X[:, 0], before[:, 0]) for X, before in zip(again, versions))


def test_folds_split_the_rows_and_keep_equal_ones_together():
    X = np.repeat(np.arange(50.0), 3)[:, None]
    X[0] = -0.0  # the same as 0
    folds = folds_of(row_groups(X), None, None, 4, np.random.default_rng(0))
    assert np.sort(np.concatenate(folds)).tolist() == list(range(150))
    assert all(len(np.unique(X[fold])) * 3 == len(fold) for fold in folds)
    assert max(map(len, folds)) - min(map(len, folds)) <= 3


def test_folds_keep_groups_together_with_the_class_shares():
    """Groups are of one class or of two, as a person's rows may be; every fold has each class within a group's size."""
    rng = np.random.default_rng(0)
    groups, y = np.repeat(np.arange(60), 10), np.repeat(rng.integers(3, size=120), 5)
    folds = folds_of(np.arange(600), groups, y, 4, rng)
    assert sorted(np.concatenate(folds)) == list(range(600))
    for number, fold in enumerate(folds):
        assert not any(set(groups[fold]) & set(groups[other]) for other in folds[:number])
        assert np.abs(np.bincount(y[fold], minlength=3) - np.bincount(y) / 4).max() <= 10


def test_a_table_of_few_distinct_rows_or_groups_has_as_many_folds():
    equal = np.repeat([0, 1, 2], 10)
    for groups in (None, equal):
        folds = folds_of(equal, groups, equal, 5, np.random.default_rng(0))
        assert sorted(fold.tolist() for fold in folds) == [list(range(start, start + 10)) for start in (0, 10, 20)]
        assert folds_of(equal, groups, equal, 0, np.random.default_rng(0)) == []
