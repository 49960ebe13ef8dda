"""Update rules, and the noise that updates add.

A rule is a class with `step(place, parameter, gradient)`, which moves one parameter array in place.
"""

import math
from dataclasses import dataclass

import numpy as np

NOTHING = 1e-30  # keeps the mean of a unit without gradient from becoming a denormal number, which is slow
EVERY = 64  # steps after which it is added: until then 0.9 ** 64 of it is left
LEVELS = 2**16  # of the numbers that decide what is dropped, four to a draw: a fifth of the time of a double for each


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
    """Kingma and Ba 2015, algorithm 1, with its default decay rates.

    `mean` and `square` lack the factors 1 - beta1 and 1 - beta2: with the bias corrections these make two numbers,
    which cost nothing.
    """

    def __init__(self, learning_rate: float, beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8):
        self.learning_rate, self.beta1, self.beta2, self.epsilon = learning_rate, beta1, beta2, epsilon
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
        np.sqrt(square, out=change)  # the corrected sqrt(v) is `deviation` times this
        change += self.epsilon / deviation
        np.divide(mean, change, out=change)
        change *= self.learning_rate * correction / deviation
        parameter -= change
        if steps % EVERY == 0:
            mean += NOTHING
        self.steps[place] = steps


def optimizer(settings: dict):
    """Update rule that the settings `optimizer`, `learning_rate` and `momentum` name."""
    rate = settings["learning_rate"]
    return {
        "gradient_descent": lambda: GradientDescent(rate),
        "momentum": lambda: Momentum(rate, settings["momentum"]),
        "adam": lambda: Adam(rate),
    }[settings["optimizer"]]()


@dataclass(frozen=True)
class Noise:
    """Dropout of hidden units with this probability and normal noise on the inputs, drawn anew for each update."""

    dropout: float  # a multiple of 1 / LEVELS
    input_noise: float  # standard deviation, in the units of the scaled columns
    rng: np.random.Generator

    def on_inputs(self, X: np.ndarray) -> np.ndarray:
        """X with noise added; X itself without input noise."""
        if not self.input_noise:
            return X
        return X + (self.input_noise * self.rng.standard_normal(X.shape)).astype(X.dtype)

    def masks(self, sizes: list[tuple[int, ...]], dtype) -> list[np.ndarray] | None:
        """0 where a unit is dropped, else 1 / (1 - dropout) (Srivastava et al. 2014); one array per hidden layer."""
        kept, factor = LEVELS - round(LEVELS * self.dropout), 1.0 / (1.0 - self.dropout)
        if not self.dropout:
            return None
        return [((self._drawn(math.prod(size)).reshape(size) < kept) * factor).astype(dtype) for size in sizes]

    def _drawn(self, count: int) -> np.ndarray:
        """Random numbers below LEVELS (count,)."""
        return self.rng.bit_generator.random_raw(-(-count // 4)).astype("<u8", copy=False).view("<u2")[:count]


def noise_of(settings: dict) -> Noise | None:
    """Noise that the settings ask for, or None; its generator is not that of weights and batches."""
    dropout = min(round(LEVELS * settings["dropout"]), LEVELS - 1) / LEVELS
    if not (dropout or settings["input_noise"]):
        return None
    return Noise(dropout, settings["input_noise"], np.random.default_rng([settings["seed"], 1]))
