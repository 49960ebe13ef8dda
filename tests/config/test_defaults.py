"""The shipped settings: each key stands in one file, and all are in the schema."""

import pytest
import yaml

from gapscope.config.defaults import ROOT, SCHEMA, completed, merged, shipped, with_defaults
from runs import schema_leaves

FILES = [ROOT / "config.yaml", *sorted((ROOT / "workflow" / "defaults").glob("*.yaml"))]


def leaves(config, node=SCHEMA, key=""):
    """Keys of `config` that hold a value; a map with free keys is one."""
    if "properties" not in node:
        return [key]
    return [
        leaf
        for name, value in config.items()
        for leaf in leaves(value, node["properties"].get(name, {}), f"{key}.{name}".lstrip("."))
    ]


def test_every_key_of_the_schema_stands_in_one_file():
    keys = [leaf for path in FILES for leaf in leaves(yaml.safe_load(path.read_text(encoding="utf-8")))]
    assert sorted(keys) == sorted(schema_leaves())


def test_a_config_is_completed_from_both():
    config = with_defaults({"train": {"hidden": [3]}, "suite": {"train": {"iterations": 2}}})
    assert config["train"]["hidden"] == [3] and config["train"]["momentum"] == 0.9 and config["split"]["seed"] == 42
    assert config["suite"]["train"] == shipped()["suite"]["train"] | {"iterations": 2}


@pytest.mark.parametrize("config", [{}, {"a": 1}, {"a": {"b": 2}}])
def test_merging_leaves_its_arguments_alone(config):
    below = {"a": {"c": 3}, "d": {"e": 4}}
    result = merged(below, config)
    result["d"]["e"] = 5
    assert below == {"a": {"c": 3}, "d": {"e": 4}}


def test_a_map_with_free_keys_stays_whole():
    own = {"train": {"per_activation": {"tanh": {"l2": 1.0}}}}
    assert completed(own, shipped())["train"]["per_activation"] == {"tanh": {"l2": 1.0}}
