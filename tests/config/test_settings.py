"""Which stage reads what of the configuration, in which form, and the settings of one network."""

import json
import re
from pathlib import Path

import pytest

from gapscope.common.errors import UserError
from gapscope.config.check import (
    SCHEMA,
    input_tables,
    settings_for,
    settings_for_ceiling,
    settings_for_remedy,
    settings_for_training,
    training_settings,
)

STAGES = [
    "fetch",
    "simulate",
    "clean",
    "eda",
    "encode",
    "split",
    "train",
    "gradients",
    "depth_sweep",
    "saliency",
    "test_eval",
    "diagnose",
    "suite_cases",
    "diagnosis_suite",
    "mitigate",
    "remedy",
    "ceiling",
    "sweep_points",
    "sweep",
    "shared_bias",
    "report",
]
SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"


def text(settings) -> str:
    return json.dumps(settings)  # keeps the order of the keys and tells 1 from 1.0


def annotated(node, path=(), inherited=None):
    """(path, stages) of every key of the schema that has no keys of its own there."""
    stages = node.get("stages", inherited)
    if "properties" not in node:
        yield path, stages
    for key, below in node.get("properties", {}).items():
        yield from annotated(below, (*path, key), stages)


def test_every_key_names_its_stages():
    stages = {".".join(path): names for path, names in annotated(SCHEMA)}
    scripts = {path.stem for path in SCRIPTS.glob("*.py")}
    assert {key: names for key, names in stages.items() if not isinstance(names, list) or set(names) - scripts} == {}
    unread = ["results", "cache.megabytes", "data.train", "data.test"]
    assert [key for key, names in stages.items() if not names] == unread
    assert set(STAGES) <= set().union(*stages.values())


def test_the_schema_knows_exactly_the_shipped_keys(shipped):
    for path, _ in annotated(SCHEMA):
        block = shipped
        for key in path:
            block = block[key]  # KeyError: config.yaml lacks a key of the schema


@pytest.mark.parametrize("stage", STAGES)
def test_settings_are_exactly_what_the_schema_gives_the_stage(config, stage):
    expected = {}
    for path, stages in annotated(SCHEMA):
        if stage not in stages:
            continue
        source, place = config, expected
        for key in path[:-1]:
            source, place = source[key], place.setdefault(key, {})
        place[path[-1]] = source[path[-1]]
    assert settings_for(config, stage) == expected


def test_settings_of_some_stages(config, shipped):
    assert settings_for(config, "simulate") == {"simulate": shipped["simulate"]}
    assert set(settings_for(config, "clean")["data"]) == set(shipped["data"]) - {"train", "test"}
    assert set(settings_for(config, "split")) == {"data", "split"}
    assert "activations" not in settings_for(config, "train")["train"]
    assert settings_for(config, "nothing") == {}


def test_a_change_reaches_its_stages_only(config, changed):
    def readers(*change):
        return {stage for stage in STAGES if settings_for(changed(change), stage) != settings_for(config, stage)}

    assert readers("results", "elsewhere") == set()
    assert readers("data.train", "other.csv") == set()
    assert readers("eda.dominant_correlation", 0.5) == {"eda", "report"}
    networks = {"train", "suite_cases", "remedy", "ceiling", "sweep_points"}
    assert readers("train.learning_rate", 0.25) == {*networks, "report"}
    assert readers("mitigate.confidence", 0.9) == {"mitigate", "report"}
    assert readers("mitigate.folds", 4) == {"remedy", "report"}
    assert readers("simulate.break.kind", "none") == {"simulate", "report"}
    assert readers("gradients.check.rows", 9) == {"gradients", "report"}
    assert readers("gradients.depth_sweep.depths", 9) == {"depth_sweep", "report"}


def reordered(value):
    return {key: reordered(value[key]) for key in reversed(value)} if isinstance(value, dict) else value


def as_floats(value):
    if isinstance(value, dict):
        return {key: as_floats(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_floats(item) for item in value]
    return float(value) if type(value) is int else value


@pytest.mark.parametrize("stage", STAGES)
def test_one_canonical_form(config, stage):
    canonical = text(settings_for(config, stage))
    assert text(settings_for(reordered(config), stage)) == canonical
    assert text(settings_for(as_floats(config), stage)) == canonical
    assert not re.search(r"\.0\b", canonical)


def test_order_of_lists_matters(config, changed):
    other = changed(("data.numeric", config["data"]["numeric"][::-1]))
    assert settings_for(other, "encode") != settings_for(config, "encode")


# Where the tables come from


def test_input_tables(changed, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for source in ("simulated", "download"):
        tables = input_tables(changed(("data.source", source)), "out")
        assert tables == (f"out/{source}/train.csv", f"out/{source}/test.csv")
    own = changed(("data.source", "files"), ("data.train", "a.csv"), ("data.test", "b.csv"))
    for existing, missing in (([], "data.train"), (["a.csv"], "data.test")):
        for name in existing:
            (tmp_path / name).touch()
        with pytest.raises(UserError, match=missing):
            input_tables(own, "out")
    (tmp_path / "b.csv").touch()
    assert input_tables(own, "out") == ("a.csv", "b.csv")


# Settings of one network


def test_own_settings_over_shared_ones(config, shipped):
    relu, sigmoid = (settings_for_training(config, name)["train"] for name in ("relu", "sigmoid"))
    assert (relu["learning_rate"], relu["initialisation"], relu["l2"]) == (0.02, "he", 0.001)
    assert (sigmoid["learning_rate"], sigmoid["initialisation"], sigmoid["l2"]) == (0.03, "xavier", 0.0)
    assert (relu["activation"], sigmoid["activation"]) == ("relu", "sigmoid")
    assert "per_activation" not in relu and "activations" not in relu and list(relu) == sorted(relu)
    assert {key for key in relu if relu[key] != sigmoid[key]} == {"learning_rate", "initialisation", "l2", "activation"}
    assert config == shipped


def test_an_override_touches_its_activation_only(config, changed):
    other = changed(("train.per_activation.relu", {"l2": 0.5}))
    assert settings_for_training(other, "sigmoid") == settings_for_training(config, "sigmoid")
    assert settings_for_training(other, "relu") != settings_for_training(config, "relu")


def test_adding_an_activation_leaves_the_others_alone(config, changed):
    other = changed(("train.activations", ["relu", "sigmoid", "tanh"]))
    assert settings_for_training(other, "relu") == settings_for_training(config, "relu")


def test_a_remedy_reads_its_own_entry_only(config, changed):
    remedies = {**config["mitigate"]["remedies"], "l2": {"train": {"l2": 0.5}}, "more": {"oversample": True}}
    other = changed(("mitigate.remedies", remedies))
    longer = changed(("mitigate.recommended", {"train": {}, "rows": "training"}))
    names = [*config["mitigate"]["remedies"], "recommended"]

    def touched(changed_config):
        return [n for n in names if settings_for_remedy(changed_config, n) != settings_for_remedy(config, n)]

    assert (touched(other), touched(longer)) == (["l2"], ["recommended"])
    assert settings_for_ceiling(other) == settings_for_ceiling(longer) == settings_for_ceiling(config)


def test_a_remedys_change_wins(config, shipped):
    change = {"learning_rate": 0.7, "l2": 0.1}
    settings = training_settings(config["train"], "relu", change)
    assert (settings["learning_rate"], settings["l2"], settings["initialisation"]) == (0.7, 0.1, "he")
    assert config == shipped and change == {"learning_rate": 0.7, "l2": 0.1}
