"""Small classification problems that the tests of the network share."""

import numpy as np
import pytest

from gapscope.network.activations import ACTIVATIONS
from gapscope.network.partition import Partition
from remedy_rows import SETTINGS


@pytest.fixture(params=[False, True], ids=["unweighted", "weighted"])
def weighted(request) -> bool:
    return request.param


@pytest.fixture(params=list(ACTIVATIONS))
def activation(request) -> str:
    return request.param


@pytest.fixture
def part() -> Partition:
    """60 rows of three classes of unequal size that overlap but can be learnt."""
    rng = np.random.default_rng(0)
    y = rng.choice(3, 60, p=[0.6, 0.3, 0.1])
    return Partition(rng.normal(size=(60, 4)) + np.eye(3, 4)[y], y)


@pytest.fixture
def settings() -> dict:
    """Flat training settings, as config.settings.training_settings gives them."""
    return SETTINGS | {
        "hidden": [5], "activation": "tanh", "initialisation": "xavier", "optimizer": "gradient_descent",
        "learning_rate": 0.3, "batch_size": "full", "iterations": 8, "schedule": "constant", "seed": 5,
        "form": "plain", "precision": "float64",
    }  # fmt: skip
