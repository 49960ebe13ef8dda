"""Checks of the sweep block: each mistake in its points is one message, with what to write instead."""

import difflib

from gapscope.common.errors import UserError
from gapscope.config.defaults import SCHEMA
from gapscope.config.rules import check_between, check_finite, check_imputation, check_transforms
from gapscope.config.schema import first_mistake, keys_of
from gapscope.config.settings import canonical
from gapscope.studies.sweep.plan import points, short
from gapscope.studies.sweep.settings import ACTIVATION, path_of, training_of, with_point

BLOCKS = ("train", "clean", "encode", "split")
NOT_SWEPT = {
    "train.seed": "the networks' seeds are sweep.seeds",
    "train.activations": f"sweep {ACTIVATION}, e.g. [relu, tanh]",
    "train.per_activation": "name the setting itself, such as train.l2: it takes precedence over per_activation",
}


def checked_points(config: dict) -> list[dict]:
    """The points of the config's sweep. Raises UserError for the first mistake in them.

    The blocks of `config` are valid in themselves.
    """
    sweep = config["sweep"]
    if sweep["grid"] and sweep["table"]:
        raise UserError("config: sweep.grid and sweep.table both hold points; empty one of them.")
    swept = points(config)
    if swept and not config["train"]["activations"]:
        raise UserError("config: sweep: it trains networks, and train.activations names none; name one of them there.")
    place = sweep["table"] or "config: sweep.grid"
    properties = {key: schema_of(key, place) for key in dict.fromkeys(key for point in swept for key in point)}
    schema = {"type": "object", "properties": properties, "$defs": SCHEMA["$defs"]}
    for number, point in enumerate(swept, 1):
        mistake = first_mistake(point, schema)
        if mistake:
            raise UserError(f"{place}, point {number}: {mistake}" if sweep["table"] else f"{place}: {mistake}")
        check_finite(point, "sweep")
    first: dict[str, dict] = {}
    for point in swept:
        changed, train = with_point(config, point), training_of(config, point)
        _check_point(changed, train, point)
        settings = short(canonical([*(changed[block] for block in BLOCKS[1:]), train]))
        if first.setdefault(settings, point) is not point:
            raise UserError(
                f"sweep: the points ({_words(first[settings])}) and ({_words(point)}) result in the same settings; "
                "remove one."
            )
    return swept


def schema_of(key: str, place: str) -> dict:
    """Return the part of the schema for the values of `key`; `place` is where the key is written, for messages."""
    reason = next((words for name, words in NOT_SWEPT.items() if f"{key}.".startswith(f"{name}.")), None)
    if reason:
        raise UserError(f"{place}: '{key}' cannot be swept; {reason}.")
    if key == ACTIVATION:
        return {"$ref": "#/$defs/activation"}
    node = SCHEMA if key.partition(".")[0] in BLOCKS else {}
    for name in path_of(key):
        any_column = node.get("additionalProperties") or {}
        node = node.get("properties", {}).get(name, any_column)
    if not node:
        settings = [name for block in BLOCKS for name in keys_of(SCHEMA["properties"][block], block)]
        known = [ACTIVATION, *(name for name in settings if name not in NOT_SWEPT)]
        near = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
        hint = f"did you mean '{near[0]}'?" if near else f"expected a setting of {', '.join(BLOCKS)}, such as train.l2."
        raise UserError(f"{place}: unknown setting '{key}'; {hint}")
    if "properties" in node:
        example = f"{key}.{next(iter(node['properties']))}"
        raise UserError(f"{place}: '{key}' is a block; name one of its settings, such as '{example}'.")
    return node


def _check_point(changed: dict, train: dict, point: dict) -> None:
    """Check settings of one point against each other: `changed` is the config with it, `train` its flat training."""
    sweep = changed["sweep"]
    try:
        check_transforms(changed["data"], changed["encode"]["transform"])
        check_imputation(changed["data"], changed["clean"]["impute"])
        check_between(changed, [train])
    except UserError as error:
        raise UserError(f"sweep point ({_words(point)}): {str(error).removeprefix('config: ')}") from None
    idle = next((key for key in ("split.validation_share", "split.validation_first") if key in point), None)
    if idle and sweep["folds"]:
        raise UserError(
            f"config: sweep: {idle} has no effect with folds: {sweep['folds']}; set sweep.folds to 0, or leave it out."
        )
    seeds, members = sorted(sweep["seeds"]), train["members"]
    close = next((pair for pair in zip(seeds, seeds[1:]) if pair[1] - pair[0] < members), None)
    if close:
        raise UserError(
            f"config: sweep.seeds: {close[0]} and {close[1]} are closer than train.members ({members}), so their "
            f"ensembles would share networks; choose {close[0]} and {close[0] + members}."
        )


def _words(point: dict) -> str:
    return ", ".join(f"{key}: {value}" for key, value in point.items())
