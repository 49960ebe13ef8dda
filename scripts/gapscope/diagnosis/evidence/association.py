"""Association of features with the class: mutual information, and how well the relation learnt in training holds."""

import numpy as np

from gapscope.diagnosis.estimates import NOTHING, Estimate
from gapscope.diagnosis.evidence.bins import by_class


def information(codes: np.ndarray, y: np.ndarray, bins: int, n_classes: int, confidence: float) -> Estimate:
    """Mutual information of a binned feature and the class as a share of the class's entropy.

    Less the bias that independent counts would show, (bins - 1)(classes - 1) / 2n nats (Miller 1955). Its standard
    error is that of the mean of the rows' pointwise information.
    """
    joint = by_class(codes, y, bins, n_classes)
    in_class, in_bin, rows = joint.sum(axis=1), joint.sum(axis=0), len(y)
    shares = in_class[in_class > 0] / rows
    entropy = float(-(shares * np.log(shares)).sum())
    if entropy == 0.0:
        return NOTHING
    pointwise = np.log(joint[y, codes] * rows / (in_class[y] * in_bin[codes]))
    bias = (np.count_nonzero(in_bin) - 1) * (len(shares) - 1) / (2 * rows)
    value = (pointwise.mean() - bias) / entropy
    return Estimate.normal(value, pointwise.std() / np.sqrt(rows) / entropy, confidence)


def class_scores(known: np.ndarray, y: np.ndarray, test: np.ndarray, bins: int, n_classes: int) -> np.ndarray:
    """log p(bin | class) (rows of `test`, classes), learnt from the known rows, one row spread over each class."""
    counts = by_class(known, y, bins, n_classes) + 1.0 / bins
    return np.log(counts / counts.sum(axis=1, keepdims=True)).T[test]


def favour(scores: np.ndarray, y: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """By how much each row's score favours its own class over the average class: (n,) nats, clipped at +-5 a row.

    `scores` (n, classes): a sum of class_scores over features. Averaged class by class (see `held`) it does not change
    with the class shares, falls in proportion to the share of labels or values that are wrong, and is negative for a
    relation that is reversed.
    """
    margin = scores[np.arange(len(y)), y] - scores @ shares
    return np.clip(margin, -5.0, 5.0)


def held(margin: np.ndarray, y: np.ndarray, shares: np.ndarray, repeats=1.0) -> tuple[float, float]:
    """Mean margin with each class weighted by `shares`, and its standard error; classes without rows are left out.

    `repeats`: the design effect of the rows of each class (classes,).
    """
    rows = np.bincount(y, minlength=len(shares))
    weights = np.where(rows > 0, shares, 0.0)
    weights = weights / weights.sum()
    means = np.bincount(y, weights=margin, minlength=len(shares)) / np.maximum(rows, 1)
    squares = np.bincount(y, weights=margin**2, minlength=len(shares)) / np.maximum(rows, 1)
    variance = np.maximum(squares - means**2, 0.0) / np.maximum(rows - 1, 1) * repeats
    return float(weights @ means), float(np.sqrt(weights**2 @ variance))


def kept(before: tuple[float, float], after: tuple[float, float], confidence: float) -> Estimate:
    """after / before, both (value, standard error), by the delta method; nothing where `before` may be 0."""
    if Estimate.normal(*before, confidence).low <= 0.0:
        return NOTHING
    ratio = after[0] / before[0]
    return Estimate.normal(ratio, np.hypot(after[1], ratio * before[1]) / before[0], confidence)
