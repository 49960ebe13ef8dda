"""The default settings: config.yaml, and workflow/defaults/ for keys that people rarely change."""

from functools import cache, reduce
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[3]
SCHEMA_FILE = ROOT / "workflow" / "schemas" / "config.schema.yaml"


def read_yaml(path: Path):
    """Read one of gapscope's YAML files, with PyYAML's parser in C if it is installed: ten times as fast."""
    return yaml.load(path.read_text(encoding="utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def _schema() -> dict:
    """The schema of the config. The kinds of simulated defects come from the suite's settings."""
    schema = read_yaml(SCHEMA_FILE)
    suite = read_yaml(ROOT / "workflow" / "defaults" / "suite.yaml")["suite"]["injected"].values()
    tried = dict.fromkeys(wrong["kind"] for case in suite for wrong in case["breaks"])
    schema["$defs"]["kind"]["enum"] = ["none", *tried]
    return schema


SCHEMA = _schema()


@cache
def _below_config() -> dict:
    """All files in workflow/defaults/, merged."""
    return reduce(merged, map(read_yaml, sorted((ROOT / "workflow" / "defaults").glob("*.yaml"))))


def shipped() -> dict:
    """The complete default config."""
    return with_defaults({})


def with_defaults(config: dict) -> dict:
    """`config` with all missing keys added, from config.yaml or from workflow/defaults/."""
    return merged(_below_config(), completed(config, read_yaml(ROOT / "config.yaml")))


def completed(config: dict, default: dict, node: dict = SCHEMA) -> dict:
    """`config` with missing keys added from `default`; a mapping whose keys are not in the schema is not completed."""
    if "properties" not in node or not isinstance(config, dict) or not isinstance(default, dict):
        return config
    return default | {
        key: completed(config[key], default[key], node["properties"][key]) if key in default else config[key]
        for key in config
    }


def merged(below: dict, above: dict) -> dict:
    """Merge two configs key by key, as Snakemake does with overlays; `above` takes precedence."""
    result = {key: merged(value, {}) if isinstance(value, dict) else value for key, value in below.items()}
    for key, value in above.items():
        both = isinstance(value, dict) and isinstance(below.get(key), dict)
        result[key] = merged(below[key], value) if both else value
    return result
