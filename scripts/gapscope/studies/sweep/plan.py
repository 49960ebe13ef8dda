"""The jobs of a sweep: which points there are, what the stages of each point read, and which points share a job.

Points that clean and encode alike share the results of these stages, and use those of the main run if they are the
same. The Snakefile loads this module at every start, so it does without NumPy.
"""

import hashlib
import itertools
import json
import math
from collections.abc import Callable
from dataclasses import dataclass

from gapscope.common.errors import UserError
from gapscope.config.settings import canonical
from gapscope.studies.sweep.settings import read_points, training_of, with_point

MOST_POINTS = 100_000


@dataclass(frozen=True)
class Sweep:
    """The jobs of a sweep by name. An encoding called "" is that of the main run, and so for a cleaning."""

    cleanings: dict[str, dict]  # blocks `clean` beside the config's own
    encodings: dict[str, dict]  # blocks `encode` beside the config's own
    cleaning_of: dict[str, str]  # the cleaning whose tables an encoding reads
    batches: dict[str, dict]  # settings of a job that trains points on one encoded table

    def file(self, encoding: str, path: str, results: str) -> str:
        """Where the file `path` of an encoding, or of the cleaning before it, is, below the folder `results`."""
        name = self.cleaning_of.get(encoding, "") if path.startswith("clean/") else encoding
        return f"{results}/sweep/{name}/{path}" if name else f"{results}/{path}"

    def of_batch(self, path: str, results: str) -> Callable:
        """An input function: the file that a rule's wildcard `batch` reads."""
        return lambda wildcards: self.file(self.batches[wildcards.batch]["encoding"], path, results)


def points(config: dict) -> list[dict]:
    """Settings of each point by their full keys: all combinations of `sweep.grid`, or the rows of `sweep.table`."""
    grid, table = config["sweep"]["grid"], config["sweep"]["table"]
    if table:
        return read_points(table)
    if math.prod(len(values) for values in grid.values()) > MOST_POINTS:
        raise UserError(f"config: sweep.grid: it has more than {MOST_POINTS} points; write fewer values.")
    return [dict(zip(grid, values)) for values in itertools.product(*grid.values())] if grid else []


def sweep_of(config: dict, points: list[dict], code: str) -> Sweep:
    """Plan the jobs of a sweep; `code` is a fingerprint of the code by which a point's result is known."""
    sweep = config["sweep"]
    shared = {"code": short(code), "seeds": sweep["seeds"], "folds": sweep["folds"]}
    main_run = {block: canonical(config[block]) for block in ("clean", "encode")}
    cleanings, encodings, cleaning_of, by_table = {}, {}, {}, {}
    for number, point in enumerate(points, 1):
        changed = with_point(config, point)
        clean, encode, split = (canonical(changed[block]) for block in ("clean", "encode", "split"))
        cleaning = "" if clean == main_run["clean"] else short(clean)
        encoding = "" if not cleaning and encode == main_run["encode"] else short([clean, encode])
        if cleaning:
            cleanings[cleaning] = clean
        if encoding:
            encodings[encoding], cleaning_of[encoding] = encode, cleaning
        settings = canonical({"split": split, "train": training_of(config, point)})
        by_table.setdefault(encoding, []).append({"number": number, **settings})
    batches, size = {}, sweep["points_per_job"]
    for encoding, same_table in by_table.items():
        for start in range(0, len(same_table), size):
            name = "_".join(filter(None, [encoding, str(start // size + 1)]))
            batches[name] = {**shared, "encoding": encoding, "points": same_table[start : start + size]}
    return Sweep(cleanings, encodings, cleaning_of, batches)


def short(content) -> str:
    """A short hash of JSON content."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:10]
