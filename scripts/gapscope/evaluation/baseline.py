"""Softmax regression, the baseline that every model is compared with."""

from statistics import NormalDist

import numpy as np

from gapscope.common.weights import as_rows, deviation, mean
from gapscope.evaluation.metrics import wilson_interval
from gapscope.network.classifier import Classifier
from gapscope.network.mlp import Network
from gapscope.network.model import classes
from gapscope.network.partition import Partition
from gapscope.network.training import train


def softmax_regression(training: Partition, n_classes: int, train_settings: dict) -> Network:
    """A network without hidden layers, trained with the settings that all networks share."""
    settings = {**train_settings, "hidden": [], "activation": "relu", "early_stopping": 0}
    return train(training, None, n_classes, settings)


def hits(classifier: Classifier, partition: Partition) -> np.ndarray:
    """Whether each row is classified correctly (n,)."""
    return classes(classifier, partition.X) == partition.y


def beside_baseline(ours: np.ndarray, other: np.ndarray, weights: np.ndarray | None, confidence: float) -> dict:
    """Accuracy of a baseline from its `hits` (n,), and by how much our accuracy is higher, with intervals."""
    rows, accuracy = as_rows(len(other), weights), mean(other.astype(float), weights)
    ahead = ours.astype(float) - other
    difference = mean(ahead, weights)
    reach = NormalDist().inv_cdf((1 + confidence) / 2) * deviation(ahead, weights) / np.sqrt(rows)
    return {
        "accuracy": accuracy,
        "accuracy_interval": list(wilson_interval(accuracy * rows, rows, confidence)),
        "ahead": {"difference": difference, "low": float(difference - reach), "high": float(difference + reach)},
    }
