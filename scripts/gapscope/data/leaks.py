"""Columns that give the class away: made from the target, or written down after it was known."""

import math

import numpy as np
import pandas as pd

from gapscope.data.parquet import Stored, blocks_of
from gapscope.data.rows import row_hashes

FIRST = 100_000  # rows that are looked at before all are
CHANCE = 1e-6  # a column is suspected if chance alone would make it so in fewer tables than one in a million


def telling_columns(table: pd.DataFrame | Stored, target: str) -> list[str]:
    """The features that give the class of every row away, in a table without missing values."""
    features, y = [name for name in table.columns if name != target], table[target].to_numpy()
    suspects = [name for name in features if how_it_tells(table[name], y)]
    if not suspects:
        return []
    hashes = np.concatenate([row_hashes(block) for block in blocks_of(table, list(table.columns))])
    distinct = np.sort(np.unique(hashes, return_index=True)[1])  # copies of a row are no evidence
    return [name for name in suspects if how_it_tells(table[name][distinct], y[distinct])]


def how_it_tells(values: pd.Series, y: np.ndarray) -> str | None:
    """How a feature gives the class away, in words, or None.

    It does if all rows of each of its values are of one class; a number, too, if each class is one stretch of it. For
    n rows with n_1 ... n_k of each class there are n! / (n_1! ... n_k!) orders of the classes, equally likely under
    chance. At most k^L of them make each of L values that of one class, and k! make k stretches; so a column whose
    values are nearly all different says nothing by the first.

    Args:
        values (n,): numbers or texts without missing ones. y (n,): class codes.
    """
    counts = np.unique(y, return_counts=True)[1]
    k = len(counts)
    if k < 2 or class_by_value(values.head(FIRST), y[:FIRST]) is None:  # most columns need no look at all rows
        return None
    classes = class_by_value(values, y)
    if classes is None:
        return None
    orders = math.lgamma(len(y) + 1) - sum(math.lgamma(rows + 1) for rows in counts)  # the logarithm of their number
    different = len(classes)
    if different * math.log(k) - orders < math.log(CHANCE):
        one_each = "each class has one value of its own in it"
        return one_each if different == k else f"all rows of each of its {different:,} values are of one class"
    stretches = 1 + np.count_nonzero(np.diff(classes))
    if pd.api.types.is_numeric_dtype(values) and stretches == k:
        by_chance = math.lgamma(k + 1) - orders
        return "each class is one stretch of its values" if by_chance < math.log(CHANCE) else None
    return None


def class_by_value(values: pd.Series, y: np.ndarray) -> np.ndarray | None:
    """The class of the rows of each different value, in the order of the values; None if some value has rows of two."""
    codes, different = pd.factorize(values, sort=True)
    classes = np.empty(len(different), dtype=y.dtype)
    classes[codes] = y  # of one of the rows
    return classes if (classes[codes] == y).all() else None
