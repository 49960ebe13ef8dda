"""Importance of original features: by central differences, by hand, by quadrature, and beside scikit-learn."""

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import quad
from scipy.stats import rankdata
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.inspection import permutation_importance as of_sklearn

from gapscope.evaluation.agreement import agreement
from gapscope.evaluation.attribution import covariances, gradient, integrated_gradients
from gapscope.evaluation.importance import Data, importances
from gapscope.evaluation.permutation import permutation_importance
from gapscope.evaluation.saliency import winning_slopes
from gapscope.network import mlp, stored
from gapscope.network.activations import ACTIVATIONS
from gapscope.network.model import Model
from gapscope.network.partition import Partition

GROUPS = {"number": np.array([0]), "waves": np.array([1, 2, 3]), "kind": np.array([4, 5, 6])}
SHARES = np.array([0.6, 0.3, 0.1])


def rows(n, seed=0):
    """A number, three columns of another, and three one-hot columns with SHARES."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    one_hot = np.eye(3)[np.repeat(np.arange(3), np.round(SHARES * n).astype(int))][rng.permutation(n)]
    return np.column_stack([rng.normal(size=n), x, np.sin(3 * x), np.cos(3 * x), one_hot])


def network(activation="sigmoid", seed=1):
    """With weights large enough for outputs that differ."""
    return mlp.initial_network([7, 6, 5, 3], activation, "normal", np.random.default_rng(seed), 1.0)


def logistic(weights):
    """p_1 = 1 / (1 + exp(-x w)): two classes, no hidden layer."""
    W = np.column_stack([np.zeros(len(weights)), weights])
    return mlp.Network([W], [np.zeros(2)], (0,), ACTIVATIONS["relu"])


def p_of(net, x, winner):
    return mlp.probabilities(net, x[None])[0, winner]


# Gradient


def test_winning_slopes_equal_central_differences():
    net, X = network(), rows(20)
    slopes, p, winner = winning_slopes(net, X)
    for row in range(5):
        steps = 1e-6 * np.eye(7)
        numeric = [(p_of(net, X[row] + h, winner[row]) - p_of(net, X[row] - h, winner[row])) / 2e-6 for h in steps]
        assert slopes[row] == pytest.approx(numeric, rel=1e-6, abs=1e-9)
        assert p[row] == pytest.approx(mlp.probabilities(net, X[row : row + 1]).max())


@pytest.mark.parametrize("activation", ["sigmoid", "relu", "gelu"])
def test_gradient_is_the_deviation_of_a_first_order_change(activation):
    """Central differences along each training row's own columns of the feature, then their standard deviation."""
    net, training, X = network(activation), rows(200, 1), rows(20)[:4]
    found = gradient(net, X, covariances(training, GROUPS))
    winner, h = mlp.predict(net, X), 1e-6
    for feature, places in GROUPS.items():
        for row, x in enumerate(X):
            changes = []
            for donor in training:
                along = np.zeros(7)
                along[places] = donor[places] - x[places]
                ahead, back = p_of(net, x + h * along, winner[row]), p_of(net, x - h * along, winner[row])
                changes.append((ahead - back) / (2 * h))
            assert found[feature][row] == pytest.approx(np.std(changes), rel=1e-5)


def test_gradient_of_a_number_and_of_one_hot_columns_by_hand():
    training = rows(1000)
    net = logistic(np.array([2.0, 0, 0, 0, 1.0, 2.0, 4.0]))
    x = np.array([[0.5, 0, 0, 0, 1, 0, 0]])  # x w = 2
    slope = np.exp(2.0) / (1 + np.exp(2.0)) ** 2
    found = gradient(net, x, covariances(training, GROUPS))
    assert found["number"] == pytest.approx([slope * 2.0 * training[:, 0].std()])
    mean = 0.6 * 1 + 0.3 * 2 + 0.1 * 4
    by_hand = np.sqrt(0.6 * (1 - mean) ** 2 + 0.3 * (2 - mean) ** 2 + 0.1 * (4 - mean) ** 2)
    assert found["kind"] == pytest.approx([slope * by_hand])
    assert found["waves"] == pytest.approx([0.0])


def test_a_slope_that_all_levels_share_moves_nothing():
    """10 for each level and -10 in the bias is the same network: gradient knows it, columns' magnitudes do not."""
    net, training = network(), rows(500)
    same = net.copy()
    same.weights[0][4:] += 10.0
    same.biases[0] -= 10.0
    assert mlp.probabilities(same, training) == pytest.approx(mlp.probabilities(net, training))
    one, other = (gradient(each, training[:50], covariances(training, GROUPS)) for each in (net, same))
    for feature in GROUPS:
        assert other[feature] == pytest.approx(one[feature], rel=1e-7, abs=1e-12)
    slopes = [np.abs(winning_slopes(each, training[:50])[0][:, 4:]).mean() for each in (net, same)]
    assert slopes[1] > 5 * slopes[0]


