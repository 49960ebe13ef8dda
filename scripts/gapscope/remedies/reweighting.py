"""Corrections for class shares or densities that differ between training and test set. None reads a test class."""

from collections.abc import Callable

import numpy as np

from gapscope.common.weights import as_rows
from gapscope.network.mlp import logits, softmax
from gapscope.network.partition import Partition
from gapscope.network.training import train

FOLDS = 2
TELLING_APART = {  # settings of the network that distinguishes training rows from test rows
    "activation": "relu", "hidden": [16], "initialisation": "he", "weight_scale": 0.1, "optimizer": "adam",
    "learning_rate": 0.01, "schedule": "cosine", "momentum": 0.9, "batch_size": 128, "iterations": 20,
    "early_stopping": 0, "l1": 0.0, "l2": 0.001, "dropout": 0.0, "input_noise": 0.0, "label_smoothing": 0.0,
    "class_weights": "none", "generator": "pcg64", "form": "blocks", "precision": "float32",
    "update_order": "after_backward", "blas_threads": 1,
}  # fmt: skip
LARGEST_RATIO = 20.0  # limit of importance weights; a few rows with large weights make training noisy
LEAST_P = 1e-12
OLD_ROWS = 50  # of the old class shares, beside the test rows: few rows of classes that look alike tell little of them
STEPS, TOLERANCE = 1000, 1e-8  # limits of the expectation-maximisation


def oversampled(
    rows: np.ndarray, y: np.ndarray, rng: np.random.Generator, weights: np.ndarray | None = None
) -> np.ndarray:
    """`rows`, plus random repetitions from the smaller classes, so that all classes have the same number of rows.

    With `weights` (n,), all classes get the same sum of weights.
    """
    classes = [rows[y[rows] == code] for code in np.unique(y[rows])]
    weights = np.ones(len(y)) if weights is None else weights
    sums = [weights[members].sum() for members in classes]
    more = [round((max(sums) - total) / weights[members].mean()) for members, total in zip(classes, sums)]
    return np.concatenate([rows, *(rng.choice(members, size=number) for members, number in zip(classes, more))])


def density_ratio(
    X: np.ndarray,
    X_test: np.ndarray,
    rng: np.random.Generator,
    weights: tuple[np.ndarray | None, np.ndarray | None] = (None, None),
) -> np.ndarray:
    """Density of the test rows over that of the training rows at each row of X (n, d), at most LARGEST_RATIO: (n,).

    A network learns to distinguish test rows from training rows. The ratio is p / (1 - p), scaled by the numbers of
    rows (Bickel, Brückner and Scheffer, JMLR 10, 2009). For each row it is from a network trained on the other fold.
    Its settings are fixed because label smoothing, for example, would flatten the ratios. With `weights` of both
    tables' rows, the densities are those of the populations.
    """
    both_weights = None if weights[0] is None else np.concatenate([each / each.mean() for each in weights])
    both = Partition(np.concatenate([X, X_test]), np.repeat([0, 1], [len(X), len(X_test)]), both_weights)
    fold, p = rng.permutation(len(both.y)) % FOLDS, np.empty((len(X), 2))
    for held_out in range(FOLDS):
        others, rows = both.at(np.flatnonzero(fold != held_out)), np.flatnonzero(fold[: len(X)] == held_out)
        network = train(others, others, 2, {**TELLING_APART, "seed": int(rng.integers(2**31))})
        p[rows] = softmax(logits(network, X[rows]))
    ratio = p[:, 1] / np.maximum(p[:, 0], np.finfo(float).tiny) * (len(X) / len(X_test))
    return np.minimum(ratio, LARGEST_RATIO)


def calibrated(p: np.ndarray, y: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """How probabilities become calibrated: a power, and a factor per class, that fit p (n, classes) to y (n,) best.

    Without that, the correction moves far too much where a network is too sure of itself (Alexandari, Kundaje and
    Shrikumar, ICML 2020).
    """
    from scipy.optimize import minimize  # here: half a second, for one remedy

    def softened(p: np.ndarray, figures: np.ndarray) -> np.ndarray:
        return softmax(np.log(np.maximum(p, LEAST_P)) * np.exp(figures[0]) + figures[1:])

    def loss(figures: np.ndarray) -> float:
        right = np.maximum(softened(p, figures)[np.arange(len(y)), y], LEAST_P)
        return float(-np.log(right).mean() + (figures**2).sum() / 2 / len(y))

    found = minimize(loss, np.zeros(p.shape[1] + 1)).x
    return lambda p: softened(p, found)


def cross_calibrated(p: np.ndarray, y: np.ndarray) -> np.ndarray:
    """p (n, classes), every second row calibrated by the others and these by it: no row by its own class."""
    found, even = np.empty(p.shape), np.arange(len(y)) % 2 == 0
    for rows in (even, ~even):
        found[rows] = calibrated(p[~rows], y[~rows])(p[rows]) if (~rows).any() else p[rows]
    return found


def prior_corrected(p: np.ndarray, shares: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """Probabilities p (n, classes) corrected for class shares that differ from the training `shares` (classes,).

    The new shares are estimated from p alone by expectation-maximisation (Saerens, Latinne and Decaestecker, Neural
    Computation 14, 2002): p is multiplied by new / old shares and normalised; its mean, weighted by `weights` (n,), and
    by OLD_ROWS rows of the old shares, gives the next estimate.
    """
    shares = np.maximum(shares, np.finfo(float).tiny)
    new, p, old = shares, p.astype(np.float64), OLD_ROWS / as_rows(len(p), weights)
    for _ in range(STEPS):
        posterior = p * (new / shares)
        posterior /= posterior.sum(axis=1, keepdims=True)
        before, new = new, (np.average(posterior, axis=0, weights=weights) + old * shares) / (1.0 + old)
        if np.abs(new - before).max() < TOLERANCE:
            break
    return posterior
