"""The sweep: which points there are, what each one's stages read, and which points share a job.

A point is a choice of settings. Points that clean and encode alike share these stages' results; what the config's own
stages make anyway is not made again. The Snakefile loads this at every start: no NumPy here.
"""

import hashlib
import itertools
import json
import math
from dataclasses import dataclass
from pathlib import Path

from gapscope.common.errors import UserError
from gapscope.config.check import canonical, settings_for
from gapscope.config.training import training_settings
from gapscope.studies.sweep.keys import ACTIVATION, path_of
from gapscope.studies.sweep.table import read_points

MOST_POINTS = 100_000


@dataclass(frozen=True)
class Batch:
    """Points that one job trains, all on the same encoded table. `encoding` and
    `cleaning` are its names, "" for the config's own."""

    name: str
    cleaning: str
    encoding: str
    settings: dict


@dataclass(frozen=True)
class Sweep:
    """The jobs of a sweep: `cleanings` and `encodings` beside the config's own, by name, and the batches of points."""

    cleanings: dict[str, dict]  # name -> settings of clean
    encodings: dict[str, tuple[str, dict]]  # name -> name of its cleaning, settings of encode
    batches: list[Batch]


def points(config: dict) -> list[dict]:
    """Per point its settings by their full keys: every combination of sweep.grid, or every row of sweep.table."""
    grid, table = config["sweep"]["grid"], config["sweep"]["table"]
    if table:
        return read_points(table)
    if math.prod(len(values) for values in grid.values()) > MOST_POINTS:
        raise UserError(f"config: sweep.grid: its combinations are more than {MOST_POINTS} points; write fewer values.")
    return [dict(zip(grid, values)) for values in itertools.product(*grid.values())] if grid else []


def with_point(config: dict, point: dict) -> dict:
    """The config with the point's settings of clean, encode and split."""
    changed = {**config, **{block: json.loads(json.dumps(config[block])) for block in ("clean", "encode", "split")}}
    for key, value in point.items():
        names = path_of(key)
        if names[0] != "train":
            *blocks, last = names
            block = changed
            for name in blocks:
                block = block[name]
            block[last] = value
    return changed


def training_of(config: dict, point: dict) -> dict:
    """The flat training settings of a point's networks."""
    activation = point.get(ACTIVATION, config["train"]["activations"][0])
    own = {key.removeprefix("train."): value for key, value in point.items() if key.startswith("train.")}
    own.pop("activation", None)
    flat = training_settings(config["train"], activation, own)
    return {key: value for key, value in flat.items() if key != "seed"}  # sweep.seeds stand for it


def sweep_of(config: dict, code: dict) -> Sweep:
    """The jobs of the config's sweep. `code`: what a batch's job runs; each point's result is known by it too."""
    shared, sweep = settings_for(config, "sweep_points"), config["sweep"]
    train, names = {**shared.pop("train")}, []
    del shared["split"], shared["sweep"]
    shared |= {"code": short(code), "seeds": sweep["seeds"], "folds": sweep["folds"]}
    own = {stage: settings_for(config, stage) for stage in ("clean", "encode")}
    cleanings, encodings, together, known = {}, {}, {}, {}
    for number, point in enumerate(points(config), 1):
        clean, encode, split = _before_training(config, point, known)
        cleaning = "" if clean == own["clean"] else short(clean)
        encoding = "" if not cleaning and encode == own["encode"] else short([clean, encode])
        if cleaning:
            cleanings[cleaning] = clean
        if encoding:
            encodings[encoding] = cleaning, encode
        settings = {"split": split, "train": training_of({"train": train}, point)}
        names.append({"number": number, **canonical(settings)})
        together.setdefault((cleaning, encoding), []).append(names[-1])
    return Sweep(cleanings, encodings, list(_batches(together, sweep["points_per_job"], shared)))


def _before_training(config: dict, point: dict, known: dict[str, list[dict]]) -> list[dict]:
    """The point's settings of clean, encode and split. `known`: those of earlier points; most points differ in none."""
    key = short({name: value for name, value in point.items() if not name.startswith("train.")})
    if key not in known:
        changed = with_point(config, point)
        clean, encode, points = (settings_for(changed, stage) for stage in ("clean", "encode", "sweep_points"))
        known[key] = [clean, encode, points["split"]]
    return known[key]


def _batches(together: dict[tuple[str, str], list[dict]], size: int, shared: dict):
    for (cleaning, encoding), all_points in together.items():
        for place in range(0, len(all_points), size):
            name = "_".join(filter(None, [encoding, str(place // size + 1)]))
            settings = {**shared, "encoding": encoding, "points": all_points[place : place + size]}
            yield Batch(name, cleaning, encoding, settings)


def short(content) -> str:
    """A short name that is another for other content."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:10]


def beside(files, results: str, name: str) -> dict[str, str]:
    """A rule's named `files`, at the same places within <results>/sweep/<name>."""
    return {key: str(Path(results, "sweep", name, Path(file).relative_to(results))) for key, file in files.items()}
