"""Diagnosis of rows that count differently: a sample that is skewed, and weights that say so."""

from dataclasses import replace

import numpy as np
import pytest

from gapscope.config.defaults import shipped
from gapscope.data.rows import Held
from gapscope.diagnosis.diagnosis import diagnose
from gapscope.diagnosis.estimates import Estimate, Sets
from gapscope.diagnosis.evidence.counterfactuals import label_part
from gapscope.evaluation.metrics import evaluate
from gapscope.network.partition import Partition
from gapscope.simulation.listings import simulate
from gapscope.studies.suite.cases import Fitted
from remedy_rows import SETTINGS

CONFIG = shipped()
KEPT = np.array([1.0, 0.25, 0.5, 1.0])  # share of each class's rows that reach the training table


@pytest.fixture(scope="module")
def found():
    """A diagnosis by weight, and one without, of listings of which the training table has fewer of some classes; the
    parts by weight, and the network."""
    rng = np.random.default_rng(5)
    table, test = simulate(16_000, rng), simulate(4_000, rng)
    table = table[rng.random(len(table)) < KEPT[table["price_class"]]]
    flat = {**SETTINGS, "hidden": [12], "batch_size": 256, "iterations": 8, "seed": 1}
    settings = {**CONFIG, "encode": {**CONFIG["encode"], "transform": {}}, "train": flat}
    fitted, told = Fitted.on(table.reset_index(drop=True), settings), []
    plain = *fitted.parts, fitted.partition(test.astype({name: "float64" for name in CONFIG["data"]["numeric"]}))
    weighted = [replace(part, weights=1.0 / KEPT[part.y]) for part in plain[:2]]
    weighted.append(replace(plain[2], weights=np.ones(len(test))))
    for parts in (weighted, plain):
        sets = Sets(*parts, Held(fitted.known), Held(test))
        blocks = CONFIG["diagnose"] | {"draws": 1, "resamples": 50}
        told.append(diagnose(fitted.model, sets, fitted.encode, "price_class", blocks))
    return *told, weighted, fitted.model


def test_weights_undo_a_skewed_sample(found):
    """Unweighted the classes' shares seem to have moved; by weight the two tables are of one population."""
    weighted, plain, _, _ = found
    p_plain, p_weighted = (own["gap"]["label_part"] for own in (plain, weighted))
    assert plain["domains"]["y"]["low"] > 0.5 > weighted["domains"]["y"]["low"]
    assert abs(p_plain) > 0.01 > abs(p_weighted)
    assert weighted["verdict"]["kind"] == "no_gap"
    assert all(record["psi"] < 0.02 for record in weighted["features"])
    assert max(record["psi"] for record in plain["features"]) > 0.02


def test_the_diagnosis_starts_from_weighted_accuracies(found):
    weighted, _, parts, network = found
    own = [evaluate(network, part, 0.99) for part in parts]
    for name, metrics in zip(("train", "validation", "test"), own):
        assert weighted["gap"][name] == pytest.approx(metrics["accuracy"], abs=1e-12)
    assert weighted["gap"]["majority_test"] == own[2]["majority_accuracy"]
    f1 = weighted["gap"]["validation_test"]["others"]["macro_f1"]["difference"]
    assert f1 == pytest.approx(own[1]["macro_f1"] - own[2]["macro_f1"])


def test_label_part_by_weight_is_that_of_copies():
    rng = np.random.default_rng(6)
    y, right, w = rng.integers(3, size=50), rng.random(50) < 0.7, rng.integers(1, 4, size=50)
    y_test = rng.integers(3, size=40)
    weighted = label_part(right, Partition(y, y, w.astype(float)), y_test, 3, 0.95)
    copies = label_part(np.repeat(right, w), Partition(y, np.repeat(y, w)), y_test, 3, 0.95)
    assert weighted.value == pytest.approx(copies.value, abs=1e-12) and weighted.low < copies.low


def test_means_have_the_error_of_effective_rows():
    values, w = np.array([0.0, 1.0, 1.0, 0.0]), np.array([1.0, 3.0, 3.0, 1.0])
    figure = Estimate.mean(values, 0.95, w)  # 0.75 +- 1.96 sqrt(0.75 * 0.25 / 3.2)
    assert (figure.value, figure.high) == pytest.approx((0.75, 0.75 + 1.959964 * np.sqrt(0.1875 / 3.2)), rel=1e-6)
