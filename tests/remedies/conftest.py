"""Rows that remedies are tried on, of which the test set has lost its best feature."""

import numpy as np
import pytest

from gapscope.remedies.trial_data import TrialData
from remedy_rows import rows_of


@pytest.fixture(scope="module")
def trial_data():
    table, test, each = rows_of(600, 1), rows_of(300, 2, lost=True), np.arange(600)
    return TrialData(table.X, table.y, each[:480], each[480:], test, 2, (table.X,), each, None)
