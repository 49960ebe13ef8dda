"""Differences of accuracy, balanced accuracy, macro F1 and log-loss between two sets of rows, with intervals."""

import numpy as np

from gapscope.diagnosis.context import Accuracies, Case
from gapscope.diagnosis.estimates import Estimate
from gapscope.evaluation.metrics import ratio


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
    each class, spread over its cells, from the Dirichlet distribution (Rubin 1981). The log-loss is a mean of rows.

    Args:
        matrices: confusion matrices (classes, classes) of both sets. losses: their log-losses.
    """
    cells = [np.where(matrix.sum(axis=1, keepdims=True) > 0, matrix + 1 / len(matrix), 0.0) for matrix in matrices]
    drawn = [rng.standard_gamma(one, size=(resamples, *one.shape)) for one in cells]
    values, spread = ([macro_figures(part) for part in parts] for parts in (matrices, drawn))
    ends = (0.5 - confidence / 2, 0.5 + confidence / 2)
    gaps = {
        name: around(values[0][name] - values[1][name], np.quantile(spread[0][name] - spread[1][name], ends))
        for name in values[0]
    }
    return {**gaps, "log_loss": losses[1].minus(losses[0])}


def around(value: float, ends: np.ndarray) -> Estimate:
    """The interval with these ends, which holds the value."""
    return Estimate(float(value), float(min(ends[0], value)), float(max(ends[1], value)))


def difference(figure: Estimate) -> dict:
    return {"difference": figure.value, "low": figure.low, "high": figure.high}


def gap_between(case: Case, on: Accuracies, first: str, second: str, gap: Estimate) -> dict:
    """The difference of two parts' accuracies, and in `others` that of every other measure."""
    others = other_gaps(
        [on.confusion[first], on.confusion[second]],
        [on.loss[first], on.loss[second]],
        case.confidence,
        case.settings["resamples"],
        case.rng,
    )
    return {**difference(gap), "others": {name: difference(one) for name, one in others.items()}}
