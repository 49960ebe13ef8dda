"""Accuracy and other metrics of a classifier."""

from statistics import NormalDist

import numpy as np

from gapscope.common.weights import as_rows, mean
from gapscope.network.classifier import Classifier
from gapscope.network.model import log_probabilities_of
from gapscope.network.partition import Partition


def evaluate(classifier: Classifier, partition: Partition, confidence: float) -> dict:
    """All metrics of a classifier, such as accuracy with its interval, log-loss (nats), and metrics by class.

    If the partition has weights, all metrics are weighted, and the interval is that of `effective_rows` rows.
    """
    y, weights = partition.y, partition.weights
    log_p = log_probabilities_of(classifier, partition.X)
    codes, losses = log_p.argmax(axis=1), -log_p[np.arange(len(y)), y].astype(np.float64)
    matrix = confusion(y, codes, classifier.units[-1], weights)
    total, rows = matrix.sum(), as_rows(len(y), weights)
    classes = per_class(matrix)
    return {
        "rows": len(y),
        **({} if weights is None else {"effective_rows": rows}),
        "accuracy": float(np.trace(matrix) / total),
        "accuracy_interval": list(wilson_interval(np.trace(matrix) * (rows / total), rows, confidence)),
        "confidence": confidence,
        "balanced_accuracy": _macro(classes["recall"], matrix),
        "macro_f1": macro_f1(matrix),
        "log_loss": mean(losses, weights),
        **ranking(log_p, y, weights),
        **calibration(np.exp(log_p.max(axis=1).astype(np.float64)), codes == y, weights),
        "majority_accuracy": float(matrix.sum(axis=1).max() / total),
        "per_class": {**classes, "rows": np.bincount(y, minlength=len(matrix)).tolist()},
        "confusion_matrix": matrix.tolist(),
    }


def ranking(scores: np.ndarray, y: np.ndarray, weights: np.ndarray | None = None) -> dict[str, float | None]:
    """ROC AUC and average precision, one class against the rest, averaged over the classes with rows.

    `scores` are (n, classes). Both metrics are None if all rows have the same class.
    """
    areas, precisions, each = [], [], 1.0 if weights is None else weights
    for code in np.unique(y):
        _, place = np.unique(-scores[:, code], return_inverse=True)  # equal scores are one step of the curve
        hits, misses = (np.bincount(place, part * each).cumsum() for part in (y == code, y != code))
        gained = np.diff(hits, prepend=0)
        areas.append((np.diff(misses, prepend=0) * (hits - gained / 2)).sum() / max(hits[-1] * misses[-1], 1e-300))
        precisions.append((gained * hits / (hits + misses)).sum() / hits[-1])
    if len(areas) < 2:
        return {"roc_auc": None, "average_precision": None}
    return {"roc_auc": float(np.mean(areas)), "average_precision": float(np.mean(precisions))}


def calibration(confidence: np.ndarray, right: np.ndarray, weights: np.ndarray | None = None) -> dict:
    """Expected calibration error and reliability curve, in ten equal bins (Naeini, Cooper and Hauskrecht 2015).

    `confidence` is the probability of the predicted class (n,), `right` whether it is the true class (n,).
    """
    place = np.searchsorted(np.linspace(0, 1, 11)[1:-1], confidence)
    each = np.ones(len(place)) if weights is None else weights
    rows, mean_p, accuracy = (np.bincount(place, part * each, 10) for part in (1.0, confidence, right))
    filled = rows > 0
    mean_p, accuracy = (part[filled] / rows[filled] for part in (mean_p, accuracy))
    curve = [
        dict(zip(("probability", "accuracy", "rows"), map(float, bin_))) for bin_ in zip(mean_p, accuracy, rows[filled])
    ]
    error = (rows[filled] * np.abs(mean_p - accuracy)).sum() / rows.sum()
    return {"calibration_error": float(error), "reliability": curve}


def confusion(y: np.ndarray, predicted: np.ndarray, n_classes: int, weights: np.ndarray | None = None) -> np.ndarray:
    """Number or weight of rows by true class (first axis) and predicted class (second): (n_classes, n_classes)."""
    return np.bincount(y * n_classes + predicted, weights, n_classes**2).reshape(n_classes, n_classes)


def per_class(matrix: np.ndarray) -> dict[str, list]:
    """Precision, recall and F1 of each class from a confusion matrix; 0 where the denominator is 0."""
    hits, actual, predicted = np.diag(matrix), matrix.sum(axis=1), matrix.sum(axis=0)
    return {
        "precision": ratio(hits, predicted).tolist(),
        "recall": ratio(hits, actual).tolist(),
        "f1": ratio(2 * hits, actual + predicted).tolist(),
    }


def macro_f1(matrix: np.ndarray) -> float:
    """Mean F1 of the classes with rows."""
    return _macro(per_class(matrix)["f1"], matrix)


def _macro(values: list[float], matrix: np.ndarray) -> float:
    return float(np.array(values)[matrix.sum(axis=1) > 0].mean())


def ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """part / whole, or 0 where `whole` is 0."""
    return part / np.where(whole > 0, whole, 1)


def wilson_interval(right: float, rows: float, confidence: float) -> tuple[float, float]:
    """Wilson score interval (1927) of a share; it is within 0 and 1 and valid for small counts."""
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    share, shrink = right / rows, 1 + z * z / rows
    centre = (share + z * z / (2 * rows)) / shrink
    half = z / shrink * np.sqrt(share * (1 - share) / rows + z * z / (4 * rows * rows))
    return max(0.0, float(centre - half)), min(1.0, float(centre + half))


def difference_interval(
    rows: np.ndarray, weights: np.ndarray | None, confidence: float, added: float = 0.0
) -> tuple[float, float, float]:
    """Mean of one difference between -1 and 1 per row (n,), and the ends of its interval.

    The interval is that with a row of +1 and one of -1 more, each counted half, and two of 0 (Bonett and Price 2012):
    equal rows are not beyond doubt. `added`: what something else than the rows adds to the variance.
    """
    value, n = mean(rows, weights), as_rows(len(rows), weights)
    centre, squares = value * n / (n + 2), (mean(rows**2, weights) * n + 1) / (n + 2)
    error = np.sqrt((squares - centre**2) / (n + 2) + added)
    reach = float(NormalDist().inv_cdf(0.5 + confidence / 2) * error)
    return value, min(centre - reach, value), max(centre + reach, value)


def judged(metrics: dict) -> str:
    """The rows that models are compared on: `test`, or `validation` if the test classes are unknown."""
    return "test" if all(result["test"] for result in metrics.values()) else "validation"
