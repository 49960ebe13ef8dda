"""The jobs of a sweep: which points there are, what the stages of each point read, and which points share a job.

Points that clean and encode alike share the results of these stages, and use those of the main run if they are the
same. The Snakefile loads this module at every start, so it does without NumPy.
"""

import hashlib
import itertools
import json
import math
from dataclasses import dataclass

from gapscope.common.errors import UserError
from gapscope.config.settings import canonical
from gapscope.studies.sweep.settings import read_points, training_of, with_point

MOST_POINTS = 100_000


@dataclass(frozen=True)
class Batch:
    """Points that one job trains on one encoded table.

    `cleaning` and `encoding` name the stages that make the table; "" stands for those of the main run.
    """

    cleaning: str
    encoding: str
    settings: dict


@dataclass(frozen=True)
class Encoding:
    """A block `encode` beside the config's own, and the name of the cleaning that its table comes from."""

    cleaning: str
    encode: dict


@dataclass(frozen=True)
class Sweep:
    """The jobs of a sweep by name: blocks `clean` and `encode` beside the config's own, and the batches of points."""

    cleanings: dict[str, dict]
    encodings: dict[str, Encoding]
    batches: dict[str, Batch]

    def file_of_batch(self, name: str, path: str, results: str) -> str:
        """Where the file `path` of the cleaning or the encoding that a batch reads is, below the folder `results`."""
        batch = self.batches[name]
        return _place(results, batch.cleaning if path.startswith("clean/") else batch.encoding, path)

    def file_of_encoding(self, name: str, path: str, results: str) -> str:
        """Where the file `path` of the cleaning that an encoding reads is, below the folder `results`."""
        return _place(results, self.encodings[name].cleaning, path)


def points(config: dict) -> list[dict]:
    """Settings of each point by their full keys: all combinations of `sweep.grid`, or the rows of `sweep.table`."""
    grid, table = config["sweep"]["grid"], config["sweep"]["table"]
    if table:
        return read_points(table)
    if math.prod(len(values) for values in grid.values()) > MOST_POINTS:
        raise UserError(f"config: sweep.grid: it has more than {MOST_POINTS} points; write fewer values.")
    return [dict(zip(grid, values)) for values in itertools.product(*grid.values())] if grid else []


def sweep_of(config: dict, code: str) -> Sweep:
    """Plan the jobs of the config's sweep; `code` is a fingerprint of the code by which a point's result is known."""
    sweep = config["sweep"]
    shared = {"code": short(code), "seeds": sweep["seeds"], "folds": sweep["folds"]}
    main_run = {block: canonical(config[block]) for block in ("clean", "encode")}
    cleanings, encodings, by_tables = {}, {}, {}
    for number, point in enumerate(points(config), 1):
        changed = with_point(config, point)
        clean, encode, split = (canonical(changed[block]) for block in ("clean", "encode", "split"))
        cleaning = "" if clean == main_run["clean"] else short(clean)
        encoding = "" if not cleaning and encode == main_run["encode"] else short([clean, encode])
        if cleaning:
            cleanings[cleaning] = clean
        if encoding:
            encodings[encoding] = Encoding(cleaning, encode)
        settings = canonical({"split": split, "train": training_of(config, point)})
        by_tables.setdefault((cleaning, encoding), []).append({"number": number, **settings})
    return Sweep(cleanings, encodings, dict(_batches(by_tables, sweep["points_per_job"], shared)))


def _batches(by_tables: dict[tuple[str, str], list[dict]], size: int, shared: dict):
    for (cleaning, encoding), same_tables in by_tables.items():
        for start in range(0, len(same_tables), size):
            name = "_".join(filter(None, [encoding, str(start // size + 1)]))
            settings = {**shared, "encoding": encoding, "points": same_tables[start : start + size]}
            yield name, Batch(cleaning, encoding, settings)


def short(content) -> str:
    """A short hash of JSON content."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:10]


def _place(results: str, name: str, path: str) -> str:
    return f"{results}/sweep/{name}/{path}" if name else f"{results}/{path}"
