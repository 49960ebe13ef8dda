"""Two tables' features in common bins: ten of equally many known rows for a numeric feature (fewer in small tables) and
one on either side of the known range, one per level for another. "Known" are the rows of the training table.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

BINS = 10
LEAST_ROWS = 5  # in each bin of each class, on average: what a chi-squared test must expect (Cochran 1954)


@dataclass(frozen=True)
class Binned:
    """A feature of two tables in common bins: whole numbers 0 .. bins - 1 for each row of either."""

    known: np.ndarray
    test: np.ndarray
    bins: int


def bins_for(rows: int, n_classes: int) -> int:
    """As many bins as leave some five rows to each bin and class: 2 to 10."""
    return int(np.clip(rows // (LEAST_ROWS * n_classes), 2, BINS))


def is_numeric(column: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(column)


def binned(known: pd.Series, test: pd.Series, bins: int = BINS) -> Binned:
    """Bins fitted on `known`; values outside its range and levels that it lacks get bins of their own."""
    if not is_numeric(known):
        codes, levels = pd.factorize(pd.concat([known, test], ignore_index=True), sort=True)
        return Binned(codes[: len(known)], codes[len(known) :], len(levels))
    values = known.to_numpy(np.float64)
    inner = np.unique(np.quantile(values, np.linspace(0, 1, bins + 1)[1:-1]))
    edges = np.unique(np.concatenate([[np.nextafter(values.min(), -np.inf)], inner, [values.max()]]))
    codes = [np.searchsorted(edges, part.to_numpy(np.float64), side="left") for part in (known, test)]
    return Binned(*codes, len(edges) + 1)


def all_binned(known: pd.DataFrame, test: pd.DataFrame, features: list[str], bins: int) -> dict[str, Binned]:
    return {name: binned(known[name], test[name], bins) for name in features}


def by_class(codes: np.ndarray, y: np.ndarray, bins: int, n_classes: int) -> np.ndarray:
    """Counts (n_classes, bins)."""
    return np.bincount(y * bins + codes, minlength=bins * n_classes).reshape(n_classes, bins)


def coarsened(both: Binned, most: int = 4) -> Binned:
    """Neighbouring bins joined until some `most` are left."""
    if both.bins <= most:
        return both
    counts = np.bincount(both.known, minlength=both.bins)
    middle = (np.cumsum(counts) - counts / 2) / counts.sum()
    place = np.minimum((middle * most).astype(int), most - 1)
    return Binned(place[both.known], place[both.test], most)


def joint(a: Binned, b: Binned) -> Binned:
    """Both features as one, with a bin for each pair of bins."""
    return Binned(a.known * b.bins + b.known, a.test * b.bins + b.test, a.bins * b.bins)


def counts_of(both: Binned) -> tuple[np.ndarray, np.ndarray]:
    return np.bincount(both.known, minlength=both.bins), np.bincount(both.test, minlength=both.bins)
