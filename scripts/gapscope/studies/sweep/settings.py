"""The settings of a sweep's points: read from a table, put into the config, and written as an overlay of it.

A point is a dict of full keys of the config (`train.l2`, `clean.missing`) and their values.
"""

import csv
import json

import yaml

from gapscope.common.errors import UserError
from gapscope.config.rules import check_input
from gapscope.config.settings import training_settings

ACTIVATION = "train.activation"  # instead of train.activations, since a point has one network
HEAD = "# The settings that won the sweep: snakemake -c4 --configfile yours.yaml sweep/winner.yaml trains with them.\n"


def path_of(key: str) -> list[str]:
    """Names of the nested blocks that lead to a setting; a column's name, which comes last, may contain dots."""
    for block in ("clean.impute.columns.", "encode.transform."):
        if key.startswith(block):
            return [*block.split(".")[:-1], key.removeprefix(block)]
    return key.split(".")


def read_points(path: str) -> list[dict]:
    """Read `sweep.table`: a CSV with a column per setting and a row per point.

    A cell is a JSON value (0.01, 1e-3, [64, 32], true, "text") or plain text; an empty cell leaves the config's value.
    """
    check_input("sweep.table", path)
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            header, *rows = [(number, row) for number, row in enumerate(csv.reader(file), 1) if any(row)] or [(1, [])]
    except (UnicodeDecodeError, csv.Error) as error:
        raise UserError(
            f"{path}: not a CSV file in UTF-8 ({error}); write one with a header line of settings."
        ) from None
    names = [name.strip() for name in header[1]]
    repeated = [name for name in names if names.count(name) > 1]
    if repeated or not rows:
        problem = f"the column '{repeated[0]}' occurs twice" if repeated else "it has no points"
        raise UserError(
            f"{path}: {problem}; expected a header line of settings, such as train.l2, and a row per point."
        )
    points, first_row = [], {}
    for number, row in rows:
        points.append(_point(path, number, names, row))
        first = first_row.setdefault(json.dumps(points[-1], sort_keys=True), number)
        if first != number:
            raise UserError(f"{path}, row {number}: the same point as in row {first}; remove one.")
    return points


def _point(path: str, number: int, names: list[str], row: list[str]) -> dict:
    if len(row) != len(names):
        raise UserError(
            f"{path}, row {number}: expected {len(names)} cells, as in the header line, got {len(row)}; put a value "
            "with a comma, such as [64, 32], in quotes."
        )
    return {name: _value(cell.strip(), path, number) for name, cell in zip(names, row) if cell.strip()}


def _value(cell: str, path: str, number: int):
    def refuse(text):
        raise UserError(f"{path}, row {number}: expected finite numbers, got {text}.")

    try:
        return json.loads(cell, parse_constant=refuse)
    except ValueError:
        return cell


def with_point(config: dict, point: dict) -> dict:
    """A copy of the config that has the point's settings of clean, encode and split."""
    changed = {**config, **{block: json.loads(json.dumps(config[block])) for block in ("clean", "encode", "split")}}
    _set_tables(changed, point)
    return changed


def training_of(config: dict, point: dict) -> dict:
    """Flat training settings of a point's networks, without a seed: `sweep.seeds` has those."""
    activation, change = _network(config["train"], point)
    settings = training_settings(config["train"], activation, change)
    settings.pop("seed", None)
    return settings


def overlay_text(point: dict, train: dict) -> str:
    """A point's settings as an overlay of config.yaml, in YAML; `train` has the config's activations.

    An overlay replaces the whole block `train.per_activation`, so this one repeats what the config has there.
    """
    overlay: dict = {}
    _set_tables(overlay, point)
    activation, change = _network(train, point)
    members = {"members": change.pop("members")} if "members" in change else {}
    overrides = {**train["per_activation"], activation: {**train["per_activation"].get(activation, {}), **change}}
    activations = list(dict.fromkeys([*train["activations"], activation]))
    overlay["train"] = {"activations": activations, **members, "per_activation": overrides}
    return HEAD + yaml.safe_dump(overlay, sort_keys=False, default_flow_style=None, allow_unicode=True)


def _set_tables(config: dict, point: dict) -> None:
    """Put the point's settings of the stages before training into `config`."""
    for key, value in point.items():
        *blocks, last = path_of(key)
        if blocks[0] != "train":
            block = config
            for name in blocks:
                block = block.setdefault(name, {})
            block[last] = value


def _network(train: dict, point: dict) -> tuple[str, dict]:
    """Activation of the point's networks, and its other settings of the block `train`."""
    change = {key.removeprefix("train."): value for key, value in point.items() if key.startswith("train.")}
    return change.pop("activation", train["activations"][0]), change
