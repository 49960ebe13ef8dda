"""Rows that stand in a table more than once, or in two tables, told by a hash of 64 bits for each row.

Rows are the same if they are equal in every column; a missing value equals another, and -0.0 equals 0.0. Of n different
rows some two have the same hash with a probability of about n^2 / 2^65: three in a million for ten million rows.
"""

import numpy as np
import pandas as pd

from gapscope.data.replaced import replaced


def row_hashes(block: pd.DataFrame) -> np.ndarray:
    """One number (n,) uint64 for each of the rows, whichever rows are beside it."""
    zeros = {name: block[name] + 0.0 for name in block if block[name].dtype == np.float64}  # -0.0 + 0.0 is 0.0
    return pd.util.hash_pandas_object(replaced(block, zeros), index=False).to_numpy()


def repeated(hashes: np.ndarray) -> int:
    """How many rows repeat an earlier one."""
    rising = np.sort(hashes)
    return int(np.count_nonzero(rising[1:] == rising[:-1]))


def shared(train: np.ndarray, test: np.ndarray) -> int:
    """How many of the test rows stand in train, by the hashes of both."""
    rising = np.sort(train)
    place = np.searchsorted(rising, test)
    return int(np.count_nonzero(rising[np.minimum(place, len(rising) - 1)] == test))
