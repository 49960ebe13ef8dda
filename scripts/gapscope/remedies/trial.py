"""Try a remedy, a change of data or of training: train with several seeds, evaluate and cross-validate.

All networks are trained on training rows only. A remedy may use test rows without their classes (importance weights,
prior correction, repaired columns), but never a test class.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gapscope.common.progress import Progress
from gapscope.common.weights import mean
from gapscope.config.settings import RECOMMENDED
from gapscope.evaluation.metrics import confusion, macro_f1
from gapscope.network.classifier import Classifier
from gapscope.network.partition import Partition
from gapscope.network.training import batch_rows, train_together
from gapscope.remedies.recommendation import merged, recommended, resolved
from gapscope.remedies.reweighting import calibrated, cross_calibrated, density_ratio, oversampled, prior_corrected
from gapscope.remedies.trial_data import TrialData, folds_of, row_groups, without_copies


def change_of(name: str, remedy: dict, diagnosis: dict | None) -> dict:
    """The remedy `name`, resolved with the diagnosis; `recommended` also has the remedies for the verdict.

    Untried if the verdict names no feature for it, or no remedy follows from the verdict.
    """
    verdict = diagnosis and diagnosis["verdict"]
    evidence = {record["feature"]: record for record in diagnosis["features"]} if diagnosis else {}
    if name != RECOMMENDED:
        return resolved(remedy, verdict, evidence)
    change = merged([remedy, recommended(verdict, evidence)])
    if change.get("train", {}).get("early_stopping"):
        change.pop("rows", None)  # stopping early needs validation rows that are not trained on
    return change


def tried(
    data: TrialData,
    change: dict,
    settings: dict | None,
    seeds: list[int],
    folds: int,
    tell: Callable[[str], None] = lambda words: None,
) -> tuple[dict, np.ndarray]:
    """Train networks with a remedy and evaluate them.

    `data` has columns already changed by the remedy, `settings` are flat training settings with those of the remedy,
    None for the user's own model. A model that cannot be trained again has one seed and no folds. Untried if no
    validation row is left after dropping copies.

    Returns
    -------
    figures : `validation_accuracy`, `test_accuracy` and `test_macro_f1` with a value per seed,
        `cross_validated_accuracy` with a value per fold, and `diverged`, the number of trainings that diverged; `seed`
        is "ignored" for the user's own model if it is the same for all seeds. Without test classes, no test figures.
    right : share of seeds that classify each test row correctly (n_test,); empty without test classes.
    """
    if data.model and not data.model.trainable:
        seeds, folds = seeds[:1], 0
    if change.get("duplicates") == "drop":
        data = without_copies(data)
    again = change.get("rows") == "all" and data.labelled
    progress = Progress(len(seeds) * (2 if again else 1) + folds, tell)
    trainer = _Trainer(data, change, settings, np.random.default_rng(seeds[0]), progress)
    all_rows, validation = np.concatenate([data.training, data.validation]), data.at(data.validation)
    networks = trainer.trained(data.training, validation, seeds)
    test_figures, right = {"test_accuracy": [], "test_macro_f1": []}, np.array([])
    if data.labelled:
        in_use = trainer.trained(all_rows, validation, seeds, networks) if again else networks
        test_figures, right = _on_test(in_use, data)
    ignored = data.model and len(seeds) > 1 and networks[0].network is networks[1].network
    figures = {
        **({"seed": "ignored"} if ignored else {}),
        "validation_accuracy": [network.accuracy(validation) for network in networks],
        **test_figures,
        "cross_validated_accuracy": _cross_validated(trainer, all_rows, folds, seeds[0]),
        "diverged": trainer.diverged,
    }
    return figures, right


class _Trainer:
    """Trains networks with the remedy's resampling, weights and settings, all with as many updates."""

    def __init__(self, data: TrialData, change: dict, settings: dict, rng, progress: Progress):
        self.data, self.change, self.rng, self.progress, self.diverged = data, change, rng, progress, 0
        self.settings = None if data.model else _same_updates(settings, len(data.training), 1 / len(data.versions))
        self.ratio = None
        if change.get("weights") == "importance":
            weights = data.weights, data.test.weights
            self.ratio = density_ratio(data.scaled(data.X), data.scaled(data.test.X), rng, weights)

    @property
    def needs_validation(self) -> bool:
        """Whether validation rows cannot be trained on: they stop the training, or calibrate a correction."""
        return bool(self.change.get("correct") or (self.settings and self.settings["early_stopping"]))

    def trained(
        self, rows: np.ndarray, judges: Partition, seeds: list[int], before: list["TrialNetwork"] | None = None
    ) -> list["TrialNetwork"]:
        """Train a network per seed on `rows`. Early stopping, and the calibration where class shares are corrected, go
        by the rows `judges`; if the networks know these by heart, they are calibrated as those `before` them."""
        data, rows = self.data, self._resampled(rows)
        partitions = data.to_train_on(rows), judges
        networks = _trained(data.model or self.settings, *partitions, data.n_classes, seeds, self._count_diverged)
        self.progress(f"trained on {len(rows)} rows", len(seeds))
        if not self.change.get("correct"):
            return [TrialNetwork(network) for network in networks]
        shares = class_shares(data.at(rows), data.n_classes)
        calibrations = [network.calibrate for network in before or []] or [
            calibrated(network.probabilities(judges.X), judges.y) for network in networks
        ]
        return [TrialNetwork(network, shares, one, judges) for network, one in zip(networks, calibrations)]

    def _resampled(self, rows: np.ndarray) -> np.ndarray:
        """The rows to train on, resampled if the remedy says so."""
        if self.ratio is not None:
            return self.rng.choice(rows, size=len(rows), p=self.ratio[rows] / self.ratio[rows].sum())
        oversample = self.change.get("oversample")
        return oversampled(rows, self.data.y, self.rng, self.data.weights) if oversample else rows

    def _count_diverged(self, seed: int, iteration: int) -> None:
        self.diverged += 1


