"""The rule from evidence to verdict, on evidence made by hand."""

from dataclasses import replace

import numpy as np
import pytest

from gapscope.config.defaults import shipped
from gapscope.diagnosis.estimates import NOTHING, Estimate
from gapscope.diagnosis.evidence.column_repair import ColumnRepair
from gapscope.diagnosis.evidence.counterfactuals import ByX
from gapscope.diagnosis.evidence.gather import Evidence, FeatureEvidence
from gapscope.diagnosis.evidence.held_groups import Grouping
from gapscope.diagnosis.verdict import Verdict, confidence, redraws, unless_doubtful, verdict
from gapscope.diagnosis.words import sentence

SETTINGS = shipped()["diagnose"]


def figure(value, half=0.02):
    return Estimate(value, value - half, value + half)


INTACT = FeatureEvidence(figure(0.0, 0.01), figure(0.0, 0.01), False, figure(1.0, 0.1), figure(1.0, 0.1))
LOST = FeatureEvidence(figure(0.48), figure(0.48), True, figure(0.0, 0.01), figure(0.0, 0.05))
SPLIT = ByX(figure(0.0), figure(0.49), 1.0, 0.0)
ONE_LOST = Evidence(
    accuracy={part: figure(value) for part, value in (("train", 0.85), ("validation", 0.84), ("test", 0.35))},
    train_gap=figure(0.01),
    test_gap=figure(0.49),
    copied=figure(0.0, 0.01),
    flattery=figure(0.0, 0.001),
    memorised=figure(0.0),
    repairs=(),
    gap_left=figure(0.49),
    class_shares_changed=False,
    label_part=figure(0.0, 0.01),
    joint_drift=("a",),
    before=SPLIT,
    left=SPLIT,
    drifted=("a",),
    features={"a": LOST, "b": INTACT},
    suspects=("a",),
    suspects_kept=figure(0.0, 0.05),
    others_kept=figure(1.0, 0.1),
    unmoved_kept=figure(1.0, 0.1),
    measured={"tied": ("a",)},
)
NO_SUSPECT = {"features": {"a": INTACT, "b": INTACT}, "suspects": (), "suspects_kept": NOTHING}
QUIET = {**NO_SUSPECT, "test_gap": figure(0.01, 0.02), "drifted": ()}
HALF = replace(LOST, information_kept=figure(0.4), relation_kept=figure(0.5))
REVERSED = replace(HALF, relation_kept=figure(-0.9, 0.1))
SCALE = ColumnRepair("rescaled", ("a",), {"a": "100 times"}, gain=figure(0.48), needed=figure(0.48))
UNMOVED = {"joint_drift": (), "unmoved_kept": figure(0.5, 0.1)}
WEAK = {**NO_SUSPECT, **UNMOVED, "class_shares_changed": True, "label_part": figure(0.48)}
MENDED = {**NO_SUSPECT, "repairs": (SCALE,), "gap_left": figure(0.01)}
LABELS = {**UNMOVED, "drifted": (), "others_kept": figure(0.0, 0.1)}
UNTIED = {**LABELS, "measured": {"tied": ()}}
OTHER_ROWS = ByX(figure(0.45), figure(0.03, 0.05), 0.9, 0.0)
COPIES = {"copied": figure(0.5), "flattery": figure(0.47), "gap_left": figure(0.02)}
BOTH = {"features": {"a": LOST, "b": LOST}, "suspects": ("a", "b"), "others_kept": NOTHING}
MOVED = {
    **NO_SUSPECT,
    "features": {"a": replace(INTACT, changed=True), "b": INTACT},
    "class_shares_changed": True,
    "label_part": figure(0.4),
    "before": OTHER_ROWS,
    "left": OTHER_ROWS,
}
TWO_WEAKER = {"suspects": ("a", "b"), "joint_drift": ("a", "b"), "left": replace(SPLIT, relation_part=figure(0.1, 0.2))}
SMALL = replace(HALF, share=figure(0.03), share_left=figure(0.03), relation_kept=NOTHING)  # it never told the class
UNSURE = replace(HALF, relation_kept=figure(0.6, 0.6))
SCALES = {**MENDED, "repairs": (replace(SCALE, features=("b",)), replace(SCALE, gain=figure(0.1), needed=figure(0.1)))}
GROUPS = Grouping(None, np.arange(9), np.arange(9), 0.9, 0.0)


