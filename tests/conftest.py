"""Fixtures that several rooms share: the shipped configuration, copies with changes, complete listings."""

import copy

import numpy as np
import pytest

from gapscope.config.defaults import shipped
from gapscope.simulation.listings import simulate

SHIPPED = shipped()


@pytest.fixture
def shipped() -> dict:
    """A copy to compare with; no test hands it to the library."""
    return copy.deepcopy(SHIPPED)


@pytest.fixture
def config() -> dict:
    return copy.deepcopy(SHIPPED)


@pytest.fixture
def changed():
    """The shipped configuration with keys like `train.l2` set to other values."""

    def changed(*changes) -> dict:
        config = copy.deepcopy(SHIPPED)
        for key, value in changes:
            *blocks, last = key.split(".")
            block = config
            for name in blocks:
                block = block[name]
            block[last] = value
        return config

    return changed


@pytest.fixture(scope="module")
def complete():
    """Listings without a missing value, as many as the test set has."""
    return simulate(7_297, np.random.default_rng(3))
