"""Accuracy and other metrics of a classifier on one set of rows."""

from statistics import NormalDist

import numpy as np

from gapscope.common.files import read_json
from gapscope.common.weights import as_rows, mean
from gapscope.network import model
from gapscope.network.mlp import Ensemble, Network
from gapscope.network.model import classified
from gapscope.network.partition import Partition


def evaluate(network: Network | Ensemble, partition: Partition, confidence: float) -> dict:
    """Accuracy with interval, balanced accuracy, macro F1, log-loss (nats), metrics by class, confusion matrix, rows.

    With weights, each metric counts a row by its weight, and the interval is that of `effective_rows` rows.
    """
    y, weights = partition.y, partition.weights
    codes, losses = classified(network, partition.X, y)
    matrix = confusion(y, codes, network.units[-1], weights)
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
        "majority_accuracy": float(matrix.sum(axis=1).max() / total),
        "per_class": {**classes, "rows": np.bincount(y, minlength=len(matrix)).tolist()},
        "confusion_matrix": matrix.tolist(),
    }


def confusion(y: np.ndarray, predicted: np.ndarray, n_classes: int, weights: np.ndarray | None = None) -> np.ndarray:
    """Rows, or their weights, by true class (first axis) and predicted class (second): (n_classes, n_classes)."""
    return np.bincount(y * n_classes + predicted, weights, n_classes**2).reshape(n_classes, n_classes)


def per_class(matrix: np.ndarray) -> dict[str, list]:
    """Precision, recall and F1 of each class; 0 where the denominator is 0."""
    hits, actual, predicted = np.diag(matrix), matrix.sum(axis=1), matrix.sum(axis=0)
    return {
        "precision": ratio(hits, predicted).tolist(),
        "recall": ratio(hits, actual).tolist(),
        "f1": ratio(2 * hits, actual + predicted).tolist(),
    }


def macro_f1(matrix: np.ndarray) -> float:
    """Mean F1 of the classes that have rows."""
    return _macro(per_class(matrix)["f1"], matrix)


def _macro(values: list[float], matrix: np.ndarray) -> float:
    return float(np.array(values)[matrix.sum(axis=1) > 0].mean())


def ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """part / whole, and 0 where `whole` is 0."""
    return part / np.where(whole > 0, whole, 1)


def wilson_interval(right: float, rows: float, confidence: float) -> tuple[float, float]:
    """Wilson's score interval (1927) of a share, which stays within 0 and 1 and holds for small counts."""
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    share, shrink = right / rows, 1 + z * z / rows
    centre = (share + z * z / (2 * rows)) / shrink
    half = z / shrink * np.sqrt(share * (1 - share) / rows + z * z / (4 * rows * rows))
    return max(0.0, float(centre - half)), min(1.0, float(centre + half))


def explained_model(input, activation: str) -> tuple[str, model.Model]:
    """Name and model of the network to explain: `activation`, or for "best" that of highest validation accuracy."""
    if activation == "best":
        metrics = read_json(input.metrics)
        activation = max(metrics, key=lambda name: metrics[name]["validation"]["accuracy"])
    return activation, model.load(next(path for path in input.models if path.endswith(f"/{activation}.npz")))


def judged(metrics: dict) -> str:
    """The rows that networks are judged by: `test`, or `validation` where the test classes are not known."""
    return "test" if all(result["test"] for result in metrics.values()) else "validation"
