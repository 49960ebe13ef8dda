"""Train a sweep's points, one network per seed and fold, and evaluate them on held-out rows.

Nothing here reads the test set. There is no pandas, because its import takes longer than most jobs of a sweep.
"""

import hashlib
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from gapscope.common.files import read_array, read_json, write_text
from gapscope.data.encode import columns_of
from gapscope.data.split import Scaling, fit_scaling, grouped_parts, row_order, split_rows
from gapscope.evaluation.metrics import evaluate
from gapscope.network.mlp import combined
from gapscope.network.partition import Partition
from gapscope.network.row_storage import StoredRows
from gapscope.network.training import member_seeds, train_together

METRICS = ("accuracy", "macro_f1", "log_loss")
CONFIDENCE = 0.95  # of intervals that are not used here
PASSES = 6  # operations per weight and row of one update: two of the forward pass, four of the backward pass
SHARED = ("code", "encoding", "seeds", "folds", "data")  # settings of a job that each of its points depends on
CHECKSUM = "sha256"


@dataclass(frozen=True)
class EncodedTable:
    """The encoded training table, and how it is split and scaled."""

    X: StoredRows  # (n, d)
    y: np.ndarray  # (n,) class codes
    numeric: np.ndarray  # (d,) whether a column is numeric
    split: dict
    folds: int  # 0: the one split
    groups: np.ndarray | None = None  # (n,) group numbers; the rows of a group stay together
    weights: np.ndarray | None = None  # (n,) row weights

    @cached_property
    def parts(self) -> list[np.ndarray]:
        """Row numbers of each fold, or of the validation and the training rows of the one split."""
        if not self.folds:
            return [*reversed(split_rows(self.y, self.split, self.groups))]
        if self.groups is None:
            return np.array_split(row_order(self.y, self.split), self.folds)
        rng = np.random.default_rng(self.split["seed"])
        classes = self.y if self.split["stratify"] else np.zeros_like(self.y)
        fold_of = grouped_parts(self.groups, classes, [1.0 / self.folds] * self.folds, rng)
        order = rng.permutation(len(fold_of))
        return [order[fold_of[order] == fold] for fold in range(self.folds)]

    def rows(self, fold: int) -> tuple[np.ndarray, np.ndarray]:
        """Row numbers to train on and to evaluate on."""
        return np.concatenate([*self.parts[:fold], *self.parts[fold + 1 :]]), self.parts[fold]

    @cached_property
    def scalings(self) -> list[Scaling]:
        """Scaling of each fold, fitted on its training rows, or on all rows if `split.scale.fit_on` says so."""
        scale = self.split["scale"]
        all_rows = scale["fit_on"] == "all_rows"
        fitted = (StoredRows(self.X.path, None if all_rows else self.rows(fold)[0]) for fold in self.fold_numbers)
        return [fit_scaling(rows, self.numeric, scale) for rows in fitted]

    @property
    def fold_numbers(self) -> range:
        return range(max(self.folds, 1))

    def partitions(self, fold: int) -> list[Partition]:
        """Scaled rows to train on and to evaluate on."""
        scaling, partitions = self.scalings[fold], []
        for rows in self.rows(fold):
            X = StoredRows(self.X.path, rows, scaling.mean, scaling.deviation)
            partitions.append(Partition(X, self.y[rows], None if self.weights is None else self.weights[rows]))
        return partitions

    def fingerprint(self) -> str:
        """A hash that two tables share if they hold out the same rows with the same classes in each fold."""
        parts = [self.parts[fold] for fold in self.fold_numbers]
        arrays = [array.astype(np.int64) for rows in parts for array in (rows, self.y[rows])]
        return hashlib.sha256(b"|".join(array.tobytes() for array in arrays)).hexdigest()[:10]


def encoded_table(input, split: dict, folds: int) -> EncodedTable:
    """The encoded training table among a job's input files."""
    numeric = np.array([column.level is None for column in columns_of(read_json(input.encoding))])
    groups, weights = (read_array(input[key]) if input.get(key) else None for key in ("train_groups", "train_weights"))
    return EncodedTable(StoredRows(input.X), read_array(input.y), numeric, split, folds, groups, weights)


def evaluate_point(table: EncodedTable, train: dict, seeds: list[int], n_classes: int) -> dict:
    """Train one network, or one ensemble of `members`, per seed and fold, and evaluate each on the held-out rows.

    `parameters` and `gigaflop` (10⁹ operations of training) are those of one network.
    """
    records, diverged = [], []
    members = {seed: member_seeds({**train, "seed": seed}) for seed in seeds}
    all_seeds = [member for of_seed in members.values() for member in of_seed]
    for fold in table.fold_numbers:
        training, held_out = table.partitions(fold)
        trained = train_together(
            training, held_out, n_classes, train, all_seeds, diverged=lambda seed, last: diverged.append(seed)
        )
        networks = dict(zip(all_seeds, trained))
        for seed in seeds:
            network = combined([networks[member] for member in members[seed]])
            metrics = evaluate(network, held_out, CONFIDENCE)
            records.append({"fold": fold + 1, "seed": seed, **{name: metrics[name] for name in METRICS}})
    weights = sum(W.size for W in trained[0].weights)
    operations = PASSES * weights * len(training.y) * train["iterations"] * train["members"]
    return {
        "networks": records,
        "diverged": len(diverged),
        "parameters": sum(array.size for array in trained[0].parameters) * train["members"],
        "gigaflop": operations / 1e9,  # at most: training may stop early
        "held_out": table.fingerprint(),
    }


def point_results(
    settings: dict, folder: Path, data: list[str], load: Callable[[dict], EncodedTable]
) -> Iterator[tuple[dict, float | None]]:
    """Yield the result of each point of a job, and the seconds of processor time if it was trained now.

    Each result is a file in `folder`, named after a hash of all that determines it: settings, code and data. So no
    file is ever out of date, whichever sweep wrote it.

    Parameters
    ----------
    settings : the job's settings, as `sweep_of` makes them.
    data : hashes of the job's input files.
    load : called with a point's `split` block, returns its table.
    """
    shared, table = {name: settings[name] for name in SHARED}, None
    for point in settings["points"]:
        path = folder / f"{_digest([shared, data, point['split'], point['train']])[:20]}.json"
        result, seconds = read_result(path), None
        if result is None:
            if table is None or table.split != point["split"]:
                table = load(point["split"])
            start, n_classes = time.process_time(), len(settings["data"]["classes"])
            result = evaluate_point(table, point["train"], settings["seeds"], n_classes)
            seconds = time.process_time() - start
            write_result(path, result)
        yield {"number": point["number"], "file": path.name, **result}, seconds


def read_result(path: Path) -> dict | None:
    """Read a point's result; None if there is no file, or its content does not have the checksum that it contains."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        checksum = content.pop(CHECKSUM)
    except (FileNotFoundError, ValueError, TypeError, AttributeError, KeyError):
        return None
    return content if checksum == _digest(content) else None


def write_result(path: Path, result: dict) -> None:
    text = json.dumps({**result, CHECKSUM: _digest(result)}, indent=1, ensure_ascii=False, allow_nan=False)
    write_text(path, text + "\n")


def _digest(content) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
