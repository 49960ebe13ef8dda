"""Remedies that need the tables: test columns mended, training columns disturbed, both encoded and scaled again."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from gapscope.remedies.mending import CATEGORICAL_ONLY, MENDS, NUMERIC_ONLY, disturbed
from gapscope.remedies.recommendation import Untried
from gapscope.remedies.trial import Bench

Matrix = Callable[[pd.DataFrame], np.ndarray]


def with_noise(bench: Bench, entry: dict, train: pd.DataFrame, matrix: Matrix, copies: int, rng) -> Bench:
    """The bench with `copies` versions of the training table in which the entry's features are noisy.

    Args:
        entry: `features` and `deviation`, in standard deviations of each feature.
        train: the training table, rows as in the bench. matrix: encodes and scales a table as the bench's X is.

    Raises:
        Untried: for a feature that is not numeric.
    """
    _check(entry["features"], train, "noise", numeric=True)
    versions = tuple(matrix(disturbed(train, entry["features"], entry["deviation"], rng)) for _ in range(copies))
    return replace(bench, versions=versions)


def with_mended_test(
    bench: Bench, entries: list[dict], train: pd.DataFrame, test: pd.DataFrame, matrix: Matrix
) -> Bench:
    """The bench with each entry's `features` mended in the test table as its `how` says; no class of it is read.

    Raises:
        Untried: for a mend that does not suit its features.
    """
    for entry in entries:
        how, features = entry["how"], entry["features"]
        if how in NUMERIC_ONLY + CATEGORICAL_ONLY:
            _check(features, train, how.replace("_", " "), numeric=how in NUMERIC_ONLY)
        if how == "swap" and len(features) != 2:
            raise Untried(f"swap takes two features, and there are {len(features)}")
        test = MENDS[how](test, train, features)
    return replace(bench, test=replace(bench.test, X=matrix(test)))


def _check(features: list[str], train: pd.DataFrame, what: str, numeric: bool) -> None:
    for name in features:
        if pd.api.types.is_numeric_dtype(train[name]) != numeric:
            raise Untried(f"{what} is for {'numeric' if numeric else 'categorical'} features, which {name} is not")