def _trained(
    how: dict | Classifier, training: Partition, validation: Partition, n_classes: int, seeds: list[int], diverged=None
) -> list[Classifier]:
    """Train a network per seed, or the user's own model.

    If that model has the same probabilities for the first two seeds, it is assumed to ignore the seed.
    """
    if isinstance(how, dict):
        return train_together(training, validation, n_classes, how, seeds, diverged=diverged)
    if not how.trainable:
        return [how] * len(seeds)
    models = [how.trained_again(training.X, training.y, seed, training.weights) for seed in seeds[:2]]
    if len({model.probabilities(validation.X).tobytes() for model in models}) == 1:
        return models[:1] * len(seeds)
    return models + [how.trained_again(training.X, training.y, seed, training.weights) for seed in seeds[2:]]


@dataclass(frozen=True)
class TrialNetwork:
    """A trained model. If its probabilities are corrected for other class shares than those in training: these shares,
    what calibrates them, and the rows that this was fitted to."""

    network: Classifier
    shares: np.ndarray | None = None
    calibrate: Callable[[np.ndarray], np.ndarray] | None = None
    judges: Partition | None = None

    def classes(self, partition: Partition) -> np.ndarray:
        """Predicted class code of each row (n,)."""
        if self.shares is None:
            return self.network.predict(partition.X)
        p = self.network.probabilities(partition.X)
        p = cross_calibrated(p, partition.y) if partition is self.judges else self.calibrate(p)
        return prior_corrected(p, self.shares, partition.weights).argmax(axis=1)

    def accuracy(self, partition: Partition) -> float:
        return mean(self.classes(partition) == partition.y, partition.weights)


def _on_test(networks: list[TrialNetwork], data: TrialData) -> tuple[dict, np.ndarray]:
    """Test figures of each network, and the share of networks that classify each row correctly (n_test,)."""
    predicted = [network.classes(data.test) for network in networks]
    matrices = [confusion(data.test.y, codes, data.n_classes, data.test.weights) for codes in predicted]
    accuracies = [float(np.trace(matrix) / matrix.sum()) for matrix in matrices]
    figures = {"test_accuracy": accuracies, "test_macro_f1": [macro_f1(matrix) for matrix in matrices]}
    return figures, np.mean([codes == data.test.y for codes in predicted], axis=0)


def _cross_validated(trainer: _Trainer, all_rows: np.ndarray, folds: int, seed: int) -> list[float]:
    """Accuracy of each fold of a cross-validation on the row numbers `all_rows`."""
    data, accuracies = trainer.data, []
    groups = None if data.groups is None else data.groups[all_rows]
    for fold in folds_of(data.equal[all_rows], groups, data.y[all_rows], folds, trainer.rng):
        held_out = all_rows[fold]
        judges = data.at(np.setdiff1d(data.validation, held_out))
        rows = np.setdiff1d(data.training if trainer.needs_validation else all_rows, held_out)
        accuracies.append(trainer.trained(rows, judges, [seed])[0].accuracy(data.at(held_out)))
    return accuracies


def class_shares(partition: Partition, n_classes: int) -> np.ndarray:
    """Weighted share of each class (n_classes,)."""
    counts = np.bincount(partition.y, partition.weights, n_classes)
    return counts / counts.sum()


def ceiling(
    test: Partition,
    rows: int,
    n_classes: int,
    settings: dict | Classifier,
    seeds: list[int],
    folds: int,
    groups: np.ndarray | None = None,
) -> list[float]:
    """Accuracy per fold of a cross-validation *inside* the test set: how well its features predict its classes.

    Empty if all rows are equal or in a single group, or if the model cannot be trained again. `rows` is the number of
    training rows of the original network: with fewer test rows there are more passes, so that the number of updates
    stays the same. `groups` (n,) are kept together.
    """
    together = row_groups(test.X) if groups is None else groups
    own = isinstance(settings, Classifier)
    if not together.any() or (own and not settings.trainable):
        return []
    if not own:
        settings = _same_updates(settings, rows, max(1.0, rows / (len(test.y) * (folds - 1) / folds)))
    accuracies, rng = [], np.random.default_rng(seeds[0])
    for held_out in folds_of(together, groups, test.y, folds, rng):
        training, validation = test.at(np.setdiff1d(np.arange(len(test.y)), held_out)), test.at(held_out)
        network = _trained(settings, training, validation, n_classes, seeds[:1])[0]
        accuracies.append(TrialNetwork(network).accuracy(validation))
    return accuracies


def _same_updates(settings: dict, rows: int, passes: float) -> dict:
    """Settings with `passes` times as many passes over the data, and the mini-batch size for `rows` rows.

    If a pass has 1 / `passes` times as many rows, the number of updates stays the same.
    """
    if settings["batch_size"] == "full":
        return settings
    size = batch_rows(settings["batch_size"], rows)
    return {**settings, "batch_size": size, "iterations": math.ceil(settings["iterations"] * passes)}
