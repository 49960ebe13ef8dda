"""The problem that all contenders solve: the same rows, the same initial network, the same values recorded."""

from dataclasses import dataclass

import numpy as np

from gapscope.network.mlp import Network, initial_network

BOUND = "matrix products alone"  # the contender that no step can beat


@dataclass(frozen=True)
class Problem:
    """Standardised rows X (n, d), classes y (n,), a float64 network that contenders copy, and the learning rate."""

    X: np.ndarray
    y: np.ndarray
    network: Network
    learning_rate: float

    @property
    def n_classes(self) -> int:
        return len(self.network.biases[-1])

    @property
    def multiplications(self) -> int:
        """In the matrix products of one full-batch step: forward and dW for each layer, dz for all but the first."""
        sizes = [W.size for W in self.network.weights]
        return len(self.y) * (3 * sum(sizes) - sizes[0])


@dataclass(frozen=True)
class StepRecord:
    """What one full-batch step records of the network before its update."""

    loss: float  # mean cross-entropy, nats
    accuracy: float
    gradients: tuple[float, ...]  # mean absolute derivative by the weights of each layer


def random_problem(rows: int, units: list[int], activation: str, learning_rate: float, seed: int) -> Problem:
    """Random rows whose classes depend on them; `units`: inputs, units of each hidden layer, classes."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((rows, units[0]))
    scores = X @ rng.standard_normal((units[0], units[-1])) + rng.gumbel(size=(rows, units[-1]))
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    return Problem(X, scores.argmax(axis=1), initial_network(units, activation, "xavier", rng), learning_rate)
