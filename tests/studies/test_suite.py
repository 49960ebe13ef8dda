"""The in-memory path from two tables to a verdict, and the tally of many: against hand-worked tables."""

from functools import cache

import numpy as np
import pandas as pd
import pytest

from gapscope.common.errors import UserError
from gapscope.config.defaults import shipped
from gapscope.simulation.defects import Defect
from gapscope.simulation.inject import truth_of
from gapscope.simulation.listings import simulate_pair
from gapscope.studies.suite import plots
from gapscope.studies.suite.cases import Fitted, _to_be_named, cases
from gapscope.studies.suite.recognition import by_strength, confusion, detectable, expected_verdicts, outcome
from runs import ROOT
from stage_scripts import stage_settings

CONFIG = shipped()
NUMERIC = ["score", "days"]


def settings(name, **suite):
    read = stage_settings(CONFIG, "suite_cases", name)
    return {**read, "suite": {**read["suite"], **suite}}


@cache
def diagnosis_of(kind, feature, rows=None):
    """The tables with this defect, diagnosed; the evidence sees `rows` of them."""
    train, test, _ = simulate_pair(8000, 2000, 1, [Defect(kind, feature)])
    read = settings("none")
    diagnose = {**read["diagnose"], **({"rows": rows} if rows else {})}
    return Fitted.on(train, {**read, "diagnose": diagnose}).diagnosis(test)


@pytest.mark.parametrize("kind, features", [("none", []), ("category_renamed", ["room_type"])])
def test_two_tables_in_a_verdict_out_of_which_the_evidence_may_see_some_rows_and_the_accuracies_all(kind, features):
    few, every = (diagnosis_of(kind, "room_type", rows) for rows in (1200, None))
    assert every["gap"]["validation"] > 0.8
    for found in (few, every):
        assert found["verdict"]["kind"] == {"none": "no_gap"}.get(kind, kind)
        assert found["verdict"]["features"] == features
    assert {tuple(feature["rows"].values()) for feature in few["features"]} == {(1200, 1200)}
    for gap in ("train_validation", "validation_test"):
        assert few["gap"][gap]["difference"] == every["gap"][gap]["difference"]
    assert few["rows"]["validation_copied_from_training"] == every["rows"]["validation_copied_from_training"]


@pytest.mark.parametrize("kind", ["none", "feature_lost"])
def test_the_number_of_a_hypothesis_agrees_with_its_decision(kind):
    diagnosis = diagnosis_of(kind, "amenity_score")
    rows, gap = {row["kind"]: row for row in diagnosis["hypotheses"]}, diagnosis["gap"]["validation_test"]["difference"]
    lost, weaker, harmless = (rows[name] for name in ("feature_lost", "feature_changed", "harmless_shift"))
    found, t = lost["decision"] == "kept", CONFIG["diagnose"]
    assert found == (kind == "feature_lost") == (lost["value"] <= t["lost_information"])
    assert weaker["decision"] == harmless["decision"] == "ruled out"
    assert ("the relation is lost, not weaker" in weaker["sentence"]) == found
    assert harmless["value"] == gap if found else harmless["value"] < t["least_shift"]
    why = "the features themselves changed (amenity_score)" if found else "accuracy does not surely fall"
    assert why in rows["concept_drift"]["sentence"]


@pytest.mark.parametrize("name", ["feature_lost", "labels_changed"])
def test_a_small_suite_recognises_what_it_injects(name):
    records = list(cases(name, settings(name, seeds=1, strengths=[0.75], seeds_per_strength=1)))
    assert [(r["injected"], r["strength"], r["seed"]) for r in records] == [(name, 0.75, 1), (name, 1, 1)]
    assert [r["outcome"] for r in records] == ["recognised"] * 2


def test_a_model_of_ones_own_takes_the_networks_place():
    pytest.importorskip("sklearn")
    entry = {"python": str(ROOT / "models" / "logistic_regression.py"), "settings": {"C": 0.5}}
    config = {**CONFIG, "models": {"logistic": entry, "file": {"onnx": "net.onnx"}}}
    for activation, expected in (("best", None), ("file", None), ("logistic", entry)):
        config["diagnose"] = {**CONFIG["diagnose"], "activation": activation}
        read = stage_settings(config, "suite_cases", "feature_lost")
        assert read.get("model") == expected
    read["suite"] |= {"seeds": 1, "strengths": []}
    (record,) = cases("feature_lost", read)
    assert record["outcome"] == "recognised" and "network" not in record["sentence"]


