"""Rules that the schema cannot express. Each check raises UserError for the first mistake."""

import difflib
import math
import os
from itertools import combinations
from pathlib import Path

from gapscope.common.errors import UserError

LONGEST_NAME = 200  # bytes; most disks allow 255, and temporary files have longer names
PATHS = ("results", "data.train", "data.test", "download.folder")


def check_finite(value, key: str) -> None:
    """Check that no number in the value of `key` is infinite or NaN."""
    if isinstance(value, (dict, list)):
        for name, part in value.items() if isinstance(value, dict) else enumerate(value):
            check_finite(part, f"{key}.{name}".lstrip("."))
    elif isinstance(value, float) and not math.isfinite(value):
        raise UserError(f"config: {key}: expected a finite number, got {value}.")


def check_data(data: dict, encode: dict) -> None:
    """Check that there are features, and that class names are unique."""
    if not data["numeric"] + data["categorical"]:
        raise UserError("config: data.numeric and data.categorical are both empty; name at least one feature column.")
    if not data["numeric"] and encode["categorical"] == "leave_out":
        raise UserError(
            "config: encode.categorical: leave_out leaves no feature, since data.numeric is empty; set it to one_hot."
        )
    for key in ("classes", "codes"):
        names = [str(name) for name in data[key]]
        if len(set(names)) < len(names):
            raise UserError(
                f"config: data.{key}: two classes are both written {max(names, key=names.count)}; use each name once."
            )
    if data["codes"] and len(data["codes"]) != len(data["classes"]):
        raise UserError(
            f"config: data.codes has {len(data['codes'])} entries and data.classes {len(data['classes'])}; give one "
            "code for each class, in the same order, or set data.codes to []."
        )


def check_roles(data: dict, split: dict) -> None:
    """Check that each column has a single role, and that the split supports groups."""
    roles = {"numeric": data["numeric"], "categorical": data["categorical"], "target": [data["target"]]}
    roles |= {key: [data[key]] for key in ("group", "weight") if data[key] != "none"}
    for (first, names), (second, others) in combinations(roles.items(), 2):
        for name in others:
            if name in names:
                mend = f"set data.{second} to none" if second in ("group", "weight") else "name another target"
                mend = "remove it from one" if second == "categorical" else f"remove it there, or {mend}"
                raise UserError(f"config: data.{second}: '{name}' is in data.{first} too; {mend}.")
    if data["group"] != "none" and (split["generator"] == "legacy" or split["validation_first"]):
        raise UserError(
            "config: data.group: the published systems' splits do not support groups; set split.generator to pcg64 and "
            "split.validation_first to false."
        )


def check_test(config: dict, kind: str) -> None:
    """Check that no setting needs test classes if they are unknown or there is no test set."""
    if kind == "labelled":
        return
    faults = {
        "test_eval.scaling": (config["test_eval"]["scaling"], "fitted"),
        "test_eval.columns_by_position": (config["test_eval"]["columns_by_position"], []),
        "clean.impute.test_from": (config["clean"]["impute"]["test_from"], "train"),
    }
    for key, (value, right) in faults.items():
        if value != right:
            raise UserError(
                f"config: {key}: {value} reproduces a mistake of a published system and needs test "
                f"classes; without them, set it to {right}."
            )
    if config["saliency"]["methods"] == ["permutation_test"]:
        raise UserError(
            "config: saliency.methods: permutation_test needs a test set with classes, and it is the only method; add "
            "permutation_validation."
        )


def check_imputation(data: dict, impute: dict) -> None:
    """Check that strategies fit the type of column, and that named columns are features."""
    strategies = {
        "clean.impute.numeric": (impute["numeric"], True),
        "clean.impute.categorical": (impute["categorical"], False),
    }
    for column, strategy in impute["columns"].items():
        if column not in data["numeric"] + data["categorical"]:
            raise UserError(f"config: clean.impute.columns names '{column}', which is not a feature column.")
        strategies[f"clean.impute.columns.{column}"] = strategy, column in data["numeric"]
    for key, (strategy, numeric) in strategies.items():
        constant = strategy["constant"] if isinstance(strategy, dict) else None
        if constant is not None and isinstance(constant, str) == numeric:
            raise UserError(
                f"config: {key}: expected {'a number' if numeric else 'text (in quotes)'} as constant, "
                f"got {constant!r}."
            )
        if not numeric and strategy in ("mean", "median"):
            raise UserError(f"config: {key}: a categorical column has no {strategy}; use mode.")


def check_transforms(data: dict, transform: dict) -> None:
    """Check that transforms are for numeric columns, with at most one fourier per column.

    identity and auto are allowed for any name, so that a preset for another table still works.
    """
    for column, setting in transform.items():
        key = f"config: encode.transform.{column}"
        choices = setting if isinstance(setting, list) else [setting]
        if sum(isinstance(choice, dict) for choice in choices) > 1:
            raise UserError(f"{key}: fourier occurs twice; keep the one with the most periods.")
        if "calendar" in choices and column not in data["dates"]:
            raise UserError(f"{key}: calendar is for dates; add {column}: year_first (or day_first) to data.dates.")
        if column in data["numeric"] or setting in ("identity", "auto"):
            continue
        if column in data["categorical"]:
            raise UserError(f"{key}: this column is categorical; transforms are for data.numeric. Set it to identity.")
        near = difflib.get_close_matches(str(column), data["numeric"], n=1)
        hint = f"did you mean '{near[0]}'?" if near else f"these are: {', '.join(data['numeric'])}."
        raise UserError(f"{key}: no such column in data.numeric; {hint} (identity switches it off)")


