"""Check the configuration against its schema and the rules between its keys."""

import sys

from gapscope.common.errors import UserError
from gapscope.config import rules
from gapscope.config.defaults import SCHEMA, with_defaults
from gapscope.config.reading import replace_whole
from gapscope.config.schema import first_mistake
from gapscope.config.settings import training_settings


def check(config: dict) -> None:
    """Raise UserError for the first mistake in `config`, against the schema or between its keys."""
    mistake = first_mistake(config, SCHEMA)
    if mistake:
        raise UserError(f"config: {mistake}")
    rules.check_finite(config, "")
    rules.check_paths(config)
    rules.check_data(config["data"], config["encode"])
    rules.check_roles(config["data"], config["split"])
    check_cells(config["data"])
    rules.check_transforms(config["data"], config["encode"]["transform"])
    rules.check_imputation(config["data"], config["clean"]["impute"])
    rules.check_test(config, kind_of_test(config))
    train = config["train"]
    rules.check_models(config["models"], SCHEMA["$defs"]["activation"]["enum"], kind_of_test(config) != "none")
    rules.check_between(config, [training_settings(train, activation) for activation in train["activations"]])


def prepared(config: dict, files: list) -> dict:
    """The checked config of a run, with defaults for all missing keys.

    Parameters
    ----------
    config : merged by Snakemake from config.yaml, the overlays and --config.
    files : paths of config.yaml and the overlays, in this order.

    Raises
    ------
    UserError : for the first mistake in the files or in the merged config.
    """
    replace_whole(config, files)
    if "cache" in config:
        print("note: config: 'cache' no longer has any effect; see docs/reruns.md on --cache.", file=sys.stderr)
    whole = with_defaults({key: config[key] for key in config if key != "cache"})
    check(whole)
    return whole


def kind_of_test(config: dict) -> str:
    """Kind of test set: `labelled`, `unlabelled` (classes unknown) or `none`."""
    if config["data"]["test"] == "none":
        return "none"
    return "labelled" if config["data"]["test_labels"] == "present" else "unlabelled"


def input_tables(config: dict, results: str) -> tuple[str, str]:
    """Paths of the training and test tables that `clean` reads. Without a test set, the second is not used."""
    data = config["data"]
    if data["source"] != "files":
        return f"{results}/{data['source']}/train.csv", f"{results}/{data['source']}/test.csv"
    for key in ("train", "test") if kind_of_test(config) != "none" else ("train",):
        rules.check_input(f"data.{key}", data[key])
    return data["train"], data["test"]


def check_cells(data: dict) -> None:
    """Check that settings for single columns name existing ones, and that there is a bin for each class."""
    kinds = {
        "dates": data["numeric"],
        "truth": data["categorical"],
        "not_missing": [*data["numeric"], *data["categorical"]],
        "units": [*data["numeric"], data["target"], data["weight"]],
    }
    for key, names in kinds.items():
        stray = next((name for name in data[key] if name not in names), None)
        if stray is not None:
            raise UserError(
                f"config: data.{key} names '{stray}', which is not one of these columns: {', '.join(names)}."
            )
    for block in (data, {**data, **data["test_format"]}):
        check_encoding(block["encoding"])
        if block["decimal"] == block["thousands"]:
            raise UserError(f"config: data.thousands: the {block['thousands']} is also the decimal sign; change one.")
    if data["bins"] and (len(data["bins"]) != len(data["classes"]) - 1 or sorted(data["bins"]) != data["bins"]):
        raise UserError(
            f"config: data.bins: {len(data['bins'])} bounds for {len(data['classes'])} classes; expected one bound "
            "fewer than classes, in increasing order."
        )


def check_encoding(encoding: str) -> None:
    """Check that Python knows the text encoding."""
    try:
        "".encode(encoding)
    except (LookupError, ValueError):
        raise UserError(
            f"config: data.encoding: Python has no encoding '{encoding}'; expected utf-8, cp1252, latin-1, "
            "utf-16 or another one."
        ) from None
