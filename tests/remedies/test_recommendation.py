"""From verdict to remedy."""

import pytest

from gapscope.remedies.recommendation import Untried, addresses, because, recommended, resolved, words

LINE = {"line": [100.0, 0.0]}
EVIDENCE = {
    name: {"undone": {"kind": "rescaled", "map": LINE}, "relation_kept": {"value": 0.4}}
    for name in ("a", "b", "c", "f")
}
UNDO = {"mend": [{"features": ["f"], "how": "undo", "maps": {"f": LINE}}]}
ON_FEATURES = {
    "feature_lost": {"drop": ["f"]},
    "feature_changed": {"blur": {"f": 0.4}},
    **dict.fromkeys(["rescaled", "sign_flipped", "sentinel_value", "category_renamed", "columns_swapped"], UNDO),
    "label_shift": {"correct": "prior"},
    "covariate_shift": {"weights": "importance"},
    "leak": {"duplicates": "drop"},
}
NOTHING = ["no_gap", "harmless_shift", "labels_changed", "undecided"]


@pytest.mark.parametrize("kind", ON_FEATURES)
def test_each_cause_has_its_remedy_which_addresses_it(kind):
    verdict = {"kind": kind, "features": ["f"]}
    found = recommended(verdict, EVIDENCE)
    assert found == ON_FEATURES[kind]
    assert addresses(found, verdict) == "yes"
    assert words(found) != "nothing changed"


@pytest.mark.parametrize("kind", NOTHING)
def test_no_remedy_follows(kind):
    with pytest.raises(Untried, match="."):
        recommended({"kind": kind, "features": []}, EVIDENCE)


def test_a_remedy_by_the_diagnosis_needs_its_figures():
    known = {"f": {"undone": None, "relation_kept": {"value": None}}}
    for kind, reason in (("rescaled", "does not undo f"), ("feature_changed", "has no relation to the class of f")):
        for evidence in (known, {}):
            with pytest.raises(Untried, match=reason):
                recommended({"kind": kind, "features": ["f"]}, evidence)


def test_a_mixed_verdict_gets_the_remedies_of_its_parts():
    rescaled, lost = {"kind": "rescaled", "features": ["a"]}, {"kind": "feature_lost", "features": ["b"]}
    flipped = {"kind": "sign_flipped", "features": ["c"]}
    verdict = {"kind": "mixed", "features": ["a", "b", "c"], "parts": [rescaled, lost, flipped]}
    found = recommended(verdict, EVIDENCE)
    mends = [{"features": [name], "how": "undo", "maps": {name: LINE}} for name in ("a", "c")]
    assert found == {"mend": mends, "drop": ["b"]}
    assert addresses(found, verdict) == "yes"
    assert addresses({"drop": ["b"]}, verdict) == "in part"
    assert because(verdict).count(";") == 2


def test_what_does_not_act_on_the_cause_does_not_address_it():
    lost = {"kind": "feature_lost", "features": ["a"]}
    for change in ({}, {"train": {"l2": 0.1}}, {"drop": ["b"]}, {"oversample": True}, {"weights": "importance"}):
        assert addresses(change, lost) == "no"
    assert addresses({"drop": ["b", "a"]}, lost) == "yes"
    assert addresses({"train": {"l2": 0.1}}, {"kind": "overfitting", "features": []}) == "yes"
    assert addresses({"drop": ["a"]}, {"kind": "undecided", "features": ["a"]}) == "no"


def test_suspect_needs_a_verdict_that_names_features():
    for remedy in ({"drop": "suspect"}, {"noise": {"feature": "suspect", "deviation": 1}}):
        with pytest.raises(Untried, match="names no feature"):
            resolved(remedy, {"kind": "undecided", "features": []})
    assert resolved({"drop": ["x"]}, {"features": []}) == {"drop": ["x"]}
