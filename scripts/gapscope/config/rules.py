"""Rules that the schema cannot express: each check raises UserError for the first value that breaks its rule."""

import difflib
import math
import os
from pathlib import Path

from gapscope.common.errors import UserError

LONGEST_NAME = 200  # bytes; most disks allow 255, of which a file under way takes some
PATHS = ("results", "data.train", "data.test", "download.folder")


def check_finite(value, key: str) -> None:
    """No number anywhere in `value`, which stands at `key`, is infinite or NaN."""
    if isinstance(value, (dict, list)):
        for name, part in value.items() if isinstance(value, dict) else enumerate(value):
            check_finite(part, f"{key}.{name}".lstrip("."))
    elif isinstance(value, float) and not math.isfinite(value):
        raise UserError(f"config: {key}: expected a finite number, got {value}.")


def check_data(data: dict, encode: dict) -> None:
    """There is a feature, each column has one role, and each class a name of its own."""
    features = data["numeric"] + data["categorical"]
    if not features:
        raise UserError("config: data.numeric and data.categorical are both empty; name at least one feature column.")
    if not data["numeric"] and encode["categorical"] == "leave_out":
        raise UserError(
            "config: encode.categorical: leave_out leaves no feature, since data.numeric is empty; set it to one_hot."
        )
    twice = sorted(set(data["numeric"]) & set(data["categorical"]))
    if twice:
        raise UserError(
            f"config: column '{twice[0]}' stands in both data.numeric and data.categorical; leave it in one."
        )
    if data["target"] in features:
        raise UserError(
            f"config: the target '{data['target']}' is also listed as a feature; take it out of data.numeric "
            "or data.categorical."
        )
    for key in ("classes", "codes"):
        names = [str(name) for name in data[key]]
        if len(set(names)) < len(names):
            raise UserError(
                f"config: data.{key}: two classes are both written {max(names, key=names.count)}; name each class once."
            )
    if data["codes"] and len(data["codes"]) != len(data["classes"]):
        raise UserError(
            f"config: data.codes has {len(data['codes'])} entries and data.classes {len(data['classes'])}; give one "
            "code for each class, in the same order, or set data.codes to []."
        )
    check_encoding(data["encoding"])


def check_encoding(encoding: str) -> None:
    """Python knows the encoding, and it is one of text."""
    try:
        "".encode(encoding)
    except (LookupError, ValueError):
        raise UserError(
            f"config: data.encoding: '{encoding}' is no encoding that Python knows; expected utf-8, cp1252, latin-1, "
            "utf-16 or another of them."
        ) from None


def check_beside(data: dict, split: dict) -> None:
    """Group and weight are neither target nor feature nor each other, and the split is one that can keep groups."""
    for key in ("group", "weight"):
        if data[key] != "none" and data[key] in (data["target"], *data["numeric"], *data["categorical"]):
            raise UserError(
                f"config: data.{key}: '{data[key]}' is the target or a feature too; take it out of data.numeric or "
                f"data.categorical, or set data.{key} to none."
            )
    if data["group"] == "none":
        return
    if data["group"] == data["weight"]:
        raise UserError(
            f"config: data.weight: '{data['weight']}' is data.group too; a number of a group is no number of rows: "
            "set one of the two to none."
        )
    if split["generator"] == "legacy" or split["validation_first"]:
        raise UserError(
            "config: data.group: the published systems' splits know no groups; set split.generator to pcg64 and "
            "split.validation_first to false."
        )


def check_test(config: dict, kind: str) -> None:
    """Nothing is asked of a test set that is not there, or that has no classes."""
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
                f"config: {key}: {value} keeps a fault of a published system, whose test set has classes; without "
                f"them set it to {right}."
            )
    if config["saliency"]["methods"] == ["permutation_test"]:
        raise UserError(
            "config: saliency.methods: permutation_test needs a test set with classes, and no other is named; add "
            "permutation_validation."
        )


def check_imputation(data: dict, impute: dict) -> None:
    """Each strategy suits its kind of column, and each column named is a feature."""
    strategies = {
        "clean.impute.numeric": (impute["numeric"], True),
        "clean.impute.categorical": (impute["categorical"], False),
    }
    for column, strategy in impute["columns"].items():
        if column not in data["numeric"] + data["categorical"]:
            raise UserError(f"config: clean.impute.columns names '{column}', which is no feature column.")
        strategies[f"clean.impute.columns.{column}"] = strategy, column in data["numeric"]
    for key, (strategy, numeric) in strategies.items():
        constant = strategy["constant"] if isinstance(strategy, dict) else None
        if constant is not None and isinstance(constant, str) == numeric:
            raise UserError(
                f"config: {key}: expected {'a number' if numeric else 'a text (write it in quotes)'} as constant, "
                f"got {constant!r}."
            )
        if not numeric and strategy in ("mean", "median"):
            raise UserError(f"config: {key}: a categorical column has no {strategy}; use mode.")