@pytest.mark.parametrize("piece", [10**6, 77])
def test_covariances_are_numpys(piece, monkeypatch):
    monkeypatch.setattr(stored, "PIECE", piece)
    training = rows(501)
    for feature, its in covariances(training, GROUPS).items():
        expected = np.cov(training[:, GROUPS[feature]], rowvar=False, ddof=0)
        if piece > 501:
            assert its.covariance.tobytes() == expected.tobytes()
        np.testing.assert_allclose(its.covariance, np.atleast_2d(expected), rtol=1e-12, atol=1e-15)


# Integrated gradients


@pytest.mark.parametrize("activation, steps, most", [("sigmoid", 64, 1e-4), ("gelu", 64, 1e-3), ("relu", 4096, 1e-3)])
def test_integrated_gradients_sum_to_the_difference_of_outputs(activation, steps, most):
    net, X = network(activation), rows(100)
    baseline = X.mean(axis=0)
    found = integrated_gradients(net, X, baseline, steps)
    winner = mlp.predict(net, X)
    outputs = [p_of(net, x, k) - p_of(net, baseline, k) for x, k in zip(X, winner)]
    assert found.differences == pytest.approx(outputs) and np.abs(outputs).max() > 0.04
    assert found.errors.max() < most
    assert sum(found.by_feature(GROUPS).values()) == pytest.approx(found.attributions.sum(axis=1))


def test_integrated_gradients_equal_quadrature():
    net, X = network(), rows(20)[:3]
    found = integrated_gradients(net, X, np.zeros(7), 400).by_feature(GROUPS)
    for row, x in enumerate(X):
        winner = mlp.predict(net, x[None])
        for feature, places in GROUPS.items():

            def slope(t, x=x, winner=winner, places=places):
                return (winning_slopes(net, t * x[None], winner)[0][0] * x)[places].sum()

            assert found[feature][row] == pytest.approx(quad(slope, 0, 1)[0], abs=1e-5)


# Permutation importance


class Fitted(ClassifierMixin, BaseEstimator):
    """A network as scikit-learn sees it."""

    def __init__(self, net=None):
        self.net, self.classes_ = net, np.arange(3)

    def fit(self, X, y):
        return self

    def predict(self, X):
        return mlp.predict(self.net, X)


def test_permutation_importance_equals_scikit_learns():
    net, X = network(seed=3), rows(800)
    y = mlp.predict(net, X)
    single = {str(place): np.array([place]) for place in range(7)}
    ours = permutation_importance(net, Partition(X, y), single, 60, np.random.default_rng(0))
    theirs = of_sklearn(Fitted(net), X, y, n_repeats=60, random_state=0)
    ours = np.array([mean for mean, _ in ours.values()])
    assert theirs.importances_mean.max() > 0.05
    spread = theirs.importances_std / np.sqrt(60)
    assert (np.abs(ours - theirs.importances_mean) <= 5 * spread + 1e-12).all()


def test_permutation_importance_and_its_error_by_hand():
    """Only the sign of one number tells the class: shuffled, half of the rows are wrong."""
    n = 4000
    X = np.column_stack([np.resize([-1.0, 1.0], n), np.random.default_rng(0).normal(size=n)])
    part, groups = Partition(X, (X[:, 0] > 0).astype(int)), {"tells": np.array([0]), "idle": np.array([1])}
    found = permutation_importance(logistic(np.array([3.0, 0.0])), part, groups, 1, np.random.default_rng(1))
    assert found["idle"] == (0.0, 0.0)
    mean, error = found["tells"]
    assert error == pytest.approx(0.5 / np.sqrt(n), rel=0.01) and abs(mean - 0.5) < 4 * error


def test_columns_of_a_feature_are_shuffled_together(monkeypatch):
    seen, X = [], rows(50)
    monkeypatch.setattr(
        "gapscope.evaluation.permutation.classes", lambda net, X: seen.append(X.copy()) or np.zeros(len(X))
    )
    permutation_importance(None, Partition(X, np.zeros(50)), GROUPS, 2, np.random.default_rng(0))
    assert len(seen) == 1 + 2 * 3 and np.array_equal(seen[0], X)
    for shuffled, places in zip(seen[1:], np.repeat(list(GROUPS), 2)):
        rest = np.setdiff1d(np.arange(7), GROUPS[places])
        assert np.array_equal(shuffled[:, rest], X[:, rest]) and not np.array_equal(shuffled, X)
        before, after = ({tuple(row) for row in each[:, GROUPS[places]]} for each in (X, shuffled))
        assert before == after


