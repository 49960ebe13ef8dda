"""The configuration: checked against its schema, and cut into the settings that each stage reads."""

from pathlib import Path

import yaml

from gapscope.common.errors import UserError
from gapscope.config.paths import check_input, check_paths
from gapscope.config.reading import replace_whole
from gapscope.config.rules import (
    check_beside,
    check_between,
    check_data,
    check_finite,
    check_imputation,
    check_test,
    check_transforms,
)
from gapscope.config.training import training_settings


def read_yaml(path: Path):
    """With the parser in C where PyYAML has it: ten times faster, and every start of Snakemake reads the schema."""
    return yaml.load(path.read_text(encoding="utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader))


SCHEMA_FILE = Path(__file__).resolve().parents[3] / "workflow" / "schemas" / "config.schema.yaml"
SCHEMA = read_yaml(SCHEMA_FILE)
NO_TEST = "none"  # data.test without a test set


def check(config: dict) -> None:
    """Raise UserError for the first mistake in `config`: against the schema, then between its keys."""
    from gapscope.config.schema import first_mistake  # here: jsonschema takes 0.1 s, and a known config is not checked

    mistake = first_mistake(config, SCHEMA)
    if mistake:
        raise UserError(f"config: {mistake}")
    check_finite(config, "")
    check_paths(config)
    check_data(config["data"], config["encode"])
    check_transforms(config["data"], config["encode"]["transform"])
    check_imputation(config["data"], config["clean"]["impute"])
    check_beside(config["data"], config["split"])
    check_test(config, kind_of_test(config))
    train = config["train"]
    check_between(config, [training_settings(train, activation) for activation in train["activations"]])


def prepared(config: dict, overlays: list) -> dict:
    """The config of a run: read with care, completed by what came with gapscope, and checked.

    Parameters
    ----------
    config : what Snakemake has made of config.yaml, the overlays and --config.
    overlays : paths of the overlays.

    Raises
    ------
    UserError
        For the first mistake in one of the files or in the whole.
    """
    replace_whole(config, overlays)
    whole = completed(config, read_yaml(SCHEMA_FILE.parents[2] / "config.yaml"))
    check(whole)
    return whole


def completed(config: dict, own: dict) -> dict:
    """`config` with each key that it lacks taken from `own`, gapscope's config.yaml; what is one value stays whole."""
    return _filled(config, own, SCHEMA)


def _filled(given, own, node: dict):
    if "properties" not in node or not isinstance(given, dict):
        return given
    return own | {
        key: _filled(given[key], own[key], node["properties"][key]) if key in own else given[key] for key in given
    }


def kind_of_test(config: dict) -> str:
    """What the config has for a test set: `labelled`, `unlabelled` (its classes are not known) or `none`."""
    if config["data"]["test"] == NO_TEST:
        return "none"
    return "labelled" if config["data"]["test_labels"] == "present" else "unlabelled"


def input_tables(config: dict, results: str) -> tuple[str, str]:
    """Paths of the training and the test CSV that `clean` reads, by data.source; the second is unused without one."""
    data = config["data"]
    if data["source"] != "files":
        folder = {"simulated": "simulated", "download": "download"}[data["source"]]
        return f"{results}/{folder}/train.csv", f"{results}/{folder}/test.csv"
    for key in ("train", "test") if kind_of_test(config) != "none" else ("train",):
        check_input(f"data.{key}", data[key])
    return data["train"], data["test"]


def canonical(value):
    """`value` with sorted keys, and whole numbers as integers: equal settings are equal as text."""
    if isinstance(value, dict):
        return {key: canonical(value[key]) for key in sorted(value)}
    if isinstance(value, (list, tuple)):
        return [canonical(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
