"""What the tests of the simulated listings and of their breaks measure in a table."""

import numpy as np
import pandas as pd


def changed(before, after):
    return {c for c in before.columns if not before[c].equals(after[c])}


def information(x, y):
    """Mutual information of two label columns over the entropy of y."""
    joint = pd.crosstab(x, y, normalize=True).to_numpy()
    independent = joint.sum(axis=1, keepdims=True) * joint.sum(axis=0)
    share = joint.sum(axis=0)
    seen = joint > 0
    return (joint[seen] * np.log(joint[seen] / independent[seen])).sum() / -(share * np.log(share)).sum()


def deciles(values):
    return np.searchsorted(np.unique(np.quantile(values, np.arange(0.1, 1, 0.1))), values)
