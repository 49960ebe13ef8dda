"""Rows that count differently: their means, and how many rows of equal weight would say as much.

Everywhere `weights` (n,) are how many rows of the population each row stands for (data.weight), or None where all count
alike. Only their ratios matter.
"""

import numpy as np


def mean(values: np.ndarray, weights: np.ndarray | None) -> float:
    """Of one value per row (n,); summed by NumPy, so that no number of BLAS threads changes a bit."""
    return float(values.mean() if weights is None else (weights * values).sum() / weights.sum())


def deviation(values: np.ndarray, weights: np.ndarray | None) -> float:
    """Standard deviation of one value per row (n,), with n in the denominator."""
    return float(values.std() if weights is None else np.sqrt(mean((values - mean(values, weights)) ** 2, weights)))


def variance_of_mean(values: np.ndarray, weights: np.ndarray | None) -> float:
    """Of the mean of one value per row (n,), of a sample of two rows or more."""
    if weights is None:
        return float(values.var(ddof=1) / len(values))
    return deviation(values, weights) ** 2 / (effective_rows(weights) - 1.0)


def effective_rows(weights: np.ndarray) -> float:
    """Rows of equal weight whose mean would vary as little: (sum w)^2 / sum w^2 (Kish 1965)."""
    return float(weights.sum() ** 2 / (weights**2).sum())


def rows_of_equal_weight(weights: np.ndarray) -> np.ndarray:
    """The weights (n,) made to sum to the effective rows: counts of such are as uncertain as counts of rows."""
    return weights * (effective_rows(weights) / weights.sum())


def as_rows(n: int, weights: np.ndarray | None) -> float:
    """How many rows `n` rows count as where a figure's uncertainty is told."""
    return n if weights is None else effective_rows(weights)


def drawn(weights: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Row numbers, in order: each row is kept with the probability of its weight over the largest.

    Of the rows that are kept, each counts as one: they are a sample of the population, in which no row stands twice
    (rejection sampling, von Neumann 1951). Rows of equal weight are all kept, and nothing is drawn.
    """
    if np.ptp(weights) == 0:
        return np.arange(len(weights))
    return np.flatnonzero(rng.random(len(weights)) < weights / weights.max())
