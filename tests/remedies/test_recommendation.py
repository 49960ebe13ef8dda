"""From verdict to remedy."""

import pytest

from gapscope.remedies.recommendation import Untried, addresses, because, recommended, resolved, words

ON_FEATURES = {
    "feature_lost": {"drop": ["f"]},
    "feature_changed": {"noise": [{"features": ["f"], "deviation": 1.0}]},
    "rescaled": {"mend": [{"features": ["f"], "how": "quantile_match"}]},
    "sign_flipped": {"mend": [{"features": ["f"], "how": "reverse"}]},
    "sentinel_value": {"mend": [{"features": ["f"], "how": "missing"}]},
    "category_renamed": {"mend": [{"features": ["f"], "how": "rename"}]},
    "label_shift": {"correct": "prior"},
    "covariate_shift": {"weights": "importance"},
    "leak": {"duplicates": "drop"},
}
NOTHING = ["no_gap", "harmless_shift", "labels_changed", "undecided"]


@pytest.mark.parametrize("kind", ON_FEATURES)
def test_each_cause_has_its_remedy_which_addresses_it(kind):
    verdict = {"kind": kind, "features": ["f"]}
    found = recommended(verdict)
    assert found == ON_FEATURES[kind]
    assert addresses(found, verdict) == "yes"
    assert words(found) != "nothing changed"


@pytest.mark.parametrize("kind", NOTHING)
def test_no_remedy_follows(kind):
    with pytest.raises(Untried, match="."):
        recommended({"kind": kind, "features": []})


def test_swapped_columns_go_back():
    verdict = {"kind": "columns_swapped", "features": ["a", "b"]}
    assert recommended(verdict) == {"mend": [{"features": ["a", "b"], "how": "swap"}]}


def test_a_mixed_verdict_gets_the_remedies_of_its_parts():
    rescaled, lost = {"kind": "rescaled", "features": ["a"]}, {"kind": "feature_lost", "features": ["b"]}
    flipped = {"kind": "sign_flipped", "features": ["c"]}
    verdict = {"kind": "mixed", "features": ["a", "b", "c"], "parts": [rescaled, lost, flipped]}
    found = recommended(verdict)
    mends = [{"features": ["a"], "how": "quantile_match"}, {"features": ["c"], "how": "reverse"}]
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