def by_group(flattery):
    return {"measured": {"groups": GROUPS, "group_flattery": flattery, "tied": ()}}


@pytest.mark.parametrize(
    "change, kind, features",
    [
        ({}, "feature_lost", ("a",)),
        (QUIET, "no_gap", ()),
        ({**QUIET, "drifted": ("a",)}, "harmless_shift", ("a",)),
        ({**QUIET, "train_gap": figure(0.15)}, "overfitting", ()),
        ({"train_gap": figure(0.15)}, "feature_lost", ("a",)),
        ({"features": {"a": HALF, "b": INTACT}}, "feature_changed", ("a",)),
        ({"features": {"a": REVERSED, "b": INTACT}}, "undecided", ()),  # a reversed sign that no map has undone
        (MENDED, "rescaled", ("a",)),
        ({**MENDED, "repairs": (replace(SCALE, gain=NOTHING, needed=NOTHING),)}, "undecided", ()),
        (SCALES, "rescaled", ("b", "a")),
        ({"features": {"a": replace(LOST, relation_kept=figure(0.6)), "b": INTACT}}, "feature_changed", ("a",)),
        (LABELS, "labels_changed", ()),
        ({**UNMOVED, "class_shares_changed": True}, "labels_changed", ()),  # rows of one class have got another
        ({"others_kept": figure(0.1, 0.1), "unmoved_kept": figure(0.1, 0.1)}, "labels_changed", ()),  # a moved too
        ({**UNTIED, "others_kept": figure(1.0, 0.1)}, "feature_lost", ("a",)),
        ({**NO_SUSPECT, "class_shares_changed": True, "label_part": figure(0.48)}, "label_shift", ()),
        ({**WEAK, "unmoved_kept": figure(0.9, 0.3)}, "label_shift", ()),  # features too weak to move
        (MOVED, "covariate_shift", ("a",)),
        ({**COPIES, "memorised": figure(0.4)}, "leak", ()),
        (COPIES, "feature_lost", ("a",)),  # rows repeat, but the network knows none by heart
        ({"others_kept": figure(0.5, 0.1)}, "undecided", ()),  # a lost feature, and the others lost too
        ({**BOTH, "joint_drift": ("a",), "measured": {"tied": ("a", "b")}}, "undecided", ()),  # b's column is intact
        ({**BOTH, "joint_drift": ("a", "b")}, "feature_lost", ("a", "b")),
        ({**UNTIED, "others_kept": figure(0.9, 0.2), "suspects_kept": figure(0.8, 0.1)}, "undecided", ()),
        ({**TWO_WEAKER, "features": {"a": HALF, "b": SMALL}}, "feature_changed", ("a", "b")),
        ({**TWO_WEAKER, "features": {"a": UNSURE, "b": SMALL}}, "undecided", ()),  # perhaps other rows, y given x kept
        (by_group(figure(0.4)), "leak", ()),
        (by_group(figure(0.1, 0.2)), "feature_lost", ("a",)),
        (by_group(figure(0.15)), "undecided", ()),
    ],
)  # fmt: skip
def test_rule(change, kind, features):
    found = verdict(replace(ONE_LOST, **change), SETTINGS)
    assert (found.kind, found.features) == (kind, features)


def test_two_causes_are_mixed_with_their_shares():
    found = verdict(replace(ONE_LOST, class_shares_changed=True, label_part=figure(0.1)), SETTINGS)
    assert [(part.kind, part.features) for part in found.causes] == [("feature_lost", ("a",)), ("label_shift", ())]
    assert found.kind == "mixed" and found.features == ("a",)
    assert found.causes[0].share == pytest.approx(0.48 / 0.49)


WHOLE_GAP = {**WEAK, "others_kept": figure(0.4, 0.2), "left": replace(SPLIT, relation_part=figure(0.0, 0.1))}


