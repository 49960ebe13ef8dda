"""What training adds at random to keep a network from resting on single units or exact inputs."""

import math
from dataclasses import dataclass

import numpy as np

LEVELS = 2**16  # of the numbers that decide what is dropped, four to a draw: a fifth of the time of a double for each


@dataclass(frozen=True)
class Noise:
    """What an update adds at random: dropout of hidden units with this probability, normal noise on the inputs."""

    dropout: float  # a multiple of 1 / LEVELS
    input_noise: float  # standard deviation, in the units of the scaled columns
    rng: np.random.Generator

    def on_inputs(self, X: np.ndarray) -> np.ndarray:
        """X with noise added; X itself where there is none to add."""
        if not self.input_noise:
            return X
        return X + (self.input_noise * self.rng.standard_normal(X.shape)).astype(X.dtype)

    def kept(self, sizes: list[tuple[int, ...]]) -> list[np.ndarray]:
        """For each hidden layer which of its units, row by row, are not dropped."""
        return [self._drawn(math.prod(size)).reshape(size) < LEVELS - round(LEVELS * self.dropout) for size in sizes]

    def masks(self, sizes: list[tuple[int, ...]], dtype) -> list[np.ndarray] | None:
        """For each hidden layer 0 where a unit is dropped, else 1 / (1 - dropout) (Srivastava et al. 2014)."""
        return [(kept / (1.0 - self.dropout)).astype(dtype) for kept in self.kept(sizes)] if self.dropout else None

    def _drawn(self, count: int) -> np.ndarray:
        """So many numbers below LEVELS (count,)."""
        return self.rng.bit_generator.random_raw(-(-count // 4)).astype("<u8", copy=False).view("<u2")[:count]


def noise_of(settings: dict) -> Noise | None:
    """The noise that the settings ask for, with a generator of its own beside that of weights and batches."""
    dropout = min(round(LEVELS * settings["dropout"]), LEVELS - 1) / LEVELS
    if not (dropout or settings["input_noise"]):
        return None
    return Noise(dropout, settings["input_noise"], np.random.default_rng([settings["seed"], 1]))
