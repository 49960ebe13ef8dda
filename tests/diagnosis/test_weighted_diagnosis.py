"""Diagnosis and remedies of rows that count differently: a sample that is skewed, and weights that say so."""

import numpy as np
import pytest

from gapscope.config.defaults import shipped
from gapscope.data.encode import encoded, fit_columns
from gapscope.data.rows import Held
from gapscope.diagnosis.diagnosis import diagnose
from gapscope.diagnosis.estimates import Encoder, Estimate, Sets
from gapscope.diagnosis.evidence.counterfactuals import label_part
from gapscope.evaluation.metrics import evaluate
from gapscope.network.partition import Partition
from gapscope.network.training import train
from gapscope.remedies.comparison import change_against
from gapscope.remedies.reweighting import density_ratio, oversampled
from gapscope.remedies.trial import class_shares, tried
from gapscope.remedies.trial_data import TrialData
from gapscope.simulation.listings import simulate
from remedy_rows import SETTINGS, rows_of

CONFIG = shipped()
KEPT = np.array([1.0, 0.25, 0.5, 1.0])  # share of each class's rows that reach the training table


@pytest.fixture(scope="module")
def skewed():
    """Listings of which the training table has fewer of some classes, and how many each of its rows stands for."""
    rng = np.random.default_rng(5)
    table, test = simulate(16_000, rng), simulate(4_000, rng)
    table = table[rng.random(len(table)) < KEPT[table["price_class"]]].reset_index(drop=True)
    return table, test.reset_index(drop=True), 1.0 / KEPT[table["price_class"]]


def found(skewed, weighted):
    table, test, weights = skewed
    names, n = [*CONFIG["data"]["numeric"], *CONFIG["data"]["categorical"]], len(table) * 3 // 4
    columns = fit_columns(table, CONFIG["data"], {**CONFIG["encode"], "transform": {}})
    X, y = encoded(table, columns), table["price_class"].to_numpy()
    mean, deviation = X.mean(axis=0), X.std(axis=0)
    places = slice(None, n), slice(n, None)
    parts = [Partition((X[rows] - mean) / deviation, y[rows], weights[rows] if weighted else None) for rows in places]
    X_test = (encoded(test, columns) - mean) / deviation
    parts.append(Partition(X_test, test["price_class"].to_numpy(), np.ones(len(test)) if weighted else None))
    network = train(*parts[:2], 4, {**SETTINGS, "hidden": [12], "batch_size": 256, "iterations": 8})
    columns_kept = [*names, "price_class"]
    sets = Sets(*parts, Held(table[columns_kept]), Held(test[columns_kept]))
    settings = CONFIG["diagnose"] | {"draws": 1, "resamples": 50}
    return diagnose(network, sets, Encoder(columns, mean, deviation), "price_class", settings), parts, network


def test_weights_undo_a_skewed_sample(skewed):
    """Unweighted the classes' shares seem to have moved; by weight the two tables are of one population."""
    plain, _, _ = found(skewed, False)
    weighted, _, _ = found(skewed, True)
    p_plain, p_weighted = (own["gap"]["label_part"] for own in (plain, weighted))
    assert plain["domains"]["y"]["low"] > 0.5 > weighted["domains"]["y"]["low"]
    assert abs(p_plain) > 0.01 > abs(p_weighted)
    assert weighted["verdict"]["kind"] == "no_gap"
    assert all(record["psi"] < 0.02 for record in weighted["features"])
    assert max(record["psi"] for record in plain["features"]) > 0.02


def test_the_diagnosis_starts_from_weighted_accuracies(skewed):
    weighted, (training, validation, test), network = found(skewed, True)
    for name, part in (("train", training), ("validation", validation), ("test", test)):
        own = evaluate(network, part, 0.99)
        assert weighted["gap"][name] == pytest.approx(own["accuracy"], abs=1e-12)
    assert weighted["gap"]["majority_test"] == own["majority_accuracy"]
    f1 = [evaluate(network, part, 0.99)["macro_f1"] for part in (validation, test)]
    assert weighted["gap"]["validation_test"]["others"]["macro_f1"]["difference"] == pytest.approx(f1[0] - f1[1])