def check_transforms(data: dict, transform: dict) -> None:
    """Transforms stand at numeric columns, and none twice at one.

    What a preset for another table leaves as it is (identity, auto) may stand at any name.
    """
    for column, setting in transform.items():
        key = f"config: encode.transform.{column}"
        if isinstance(setting, list) and sum(isinstance(choice, dict) for choice in setting) > 1:
            raise UserError(f"{key}: fourier stands there twice; keep the one with the most periods.")
        if "calendar" in (setting if isinstance(setting, list) else [setting]) and column not in data["dates"]:
            raise UserError(f"{key}: calendar is for dates; add {column}: year_first (or day_first) to data.dates.")
        if column in data["numeric"] or setting in ("identity", "auto"):
            continue
        if column in data["categorical"]:
            raise UserError(f"{key}: this column is categorical; transforms are for data.numeric. Set it to identity.")
        near = difflib.get_close_matches(str(column), data["numeric"], n=1)
        hint = f"did you mean '{near[0]}'?" if near else f"these are: {', '.join(data['numeric'])}."
        raise UserError(f"{key}: no such column in data.numeric; {hint} (identity switches it off)")


def check_between(config: dict, trainings: list[dict]) -> None:
    """Blocks agree with each other. `trainings`: the flat training settings of each network."""
    names = [*config["train"]["activations"], *config["models"]]
    features = config["data"]["numeric"] + config["data"]["categorical"]
    if not names:
        raise UserError("config: train.activations and models are both empty; name at least one model to train.")
    if config["diagnose"]["activation"] not in ["best", *names]:
        raise UserError(
            f"config: diagnose.activation is '{config['diagnose']['activation']}', which is not trained; "
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


def check_models(models: dict, activations: list[str]) -> None:
    """No model of the user's own has the name of a network, and the files of all are there."""
    for name, entry in models.items():
        if name in activations:
            raise UserError(f"config: models.{name}: a network is called that; choose another name.")
        kind = "python" if "python" in entry else "onnx"
        check_input(f"models.{name}.{kind}", entry[kind])


def check_remedy(key: str, remedy: dict, features: list[str]) -> None:
    """A remedy is about feature columns, and trains on no row that tells it when to stop."""
    named = {"drop": remedy.get("drop", "suspect")}
    about = [part for part in ("noise", "feature_dropout", "mend") if part in remedy]
    named |= {f"{part}.feature": remedy[part]["feature"] for part in about}
    for place, columns in named.items():
        unknown = [column for column in columns if column not in features] if columns != "suspect" else []
        if unknown:
            raise UserError(f"{key}.{place} names '{unknown[0]}', which is no feature column.")
    if remedy.get("rows") == "all" and remedy.get("train", {}).get("early_stopping"):
        raise UserError(
            f"{key}.rows: all leaves no validation rows of their own to stop early by; set it to training, or "
            "train.early_stopping to 0."
        )


def check_paths(config: dict) -> None:
    """Each path is one name, whoever reads it."""
    for key in PATHS:
        block, _, name = key.rpartition(".")
        path = config[block][name] if block else config[name]
        if path.startswith("~"):
            raise UserError(f"config: {key}: '~' is not filled in here; write {os.path.expanduser(path)!r} in full.")
        bad = next((char for char in path if char in "{}" or not char.isprintable()), None)
        if bad:
            raise UserError(f"config: {key}: {bad!r} has a meaning of its own in Snakemake's paths; rename {path!r}.")
        if max(map(len, os.fsencode(path).split(b"/"))) > LONGEST_NAME:
            raise UserError(f"config: {key}: a name of more than {LONGEST_NAME} bytes; give it a shorter one.")
        if path != path.strip():
            raise UserError(f"config: {key}: {path!r} starts or ends with a blank; take it away.")
    if os.path.normpath(config["results"]) in (".", "/", ".."):
        raise UserError(f"config: results: expected a folder of its own, got '{config['results']}'; write results.")


def results_folder(config: dict) -> str:
    """The folder of all results, as Snakemake writes paths.

    Raises:
        UserError: where it, or .snakemake in the folder of the run, cannot be made or written to.
    """
    folder = os.path.normpath(config["results"])
    _check_writable("config: results", folder)
    _check_writable("the folder of the run", ".snakemake")
    return folder


def _check_writable(what: str, folder: str) -> None:
    there = next(path for path in (Path(folder), *Path(folder).absolute().parents) if os.path.lexists(path))
    if not there.is_dir():
        raise UserError(f"{what}: '{there}' is there already and no folder; name another one.")
    if not os.access(there, os.W_OK | os.X_OK):
        raise UserError(f"{what}: '{there}' cannot be written to; mend its permissions or take a folder elsewhere.")


def check_input(key: str, path: str) -> None:
    """There is a file that can be read. `key`: the one of the config that names it."""
    place = Path(path)
    if place.is_file():
        if os.access(place, os.R_OK):
            return
        raise UserError(f"config: {key}: '{path}' may not be read; mend its permissions.")
    what = "no file"
    if place.is_dir():
        what = "a folder, no file:"
    elif place.is_symlink():
        what = f"a link to '{os.readlink(place)}', which is not there:"
    elif place.exists():
        what = "a pipe or device, no file:"
    instead = ", or set data.source to simulated" if key.startswith("data.") else ""
    raise UserError(
        f"config: {key}: {what} '{path}'; correct the path (it is relative to the folder you run in){instead}."
    )