# Agreement, and the table


def measured(**by_method):
    tables = [
        pd.DataFrame({"activation": "relu", "method": method, "feature": list(values), "importance": values.values()})
        for method, values in by_method.items()
    ]
    table = pd.concat(tables, ignore_index=True)
    return table.assign(level=np.where(table["method"] == "loss", "column", "feature")).to_dict("records")


def test_agreement_by_hand():
    table = measured(
        loss={"a_x": 2.0, "a_y": 2.0, "b": 3.0, "c": 1.0, "d": 0.5},  # a 4, b 3, c 1, d .5
        gradient={"d": 4.0, "c": 3.0, "b": 2.0, "a": 1.0},
        permutation_validation={"b": 0.3, "a": 0.2, "c": 0.0, "d": -0.1},
    )
    found = pd.DataFrame(agreement(table, {"a_x": "a", "a_y": "a", "b": "b", "c": "c", "d": "d"})).set_index("method")
    assert set(found["judge"]) == {"permutation_validation"} and set(found["features"]) == {4}
    d = rankdata([4, 3, 1, 0.5]) - rankdata([0.2, 0.3, 0, -0.1])
    assert found.loc["loss", "spearman"] == pytest.approx(1 - 6 * (d**2).sum() / (4 * 15)) == 0.8
    assert found.loc["gradient", "spearman"] == pytest.approx(-0.8)


def test_agreement_without_an_order_to_compare():
    two = measured(gradient={"a": 1.0, "b": 2.0}, permutation_test={"a": 0.1, "b": 0.2})
    equal = measured(gradient={"a": 1.0, "b": 1.0, "c": 1.0}, permutation_test={"a": 0.1, "b": 0.2, "c": 0.0})
    assert all(np.isnan([record["spearman"] for record in agreement(table, {})]).all() for table in (two, equal))
    assert len(agreement(two, {})) == len(agreement(equal, {})) == 1
    assert agreement(measured(gradient={"a": 1.0}), {}) == []


SETTINGS = {
    "methods": ["loss", "gradient", "integrated_gradients", "permutation_validation", "permutation_test"],
    "rows": 40,
    "steps": 8,
    "permuted_rows": 1000,
    "draws": 2,
    "seed": 1,
}


NAMES = ["number", "waves", "log1p(waves)", "kind_a", "kind_b", "kind_c"]


def trained(net):
    """A model of six encoded columns, so named."""
    columns = [
        {"feature": feature, "level": None, "transform": transform, "others": []}
        for feature, transform in [("number", None), ("waves", None), ("waves", {"kind": "log1p"})]
    ] + [{"feature": "kind", "level": level, "transform": None, "others": []} for level in "abc"]
    columns = [{"name": name, **column} for name, column in zip(NAMES, columns)]
    return Model(net, np.zeros(6), np.ones(6), {"columns": columns})


def six(n):
    return np.delete(rows(n), 2, axis=1)


def test_the_table_ranks_features_and_says_what_is_signed():
    part = Partition(six(100), np.random.default_rng(0).integers(3, size=100))
    model = trained(mlp.initial_network([6, 4, 3], "relu", "he", np.random.default_rng(0)))
    data = Data(part, part, part, NAMES)
    records, complete = importances(model, data, SETTINGS)
    table = pd.DataFrame(records)
    assert table[table["level"] == "column"]["method"].unique().tolist() == ["loss"]
    for method, own in table[table["level"] == "feature"].groupby("method"):
        assert sorted(own["feature"]) == ["kind", "number", "waves"] and own["rank"].tolist() == [1, 2, 3]
        assert own["importance"].is_monotonic_decreasing
        assert set(own["sign"]) == {"signed" if method.startswith("permutation") else "magnitude"}
        assert own["standard_error"].notna().all() == method.startswith("permutation")
    assert [(row["rows"], row["steps"]) for row in complete] == [(40, 8)]
    pd.testing.assert_frame_equal(pd.DataFrame(importances(model, data, SETTINGS)[0]), table)


def test_a_test_part_fed_in_another_order_is_shuffled_by_its_own_order():
    """The network reads its place 0 only, where the test part has the column of `kind`'s last level."""
    net, X = logistic(np.array([5.0, 0, 0, 0, 0, 0])), six(300)
    parts = [Partition(each, mlp.predict(net, each)) for each in (X, X, X[:, ::-1])]
    table = pd.DataFrame(importances(trained(net), Data(*parts, NAMES[::-1]), SETTINGS)[0])
    first = table[table["rank"] == 1].set_index("method")["feature"]
    assert (first["permutation_validation"], first["permutation_test"]) == ("number", "kind")
