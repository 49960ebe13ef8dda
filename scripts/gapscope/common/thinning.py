"""At most so many rows, drawn at random: what bounds the work on large tables."""

import numpy as np

from gapscope.common.weights import drawn


def thinned(rows: int, limit: int, rng: np.random.Generator, weights: np.ndarray | None = None) -> np.ndarray:
    """At most `limit` row numbers out of `rows`, drawn without replacement, in order.

    Rows that count differently are drawn by their weights first: each of those left stands for as many others.
    """
    left = np.arange(rows) if weights is None else drawn(weights, rng)
    return left if len(left) <= limit else left[np.sort(rng.choice(len(left), size=limit, replace=False))]


def judged_rows(number: int, limit: int, seed: int) -> np.ndarray:
    """The rows of the test set that remedies and the ceiling are judged by, at most `limit`, drawn at random."""
    return thinned(number, limit, np.random.default_rng([seed, 2]))
