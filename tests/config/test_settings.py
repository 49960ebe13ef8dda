"""What the rules hand to their scripts: leaves of the config, in one canonical form."""

import json
import re

import pytest

from gapscope.common.errors import UserError
from gapscope.common.stage import nested
from gapscope.config.check import input_tables
from gapscope.config.defaults import shipped
from gapscope.config.settings import has_shared_bias, jobs_of, remedies_of, remedy, remedy_networks, settings, training

BLOCKS = ["data", "clean", "encode", "split", "train", "gradients", "diagnose", "mitigate", "suite"]


def network(config, activation):
    return nested(training(config, activation).values())["train"]


def test_each_leaf_is_a_param_of_its_own(config):
    params = settings(config, "split.scale", "data.target")
    assert params == {
        "data_target": {"data.target": "price_class"},
        "split_scale_columns": {"split.scale.columns": "numeric"},
        "split_scale_deviation": {"split.scale.deviation": "population"},
        "split_scale_epsilon": {"split.scale.epsilon": 0},
        "split_scale_fit_on": {"split.scale.fit_on": "training"},
    }
    assert nested(params.values())["split"] == {"scale": config["split"]["scale"]}


def test_maps_with_keys_of_the_users_own_are_one_param(changed):
    config = changed(("encode.transform", {"a.b": "log1p"}))
    assert {"encode.transform": {"a.b": "log1p"}} in settings(config, "encode").values()
    assert nested(settings(config, "encode").values())["encode"]["transform"] == {"a.b": "log1p"}


def test_keys_can_be_left_out(config):
    params = settings(config, "gradients", without=["gradients.depth_sweep"]).values()
    names = [key for param in params for key in param]
    assert "gradients.check.rows" in names and not any("depth_sweep" in name for name in names)


def test_an_unknown_key_is_an_error(config):
    with pytest.raises(KeyError):
        settings(config, "train.learning_rat")


def test_params_that_are_no_mappings_are_not_settings():
    assert nested(["code 1f", {"a.b": 1}, {"c": {"d": 2}, "e": 3}]) == {"a": {"b": 1}, "c": {"d": 2}, "e": 3}


def reordered(value):
    return {key: reordered(value[key]) for key in reversed(value)} if isinstance(value, dict) else value


def as_floats(value):
    if isinstance(value, dict):
        return {key: as_floats(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_floats(item) for item in value]
    return float(value) if type(value) is int else value


@pytest.mark.parametrize("block", BLOCKS)
def test_one_canonical_form(config, block):
    canonical = json.dumps(settings(config, block))  # keeps the order of the keys and tells 1 from 1.0
    assert json.dumps(settings(reordered(config), block)) == canonical
    assert json.dumps(settings(as_floats(config), block)) == canonical
    assert not re.search(r"\.0\b", canonical)


def test_own_settings_over_shared_ones(config, shipped):
    relu, sigmoid = (network(config, name) for name in ("relu", "sigmoid"))
    assert (relu["learning_rate"], relu["initialisation"], relu["l2"]) == (0.02, "he", 0.001)
    assert (sigmoid["learning_rate"], sigmoid["initialisation"], sigmoid["l2"]) == (0.03, "xavier", 0.0)
    assert (relu["activation"], sigmoid["activation"]) == ("relu", "sigmoid")
    assert "per_activation" not in relu and "activations" not in relu
    assert config == shipped


def test_a_change_reaches_its_network_only(config, changed):
    override = changed(("train.per_activation.relu", {"l2": 0.5}))
    more = changed(("train.activations", ["relu", "sigmoid", "tanh"]))
    assert network(override, "sigmoid") == network(config, "sigmoid")
    assert network(override, "relu") != network(config, "relu") == network(more, "relu")


def test_a_remedy_reads_its_own_entry_only(config, changed):
    remedies = {**config["mitigate"]["remedies"], "l2": {"train": {"l2": 0.5}}, "more": {"oversample": True}}
    other = changed(("mitigate.remedies", remedies))
    longer = changed(("mitigate.recommended", {"train": {"iterations": 40}, "rows": "training"}))
    names = remedies_of(config)

    def touched(changed_config):
        return [name for name in names if remedy(changed_config, name) != remedy(config, name)]

    assert (touched(other), touched(longer)) == (["l2"], ["recommended"])
    assert remedies_of(longer) == ["baseline", "recommended_training", *names[1:]]
    assert remedy(longer, "recommended_training")["remedy"] == remedy(longer, "recommended")["remedy"]
    relu = network(config, "relu")
    del relu["members"]
    assert remedy_networks(config, "baseline")["networks"]["relu"] == relu
    assert remedy_networks(other, "baseline") == remedy_networks(longer, "baseline")


def test_the_jobs_of_a_run(changed):
    jobs = jobs_of(changed())
    assert jobs[:2] == ["simulate", "clean"] and jobs[-1] == "report"
    assert {"train_relu", "mitigate_l2", "mitigate_ceiling"} <= set(jobs) and "predictions" not in jobs
    unlabelled = jobs_of(changed(("data.test_labels", "absent")))
    assert "predictions" in unlabelled and "mitigate_ceiling" not in unlabelled


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


@pytest.mark.parametrize(
    ("when", "target", "activations", "wanted"),
    [
        ("listings", "price_class", ["relu"], True),
        ("listings", "price_class", [], False),
        ("listings", "y", ["relu"], False),
        ("always", "y", [], True),
        ("never", "price_class", ["relu"], False),
    ],
)
def test_the_study_of_the_shared_bias_is_of_the_listings_unless_asked_for(when, target, activations, wanted):
    config = shipped()
    config["train"]["activations"] = activations
    config["shared_bias"]["when"], config["data"]["target"] = when, target
    assert has_shared_bias(config) == wanted == ("shared_bias" in jobs_of(config))
