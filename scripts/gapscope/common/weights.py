"""Weighted rows: means, effective numbers of rows, and random samples.

`weights` (n,) are the numbers of rows of the population that each row represents (data.weight), or None if all rows
count the same. Only their ratios matter.
"""

import numpy as np


def mean(values: np.ndarray, weights: np.ndarray | None) -> float:
    """Mean of values (n,). Uses no BLAS, so the bits do not depend on the number of threads."""
    return float(values.mean() if weights is None else (weights * values).sum() / weights.sum())


def deviation(values: np.ndarray, weights: np.ndarray | None) -> float:
    """Standard deviation of values (n,), with ddof=0."""
    return float(values.std() if weights is None else np.sqrt(mean((values - mean(values, weights)) ** 2, weights)))


def variance_of_mean(values: np.ndarray, weights: np.ndarray | None) -> float:
    """Variance of the mean of values (n,), estimated from at least two rows."""
    if weights is None:
        return float(values.var(ddof=1) / len(values))
    return deviation(values, weights) ** 2 / (effective_rows(weights) - 1.0)


def effective_rows(weights: np.ndarray) -> float:
    """Number of rows of equal weight whose mean has the same variance: (sum w)^2 / sum w^2 (Kish 1965)."""
    return float(weights.sum() ** 2 / (weights**2).sum())


def rows_of_equal_weight(weights: np.ndarray) -> np.ndarray:
    """Weights (n,) scaled to sum to the effective rows, so that sums of them have the variance of counts."""
    return weights * (effective_rows(weights) / weights.sum())


def as_rows(n: int, weights: np.ndarray | None) -> float:
    """Number of rows that determines uncertainty: `n`, or the effective rows if there are weights."""
    return n if weights is None else effective_rows(weights)


def drawn(weights: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Sorted numbers of rows drawn without repetition, each with probability weight / `_cap`, at most 1.

    The rows drawn are an unweighted sample of the population (rejection sampling, von Neumann 1951). If all weights are
    equal, all rows are kept.
    """
    if np.ptp(weights) == 0:
        return np.arange(len(weights))
    return np.flatnonzero(rng.random(len(weights)) < weights / _cap(weights))


def _cap(weights: np.ndarray) -> float:
    """Upper limit of the weights in `drawn`; without it, a few large weights would leave hardly any other rows.

    It minimises the squared error of a share: the squared bias from capping plus the variance of the rows kept, which
    are at most the effective rows (weight trimming, Potter 1990).
    """
    ordered = np.sort(weights)
    sums, caps = np.append(0.0, ordered.cumsum()), np.geomspace(ordered[-1] / 1e6, ordered[-1], 2000)
    lighter = np.searchsorted(ordered, caps, side="right")
    capped = sums[lighter] + (len(weights) - lighter) * caps
    rows = capped / caps
    error = (1.0 - capped / sums[-1]) ** 2 + 0.25 / rows
    return caps[np.where(rows <= 1.001 * effective_rows(weights), error, np.inf).argmin()]


def thinned(rows: int, limit: int, rng: np.random.Generator, weights: np.ndarray | None = None) -> np.ndarray:
    """At most `limit` sorted row numbers below `rows`, drawn without replacement; limits the work on large tables.

    With weights, rows are `drawn` by their weights first, so that the sample is unweighted.
    """
    kept = np.arange(rows) if weights is None else drawn(weights, rng)
    return kept if len(kept) <= limit else kept[np.sort(rng.choice(len(kept), size=limit, replace=False))]
