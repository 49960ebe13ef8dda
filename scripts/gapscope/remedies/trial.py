"""Remedies tried for real: a change of data or of training, trained over several seeds and cross-validated.

Every figure is of networks that saw training rows alone. What a remedy may use of the test set beside them is its rows
without their classes (importance weights, prior correction, mended columns), never a class.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from gapscope.common.weights import mean
from gapscope.evaluation.metrics import confusion, macro_f1
from gapscope.network.mlp import Network, logits, softmax
from gapscope.network.partition import Partition
from gapscope.network.training import batch_rows, train, train_together
from gapscope.remedies.prior_correction import corrected
from gapscope.remedies.recommendation import Untried
from gapscope.remedies.resampling import density_ratio, first_of_each, folds_of, not_among, oversampled, row_groups


@dataclass(frozen=True)
class Bench:
    """What remedies are tried on: the scaled rows of the training table, how they are parted, and the test rows.

    `versions` are matrices (n, d) to train on in place of `X`, all at once: copies of it with a feature disturbed.
    """

    X: np.ndarray  # (n, d)
    y: np.ndarray  # (n,)
    training: np.ndarray  # row numbers
    validation: np.ndarray
    test: Partition | None  # None without a test set; its y is None where classes are not known
    n_classes: int
    versions: tuple[np.ndarray, ...]
    copies: np.ndarray  # (n,) a number per row, the same for rows equal in all features and in class
    alike: np.ndarray  # (n,) the same for rows equal in all features, whatever their class
    together: np.ndarray | None  # (n,) the group of each row, which no fold parts (data.group); without: alike
    weights: np.ndarray | None = None  # (n,) what each row counts (data.weight)

    @property
    def labelled(self) -> bool:
        """Whether there are test rows whose classes are known."""
        return self.test is not None and self.test.y is not None

    def of(self, rows: np.ndarray) -> Partition:
        return Partition(self.X, self.y, self.weights).at(rows)

    def to_train_on(self, rows: np.ndarray) -> Partition:
        part, number = self.of(rows), len(self.versions)
        X = np.empty((number, *part.X.shape), part.X.dtype)
        for place, version in enumerate(self.versions):
            X[place] = version[rows]
        weights = None if part.weights is None else np.tile(part.weights, number)
        return Partition(X.reshape(-1, self.X.shape[1]), np.tile(part.y, number), weights)


def without(bench: Bench, columns: np.ndarray) -> Bench:
    """The bench without these columns (their places)."""
    X, *versions = (np.delete(one, columns, axis=1) for one in (bench.X, *bench.versions))
    test = bench.test and replace(bench.test, X=np.delete(bench.test.X, columns, axis=1))
    return replace(bench, X=X, versions=tuple(versions), test=test)


def with_dropped_out(bench: Bench, columns: np.ndarray, share: float, copies: int, rng: np.random.Generator) -> Bench:
    """The bench with `copies` versions in which these columns are 0, their mean, in a random share of the rows."""
    versions = tuple(X.copy() for X in bench.versions for _ in range(copies))
    for X in versions:
        X[np.ix_(rng.random(len(X)) < share, columns)] = 0.0
    return replace(bench, versions=versions)


def without_copies(bench: Bench) -> Bench:
    """The bench without rows that repeat an earlier one, or one of the training part in the validation part."""
    training = first_of_each(bench.copies, bench.training)
    validation = not_among(bench.copies, bench.validation, training)
    return replace(bench, training=training, validation=validation)


def tried(
    bench: Bench,
    change: dict,
    settings: dict,
    seeds: list[int],
    folds: int,
    watch: Callable[[str, int], None] = lambda words, networks: None,
) -> tuple[dict, np.ndarray]:
    """A remedy's figures, and for each test row the share of seeds that classify it right (n_test,).

    Args:
        bench: with the columns and versions that the remedy asks for.
        change: the remedy, resolved: what it does to the rows and to the probabilities.
        settings: flat training settings, the remedy's own included. folds: of the cross-validation; 0 for none.
        watch: called with a few words and a number of networks that have just been trained.

    Returns:
        validation_accuracy, test_accuracy and test_macro_f1 with a figure per seed, cross_validated_accuracy with one
        per fold; `diverged`, the number of trainings that did. Without classes of test rows the test figures are empty,
        and so is the second array.
    """
    rng = np.random.default_rng(seeds[0])
    if change.get("duplicates") == "drop":
        bench = without_copies(bench)
        if not len(bench.validation):
            raise Untried("every validation row stands in the training part too")
    settings = _same_updates(settings, len(bench.training), 1.0 / len(bench.versions))
    ratio = None
    if change.get("weights") == "importance":
        ratio = density_ratio(bench.X, bench.test.X, settings, rng, (bench.weights, bench.test.weights))
    n_classes, validation, diverged = bench.n_classes, bench.of(bench.validation), []

    def trained(rows: np.ndarray, stop_by: np.ndarray, own_seeds: list[int]) -> list[Trained]:
        rows = _chosen(bench, rows, change, ratio, rng)
        shares = class_shares(bench.of(rows), n_classes) if change.get("correct") else None
        parts = bench.to_train_on(rows), bench.of(stop_by)
        together = train_together(
            *parts, n_classes, settings, own_seeds, diverged=lambda seed, last: diverged.append(seed)
        )
        watch(f"trained on {len(rows)} rows", len(own_seeds))
        return [Trained(network, shares) for network in together]

    networks_of_training = trained(bench.training, bench.validation, seeds)
    every = np.concatenate([bench.training, bench.validation])
    predicted, matrices, right = [], [], np.array([])
    if bench.labelled:
        in_use = trained(every, bench.validation, seeds) if change.get("rows") == "all" else networks_of_training
        predicted = [network.classes(bench.test) for network in in_use]
        matrices = [confusion(bench.test.y, codes, n_classes, bench.test.weights) for codes in predicted]
        right = np.mean([codes == bench.test.y for codes in predicted], axis=0)
    figures = {
        "validation_accuracy": [network.accuracy(validation) for network in networks_of_training],
        "test_accuracy": [float(np.trace(matrix) / matrix.sum()) for matrix in matrices],
        "test_macro_f1": [macro_f1(matrix) for matrix in matrices],
        "cross_validated_accuracy": [],
    }
    together = None if bench.together is None else bench.together[every]
    for held_out in (every[fold] for fold in folds_of(bench.alike[every], together, bench.y[every], folds, rng)):
        # those of the validation part that are left are not trained on where training stops early by them
        stop_by = np.setdiff1d(bench.validation, held_out)
        rows = np.setdiff1d(bench.training if settings["early_stopping"] else every, held_out)
        figures["cross_validated_accuracy"].append(trained(rows, stop_by, seeds[:1])[0].accuracy(bench.of(held_out)))
    figures["diverged"] = len(diverged)
    return figures, right


@dataclass(frozen=True)
class Trained:
    """A network, and the class shares it was trained with if its probabilities are to be corrected for other ones."""

    network: Network
    shares: np.ndarray | None

    def classes(self, part: Partition) -> np.ndarray:
        """The predicted class code of each row (n,)."""
        found = logits(self.network, part.X)
        p = found if self.shares is None else corrected(softmax(found), self.shares, part.weights)
        return p.argmax(axis=1)

    def accuracy(self, part: Partition) -> float:
        return mean(self.classes(part) == part.y, part.weights)


def class_shares(part: Partition, n_classes: int) -> np.ndarray:
    """Of the classes (n_classes,), each row by its weight."""
    counts = np.bincount(part.y, part.weights, n_classes)
    return counts / counts.sum()


def ceiling(
    test: Partition,
    rows: int,
    n_classes: int,
    settings: dict,
    seeds: list[int],
    folds: int,
    together: np.ndarray | None = None,
) -> list[float]:
    """Accuracy per fold of cross-validation *inside* the test set: what its features tell about its classes.

    Rows of equal features stay in one fold (`folds_of`); or rows of a group, where `together` (n,) numbers these. With
    mini-batches there are as many passes more as there are fewer rows than `rows`, those of the training part: the
    number of updates is the same.
    """
    settings = _same_updates(settings, rows, max(1.0, rows / (len(test.y) * (folds - 1) / folds)))
    accuracies = []
    rng = np.random.default_rng(seeds[0])
    for held_out in folds_of(row_groups(test.X), together, test.y, folds, rng):
        training, part = (test.at(rows) for rows in (np.setdiff1d(np.arange(len(test.y)), held_out), held_out))
        network = train(training, part, n_classes, {**settings, "seed": seeds[0]})
        accuracies.append(Trained(network, None).accuracy(part))
    return accuracies


def _chosen(bench: Bench, rows: np.ndarray, change: dict, ratio: np.ndarray | None, rng) -> np.ndarray:
    """The rows to train on, some of them several times."""
    if ratio is not None:
        own = ratio[rows] / ratio[rows].sum()
        return rng.choice(rows, size=len(rows), p=own)
    return oversampled(rows, bench.y, rng, bench.weights) if change.get("oversample") else rows


def _same_updates(settings: dict, rows: int, passes: float) -> dict:
    """The settings with so many times as many passes over mini-batches, of the size that suits `rows` rows.

    That makes as many updates where a pass has more or fewer rows than that.
    """
    if settings["batch_size"] == "full":
        return settings
    size = batch_rows(settings["batch_size"], rows)
    return {**settings, "batch_size": size, "iterations": math.ceil(settings["iterations"] * passes)}
