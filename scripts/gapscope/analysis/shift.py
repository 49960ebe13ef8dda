"""How each feature differs between two tables: by itself, given the class, and in what it tells about the class.

All figures come from counts in bins: for a numeric feature ten of equally many reference rows, else one per level.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

BINS = 10


@dataclass(frozen=True)
class Binned:
    """A feature of two tables in common bins: whole numbers 0 .. bins - 1 for each row of either."""

    reference: np.ndarray
    other: np.ndarray
    bins: int


def binned(reference: pd.Series, other: pd.Series) -> Binned:
    """Bins fitted on `reference`; a level that only `other` has gets a bin of its own."""
    if pd.api.types.is_numeric_dtype(reference):
        edges = np.unique(np.quantile(reference, np.linspace(0, 1, BINS + 1)[1:-1]))
        return Binned(
            np.searchsorted(edges, reference, side="left"), np.searchsorted(edges, other, side="left"), len(edges) + 1
        )
    codes, levels = pd.factorize(pd.concat([reference, other], ignore_index=True), sort=True)
    return Binned(codes[: len(reference)], codes[len(reference) :], len(levels))


def stability_index(reference: np.ndarray, other: np.ndarray) -> float:
    """Population stability index of two count vectors, sum (q - p) ln(q / p), half a row added to each bin."""
    p, q = ((counts + 0.5) / (counts + 0.5).sum() for counts in (reference, other))
    return float(((q - p) * np.log(q / p)).sum())


def information(bins: np.ndarray, y: np.ndarray, n_bins: int, n_classes: int) -> float:
    """Mutual information of a binned feature and the class as a share of the class's entropy, at least 0.

    Less the bias that independent counts would show, (bins - 1)(classes - 1) / 2n nats (Miller 1955).
    """
    joint = np.bincount(bins * n_classes + y, minlength=n_bins * n_classes).reshape(n_bins, n_classes)
    by_bin, by_class, rows = joint.sum(axis=1), joint.sum(axis=0), len(y)
    entropy = _entropy(by_class)
    if entropy == 0.0:
        return 0.0
    bias = (np.count_nonzero(by_bin) - 1) * (np.count_nonzero(by_class) - 1) / (2 * rows)
    return max(0.0, (_entropy(by_bin) + entropy - _entropy(joint.ravel()) - bias) / entropy)


def _entropy(counts: np.ndarray) -> float:
    """Shannon entropy of a count vector, in nats."""
    shares = counts[counts > 0] / counts.sum()
    return float(-(shares * np.log(shares)).sum())


def feature_shift(reference: pd.DataFrame, other: pd.DataFrame, feature: str, target: str, n_classes: int) -> dict:
    """Statistics of one feature; `reference` and `other` are cleaned tables with class codes in column `target`."""
    both = binned(reference[feature], other[feature])
    y, y_other = reference[target].to_numpy(), other[target].to_numpy()

    def counts(bins, chosen):
        return np.bincount(bins[chosen], minlength=both.bins)

    given = [
        stability_index(counts(both.reference, y == code), counts(both.other, y_other == code))
        for code in range(n_classes)
        if (y == code).any() and (y_other == code).any()
    ]
    numeric = pd.api.types.is_numeric_dtype(reference[feature])
    return {
        "feature": feature,
        "kind": "numeric" if numeric else "categorical",
        "psi": stability_index(counts(both.reference, slice(None)), counts(both.other, slice(None))),
        "psi_given_class": float(np.mean(given)),
        "distance": ks_distance(reference[feature], other[feature]) if numeric else _total_variation(both),
        "information_validation": information(both.reference, y, both.bins, n_classes),
        "information_test": information(both.other, y_other, both.bins, n_classes),
        "correlation_validation": _correlation(reference[feature], y) if numeric else None,
        "correlation_test": _correlation(other[feature], y_other) if numeric else None,
    }


def ks_distance(first: pd.Series, second: pd.Series) -> float:
    """Largest distance of the two empirical distribution functions (Kolmogorov and Smirnov)."""
    values = np.concatenate([first, second])
    below = [np.searchsorted(np.sort(part), values, side="right") / len(part) for part in (first, second)]
    return float(np.abs(below[0] - below[1]).max())


def _total_variation(both: Binned) -> float:
    p, q = (np.bincount(bins, minlength=both.bins) / len(bins) for bins in (both.reference, both.other))
    return float(0.5 * np.abs(p - q).sum())


def _correlation(values: pd.Series, y: np.ndarray) -> float | None:
    """Pearson correlation with the class code, or None where either is constant."""
    if np.ptp(values) == 0 or np.ptp(y) == 0:
        return None
    return float(np.corrcoef(values, y)[0, 1])
