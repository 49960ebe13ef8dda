"""What training adds at random to keep a network from resting on single units or exact inputs."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Noise:
    """What an update adds at random: dropout of hidden units with this probability, normal noise on the inputs."""

    dropout: float
    input_noise: float  # standard deviation, in the units of the scaled columns
    rng: np.random.Generator

    def on_inputs(self, X: np.ndarray) -> np.ndarray:
        """X with noise added; X itself where there is none to add."""
        if not self.input_noise:
            return X
        return X + (self.input_noise * self.rng.standard_normal(X.shape)).astype(X.dtype)

    def masks(self, sizes: list[tuple[int, ...]], dtype) -> list[np.ndarray] | None:
        """For each hidden layer 0 where a unit is dropped, else 1 / (1 - dropout) (Srivastava et al. 2014)."""
        if not self.dropout:
            return None
        keep = 1.0 - self.dropout
        return [((self.rng.random(size) < keep) / keep).astype(dtype) for size in sizes]


def noise_of(settings: dict) -> Noise | None:
    """The noise that the settings ask for, with a generator of its own beside that of weights and batches."""
    if not (settings["dropout"] or settings["input_noise"]):
        return None
    return Noise(settings["dropout"], settings["input_noise"], np.random.default_rng([settings["seed"], 1]))
