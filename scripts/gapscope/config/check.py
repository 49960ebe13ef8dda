"""The configuration: checked against its schema, and cut into the settings that each stage reads."""

from pathlib import Path

import yaml

from gapscope.common.errors import UserError
from gapscope.config.paths import check_input, check_paths
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
_NOT_READ = object()
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


def completed(config: dict, own: dict) -> dict:
    """`config` with each key that it lacks taken from `own`, gapscope's config.yaml; what is one value stays whole."""
    return _filled(config, own, SCHEMA)


def _filled(given, own, node: dict):
    if "properties" not in node or not isinstance(given, dict):
        return given
    return own | {
        key: _filled(given[key], own[key], node["properties"][key]) if key in own else given[key] for key in given
    }


def settings_for(config: dict, stage: str) -> dict:
    """The part of `config` that `stage` reads, by the schema's `stages`, in one canonical form.

    Keys are sorted and whole numbers are integers, so that equal settings are equal as text, which Snakemake compares.
    """
    picked = _pick(config, SCHEMA, stage, [])
    return {} if picked is _NOT_READ else picked


def settings_for_training(config: dict, activation: str) -> dict:
    """The settings of train_<activation>: the shared ones with this activation's own put over them."""
    settings = settings_for(config, "train")
    settings["train"] = training_settings(settings["train"], activation)
    return settings


def settings_for_suite(config: dict, name: str) -> dict:
    """The settings of suite_cases for the entry `name` of suite.injected, with the flat settings of its training."""
    settings = settings_for(config, "suite_cases")
    suite = settings["suite"]
    entry = suite.pop("injected")[name]
    change = {**suite.pop("train"), **entry.pop("train", {})}
    settings["train"] = training_settings(settings["train"], suite.pop("activation"), change)
    settings["encode"]["transform"] = suite.pop("transform")
    settings["suite"], settings["name"] = dict(sorted({**suite, **entry}.items())), name
    return settings


def settings_for_remedy(config: dict, name: str) -> dict:
    """The settings of mitigate_<name>: its own entry, what all remedies share, and each network's training settings."""
    mitigate = config["mitigate"]
    own = mitigate["recommended"] if name == "recommended" else mitigate["remedies"][name]
    shared = _for_trials(config, "remedy", *filter(None, [own.get("activation")]))
    return {**shared, "name": name, "remedy": canonical(own), "folds": mitigate["folds"]}


def settings_for_ceiling(config: dict) -> dict:
    """The settings of mitigate_ceiling, in the form of those of a remedy."""
    return {**_for_trials(config, "ceiling"), "folds": config["mitigate"]["ceiling_folds"]}


def _for_trials(config: dict, stage: str, *more: str) -> dict:
    settings, names = settings_for(config, stage), {*config["train"]["activations"], *more}
    mitigate, train = settings.pop("mitigate"), settings.pop("train")
    networks = {name: training_settings(train, name, mitigate["train"]) for name in sorted(names)}
    return {**settings, "seeds": mitigate["seeds"], "rows": mitigate["rows"], "networks": networks}


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


def _pick(value, node: dict, stage: str, inherited: list[str]):
    stages = node.get("stages", inherited)
    if "properties" not in node:
        return canonical(value) if stage in stages else _NOT_READ
    parts = {key: _pick(value[key], node["properties"][key], stage, stages) for key in sorted(value)}
    parts = {key: part for key, part in parts.items() if part is not _NOT_READ}
    return parts or _NOT_READ


def canonical(value):
    """`value` with sorted keys, and whole numbers as integers: equal settings are equal as text."""
    if isinstance(value, dict):
        return {key: canonical(value[key]) for key in sorted(value)}
    if isinstance(value, (list, tuple)):
        return [canonical(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
