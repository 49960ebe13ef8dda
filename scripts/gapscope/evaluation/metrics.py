"""Figures of merit of a classifier on one set of rows."""

from statistics import NormalDist

import numpy as np

from gapscope.common.weights import as_rows
from gapscope.network.mlp import Ensemble, Network
from gapscope.network.predicted import classified
from gapscope.network.stored import StoredRows


def evaluate(
    network: Network | Ensemble,
    X: np.ndarray | StoredRows,
    y: np.ndarray,
    confidence: float,
    weights: np.ndarray | None = None,
) -> dict:
    """Accuracy, interval, balanced accuracy, macro F1, log-loss (nats), per-class figures, confusion matrix, rows.

    With `weights` (n,) each figure counts a row by its weight, but `rows`; intervals are those of `effective_rows`.
    """
    codes, own = classified(network, X, y)
    matrix = confusion(y, codes, network.units[-1], weights)
    total, rows = matrix.sum(), as_rows(len(y), weights)
    classes = per_class(matrix)
    present = matrix.sum(axis=1) > 0
    return {
        "rows": len(y),
        **({} if weights is None else {"effective_rows": rows}),
        "accuracy": float(np.trace(matrix) / total),
        "accuracy_interval": list(wilson_interval(np.trace(matrix) * (rows / total), rows, confidence)),
        "confidence": confidence,
        "balanced_accuracy": float(np.array(classes["recall"])[present].mean()),
        "macro_f1": float(np.array(classes["f1"])[present].mean()),
        "log_loss": float(np.average(-np.log(np.maximum(own, np.finfo(own.dtype).tiny)), weights=weights)),
        "majority_accuracy": float(matrix.sum(axis=1).max() / total),
        "per_class": {**classes, "rows": np.bincount(y, minlength=len(matrix)).tolist()},
        "confusion_matrix": matrix.tolist(),
    }


def confusion(y: np.ndarray, predicted: np.ndarray, n_classes: int, weights: np.ndarray | None = None) -> np.ndarray:
    """Rows, or their weights, by true class (first axis) and predicted class (second): (n_classes, n_classes)."""
    return np.bincount(y * n_classes + predicted, weights, n_classes**2).reshape(n_classes, n_classes)


def per_class(matrix: np.ndarray) -> dict[str, list]:
    """Precision, recall and F1 of each class; a figure whose denominator is 0 counts as 0."""
    hits, actual, predicted = np.diag(matrix), matrix.sum(axis=1), matrix.sum(axis=0)
    return {
        "precision": ratio(hits, predicted).tolist(),
        "recall": ratio(hits, actual).tolist(),
        "f1": ratio(2 * hits, actual + predicted).tolist(),
    }


def ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """part / whole, and 0 where `whole` is 0."""
    return part / np.where(whole > 0, whole, 1)


def wilson_interval(right: float, rows: float, confidence: float) -> tuple[float, float]:
    """Interval of a share by Wilson's score (1927), which stays within 0 and 1 and holds for small counts."""
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    share, shrink = right / rows, 1 + z * z / rows
    centre = (share + z * z / (2 * rows)) / shrink
    half = z / shrink * np.sqrt(share * (1 - share) / rows + z * z / (4 * rows * rows))
    return max(0.0, float(centre - half)), min(1.0, float(centre + half))


def explained(metrics: dict, wanted: str) -> str:
    """The network that diagnosis and remedies are about: `wanted`, or for best that of highest validation accuracy."""
    return wanted if wanted != "best" else max(metrics, key=lambda name: metrics[name]["validation"]["accuracy"])


def judged(metrics: dict) -> str:
    """The part that networks are judged by: the test set, or the validation part where no test classes are known."""
    return "test" if all(result["test"] for result in metrics.values()) else "validation"
