"""One case to diagnose: a trained network and its sets of rows, and how it does on them."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from gapscope.common.weights import as_rows, mean, rows_of_equal_weight
from gapscope.diagnosis.estimates import Encoder, Estimate, Sets
from gapscope.evaluation.metrics import confusion, ratio, wilson_interval
from gapscope.network.classifier import Classifier
from gapscope.network.model import classified
from gapscope.network.partition import Partition
from gapscope.network.training import train

PARTS = ("train", "validation", "test")


@dataclass(frozen=True)
class Case:
    """Data that every step of the diagnosis may use. `settings` is the block `diagnose` of the config,
    `training` the flat settings that the model was trained with; None where it cannot be trained again."""

    network: Classifier
    sets: Sets
    encode: Encoder
    target: str
    n_classes: int
    settings: dict
    rng: np.random.Generator
    training: dict | None = None
    tell: Callable[[str], None] = lambda words: None  # gets a line on the progress now and then

    @property
    def confidence(self) -> float:
        return self.settings["confidence"]

    @property
    def alpha(self) -> float:
        return self.settings["alpha"]

    @property
    def features(self) -> list[str]:
        """The original features that reach the network."""
        return list(self.encode.groups)

    def trained_again(self, X: np.ndarray, y: np.ndarray) -> Classifier:
        """A model like the one to explain, trained on these rows."""
        if not self.network.is_network:
            return self.network.trained_again(X, y, self.training["seed"])
        return train(Partition(X, y), None, self.n_classes, {**self.training, "early_stopping": 0})


@dataclass(frozen=True)
class Accuracies:
    """All rows of each part whose classes are known: which are classified right (n,), confusion matrix, mean log-loss
    (nats), accuracy; and the gaps. Each row by its weight; confusion matrices then sum to the effective rows."""

    right: dict[str, np.ndarray]
    confusion: dict[str, np.ndarray]
    loss: dict[str, Estimate]
    accuracy: dict[str, Estimate]
    train_gap: Estimate  # train - validation
    test_gap: Estimate | None  # validation - test


def accuracy(right: np.ndarray, confidence: float, weights: np.ndarray | None = None, repeats: float = 1.0) -> Estimate:
    """Mean of `right` with Wilson's interval for the effective rows: weighted, and each there `repeats` times."""
    value, rows = mean(right, weights), max(1.0, as_rows(len(right), weights) / repeats)
    return Estimate(value, *wilson_interval(value * rows, rows, confidence))


def accuracies(case: Case) -> Accuracies:
    """The network on the rows as it was fed."""
    right, matrices, losses, found, c = {}, {}, {}, {}, case.confidence
    for name in PARTS if case.sets.labelled else PARTS[:2]:
        part = getattr(case.sets, name)
        codes, loss = classified(case.network, part.X, part.y)
        right[name], as_many = codes == part.y, None if part.weights is None else rows_of_equal_weight(part.weights)
        matrices[name] = confusion(part.y, codes, case.n_classes, as_many)
        losses[name] = Estimate.mean(loss, c, part.weights)
        found[name] = accuracy(right[name], c, part.weights)
    test_gap = found["validation"].minus(found["test"]) if case.sets.labelled else None
    return Accuracies(right, matrices, losses, found, found["train"].minus(found["validation"]), test_gap)


def counted_once(on: Accuracies, case: Case, repeats: float) -> Accuracies:
    """The same, with wider intervals where each test row stands there `repeats` times (design effect)."""
    test, loss = accuracy(on.right["test"], case.confidence, case.sets.test.weights, repeats), on.loss["test"]
    low, high = (loss.value + (end - loss.value) * np.sqrt(repeats) for end in (loss.low, loss.high))
    return replace(
        on,
        confusion={**on.confusion, "test": on.confusion["test"] / repeats},
        loss={**on.loss, "test": Estimate(loss.value, low, high)},
        accuracy={**on.accuracy, "test": test},
        test_gap=on.accuracy["validation"].minus(test),
    )


def macro_figures(matrices: np.ndarray) -> dict[str, np.ndarray]:
    """Balanced accuracy and macro F1 of confusion matrices (..., classes, classes), over the classes that occur."""
    hits = np.diagonal(matrices, axis1=-2, axis2=-1)
    actual, predicted = matrices.sum(axis=-1), matrices.sum(axis=-2)
    present = actual > 0
    number = np.maximum(present.sum(axis=-1), 1)
    return {
        "balanced_accuracy": ratio(hits, actual).sum(axis=-1) / number,
        "macro_f1": (np.where(present, ratio(2 * hits, actual + predicted), 0.0)).sum(axis=-1) / number,
    }


def other_gaps(
    matrices: list[np.ndarray],
    losses: list[Estimate],
    confidence: float,
    resamples: int,
    rng: np.random.Generator,
) -> dict[str, Estimate]:
    """First minus second of each figure; of the log-loss second minus first, so that a loss is positive throughout.

    Balanced accuracy and macro F1 by a smoothed bootstrap: cells of the confusion matrix are drawn with one row more in
    each class, from the Dirichlet distribution (Rubin 1981). The row is spread evenly, or as right as the others are on
    the whole; the wider ends count. The log-loss is a mean of rows.

    Args:
        matrices: confusion matrices (classes, classes) of both sets. losses: their log-losses.
    """
    values, spread = [macro_figures(matrix) for matrix in matrices], []
    for share in (lambda matrix: 1 / len(matrix), lambda matrix: (np.trace(matrix) + 1) / (matrix.sum() + 2)):
        cells = [with_one_row_more(matrix, share(matrix)) for matrix in matrices]
        spread.append([macro_figures(rng.standard_gamma(one, size=(resamples, *one.shape))) for one in cells])
    ends = (0.5 - confidence / 2, 0.5 + confidence / 2)
    gaps = {}
    for name in values[0]:
        value = float(values[0][name] - values[1][name])
        low, high = zip(*(np.quantile(first[name] - second[name], ends) for first, second in spread))
        gaps[name] = Estimate(value, float(min(*low, value)), float(max(*high, value)))
    return {**gaps, "log_loss": losses[1].minus(losses[0])}


def with_one_row_more(matrix: np.ndarray, right: float) -> np.ndarray:
    """The confusion matrix with a row more in each class that occurs, of which a share `right` is classified right."""
    row = np.full(matrix.shape, (1.0 - right) / (len(matrix) - 1))
    np.fill_diagonal(row, right)
    return np.where(matrix.sum(axis=1, keepdims=True) > 0, matrix + row, 0.0)


def difference(figure: Estimate) -> dict:
    return {"difference": figure.value, "low": figure.low, "high": figure.high}


def gap_between(case: Case, on: Accuracies, first: str, second: str) -> dict:
    """The difference of two parts' accuracies, and in `others` that of every other measure."""
    others = other_gaps(
        [on.confusion[first], on.confusion[second]],
        [on.loss[first], on.loss[second]],
        case.confidence,
        case.settings["resamples"],
        case.rng,
    )
    gap = on.accuracy[first].minus(on.accuracy[second])
    return {**difference(gap), "others": {name: difference(one) for name, one in others.items()}}