def test_the_suite_names_a_column_that_listings_lack():
    read = settings("none")
    with pytest.raises(UserError, match="no column 'rooms'"):
        next(cases("none", {**read, "data": {**read["data"], "numeric": ["rooms"]}}))


def test_every_entry_of_the_suite_can_be_injected():
    for name in CONFIG["suite"]["injected"]:
        breaks = [Defect(**wrong, strength=0.5) for wrong in settings(name)["suite"]["breaks"]]
        simulate_pair(300, 300, 1, breaks)


RESCALED, RENAMED = Defect("rescaled", "score"), Defect("category_renamed", "room")
SWAPPED, HALF_SWAPPED = (Defect("columns_swapped", "score", "days", strength) for strength in (1.0, 0.5))


@pytest.mark.parametrize(
    ("breaks", "kind", "features", "must", "expected"),
    [
        ([], "no_gap", [], None, "recognised"),
        ([], "rescaled", ["score"], None, "wrong"),
        ([RESCALED], "rescaled", ["score"], None, "recognised"),
        ([RESCALED], "rescaled", ["days"], None, "wrong"),
        ([RESCALED], "rescaled", ["score", "days"], None, "wrong"),
        ([RESCALED], "sign_flipped", ["score"], None, "other kind"),
        ([RESCALED], "no_gap", [], None, "silent"),
        ([RESCALED], "undecided", ["score"], None, "undecided"),
        ([RESCALED], "feature_changed", ["score"], None, "other kind"),
        ([Defect("rescaled", "score", strength=0.5)], "feature_changed", ["score"], None, "recognised"),
        ([SWAPPED], "columns_swapped", ["days", "score"], None, "recognised"),
        ([SWAPPED], "columns_swapped", ["score"], None, "wrong"),
        ([HALF_SWAPPED], "feature_changed", ["score"], None, "recognised"),
        ([HALF_SWAPPED], "feature_changed", ["room"], None, "wrong"),
        ([Defect("never_standardised")], "rescaled", ["score"], None, "recognised"),
        ([Defect("never_standardised")], "rescaled", ["room"], None, "wrong"),
        ([Defect("stuck_value", "score", strength=0.5)], "sentinel_value", ["score"], None, "recognised"),
        ([Defect("stuck_value", "score", strength=0.5)], "sentinel_value", ["nights"], None, "wrong"),
        ([Defect("harmless_shift", "score")], "rescaled", ["score"], None, "recognised"),
        ([Defect("label_shift")], "label_shift", ["score"], None, "recognised"),
        ([Defect("labels_changed", strength=0.5)], "feature_changed", [], None, "wrong"),
        ([RESCALED, Defect("sign_flipped", "days")], "rescaled", ["score", "days"], None, "other kind"),
        ([RESCALED, Defect("sign_flipped", "days")], "rescaled", ["score"], None, "wrong"),
        # what costs the model nothing need not be named
        ([RESCALED], "overfitting", [], [False], "recognised"),
        ([RESCALED], "undecided", [], [False], "recognised"),
        ([RESCALED], "no_gap", [], [True], "silent"),
        ([RESCALED], "label_shift", [], [False], "wrong"),
        ([RESCALED, RENAMED], "rescaled", ["score"], [True, False], "recognised"),
        ([RESCALED, RENAMED], "rescaled", ["score"], [True, True], "wrong"),
        ([RESCALED, RENAMED], "category_renamed", ["room"], [True, False], "wrong"),
        ([RESCALED, RENAMED], "no_gap", [], [False, True], "silent"),
        ([], "overfitting", [], [], "recognised"),  # trees do, without any defect
        ([], "undecided", [], [], "undecided"),
    ],
)
def test_outcome(breaks, kind, features, must, expected):
    assert outcome(truth_of(breaks, NUMERIC), {"kind": kind, "features": features}, must) == expected