def check_between(config: dict, trainings: list[dict]) -> None:
    """Check blocks against each other. `trainings` are the flat training settings of each network."""
    names = [*config["train"]["activations"], *config["models"]]
    features = config["data"]["numeric"] + config["data"]["categorical"]
    if not names:
        raise UserError("config: train.activations and models are both empty; name at least one model to train.")
    if config["diagnose"]["activation"] not in ["best", *names]:
        raise UserError(
            f"config: diagnose.activation is '{config['diagnose']['activation']}', which is not a model; "
            f"expected best or a name in train.activations or models ({', '.join(names)})."
        )
    if config["split"]["stratify"] and config["split"]["generator"] == "legacy":
        raise UserError(
            "config: split.generator: legacy reproduces unstratified splits only; set split.stratify to false."
        )
    for training in trainings:
        if training["update_order"] == "during_backward" and training["form"] != "plain":
            raise UserError(
                "config: train.update_order: during_backward exists in the plain form only; set train.form to plain."
            )
    for name, remedy in config["mitigate"]["remedies"].items():
        check_remedy(f"config: mitigate.remedies.{name}", remedy, features)


def check_models(models: dict, activations: list[str], has_test: bool) -> None:
    """Check that the user's own models do not have names of networks, and that their files exist."""
    for name, entry in models.items():
        if name in activations:
            raise UserError(f"config: models.{name}: a network is called that; choose another name.")
        files = {kind: entry[kind] for kind in ("python", "onnx") if kind in entry}
        files |= {f"predictions.{table}": path for table, path in entry.get("predictions", {}).items()}
        for key, path in files.items():
            check_input(f"models.{name}.{key}", path)
        if "predictions" in entry and ("test" in entry["predictions"]) != has_test:
            do = "add a file with probabilities of the test rows" if has_test else "remove it, as data.test is none"
            raise UserError(f"config: models.{name}.predictions.test: {do}.")


def check_remedy(key: str, remedy: dict, features: list[str]) -> None:
    """Check that a remedy names feature columns, and does not train on the rows used for early stopping."""
    named = {"drop": remedy.get("drop", "suspect")}
    about = [part for part in ("noise", "feature_dropout", "mend") if part in remedy]
    named |= {f"{part}.feature": remedy[part]["feature"] for part in about}
    for place, columns in named.items():
        unknown = [column for column in columns if column not in features] if columns != "suspect" else []
        if unknown:
            raise UserError(f"{key}.{place} names '{unknown[0]}', which is not a feature column.")
    if remedy.get("rows") == "all" and remedy.get("train", {}).get("early_stopping"):
        raise UserError(
            f"{key}.rows: with all, no validation rows are left for early stopping; set it to training, or "
            "train.early_stopping to 0."
        )


def check_paths(config: dict) -> None:
    """Check that paths mean the same to gapscope, Snakemake and the disk."""
    for key in PATHS:
        block, _, name = key.rpartition(".")
        path = config[block][name] if block else config[name]
        if path.startswith("~"):
            raise UserError(f"config: {key}: '~' is not expanded; write {os.path.expanduser(path)!r}.")
        bad = next((char for char in path if char in "{}" or not char.isprintable()), None)
        if bad:
            raise UserError(f"config: {key}: {bad!r} has a special meaning in Snakemake; rename {path!r}.")
        if max(map(len, os.fsencode(path).split(b"/"))) > LONGEST_NAME:
            raise UserError(f"config: {key}: a name of more than {LONGEST_NAME} bytes; give it a shorter one.")
        if path != path.strip():
            raise UserError(f"config: {key}: {path!r} starts or ends with a space; remove it.")
    if os.path.normpath(config["results"]) in (".", "/", ".."):
        raise UserError(f"config: results: expected a separate folder, got '{config['results']}'; write results.")


def results_folder(config: dict) -> str:
    """The normalised path of the results folder.

    Raises
    ------
    UserError : if it, or .snakemake in the working folder, cannot be created or written to.
    """
    folder = os.path.normpath(config["results"])
    _check_writable("config: results", folder)
    _check_writable("the folder of the run", ".snakemake")
    return folder


def _check_writable(what: str, folder: str) -> None:
    there = next(path for path in (Path(folder), *Path(folder).absolute().parents) if os.path.lexists(path))
    if not there.is_dir():
        raise UserError(f"{what}: '{there}' exists and is not a folder; choose another one.")
    if not os.access(there, os.W_OK | os.X_OK):
        raise UserError(f"{what}: '{there}' is not writable; correct its permissions or choose another folder.")


def check_input(key: str, path: str) -> None:
    """Check that the file exists and can be read. `key` is the config key that names it."""
    place = Path(path)
    if place.is_file():
        if os.access(place, os.R_OK):
            return
        raise UserError(f"config: {key}: '{path}' is not readable; correct its permissions.")
    what = "no file"
    if place.is_dir():
        what = "a folder, not a file:"
    elif place.is_symlink():
        what = f"a link to '{os.readlink(place)}', which does not exist:"
    elif place.exists():
        what = "a pipe or device, not a file:"
    instead = ", or set data.source to simulated" if key.startswith("data.") else ""
    raise UserError(
        f"config: {key}: {what} '{path}'; correct the path (it is relative to the folder you run in){instead}."
    )
