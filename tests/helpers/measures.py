"""What the tests of the simulated listings and of their breaks measure in a table."""

import numpy as np
from sklearn.metrics import mutual_info_score


def changed(before, after):
    return {c for c in before.columns if not before[c].equals(after[c])}


def information(x, y):
    """Mutual information of two label columns over the entropy of y."""
    return mutual_info_score(x, y) / mutual_info_score(y, y)


def deciles(values):
    return np.searchsorted(np.unique(np.quantile(values, np.arange(0.1, 1, 0.1))), values)
