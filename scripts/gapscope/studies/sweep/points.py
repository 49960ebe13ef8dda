"""A point of a sweep: networks with its settings, one per seed and fold, judged on rows that they were not trained on.

Nothing here sees the test set. Without pandas, since a job of a sweep is mostly start-up already.
"""

import hashlib
from dataclasses import dataclass, field

import numpy as np

from gapscope.data.split import Scaling, grouped_parts, row_order, scaled_columns, scaling_of, split_rows
from gapscope.evaluation.metrics import evaluate
from gapscope.network.mlp import combined
from gapscope.network.partition import Partition
from gapscope.network.stored import StoredRows
from gapscope.network.training import member_seeds, train_together

CONFIDENCE = 0.95  # of intervals that are not looked at here
PASSES = 6  # operations per weight and row of one update: two of the forward pass, four of the backward pass


@dataclass(frozen=True)
class Table:
    """The encoded training table and the settings `split` by which it is cut and scaled."""

    X: StoredRows  # (n, d)
    y: np.ndarray  # (n,)
    numeric: np.ndarray  # (d,) whether a column is a number
    split: dict
    groups: np.ndarray | None = None  # (n,) numbers of groups whose rows stay together
    weights: np.ndarray | None = None  # (n,) what each row counts
    scalings: dict[int, Scaling] = field(default_factory=dict)  # by fold, once fitted
    cut: dict[int, list[np.ndarray]] = field(default_factory=dict)  # by number of folds, once made

    def rows(self, fold: int, folds: int) -> tuple[np.ndarray, np.ndarray]:
        """Row numbers to train on and to judge by: one of `folds` parts held out; without folds, the split."""
        if folds not in self.cut:
            self.cut[folds] = self._parts(folds) if folds else [*reversed(split_rows(self.y, self.split, self.groups))]
        parts = self.cut[folds]
        return np.concatenate([*parts[:fold], *parts[fold + 1 :]]), parts[fold]

    def _parts(self, folds: int) -> list[np.ndarray]:
        """Equal stretches of the order that the split draws; with groups, parts as equal as these allow."""
        if self.groups is None:
            return np.array_split(row_order(self.y, self.split), folds)
        rng = np.random.default_rng(self.split["seed"])
        classes = self.y if self.split["stratify"] else np.zeros_like(self.y)
        part = grouped_parts(self.groups, classes, [1.0 / folds] * folds, rng)
        order = rng.permutation(len(part))
        return [order[part[order] == fold] for fold in range(folds)]

    def parts(self, fold: int, folds: int) -> tuple[Partition, Partition]:
        """Both parts, scaled by what the first one says (or all rows, where split.scale.fit_on wants that leak)."""
        training, held_out = self.rows(fold, folds)
        if fold not in self.scalings:
            scale = self.split["scale"]
            chosen = scaled_columns(self.numeric, scale)
            fitted = StoredRows(self.X.path, None if scale["fit_on"] == "all_rows" else training)
            self.scalings[fold] = scaling_of(fitted.columns(np.flatnonzero(chosen)), chosen, scale)
        return tuple(self._part(rows, self.scalings[fold]) for rows in (training, held_out))

    def _part(self, rows: np.ndarray, scaling: Scaling) -> Partition:
        X = StoredRows(self.X.path, rows, scaling.mean, scaling.deviation)
        return Partition(X, self.y[rows], None if self.weights is None else self.weights[rows])

    def fingerprint(self, folds: int) -> str:
        """A text that two tables share if the same rows of the same classes are held out in each fold."""
        held_out = [self.rows(fold, folds)[1] for fold in range(max(folds, 1))]
        parts = [part for rows in held_out for part in (rows.astype(np.int64), self.y[rows].astype(np.int64))]
        return hashlib.sha256(b"|".join(part.tobytes() for part in parts)).hexdigest()[:10]


def judged(table: Table, train: dict, seeds: list[int], folds: int, n_classes: int) -> dict:
    """A point's figures: one record per network, the size of each, what training it costs, and on which rows it counts.

    Args:
        train: flat training settings; with `members` above 1 each record is of an ensemble. folds: 0 for the one split.
    """
    records, diverged = [], []
    members = {seed: member_seeds({**train, "seed": seed}) for seed in seeds}
    every = [one for own in members.values() for one in own]
    for fold in range(max(folds, 1)):
        training, held_out = table.parts(fold, folds)
        trained = train_together(
            training, held_out, n_classes, train, every, diverged=lambda seed, last: diverged.append(seed)
        )
        networks = dict(zip(every, trained))
        for seed, own in members.items():
            network = combined([networks[one] for one in own])
            found = evaluate(network, held_out.X, held_out.y, CONFIDENCE, held_out.weights)
            figures = {name: found[name] for name in ("accuracy", "macro_f1", "log_loss")}
            records.append({"fold": fold + 1, "seed": seed, **figures})
    weights = sum(W.size for W in trained[0].weights)
    operations = PASSES * weights * len(training.y) * train["iterations"] * train["members"]
    return {
        "networks": records,
        "diverged": len(diverged),
        "parameters": sum(array.size for array in trained[0].parameters) * train["members"],
        "gigaflop": operations / 1e9,  # at most: training may stop early
        "held_out": table.fingerprint(folds),
    }
