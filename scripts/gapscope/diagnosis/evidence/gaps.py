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

    Balanced accuracy and macro F1 by the bootstrap: resampling rows is resampling the cells of the confusion matrix
    (Efron and Tibshirani 1993). The log-loss is a mean of rows.

    Args:
        matrices: confusion matrices (classes, classes) of both sets. losses: their log-losses.
    """
    drawn = [
        rng.multinomial(round(matrix.sum()), matrix.ravel() / matrix.sum(), size=resamples).reshape(-1, *matrix.shape)
        for matrix in matrices
    ]
    values, spread = ([macro_figures(part) for part in parts] for parts in (matrices, drawn))
    ends = (0.5 - confidence / 2, 0.5 + confidence / 2)
    gaps = {
        name: Estimate(
            float(values[0][name] - values[1][name]), *np.quantile(spread[0][name] - spread[1][name], ends).tolist()
        )
        for name in values[0]
    }
    return {**gaps, "log_loss": losses[1].minus(losses[0])}


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
