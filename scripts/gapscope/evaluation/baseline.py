"""Softmax regression, the baseline that every model is compared with."""

import math

import numpy as np

from gapscope.common.weights import as_rows, mean
from gapscope.evaluation.metrics import difference_interval, wilson_interval
from gapscope.network.classifier import Classifier
from gapscope.network.mlp import Network
from gapscope.network.model import classes
from gapscope.network.partition import Partition
from gapscope.network.training import batch_rows, train

UPDATES = 5000  # as many at least, which bring its loss close to the minimum
CONVERGING = {
    "hidden": [],
    "activation": "relu",
    "early_stopping": 0,
    "optimizer": "adam",
    "learning_rate": 0.05,
    "schedule": "cosine",
    "form": "blocks",
    "update_order": "after_backward",
}


def softmax_regression(training: Partition, n_classes: int, train_settings: dict) -> Network:
    """A network without hidden layers, trained until it converges, with the penalties that all networks share."""
    rows = len(training.y)
    batch = min(batch_rows("auto", rows), rows)
    settings = {"batch_size": batch, "iterations": math.ceil(UPDATES * batch / rows)}
    return train(training, None, n_classes, {**train_settings, **CONVERGING, **settings})


def hits(classifier: Classifier, partition: Partition) -> np.ndarray:
    """Whether each row is classified correctly (n,)."""
    return classes(classifier, partition.X) == partition.y


def beside_baseline(ours: np.ndarray, other: np.ndarray, weights: np.ndarray | None, confidence: float) -> dict:
    """Accuracy of a baseline from its `hits` (n,), and by how much our accuracy is higher, with intervals."""
    rows, accuracy = as_rows(len(other), weights), mean(other.astype(float), weights)
    difference, low, high = difference_interval(ours.astype(float) - other, weights, confidence)
    return {
        "accuracy": accuracy,
        "accuracy_interval": list(wilson_interval(accuracy * rows, rows, confidence)),
        "ahead": {"difference": difference, "low": low, "high": high},
    }
