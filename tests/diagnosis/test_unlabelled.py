"""Without test classes: estimates against hand-worked figures and against the truth that was hidden; honest words."""

import json

import numpy as np
import pytest

from gapscope.config.defaults import shipped
from gapscope.config.settings import training_settings
from gapscope.data.rows import Held
from gapscope.diagnosis.context import Case
from gapscope.diagnosis.diagnosis import diagnose
from gapscope.diagnosis.estimates import Sets
from gapscope.diagnosis.evidence.unlabelled import if_classes_changed, if_rows_changed, look
from gapscope.network.partition import Partition
from gapscope.remedies.recommendation import Untried, because, check_rows, recommended
from gapscope.simulation.defects import Defect
from gapscope.simulation.listings import TARGET, simulate_pair
from gapscope.studies.suite.cases import Fitted

CONFIG = shipped()
SETTINGS = {**CONFIG["diagnose"], "resamples": 100}


def listings(kind, seed=1, strength=1.0, rows=8000, test_rows=3000, feature="amenity_score", **change):
    """A network trained on simulated listings, its sets with the test classes hidden, and these classes."""
    train, test, _ = simulate_pair(rows, test_rows, seed, [Defect(kind, feature, "availability_365", strength)])
    flat = training_settings(CONFIG["train"], "relu", {"hidden": [16], "iterations": 6, "batch_size": 128, **change})
    settings = {**CONFIG, "encode": {**CONFIG["encode"], "transform": {}}, "train": flat}
    fitted = Fitted.on(train, settings)
    test = test.astype({name: "float64" for name in CONFIG["data"]["numeric"]})
    hidden, X = test[TARGET].to_numpy(), fitted.partition(test).X
    sets = Sets(*fitted.parts, Partition(X, None), Held(fitted.known), Held(test.drop(columns=TARGET)))
    return fitted.model, sets, fitted.encode, hidden


def seen(kind, seed, **options):
    network, sets, encode, hidden = listings(kind, seed, **options)
    case = Case(network, sets, encode, TARGET, 4, SETTINGS, np.random.default_rng(0))
    found = look(case, sets.validation_sample(case.features, SETTINGS["rows"], case.rng))
    return found, (network.probabilities(sets.test.X).argmax(axis=1) == hidden).mean(), hidden


def test_weighted_accuracy_by_hand():
    """Kind 0: 40 validation rows, 3 of 4 right; kind 1: 10 rows, half of them right; in the test set half of each."""
    right = np.array([1.0] * 30 + [0.0] * 10 + [1.0] * 5 + [0.0] * 5)
    found = if_rows_changed(right, (np.repeat([0, 1], [40, 10]), np.repeat([0, 1], [50, 50])), 0.95)
    assert found["accuracy"]["value"] == pytest.approx(0.5 * 0.75 + 0.5 * 0.5)
    weights = np.repeat([0.5 / 0.8, 0.5 / 0.2], [40, 10])
    assert found["effective_rows"] == pytest.approx(weights.sum() ** 2 / (weights**2).sum())
    assert found["without_validation_rows_like_them"] == 0.0


def test_test_rows_without_validation_rows_like_them_are_left_out_and_counted():
    strata = (np.zeros(20, int), np.repeat([0, 1], [30, 10]))
    found = if_rows_changed(np.ones(20), strata, 0.95)
    assert found["without_validation_rows_like_them"] == 0.25
    assert found["accuracy"]["low"] < 1 == found["accuracy"]["high"]  # and none is more than all
    assert if_rows_changed(np.ones(20), (np.zeros(20, int), np.ones(10, int)), 0.95) is None


def test_class_shares_by_hand():
    """Classes told with certainty: the shares are those of the predictions, and the accuracy is 1."""
    p = np.eye(2)[np.repeat([0, 1], [60, 40])], np.eye(2)[np.repeat([0, 1], [10, 90])]
    found = if_classes_changed(p, np.repeat([0, 1], [60, 40]), 0.95, 200, np.random.default_rng(0))
    assert [share["value"] for share in found["shares"]] == pytest.approx([0.1, 0.9])
    assert found["shares"][0]["low"] < 0.1 < found["shares"][0]["high"] < 0.2
    assert found["accuracy"]["value"] == pytest.approx(1.0)


def test_a_class_without_validation_rows_gets_no_share():
    p = np.array([[0.7, 0.2, 0.1], [0.2, 0.7, 0.1]])
    found = if_classes_changed((p, p), np.array([0, 1]), 0.95, 20, np.random.default_rng(0))
    assert [share["value"] for share in found["shares"]] == pytest.approx([0.5, 0.5, 0.0])


