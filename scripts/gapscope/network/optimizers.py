"""Optimizers, and the noise that is added during training.

An optimizer has a method `step(place, parameter, gradient)`, which updates the parameter array number `place` in place.
"""

import math
from dataclasses import dataclass

import numpy as np

NOTHING = 1e-30  # added to Adam's means, since those of units without gradient become denormal numbers, which are slow
EVERY = 64  # steps between two such additions
LEVELS = 2**16  # dropout draws 16-bit numbers, four per 64-bit draw: five times as fast as drawing floats


class GradientDescent:
    """parameter -= rate * gradient"""

    def __init__(self, learning_rate: float):
        self.learning_rate = learning_rate

    def step(self, place: int, parameter: np.ndarray, gradient: np.ndarray) -> None:
        parameter -= self.learning_rate * gradient


class Momentum:
    """velocity = momentum * velocity - rate * gradient; parameter += velocity (Polyak 1964)"""

    def __init__(self, learning_rate: float, momentum: float):
        self.learning_rate, self.momentum = learning_rate, momentum
        self.velocity: dict[int, np.ndarray] = {}

    def step(self, place: int, parameter: np.ndarray, gradient: np.ndarray) -> None:
        velocity = self.velocity.setdefault(place, np.zeros_like(parameter))
        velocity *= self.momentum
        velocity -= self.learning_rate * gradient
        parameter += velocity


class Adam:
    """Adam (Kingma and Ba 2015, algorithm 1) with the default decay rates.

    The factors 1 - beta1 and 1 - beta2 of the moving averages are combined with the bias corrections into two scalars,
    which saves array operations.
    """

    beta1, beta2, epsilon = 0.9, 0.999, 1e-8

    def __init__(self, learning_rate: float):
        self.learning_rate = learning_rate
        self.state: dict[int, tuple[np.ndarray, np.ndarray, np.ndarray]] = {}
        self.steps: dict[int, int] = {}

    def step(self, place: int, parameter: np.ndarray, gradient: np.ndarray) -> None:
        if place not in self.state:
            self.state[place] = np.zeros_like(parameter), np.zeros_like(parameter), np.empty_like(parameter)
        (mean, square, change), steps = self.state[place], self.steps.get(place, 0) + 1
        mean *= self.beta1
        mean += gradient
        np.multiply(gradient, gradient, out=change)
        square *= self.beta2
        square += change
        correction = (1.0 - self.beta1) / (1.0 - self.beta1**steps)
        deviation = math.sqrt((1.0 - self.beta2) / (1.0 - self.beta2**steps))
        np.sqrt(square, out=change)  # times `deviation`, this is the corrected sqrt(v)
        change += self.epsilon / deviation
        np.divide(mean, change, out=change)
        change *= self.learning_rate * correction / deviation
        parameter -= change
        if steps % EVERY == 0:
            mean += NOTHING
        self.steps[place] = steps


def optimizer(settings: dict):
    """The optimizer for the settings `optimizer`, `learning_rate` and `momentum`."""
    rate = settings["learning_rate"]
    return {
        "gradient_descent": lambda: GradientDescent(rate),
        "momentum": lambda: Momentum(rate, settings["momentum"]),
        "adam": lambda: Adam(rate),
    }[settings["optimizer"]]()


@dataclass(frozen=True)
class Noise:
    """Dropout of hidden units, and normal noise on the inputs; both are drawn anew for each update."""

    dropout: float  # probability, a multiple of 1 / LEVELS
    input_noise: float  # standard deviation, in the units of the scaled columns
    rng: np.random.Generator

    def on_inputs(self, X: np.ndarray) -> np.ndarray:
        """X plus noise, or X itself if there is no input noise."""
        if not self.input_noise:
            return X
        return X + (self.input_noise * self.rng.standard_normal(X.shape)).astype(X.dtype)

    def masks(self, sizes: list[tuple[int, ...]], dtype) -> list[np.ndarray] | None:
        """Masks of these sizes: 0 for dropped units, else 1 / (1 - dropout) (Srivastava et al. 2014); None without."""
        kept, factor = LEVELS - round(LEVELS * self.dropout), 1.0 / (1.0 - self.dropout)
        if not self.dropout:
            return None
        return [((self._drawn(math.prod(size)).reshape(size) < kept) * factor).astype(dtype) for size in sizes]

    def _drawn(self, count: int) -> np.ndarray:
        """Random integers below LEVELS (count,)."""
        return self.rng.bit_generator.random_raw(-(-count // 4)).astype("<u8", copy=False).view("<u2")[:count]


def noise_of(settings: dict) -> Noise | None:
    """The noise for these settings, or None. It does not share the random generator of weights and batches."""
    dropout = min(round(LEVELS * settings["dropout"]), LEVELS - 1) / LEVELS
    if not (dropout or settings["input_noise"]):
        return None
    return Noise(dropout, settings["input_noise"], np.random.default_rng([settings["seed"], 1]))