@pytest.mark.parametrize(
    "change, candidates",
    [
        (WHOLE_GAP, ["label_shift"]),  # class shares explain all of it, but other columns fail too
        ({**NO_SUSPECT, **by_group(figure(0.2, 0.3))}, ["group_leak"]),  # groups may explain a part of it
        ({**UNTIED, "others_kept": NOTHING}, ["feature_lost", "labels_changed"]),  # the limit of the method
    ],
)
def test_what_may_be_the_cause_is_a_candidate(change, candidates):
    found = verdict(replace(ONE_LOST, **change), SETTINGS)
    assert (found.kind, found.features) == ("undecided", ())
    assert [part.kind for part in found.candidates] == candidates


def test_groups_that_surely_explain_a_part_are_named_where_nothing_else_can_be_shown():
    found = replace(ONE_LOST, **NO_SUSPECT, **by_group(figure(0.2)))
    assert verdict(found, SETTINGS).kind == "leak"
    assert "can be shown (41% of the gap)" in sentence(verdict(found, SETTINGS), found, "y")


def again(e, draws=200):
    return redraws(e, {**SETTINGS, "resamples": draws}, np.random.default_rng(0))


def test_confidence_falls_where_a_figure_is_near_its_threshold():
    assert confidence(verdict(ONE_LOST, SETTINGS), again(ONE_LOST)) > 0.95
    gap = Estimate(0.02, 0.0001, 0.04)
    near = replace(ONE_LOST, test_gap=gap, gap_left=gap, features={"a": INTACT, "b": INTACT}, suspects=())
    assert confidence(verdict(near, SETTINGS), again(near)) < 0.9
    half_kept = replace(LOST, relation_kept=figure(0.49, 0.6))
    near = replace(ONE_LOST, features={"a": half_kept, "b": INTACT})
    assert confidence(verdict(near, SETTINGS), again(near)) < 0.9


def test_a_doubtful_cause_is_a_candidate():
    found = verdict(ONE_LOST, SETTINGS)
    assert unless_doubtful(found, [found] * 19 + [Verdict("no_gap")], SETTINGS) is found
    doubted = unless_doubtful(found, [found] * 3 + [Verdict("no_gap")] * 7, SETTINGS)
    assert doubted.kind == "undecided" and doubted.features == ()
    assert [(part.kind, part.features) for part in doubted.candidates] == [("feature_lost", ("a",))]


def test_a_doubtful_verdict_without_a_cause_names_what_redraws_name():
    quiet, lost = Verdict("no_gap"), verdict(ONE_LOST, SETTINGS)
    doubted = unless_doubtful(quiet, [quiet] * 5 + [lost] * 5, SETTINGS)
    assert doubted.kind == "undecided" and doubted.candidates == lost.causes
    assert unless_doubtful(quiet, [quiet] * 3 + [Verdict("overfitting")] * 4 + [lost] * 3, SETTINGS) is quiet


@pytest.mark.parametrize(
    "share, kind",
    [(figure(0.1, 0.03), "feature_lost"), (figure(0.03, 0.04), "undecided"), (figure(0.01, 0.02), "harmless_shift")],
)
def test_the_same_rows_repaired_show_a_loss_that_two_samples_do_not(share, kind):
    """The gap is 0.05 +- 0.12: a change counts as harmless only if it surely costs less than 0.05."""
    few = {
        "test_gap": figure(0.05, 0.12),
        "gap_left": figure(0.05, 0.12),
        "features": {"a": replace(LOST, share=share, share_left=share), "b": INTACT},
    }
    found = verdict(replace(ONE_LOST, **few), SETTINGS)
    assert found.kind == kind
    assert all(0 < cause.share <= 1 for cause in (*found.causes, *found.candidates))


def test_a_second_cause_too_small_for_the_gap_that_is_left_is_named():
    scale = replace(SCALE, features=("b",), gain=figure(0.41), needed=figure(0.41))
    small = replace(LOST, share=figure(0.07), share_left=figure(0.07))
    e = replace(ONE_LOST, repairs=(scale,), gap_left=figure(0.03, 0.04), features={"a": small, "b": INTACT})
    assert [(part.kind, part.features) for part in verdict(e, SETTINGS).causes] == [
        ("rescaled", ("b",)),
        ("feature_lost", ("a",)),
    ]