@pytest.mark.parametrize("kind", ["none", "covariate_shift"])
def test_the_accuracy_to_expect_holds_where_only_rows_moved(kind):
    """Eight draws at 99%: the hidden accuracy lies in each interval."""
    for seed in range(4):
        found, truth, _ = seen(kind, seed)
        expected = found.expected["if_rows_moved"]["accuracy"]
        assert expected["low"] <= truth <= expected["high"]
        assert ("amenity_score" in found.drifted) == (kind == "covariate_shift")
        assert (found.features["amenity_score"]["area"].low > 0.5) == (kind == "covariate_shift")
        assert (found.apart.low > 0.5) == (kind == "covariate_shift")


def test_class_shares_and_accuracy_hold_where_only_these_moved():
    """The listings' shares are turned round: the largest class becomes the smallest."""
    for seed in range(4):
        found, truth, hidden = seen("label_shift", seed)
        shares = np.bincount(hidden, minlength=4) / len(hidden)
        expected = found.expected["if_classes_moved"]
        pairs = [(expected["accuracy"], truth), *zip(expected["shares"], shares)]
        assert all(one["low"] <= true <= one["high"] for one, true in pairs)


def test_a_lost_feature_cannot_be_seen_and_the_diagnosis_says_so():
    network, sets, encode, hidden = listings("feature_lost")
    found = diagnose(network, sets, encode, TARGET, SETTINGS)
    json.dumps(found, allow_nan=False)
    assert found["verdict"]["kind"] == "undecided" and found["verdict"]["without"] == "test labels"
    assert "classes are not known" in found["verdict"]["sentence"]
    assert found["gap"]["test"] is None and found["gap"]["validation_test"] is None
    decisions = {one["kind"]: one["decision"] for one in found["hypotheses"]}
    assert decisions["feature_lost"] == decisions["labels_changed"] == "not decidable"
    assert decisions["overfitting"] == "ruled out"
    assert {one["gap_share"] for one in found["features"]} == {None} and found["not_said"]
    truth = (network.probabilities(sets.test.X).argmax(axis=1) == hidden).mean()
    assert truth < 0.6 < found["expected"]["if_rows_moved"]["accuracy"]["low"]  # which is why nothing is promised


def test_unknown_categories_and_values_out_of_range_are_counted():
    network, sets, encode, _ = listings("category_renamed", feature="room_type")
    found = diagnose(network, sets, encode, TARGET, SETTINGS)
    by_name = {one["feature"]: one for one in found["features"]}
    assert by_name["room_type"]["unknown"] == 1.0 and by_name["neighbourhood_group"]["unknown"] == 0.0
    network, sets, encode, _ = listings("sentinel_value")
    by_name = {one["feature"]: one for one in diagnose(network, sets, encode, TARGET, SETTINGS)["features"]}
    assert by_name["amenity_score"]["beyond"] == pytest.approx(0.4, abs=0.03)


def without_test(sets):
    return Sets(sets.train, sets.validation, None, sets.known, None)


def test_without_a_test_set_it_speaks_of_training_and_validation():
    network, sets, encode, _ = listings("none")
    found = diagnose(network, without_test(sets), encode, TARGET, SETTINGS)
    json.dumps(found, allow_nan=False)
    assert found["verdict"]["kind"] == "undecided" and "no overfitting" in found["verdict"]["sentence"]
    assert "there is no test set" in found["verdict"]["sentence"] and found["expected"] is None
    assert {one["psi"] for one in found["features"]} == {None}


def test_overfitting_is_seen_without_a_test_set():
    network, sets, encode, _ = listings("overfitting", hidden=[64, 64, 64], iterations=200, batch_size=32, l2=0.0)
    verdict = diagnose(network, without_test(sets), encode, TARGET, SETTINGS)["verdict"]
    assert verdict["kind"] == "overfitting" and "overfits" in verdict["sentence"]
    assert recommended(verdict)["train"]["early_stopping"]  # it follows without any test row


@pytest.mark.parametrize("without", ["test set", "test labels"])
def test_no_remedy_follows_from_what_is_not_known(without):
    verdict = {"kind": "undecided", "without": without, "features": []}
    with pytest.raises(Untried, match="there is no known gap to close"):
        recommended(verdict)
    assert without.split()[1].replace("labels", "classes") in because(verdict)


def test_remedies_that_need_what_is_not_there():
    check_rows({"weights": "importance"}, True, False)
    check_rows({"train": {"l2": 1.0}}, False, False)
    for change, rows in (({"weights": "importance"}, False), ({"mend": []}, True), ({"mend": []}, False)):
        with pytest.raises(Untried):
            check_rows(change, rows, False)
