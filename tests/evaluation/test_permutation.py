"""Permutation importance beside scikit-learn and by hand; agreement of other measures with it."""

import numpy as np
import pytest
from scipy.stats import rankdata
from sklearn.dummy import DummyClassifier
from sklearn.inspection import permutation_importance as of_sklearn

from feature_rows import GROUPS, logistic, network, rows
from gapscope.evaluation.permutation import agreement, permutation_importance
from gapscope.network.partition import Partition


def test_permutation_importance_equals_scikit_learns():
    net, X = network(seed=3), rows(800)
    y = net.predict(X)
    single = {str(place): np.array([place]) for place in range(7)}
    ours = permutation_importance(net, Partition(X, y), single, 60, np.random.default_rng(0))
    ours = np.array([mean for mean, _ in ours.values()])
    accuracy = lambda _, X, y: (net.predict(X) == y).mean()  # noqa: E731
    theirs = of_sklearn(DummyClassifier(), X, y, scoring=accuracy, n_repeats=60, random_state=0)
    assert theirs.importances_mean.max() > 0.05
    spread = theirs.importances_std / np.sqrt(60)
    assert (np.abs(ours - theirs.importances_mean) <= 5 * spread + 1e-12).all()


def test_permutation_importance_and_its_error_by_hand():
    """Only the sign of one number tells the class: shuffled, half of the rows are wrong."""
    n = 4000
    X = np.column_stack([np.resize([-1.0, 1.0], n), np.random.default_rng(0).normal(size=n)])
    known, groups = Partition(X, (X[:, 0] > 0).astype(int)), {"tells": np.array([0]), "idle": np.array([1])}
    found = permutation_importance(logistic(np.array([3.0, 0.0])), known, groups, 1, np.random.default_rng(1))
    assert found["idle"] == (0.0, 0.0)
    mean, error = found["tells"]
    assert error == pytest.approx(0.5 / np.sqrt(n), rel=0.01) and abs(mean - 0.5) < 4 * error


def test_columns_of_a_feature_are_shuffled_together(monkeypatch):
    asked, X = [], rows(50)
    noted = lambda net, X: asked.append(X.copy()) or np.zeros(len(X))  # noqa: E731
    monkeypatch.setattr("gapscope.evaluation.permutation.classes", noted)
    permutation_importance(None, Partition(X, np.zeros(50)), GROUPS, 2, np.random.default_rng(0))
    assert len(asked) == 1 + 2 * 3 and np.array_equal(asked[0], X)
    for shuffled, feature in zip(asked[1:], np.repeat(list(GROUPS), 2)):
        rest = np.setdiff1d(np.arange(7), GROUPS[feature])
        assert np.array_equal(shuffled[:, rest], X[:, rest]) and not np.array_equal(shuffled, X)
        before, after = ({tuple(row) for row in each[:, GROUPS[feature]]} for each in (X, shuffled))
        assert before == after


def measured(**by_method):
    return [
        {"activation": "relu", "method": method, "feature": feature, "importance": value,
         "level": "column" if method == "loss" else "feature"}
        for method, values in by_method.items() for feature, value in values.items()
    ]  # fmt: skip


def test_agreement_by_hand():
    records = measured(
        loss={"a_x": 2.0, "a_y": 2.0, "b": 3.0, "c": 1.0, "d": 0.5},  # a 4, b 3, c 1, d .5
        gradient={"d": 4.0, "c": 3.0, "b": 2.0, "a": 1.0},
        permutation_validation={"b": 0.3, "a": 0.2, "c": 0.0, "d": -0.1},
    )
    loss, gradient = agreement(records, {"a_x": "a", "a_y": "a", "b": "b", "c": "c", "d": "d"})
    assert (loss["method"], loss["judge"], loss["features"]) == ("loss", "permutation_validation", 4)
    d = rankdata([4, 3, 1, 0.5]) - rankdata([0.2, 0.3, 0, -0.1])
    assert loss["spearman"] == pytest.approx(1 - 6 * (d**2).sum() / (4 * 15)) == 0.8
    assert gradient["method"] == "gradient" and gradient["spearman"] == pytest.approx(-0.8)


@pytest.mark.parametrize("gradient", [{"a": 1.0, "b": 2.0}, {"a": 1.0, "b": 1.0, "c": 1.0}])
def test_agreement_without_an_order_to_compare(gradient):
    records = measured(gradient=gradient, permutation_test={name: place / 10 for place, name in enumerate(gradient)})
    (record,) = agreement(records, {})
    assert np.isnan(record["spearman"])
    assert agreement(measured(gradient=gradient), {}) == []
