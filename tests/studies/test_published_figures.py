"""Figures found in the results of a run, and the claims that they decide."""

import json

import pandas as pd
import pytest
import yaml

from gapscope.config.check import check
from gapscope.config.defaults import SCHEMA_FILE, shipped
from gapscope.studies.reproduction.figures import rounds_to, settled, value_of

PRESETS = SCHEMA_FILE.parents[1] / "presets"


@pytest.fixture
def folder(tmp_path):
    features = [{"feature": "a", "share": 0.1}, {"feature": "b", "share": 0.3}]
    (tmp_path / "found.json").write_text(json.dumps({"gap": {"value": 0.5}, "features": features}))
    table = pd.DataFrame({"remedy": ["x", "y", "y"], "accuracy": [0.4, 0.5, 0.7]})
    table.to_csv(tmp_path / "table.csv", index=False)
    return tmp_path


def test_figures_of_json_and_csv(folder):
    assert value_of(folder, {"file": "found.json", "at": ["gap", "value"]}) == 0.5
    share = {"file": "found.json", "at": ["features", {"feature": "b"}, "share"]}
    assert value_of(folder, share) == 0.3
    assert value_of(folder, {**share, "over": {"file": "found.json", "at": ["gap", "value"]}}) == pytest.approx(0.6)
    cell = {"file": "table.csv", "where": {"remedy": "y"}, "column": "accuracy"}
    assert value_of(folder, cell) == pytest.approx(0.6)
    assert value_of(folder, {**cell, "take": "min"}) == 0.5
    with pytest.raises(ValueError, match="no row with"):
        value_of(folder, {**cell, "where": {"remedy": "z"}})


@pytest.mark.parametrize(
    "bound, decision",
    [
        ({"above": 0.25}, "holds"),
        ({"above": 0.3}, "does not hold"),
        ({"below": 0.4}, "holds"),
        ({"below": 0.3}, "does not hold"),
        ({"above": 0.2, "below": 0.4}, "holds"),
    ],
)
def test_the_first_figure_decides(folder, bound, decision):
    share = {"figure": "share", "file": "found.json", "at": ["features", {"feature": "b"}, "share"]}
    other = {"figure": "gap", "file": "found.json", "at": ["gap", "value"]}
    (claim,) = settled([{"claim": "c", "holds": bound, "evidence": [share, other]}], str(folder))
    assert claim["decision"] == decision
    assert [item["value"] for item in claim["evidence"]] == [0.3, 0.5]


def test_a_published_figure_is_equal_if_it_is_so_when_rounded():
    assert rounds_to(0.81814, "0.8181") and not rounds_to(0.81816, "0.8181")


def test_every_claim_asks_for_remedies_that_the_system_tries():
    claims = yaml.safe_load((PRESETS / "claims.yaml").read_text(encoding="utf-8"))
    remedies = yaml.safe_load((PRESETS / "25280022.yaml").read_text(encoding="utf-8"))["mitigate"]["remedies"]
    figures = [item for claim in claims for item in claim["evidence"]]
    figures += [item["over"] for item in figures if "over" in item]
    asked = {item["where"]["mitigation"] for item in figures if item["file"].endswith("mitigations.csv")}
    assert asked <= set(remedies) and len(asked) >= 5


@pytest.mark.parametrize("preset", ["remedies", "25280022", "airbnb", "small"])
def test_presets_with_remedies_are_right(preset):
    config = shipped()
    change = yaml.safe_load((PRESETS / f"{preset}.yaml").read_text(encoding="utf-8"))["mitigate"]
    for key, value in change.items():
        config["mitigate"][key] = {**config["mitigate"][key], **value} if isinstance(value, dict) else value
    check(config)
