"""A test table's broken columns mended without its classes; training columns disturbed so that less rests on them."""

from difflib import SequenceMatcher

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from gapscope.data.replaced import replaced

LEVELS = np.linspace(0.0, 1.0, 1001)


def quantile_match(test: pd.DataFrame, train: pd.DataFrame, features: list[str]) -> pd.DataFrame:
    """Each value becomes the training value of the same rank: undoes any rising change of scale."""
    return replaced(
        test, {name: np.interp(_ranks(test[name]), LEVELS, np.quantile(train[name], LEVELS)) for name in features}
    )


def reverse(test: pd.DataFrame, train: pd.DataFrame, features: list[str]) -> pd.DataFrame:
    """Each value becomes the training value of the opposite rank: undoes a scale that runs the other way."""
    return replaced(
        test, {name: np.interp(1.0 - _ranks(test[name]), LEVELS, np.quantile(train[name], LEVELS)) for name in features}
    )


def swap(test: pd.DataFrame, train: pd.DataFrame, features: list[str]) -> pd.DataFrame:
    """Two columns under each other's name.

    Raises:
        ValueError: unless there are two.
    """
    if len(features) != 2:
        raise ValueError(f"swap takes two features, got {', '.join(features) or 'none'}")
    first, second = features
    return replaced(test, {first: test[second], second: test[first]})


def missing(test: pd.DataFrame, train: pd.DataFrame, features: list[str]) -> pd.DataFrame:
    """Values outside the training range, or levels it lacks, are taken as missing: the training median or mode."""
    mended = {}
    for name in features:
        if pd.api.types.is_numeric_dtype(train[name]):
            known, stand_in = test[name].between(train[name].min(), train[name].max()), train[name].median()
        else:
            known, stand_in = test[name].isin(train[name].unique()), train[name].mode().iloc[0]
        mended[name] = test[name].where(known, stand_in)
    return replaced(test, mended)


def rename(test: pd.DataFrame, train: pd.DataFrame, features: list[str]) -> pd.DataFrame:
    """New levels get the names of training levels that the test table lacks, matched by frequency and spelling."""
    return replaced(test, {name: test[name].replace(names_back(test[name], train[name])) for name in features})


def names_back(test: pd.Series, train: pd.Series) -> dict[str, str]:
    """New level -> the training level taken for it: the assignment with the least total of the differences.

    A pair's difference is that of their shares of rows, and 1 - the similarity of their names (difflib's ratio),
    capital letters or not.
    """
    here, there = (column.value_counts(normalize=True) for column in (test, train))
    new, gone = sorted(set(here.index) - set(there.index)), sorted(set(there.index) - set(here.index))
    cost = np.array(
        [
            [abs(here[a] - there[b]) + 1.0 - SequenceMatcher(None, a.casefold(), b.casefold()).ratio() for b in gone]
            for a in new
        ]
    ).reshape(len(new), len(gone))
    return {new[i]: gone[j] for i, j in zip(*linear_sum_assignment(cost))}


MENDS = {function.__name__: function for function in (quantile_match, reverse, swap, missing, rename)}
NUMERIC_ONLY = ("quantile_match", "reverse", "swap")
CATEGORICAL_ONLY = ("rename",)


def disturbed(train: pd.DataFrame, features: list[str], deviation: float, rng: np.random.Generator) -> pd.DataFrame:
    """The table with normal noise on numeric features, `deviation` of each one's standard deviations wide."""
    noise = {name: deviation * train[name].std() * rng.standard_normal(len(train)) for name in features}
    return replaced(train, {name: train[name] + noise[name] for name in features})


def _ranks(column: pd.Series) -> np.ndarray:
    """Each value's rank as a share from 0 to 1; equal values share the middle of their ranks."""
    return ((column.rank() - 1.0) / max(1, len(column) - 1)).to_numpy()
