"""Rows of different weight: means, effective numbers of rows, and random samples.

`weights` (n,) say how many rows of the population each row stands for (data.weight); None if all rows count alike. Only
their ratios matter.
"""

import numpy as np


def mean(values: np.ndarray, weights: np.ndarray | None) -> float:
    """Mean of one value per row (n,); summed by NumPy, so that the number of BLAS threads changes no bit."""
    return float(values.mean() if weights is None else (weights * values).sum() / weights.sum())


def deviation(values: np.ndarray, weights: np.ndarray | None) -> float:
    """Standard deviation of one value per row (n,), with n in the denominator."""
    return float(values.std() if weights is None else np.sqrt(mean((values - mean(values, weights)) ** 2, weights)))


def variance_of_mean(values: np.ndarray, weights: np.ndarray | None) -> float:
    """Variance of the mean of one value per row (n,), for a sample of two rows or more."""
    if weights is None:
        return float(values.var(ddof=1) / len(values))
    return deviation(values, weights) ** 2 / (effective_rows(weights) - 1.0)


def effective_rows(weights: np.ndarray) -> float:
    """Number of rows of equal weight whose mean would vary as little: (sum w)^2 / sum w^2 (Kish 1965)."""
    return float(weights.sum() ** 2 / (weights**2).sum())


def rows_of_equal_weight(weights: np.ndarray) -> np.ndarray:
    """Weights (n,) scaled to sum to the effective rows, so that their sums are as uncertain as counts of rows."""
    return weights * (effective_rows(weights) / weights.sum())


def as_rows(n: int, weights: np.ndarray | None) -> float:
    """Number of rows to use for the uncertainty of a figure of `n` rows: the effective rows if they have weights."""
    return n if weights is None else effective_rows(weights)


def drawn(weights: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Sorted row numbers; each row is kept with the probability of its weight over `_cap`, or 1.

    The rows kept count as one each: they are a sample of the population without repeated rows (rejection sampling, von
    Neumann 1951). Rows of equal weight are all kept, without a draw.
    """
    if np.ptp(weights) == 0:
        return np.arange(len(weights))
    return np.flatnonzero(rng.random(len(weights)) < weights / _cap(weights))


def _cap(weights: np.ndarray) -> float:
    """The weight beyond which rows count alike, so that a few heavy rows do not leave next to no others.

    It has the least squared error of a share: what the capped weights lack, squared, and the variance of the rows kept,
    which are no more than the effective rows (weight trimming, Potter 1990).
    """
    ordered = np.sort(weights)
    sums, caps = np.append(0.0, ordered.cumsum()), np.geomspace(ordered[-1] / 1e6, ordered[-1], 2000)
    lighter = np.searchsorted(ordered, caps, side="right")
    capped = sums[lighter] + (len(weights) - lighter) * caps
    rows = capped / caps
    error = (1.0 - capped / sums[-1]) ** 2 + 0.25 / rows
    return caps[np.where(rows <= 1.001 * effective_rows(weights), error, np.inf).argmin()]


def thinned(rows: int, limit: int, rng: np.random.Generator, weights: np.ndarray | None = None) -> np.ndarray:
    """At most `limit` row numbers below `rows`, sorted, drawn without replacement: bounds the work on large tables.

    Rows of different weight are first `drawn` by their weights, so that the rows kept count as one each.
    """
    kept = np.arange(rows) if weights is None else drawn(weights, rng)
    return kept if len(kept) <= limit else kept[np.sort(rng.choice(len(kept), size=limit, replace=False))]