@pytest.mark.parametrize(
    ("accuracies", "expected"),  # intact, with the first defect, the second, both
    [
        ((0.8, 0.5, 0.795, 0.4), [True, True]),  # the second costs more on top of the first
        ((0.8, 0.5, 0.795, 0.5), [True, False]),
        ((0.8, 0.5, 0.78, 0.49), [True, False]),  # 0.02 of 0.31
        ((0.8, 0.795, 0.795, 0.79), [False, False]),
    ],
)
def test_a_defect_that_costs_next_to_nothing_need_not_be_named(accuracies, expected):
    known = dict(zip([(), (RESCALED,), (RENAMED,), (RESCALED, RENAMED)], accuracies))
    assert _to_be_named([RESCALED, RENAMED], lambda *some: known[some], 0.1) == expected


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([("label_shift", []), ("rescaled", ["score"])], "recognised"),
        ([("label_shift", []), ("rescaled", ["days"])], "wrong"),
        ([("rescaled", ["score"])], "wrong"),
        ([("label_shift", []), ("rescaled", ["score"]), ("sign_flipped", ["days"])], "wrong"),
    ],
)
def test_outcome_of_several_breaks(parts, expected):
    truth = truth_of([RESCALED, Defect("label_shift")], NUMERIC)
    named = [{"kind": kind, "features": features} for kind, features in parts]
    assert outcome(truth, {"kind": "mixed", "features": ["score"], "parts": named}) == expected


@pytest.fixture
def told():
    """Break a is recognised from 0.5 on, b (called no_gap where silent) never; c blames a wrong feature once."""
    rows = [
        ("a", 0.2, "rescaled", "undecided", "undecided", 0.7),
        ("a", 0.5, "rescaled", "rescaled", "recognised", 0.6),
        ("a", 1.0, "rescaled", "rescaled", "recognised", 0.5),
        ("a", 1.0, "rescaled", "rescaled", "recognised", 0.3),
        ("b", 0.5, "leak", "leak", "recognised", 0.8),
        ("b", 1.0, "leak", "no_gap", "silent", 0.8),
        ("c", 1.0, "none", "no_gap", "recognised", 0.8),
        ("d", 1.0, "rescaled", "rescaled", "wrong", 0.8),
    ]
    table = pd.DataFrame(rows, columns=["injected", "strength", "kind", "verdict", "outcome", "test"])
    return table.assign(validation=0.8, seed=1)


def test_confusion_by_hand(told):
    table = confusion(told)
    assert list(table.columns) == ["rescaled", "no_gap", "rescaled (other feature)"]
    assert table.to_dict("index") == {
        "a": {"rescaled": 2, "no_gap": 0, "rescaled (other feature)": 0},
        "b": {"rescaled": 0, "no_gap": 1, "rescaled (other feature)": 0},
        "c": {"rescaled": 0, "no_gap": 1, "rescaled (other feature)": 0},
        "d": {"rescaled": 0, "no_gap": 0, "rescaled (other feature)": 1},
    }


def test_detectable_by_hand(told):
    shares = by_strength(told)
    at_full = shares[(shares["injected"] == "a") & (shares["strength"] == 1)].iloc[0]
    assert (at_full["data_sets"], at_full["recognised"]) == (2, 1.0)
    assert at_full["loss"] == pytest.approx(0.4)
    limits = detectable(shares, 0.8).set_index("injected")
    assert limits.loc["a", "detectable_strength"] == 0.5 and limits.loc["a", "loss_there"] == pytest.approx(0.2)
    assert np.isnan(limits.loc["b", "detectable_strength"])  # recognised at 0.5, but not from there on
    assert limits["recognised_at_full"].to_dict() == {"a": 1, "b": 0, "c": 1, "d": 0}


def test_the_figures_show_every_break_and_frame_what_is_right(told):
    table, shares = confusion(told), by_strength(told)
    first = plots.confusion(table, expected_verdicts(told)).axes[0]
    assert [label.get_text() for label in first.get_yticklabels()] == ["a", "b", "c", "d"]
    assert sorted(text.get_text() for text in first.texts) == ["1", "1", "1", "2"]
    assert {patch.get_xy() for patch in first.patches} == {(-0.5, -0.5), (0.5, 1.5), (-0.5, 2.5)}
    second = plots.detectable(shares, detectable(shares, 0.8), 0.8).axes[0]
    assert {patch.get_xy() for patch in second.patches} == {(0.5, -0.5), (1.5, 1.5)}
