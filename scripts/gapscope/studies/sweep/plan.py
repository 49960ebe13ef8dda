"""The jobs of a sweep: which points there are, what the stages of each point read, and which points share a job.

Points that clean and encode alike share the results of these stages, and use those of the main run if they are the
same. The Snakefile loads this module at every start, so it does without NumPy.
"""

import hashlib
import itertools
import json
import math
from dataclasses import dataclass
from pathlib import Path

from gapscope.common.errors import UserError
from gapscope.config.check import canonical, settings_for
from gapscope.studies.sweep.settings import read_points, training_of, with_point

MOST_POINTS = 100_000


@dataclass(frozen=True)
class Batch:
    """Points that one job trains on one encoded table.

    `cleaning` and `encoding` name the stages that make the table; "" stands for those of the main run.
    """

    name: str
    cleaning: str
    encoding: str
    settings: dict


@dataclass(frozen=True)
class Sweep:
    """The jobs of a sweep: cleaning and encoding that the main run lacks, by name, and the batches of points."""

    cleanings: dict[str, dict]  # name -> settings of clean
    encodings: dict[str, tuple[str, dict]]  # name -> name of its cleaning, settings of encode
    batches: list[Batch]


def points(config: dict) -> list[dict]:
    """Settings of each point by their full keys: all combinations of `sweep.grid`, or the rows of `sweep.table`."""
    grid, table = config["sweep"]["grid"], config["sweep"]["table"]
    if table:
        return read_points(table)
    if math.prod(len(values) for values in grid.values()) > MOST_POINTS:
        raise UserError(f"config: sweep.grid: it has more than {MOST_POINTS} points; write fewer values.")
    return [dict(zip(grid, values)) for values in itertools.product(*grid.values())] if grid else []


def sweep_of(config: dict, code: dict) -> Sweep:
    """Plan the jobs of the config's sweep.

    Parameters
    ----------
    config
        The whole configuration, checked.
    code
        Fingerprint of the code that trains points. It is part of each batch's settings, so that changed code does
        not take earlier results.
    """
    shared, sweep = settings_for(config, "sweep_points"), config["sweep"]
    train = shared.pop("train")
    del shared["split"], shared["sweep"]
    shared |= {"code": short(code), "seeds": sweep["seeds"], "folds": sweep["folds"]}
    main_run = {stage: settings_for(config, stage) for stage in ("clean", "encode")}
    cleanings, encodings, by_tables, known = {}, {}, {}, {}
    for number, point in enumerate(points(config), 1):
        clean, encode, split = _before_training(config, point, known)
        cleaning = "" if clean == main_run["clean"] else short(clean)
        encoding = "" if not cleaning and encode == main_run["encode"] else short([clean, encode])
        if cleaning:
            cleanings[cleaning] = clean
        if encoding:
            encodings[encoding] = cleaning, encode
        settings = canonical({"split": split, "train": training_of({"train": train}, point)})
        by_tables.setdefault((cleaning, encoding), []).append({"number": number, **settings})
    return Sweep(cleanings, encodings, list(_batches(by_tables, sweep["points_per_job"], shared)))


def _before_training(config: dict, point: dict, known: dict[str, list[dict]]) -> list[dict]:
    """Settings of clean, encode and split for a point; `known` holds those of earlier points, which are often equal."""
    key = short({name: value for name, value in point.items() if not name.startswith("train.")})
    if key not in known:
        changed = with_point(config, point)
        clean, encode, training = (settings_for(changed, stage) for stage in ("clean", "encode", "sweep_points"))
        known[key] = [clean, encode, training["split"]]
    return known[key]


def _batches(by_tables: dict[tuple[str, str], list[dict]], size: int, shared: dict):
    for (cleaning, encoding), same_tables in by_tables.items():
        for start in range(0, len(same_tables), size):
            name = "_".join(filter(None, [encoding, str(start // size + 1)]))
            settings = {**shared, "encoding": encoding, "points": same_tables[start : start + size]}
            yield Batch(name, cleaning, encoding, settings)


def short(content) -> str:
    """A short hash of JSON content."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:10]


def beside(files, results: str, name: str) -> dict[str, str]:
    """A rule's named `files`, at the same places within <results>/sweep/<name>."""
    return {key: str(Path(results, "sweep", name, Path(file).relative_to(results))) for key, file in files.items()}
