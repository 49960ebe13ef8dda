"""Rows that remedies are tried on, of which the test set has lost its best feature."""

from dataclasses import replace

import numpy as np
import pytest

from gapscope.network.partition import Partition
from gapscope.remedies.trial_data import TrialData
from remedy_rows import rows_of


@pytest.fixture(scope="module")
def trial_data():
    table, test, each = rows_of(600, 1), rows_of(300, 2, lost=True), np.arange(600)
    return TrialData(table.X, table.y, each[:480], each[480:], test, 2, (table.X,), each, None)


@pytest.fixture(scope="module")
def weighted(trial_data):
    """The same rows, which count differently."""
    rng, test = np.random.default_rng(7), trial_data.test
    test = Partition(test.X, test.y, rng.uniform(1, 3, 300))
    return replace(trial_data, test=test, weights=rng.uniform(1, 5, 600))