def test_label_part_by_weight_is_that_of_copies():
    rng = np.random.default_rng(6)
    y, right, w = rng.integers(3, size=50), rng.random(50) < 0.7, rng.integers(1, 4, size=50)
    y_test = rng.integers(3, size=40)
    weighted = label_part(right, y, y_test, 3, 0.95, w.astype(float))
    copies = label_part(np.repeat(right, w), np.repeat(y, w), y_test, 3, 0.95)
    assert weighted.value == pytest.approx(copies.value, abs=1e-12) and weighted.low < copies.low


def test_means_have_the_error_of_effective_rows():
    values, w = np.array([0.0, 1.0, 1.0, 0.0]), np.array([1.0, 3.0, 3.0, 1.0])
    figure = Estimate.mean(values, 0.95, w)  # 0.75 +- 1.96 sqrt(0.75 * 0.25 / 3.2)
    assert (figure.value, figure.high) == pytest.approx((0.75, 0.75 + 1.959964 * np.sqrt(0.1875 / 3.2)), rel=1e-6)


def test_changes_between_remedies_by_weight():
    right, before, w = np.array([1.0, 1.0, 0.0, 1.0]), np.array([0.0, 1.0, 0.0, 1.0]), np.array([3.0, 1.0, 1.0, 1.0])
    one, other = (({"test_accuracy": [0.5]}, own) for own in (right, before))
    assert change_against(one, other, 0.95, w)[0] == 0.5
    equal = change_against(one, other, 0.95, np.full(4, 2.0))
    assert equal == pytest.approx(change_against(one, other, 0.95))


@pytest.fixture(scope="module")
def trial_data():
    table, test, rng = rows_of(600, 1), rows_of(300, 2), np.random.default_rng(7)
    test = Partition(test.X, test.y, rng.uniform(1, 3, 300))
    places, each = (np.arange(480), np.arange(480, 600)), np.arange(600)
    return TrialData(table.X, table.y, *places, test, 2, (table.X,), each, each, None, rng.uniform(1, 5, 600))


def test_remedies_are_judged_by_weight(trial_data):
    figures, right = tried(trial_data, {}, SETTINGS, [3, 4], 2)
    training, validation = trial_data.at(trial_data.training), trial_data.at(trial_data.validation)
    apart = [train(training, validation, 2, {**SETTINGS, "seed": seed}) for seed in (3, 4)]
    test = trial_data.test
    expected = [np.average(network.predict(test.X) == test.y, weights=test.weights) for network in apart]
    assert figures["test_accuracy"] == pytest.approx(expected, abs=1e-12)
    expected = [np.average(net.predict(validation.X) == validation.y, weights=validation.weights) for net in apart]
    assert figures["validation_accuracy"] == pytest.approx(expected, abs=1e-12)


def test_oversampling_evens_out_weights(trial_data):
    rows = oversampled(trial_data.training, trial_data.y, np.random.default_rng(0), trial_data.weights)
    shares = class_shares(trial_data.at(rows), 2)
    assert shares == pytest.approx([0.5, 0.5], abs=0.02)
    assert np.bincount(trial_data.y[trial_data.training])[0] < 0.4 * len(trial_data.training)


def test_importance_weights_compare_populations():
    """Test rows are the training rows' population: with the weights that say so, all ratios are near 1."""
    rng = np.random.default_rng(8)
    X, X_test = rng.normal(size=(3000, 1)), rng.normal(size=(3000, 1))
    kept = rng.random(3000) < np.where(X[:, 0] > 0, 1.0, 0.3)
    weights = np.where(X[kept, 0] > 0, 1.0, 1 / 0.3)
    plain = density_ratio(X[kept], X_test, np.random.default_rng(1))
    by_weight = density_ratio(X[kept], X_test, np.random.default_rng(1), (weights, np.ones(3000)))
    above = X[kept, 0] > 0.3
    assert plain[~above].mean() > 1.5 * plain[above].mean()
    assert by_weight[~above].mean() == pytest.approx(by_weight[above].mean(), rel=0.2)
