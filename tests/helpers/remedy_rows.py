"""Rows and settings for networks that remedies are tried on, small enough to train in a moment."""

import numpy as np

from gapscope.network.partition import Partition

SETTINGS = {
    "activation": "relu", "hidden": [6], "initialisation": "he", "weight_scale": 0.1, "optimizer": "adam",
    "learning_rate": 0.05, "schedule": "cosine", "momentum": 0.9, "batch_size": 64, "iterations": 6,
    "early_stopping": 0, "l1": 0.0, "l2": 0.0, "dropout": 0.0, "input_noise": 0.0, "label_smoothing": 0.0,
    "class_weights": "none", "seed": 0, "generator": "pcg64", "form": "blocks", "precision": "float32",
    "update_order": "after_backward", "blas_threads": 1,
}  # fmt: skip


def rows_of(n, seed, lost=False):
    """Column 0 tells the class well, column 1 a little, column 2 nothing; `lost`: column 0 is noise."""
    rng = np.random.default_rng(seed)
    y = (rng.random(n) < 0.7).astype(int)
    X = rng.normal(size=(n, 3)) + np.outer(y - 0.5, [0.0 if lost else 4.0, 1.0, 0.0])
    return Partition(X, y)
