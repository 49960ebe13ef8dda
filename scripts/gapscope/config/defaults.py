"""The settings that come with gapscope: config.yaml, and workflow/defaults/ for the keys that people seldom change."""

from functools import cache
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[3]
SCHEMA_FILE = ROOT / "workflow" / "schemas" / "config.schema.yaml"


def read_yaml(path: Path):
    """Content of a YAML file of gapscope's own, read by PyYAML's parser in C where it is there: ten times as fast."""
    return yaml.load(path.read_text(encoding="utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def _schema() -> dict:
    """The schema, where the kinds of simulated defects are those that the suite tries."""
    schema = read_yaml(SCHEMA_FILE)
    suite = read_yaml(ROOT / "workflow" / "defaults" / "suite.yaml")["suite"]["injected"].values()
    tried = dict.fromkeys(wrong["kind"] for case in suite for wrong in case["breaks"])
    schema["$defs"]["kind"]["enum"] = ["none", *tried]
    return schema


SCHEMA = _schema()


@cache
def _below_config() -> dict:
    """All of workflow/defaults/ as one config."""
    whole: dict = {}
    for path in sorted((ROOT / "workflow" / "defaults").glob("*.yaml")):
        whole = merged(whole, read_yaml(path))
    return whole


def shipped() -> dict:
    """The whole config as it comes with gapscope."""
    return with_defaults({})


def with_defaults(config: dict) -> dict:
    """`config` with every key that it lacks: from gapscope's config.yaml, else from workflow/defaults/."""
    return merged(_below_config(), completed(config, read_yaml(ROOT / "config.yaml")))


def completed(config: dict, default: dict) -> dict:
    """`config` with each key of the schema that it lacks taken from `default`; a map with free keys stays whole."""
    return _filled(config, default, SCHEMA)


def merged(below: dict, above: dict) -> dict:
    """Both configs in one, where `above` wins, block by block and key by key, as Snakemake merges overlays."""
    result = {key: merged(value, {}) if isinstance(value, dict) else value for key, value in below.items()}
    for key, value in above.items():
        both = isinstance(value, dict) and isinstance(below.get(key), dict)
        result[key] = merged(below[key], value) if both else value
    return result


def _filled(config, default, node: dict):
    if "properties" not in node or not isinstance(config, dict) or not isinstance(default, dict):
        return config
    return default | {
        key: _filled(config[key], default[key], node["properties"][key]) if key in default else config[key]
        for key in config
    }
