"""What is wrong with the sweep block, in one message: keys that are no settings, values that do not fit, and others."""

import difflib

from gapscope.common.errors import UserError
from gapscope.config.check import SCHEMA, canonical
from gapscope.config.rules import check_between, check_finite, check_imputation, check_transforms
from gapscope.config.schema import first_mistake
from gapscope.studies.sweep.keys import ACTIVATION, path_of
from gapscope.studies.sweep.plan import points, short, training_of, with_point

BLOCKS = ("train", "clean", "encode", "split")
NOT_SWEPT = {
    "train.seed": "the networks' seeds are sweep.seeds",
    "train.activations": f"sweep {ACTIVATION}, e.g. [relu, tanh]",
    "train.per_activation": "name the setting itself, as train.l2: it goes before per_activation",
}
BY_THE_SHARE = ("split.validation_share", "split.validation_first")


def check_sweep(config: dict) -> None:
    """Raise UserError for the first mistake in the points of `config`, whose blocks are right in themselves."""
    sweep = config["sweep"]
    if sweep["grid"] and sweep["table"]:
        raise UserError("config: sweep.grid and sweep.table both hold points; empty one of them.")
    found = points(config)
    nodes = {key: schema_of(key, _place(config, key)) for key in dict.fromkeys(key for one in found for key in one)}
    for number, point in enumerate(found, 1):
        _check_values(config, number, point, nodes)
    seen: dict[str, dict] = {}
    for point in found:
        _check_point(config, point)
        changed = with_point(config, point)
        settings = short(canonical([*(changed[block] for block in BLOCKS[1:]), training_of(config, point)]))
        if seen.setdefault(settings, point) is not point:
            raise UserError(
                f"sweep: the points ({_words(seen[settings])}) and ({_words(point)}) are the same settings in the end; "
                "remove one."
            )


def sweepable(node: dict = SCHEMA, key: str = "") -> list[str]:
    """All keys that a sweep may hold, those of columns left out."""
    if "properties" not in node:
        return [key] if key not in NOT_SWEPT else []
    below = node["properties"].items() if key else [(name, node["properties"][name]) for name in BLOCKS]
    keys = [found for name, part in below for found in sweepable(part, f"{key}.{name}".lstrip("."))]
    return keys if key else [*keys, ACTIVATION]


def schema_of(key: str, place: str) -> dict:
    """The part of the schema that a value of `key` is held against. `place`: where the key stands, for messages."""
    refused = next((words for name, words in NOT_SWEPT.items() if f"{key}.".startswith(f"{name}.")), None)
    if refused:
        raise UserError(f"{place}: '{key}' cannot be swept; {refused}.")
    if key == ACTIVATION:
        return {"$ref": "#/$defs/activation"}
    node = SCHEMA if key.partition(".")[0] in BLOCKS else {}
    for name in path_of(key):
        of_columns = node.get("additionalProperties") or {}
        node = node.get("properties", {}).get(name, of_columns)
    if not node:
        near = difflib.get_close_matches(key, sweepable(), n=1, cutoff=0.5)
        hint = f"did you mean '{near[0]}'?" if near else f"expected a setting of {', '.join(BLOCKS)}, as train.l2."
        raise UserError(f"{place}: unknown setting '{key}'; {hint}")
    if "properties" in node:
        raise UserError(
            f"{place}: '{key}' is a block; name a setting of it, as '{key}.{next(iter(node['properties']))}'."
        )
    return node


def _place(config: dict, key: str) -> str:
    return config["sweep"]["table"] or "config: sweep.grid"


def _check_values(config: dict, number: int, point: dict, nodes: dict[str, dict]) -> None:
    place = f"{config['sweep']['table']}, point {number}" if config["sweep"]["table"] else "config: sweep.grid"
    properties = {key: nodes[key] for key in point}
    mistake = first_mistake(point, {"type": "object", "properties": properties, "$defs": SCHEMA["$defs"]})
    if mistake:
        raise UserError(f"{place}: {mistake}")
    check_finite(point, "sweep")


def _words(point: dict) -> str:
    return ", ".join(f"{key}: {value}" for key, value in point.items())


def _check_point(config: dict, point: dict) -> None:
    changed, train, folds = with_point(config, point), training_of(config, point), config["sweep"]["folds"]
    try:
        check_transforms(changed["data"], changed["encode"]["transform"])
        check_imputation(changed["data"], changed["clean"]["impute"])
        check_between(changed, [train])
    except UserError as error:
        raise UserError(f"sweep point ({_words(point)}): {str(error).removeprefix('config: ')}") from None
    idle = next((key for key in BY_THE_SHARE if folds and key in point), None)
    if idle:
        raise UserError(
            f"config: sweep: {idle} decides nothing with folds: {folds}; set sweep.folds to 0, or leave it out."
        )
    seeds = sorted(config["sweep"]["seeds"])
    near = [pair for pair in zip(seeds, seeds[1:]) if pair[1] - pair[0] < train["members"]]
    if near:
        raise UserError(
            f"config: sweep.seeds: {near[0][0]} and {near[0][1]} lie nearer than train.members ({train['members']}), "
            f"so that their ensembles would share networks; choose {near[0][0]} and {near[0][0] + train['members']}."
        )
