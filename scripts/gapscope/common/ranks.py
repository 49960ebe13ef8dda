"""Ranks of values, in place of scipy.stats, whose import takes most of a second."""

import numpy as np


def ranks(values: np.ndarray) -> np.ndarray:
    """The rank of each value (n,) from 1 on; equal values share the mean of theirs."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (counts.cumsum() - (counts - 1) / 2)[place]


def spearman(one: np.ndarray, other: np.ndarray) -> float:
    """Spearman's rank correlation of two samples (n,): Pearson's, of their ranks. NaN where a value is."""
    if np.isnan(one).any() or np.isnan(other).any():
        return float("nan")
    return float(np.corrcoef(np.column_stack([ranks(one), ranks(other)]), rowvar=False)[1, 0])
