"""Remedies tried on small networks: their figures, no use of test classes, folds by groups, the ceiling."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import f1_score

from gapscope.network.partition import Partition
from gapscope.network.training import train
from gapscope.remedies import reweighting, trial
from gapscope.remedies.trial import ceiling, change_of, tried
from gapscope.remedies.trial_data import without_columns
from remedy_rows import SETTINGS, rows_of


@pytest.mark.parametrize("by_weight, folds", [(False, 0), (True, 2)])
def test_the_figures_are_those_of_networks_trained_one_by_one(trial_data, weighted, by_weight, folds):
    data = weighted if by_weight else trial_data
    figures, right = tried(data, {}, SETTINGS, [3, 4], folds)
    test, training, validation = data.test, data.at(data.training), data.at(data.validation)
    networks = [train(training, validation, 2, {**SETTINGS, "seed": seed}) for seed in (3, 4)]
    predicted = [network.predict(test.X) for network in networks]

    def accuracies(part):
        return [np.average(network.predict(part.X) == part.y, weights=part.weights) for network in networks]

    assert figures["test_accuracy"] == pytest.approx(accuracies(test), abs=1e-12)
    f1 = [f1_score(test.y, codes, average="macro", sample_weight=test.weights) for codes in predicted]
    assert figures["test_macro_f1"] == pytest.approx(f1)
    assert figures["validation_accuracy"] == pytest.approx(accuracies(validation), abs=1e-12)
    assert right.tolist() == np.mean([codes == test.y for codes in predicted], axis=0).tolist()
    assert len(figures["cross_validated_accuracy"]) == folds


def test_leaving_out_a_lost_feature_helps(trial_data):
    before, _ = tried(trial_data, {}, SETTINGS, [1, 2], 3)
    after, _ = tried(without_columns(trial_data, np.array([0])), {}, SETTINGS, [1, 2], 3)
    assert np.mean(after["test_accuracy"]) > np.mean(before["test_accuracy"]) + 0.05
    assert np.mean(after["validation_accuracy"]) < np.mean(before["validation_accuracy"]) - 0.05
    assert len(before["cross_validated_accuracy"]) == 3
    validation = np.mean(before["validation_accuracy"])
    assert np.mean(before["cross_validated_accuracy"]) == pytest.approx(validation, abs=0.03)


@pytest.mark.parametrize("change", [{}, {"weights": "importance"}, {"correct": "prior"}, {"rows": "all"}])
def test_no_class_of_the_test_set_plays_a_part(trial_data, change):
    """Were all test rows of class 0 or all of class 1, each row would be right in exactly one of both cases."""
    cases = [replace(trial_data, test=Partition(trial_data.test.X, np.full(300, code))) for code in (0, 1)]
    (first, right), (second, other) = (tried(data, change, SETTINGS, [1], 2) for data in cases)
    assert (right + other == 1.0).all()
    assert first["cross_validated_accuracy"] == second["cross_validated_accuracy"]


def test_training_again_on_all_rows_leaves_the_validation_figures_alone(trial_data):
    before, after = (tried(trial_data, change, SETTINGS, [1], 0)[0] for change in ({}, {"rows": "all"}))
    assert before["validation_accuracy"] == after["validation_accuracy"]
    every, validation = trial_data.at(np.arange(600)), trial_data.at(trial_data.validation)
    network = train(every, validation, 2, {**SETTINGS, "seed": 1})
    assert after["test_accuracy"] == [(network.predict(trial_data.test.X) == trial_data.test.y).mean()]


def test_a_correction_is_not_calibrated_by_the_rows_that_judge_it(trial_data, monkeypatch):
    """Were it fitted to all validation rows, it could give each its own class. Nor is it by rows trained on."""
    asked = []
    monkeypatch.setattr(reweighting, "calibrated", lambda p, y: asked.append(p) or (lambda other: other))
    monkeypatch.setattr(trial, "calibrated", lambda p, y: asked.append(p) or (lambda other: other))
    tried(trial_data, {"correct": "prior", "rows": "all"}, SETTINGS, [1], 2)
    training, validation = trial_data.at(trial_data.training), trial_data.at(trial_data.validation)
    network = train(training, validation, 2, {**SETTINGS, "seed": 1})
    assert [len(p) for p in asked[:3]] == [120, 60, 60]
    assert np.array_equal(asked[0], network.probabilities(validation.X))
    assert np.array_equal(asked[1], asked[0][1::2]) and np.array_equal(asked[2], asked[0][::2])


def test_the_recommended_change_keeps_validation_rows_to_stop_by():
    verdict = {"verdict": {"kind": "overfitting", "features": []}, "features": []}
    assert change_of("mine", {"rows": "all"}, None) == {"rows": "all"}
    assert change_of("recommended", {"rows": "all", "oversample": True}, verdict).keys() == {"oversample", "train"}
    lost = {"verdict": {"kind": "feature_lost", "features": ["a"]}, "features": []}
    assert change_of("recommended", {"rows": "all"}, lost) == {"rows": "all", "drop": ["a"]}


def test_remedies_whose_training_diverges_are_counted(trial_data):
    figures, _ = tried(trial_data, {}, {**SETTINGS, "learning_rate": 1e6}, [1, 2], folds=2)
    assert figures["diverged"] == 4  # two seeds, two folds
    assert all(np.isfinite(values).all() for name, values in figures.items())


@pytest.mark.parametrize("test", [None, "rows"])
def test_without_test_classes_there_are_no_test_figures_and_the_others_stay(trial_data, test):
    known, _ = tried(trial_data, {}, SETTINGS, [1, 2], 3)
    hidden = None if test is None else Partition(trial_data.test.X, None)
    figures, right = tried(replace(trial_data, test=hidden), {}, SETTINGS, [1, 2], 3)
    assert figures["test_accuracy"] == figures["test_macro_f1"] == [] and right.size == 0
    for name in ("validation_accuracy", "cross_validated_accuracy"):
        assert figures[name] == known[name]


@pytest.mark.parametrize("judge", [
    lambda data, groups, settings: tried(data, {}, settings, [1], 3)[0]["cross_validated_accuracy"],
    lambda data, groups, settings: ceiling(Partition(data.X, data.y), 600, 2, settings, [1], 3, groups),
], ids=["tried", "ceiling"])  # fmt: skip
def test_no_fold_is_trained_on_rows_of_its_groups(trial_data, judge):
    """The columns say which group a row is of, and its class is its own: known groups are told, new ones not."""
    rng = np.random.default_rng(0)
    groups, classes = np.arange(600) // 6, rng.integers(2, size=100)
    X = rng.normal(size=(100, 3))[groups] + rng.normal(0, 1e-3, (600, 3))
    data = replace(trial_data, X=X, y=classes[groups], versions=(X,), test=None)
    settings = SETTINGS | {"hidden": [64], "batch_size": 32, "learning_rate": 0.02, "iterations": 60}
    mixed, apart = (np.mean(judge(replace(data, groups=each), each, settings)) for each in (None, groups))
    assert mixed > 0.75 > 0.65 > apart


def test_ceiling_is_what_the_test_rows_tell():
    test = rows_of(400, 6)
    best = (train(test, test, 2, {**SETTINGS, "seed": 1}).predict(test.X) == test.y).mean()
    assert np.mean(ceiling(test, 400, 2, SETTINGS, [1], 4)) == pytest.approx(best, abs=0.04)
    copied = Partition(np.tile(rows_of(30, 7).X[:, 2:], (20, 1)), np.tile(rows_of(30, 7).y, 20))
    assert np.mean(ceiling(copied, 600, 2, {**SETTINGS, "iterations": 60}, [1], 3)) < 0.8  # copies teach nothing


def test_rows_of_one_group_have_no_ceiling():
    test = rows_of(60, 6)
    assert ceiling(test, 60, 2, SETTINGS, [1], 3, np.zeros(60, int)) == []
    assert ceiling(Partition(np.ones((5, 3)), np.arange(5) % 2), 60, 2, SETTINGS, [1], 3) == []


def test_a_table_of_few_different_rows_is_not_judged_by_their_other_class():
    rng = np.random.default_rng(8)
    levels = rng.integers(5, size=(1000, 2))
    y = ((levels.sum(axis=1) > 4) ^ (rng.random(1000) < 0.1)).astype(int)  # 0.9 at best
    test = Partition(np.eye(5)[levels].reshape(1000, 10), y)
    assert np.mean(ceiling(test, 800, 2, SETTINGS, [1], 5)) > 0.7
