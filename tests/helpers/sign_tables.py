"""Tables of two numbers, one of which is the class's sign, and the diagnosis of a network that knows it."""

import numpy as np
import pandas as pd

from gapscope.config.defaults import shipped
from gapscope.data.encode import Column
from gapscope.data.rows import Held
from gapscope.diagnosis.diagnosis import diagnose
from gapscope.diagnosis.estimates import Encoder, Sets
from gapscope.network.partition import Partition
from networks import network

SETTINGS = {**shipped()["diagnose"], "resamples": 20}
COLUMNS = (Column("x"), Column("z"))


def rows(n, rng, classes=(0, 1), weight=None):
    """The class is whether x is positive; z is noise."""
    y = np.resize(classes, n)
    table = pd.DataFrame({"x": rng.uniform(0.1, 1, n) * (2 * y - 1), "z": rng.normal(size=n), "y": y})
    return Partition(table[["x", "z"]].to_numpy(), y, weight and np.full(n, weight)), table


def diagnosed(train, validation, test):
    """The diagnosis of a network that calls a row 1 where x is positive. Each part: rows as `rows` gives them."""
    right = network("relu", ([[-5.0, 5.0], [0.0, 0.0]], [0.0, 0.0]))
    parts, tables = zip(train, validation, test)
    sets = Sets(*parts, Held(pd.concat(tables[:2], ignore_index=True)), Held(tables[2]))
    return diagnose(right, sets, Encoder(COLUMNS, np.zeros(2), np.ones(2)), "y", SETTINGS)
