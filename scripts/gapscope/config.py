"""The configuration: checked against its schema, and cut into the settings that each stage reads."""

import difflib
from pathlib import Path

import jsonschema
import yaml

from gapscope.config_rules import check_between, check_data, check_finite, check_imputation, check_transforms
from gapscope.errors import UserError

SCHEMA_FILE = Path(__file__).resolve().parents[2] / "workflow" / "schemas" / "config.schema.yaml"
SCHEMA = yaml.safe_load(SCHEMA_FILE.read_text(encoding="utf-8"))
_NOT_READ = object()


def check(config: dict) -> None:
    """Raise UserError for the first mistake in `config`: against the schema, then between its keys."""
    errors = jsonschema.Draft202012Validator(SCHEMA).iter_errors(config)
    worst = jsonschema.exceptions.best_match(errors)
    if worst is not None:
        raise UserError(f"config: {_sentence(worst)}")
    check_finite(config, "")
    check_data(config["data"], config["encode"])
    check_transforms(config["data"], config["encode"]["transform"])
    check_imputation(config["data"], config["clean"]["impute"])
    train = config["train"]
    check_between(config, [training_settings(train, activation) for activation in train["activations"]])


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


def training_settings(train: dict, activation: str, change: dict | None = None) -> dict:
    """Flat training settings of one network: shared < per_activation < `change`."""
    shared = {key: value for key, value in train.items() if key not in ("activations", "per_activation")}
    own = train["per_activation"].get(activation, {})
    return dict(sorted({**shared, **own, **(change or {}), "activation": activation}.items()))


def input_tables(config: dict, results: str) -> tuple[str, str]:
    """Paths of the training and the test CSV that `clean` reads, by data.source."""
    data = config["data"]
    if data["source"] != "files":
        folder = {"simulated": "simulated", "download": "download"}[data["source"]]
        return f"{results}/{folder}/train.csv", f"{results}/{folder}/test.csv"
    for key in ("train", "test"):
        if not Path(data[key]).is_file():
            raise UserError(
                f"config: data.{key}: no file '{data[key]}'; correct the path (it is relative to the folder you run "
                "in), or set data.source to simulated."
            )
    return data["train"], data["test"]


def _pick(value, node: dict, stage: str, inherited: list[str]):
    stages = node.get("stages", inherited)
    if "properties" not in node:
        return _canonical(value) if stage in stages else _NOT_READ
    parts = {key: _pick(value[key], node["properties"][key], stage, stages) for key in sorted(value)}
    parts = {key: part for key, part in parts.items() if part is not _NOT_READ}
    return parts or _NOT_READ


def _canonical(value):
    if isinstance(value, dict):
        return {key: _canonical(value[key]) for key in sorted(value)}
    if isinstance(value, (list, tuple)):
        return [_canonical(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _sentence(error: jsonschema.ValidationError) -> str:
    key = ".".join(str(part) for part in error.absolute_path)
    if error.validator == "additionalProperties":
        known = list(error.schema.get("properties", {}))
        unknown = next(name for name in error.instance if name not in known)
        near = difflib.get_close_matches(str(unknown), known, n=1)
        hint = f"did you mean '{near[0]}'?" if near else f"known keys here: {', '.join(known)}."
        return f"unknown key '{'.'.join(filter(None, [key, str(unknown)]))}'; {hint}"
    if error.validator == "required":
        missing = next(name for name in error.validator_value if name not in error.instance)
        return (
            f"the key '{'.'.join(filter(None, [key, missing]))}' is missing; add it, as in the config.yaml "
            "that came with gapscope."
        )
    return f"{key or 'the file'}: expected {_expected(error)}, got {_got(error.instance)}."


def _expected(error: jsonschema.ValidationError) -> str:
    rule, wanted = error.validator, error.validator_value
    names = {
        "integer": "a whole number",
        "number": "a number",
        "string": "a text",
        "array": "a list",
        "object": "a block of keys",
        "boolean": "true or false",
    }
    if rule == "type":
        return " or ".join(names[kind] for kind in ([wanted] if isinstance(wanted, str) else wanted))
    if rule == "enum":
        return "one of " + ", ".join(map(str, wanted))
    if rule == "oneOf":
        return "one of " + ", ".join(_alternative(option) for option in wanted)
    bounds = {
        "minimum": "at least {}",
        "maximum": "at most {}",
        "exclusiveMinimum": "more than {}",
        "exclusiveMaximum": "less than {}",
        "minItems": "at least {} entries",
        "minLength": "a text that is not empty",
        "pattern": "a text of the form {}",
        "uniqueItems": "entries that differ from each other",
    }
    return bounds.get(rule, rule).format(wanted)


def _alternative(option: dict) -> str:
    if "$ref" in option:
        option = SCHEMA["$defs"][option["$ref"].rsplit("/", 1)[1]]
    if "const" in option:
        return str(option["const"])
    if "enum" in option:
        return ", ".join(map(str, option["enum"]))
    if option["type"] == "object":
        return "{" + ", ".join(f"{key}: VALUE" for key in option["required"]) + "}"
    if option["type"] == "array":
        return "a list of names" if option["items"].get("type") == "string" else "a list of these"
    return {"integer": "a whole number"}[option["type"]]


def _got(value) -> str:
    hint = ""
    if isinstance(value, str) and value[:1].isdigit() and "e" in value.lower():
        hint = " (YAML reads this as text: write it with a decimal point, as in 1.0e-1)"
    text = repr(value)
    return (text if len(text) <= 80 else text[:77] + "...") + hint
