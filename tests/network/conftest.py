"""Small classification problems that the tests of the network share."""

from dataclasses import dataclass

import numpy as np
import pytest

from gapscope.network.activations import ACTIVATIONS
from gapscope.network.mlp import Network
from gapscope.network.partition import Partition
from remedy_rows import SETTINGS


@dataclass(frozen=True)
class Problem:
    network: Network
    X: np.ndarray
    y: np.ndarray
    row_weights: np.ndarray | None


def problem(units, bias_of, activation, weighted, seed=3, rows=7) -> Problem:
    """A network with random weights and biases, none of them zero, and rows of random inputs and classes."""
    rng = np.random.default_rng(seed)
    weights = [rng.normal(0, 0.8, size) for size in zip(units[:-1], units[1:])]
    widths = {place: units[layer + 1] for layer, place in enumerate(bias_of)}
    biases = [rng.normal(0, 0.5, widths[place]) for place in range(len(widths))]
    X, y = rng.normal(size=(rows, units[0])), rng.integers(0, units[-1], rows)
    row_weights = rng.uniform(0.2, 3, rows) if weighted else None
    return Problem(Network(weights, biases, tuple(bias_of), ACTIVATIONS[activation]), X, y, row_weights)


ARCHITECTURES = {  # units and bias_of
    "no_hidden": ([3, 4], (0,)),
    "one_hidden": ([3, 5, 4], (0, 1)),
    "two_hidden": ([3, 5, 2, 4], (0, 1, 2)),
    "three_hidden": ([3, 4, 5, 2, 3], (0, 1, 2, 3)),
    "shared_bias": ([3, 4, 4], (0, 0)),  # h = g(X W1 + b), p = softmax(h W2 + b)
    "shared_by_three": ([3, 4, 4, 4], (0, 0, 0)),
    "shared_around_one": ([2, 3, 5, 3], (0, 1, 0)),
}


@pytest.fixture(params=[False, True], ids=["unweighted", "weighted"])
def weighted(request) -> bool:
    return request.param


@pytest.fixture(params=list(ACTIVATIONS))
def activation(request) -> str:
    return request.param


@pytest.fixture(params=ARCHITECTURES)
def any_problem(request, activation, weighted) -> Problem:
    return problem(*ARCHITECTURES[request.param], activation, weighted)


@pytest.fixture
def make_problem():
    """Builds one of ARCHITECTURES by name."""
    return lambda name, activation="tanh", weighted=True: problem(*ARCHITECTURES[name], activation, weighted)


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
