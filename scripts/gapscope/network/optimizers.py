"""Optimizers, and the noise that is added during training."""

import math
from dataclasses import dataclass

import numpy as np

NOTHING = 1e-30  # added to Adam's means, since those of units without gradient become denormal numbers, which are slow
EVERY = 64  # steps between two such additions
LEVELS = 2**16  # dropout draws 16-bit numbers, four per 64-bit draw: five times as fast as drawing floats


class Momentum:
    """velocity = momentum * velocity - rate * gradient; parameter += velocity (Polyak 1964)

    Without momentum this is gradient descent: parameter -= rate * gradient.
    """

    def __init__(self, parameter: np.ndarray, momentum: float):
        self.parameter, self.momentum, self.velocity = parameter, momentum, np.zeros_like(parameter)

    def step(self, gradient: np.ndarray, rate: float) -> None:
        self.velocity *= self.momentum
        self.velocity -= rate * gradient
        self.parameter += self.velocity


class Adam:
    """Adam (Kingma and Ba 2015, algorithm 1) with the default decay rates.

    The factors 1 - beta1 and 1 - beta2 of the moving averages are combined with the bias corrections into two scalars,
    which saves array operations.
    """

    beta1, beta2, epsilon = 0.9, 0.999, 1e-8

    def __init__(self, parameter: np.ndarray):
        self.parameter, self.steps = parameter, 0
        self.mean, self.square, self.change = (np.zeros_like(parameter) for _ in range(3))

    def step(self, gradient: np.ndarray, rate: float) -> None:
        self.steps += 1
        mean, square, change = self.mean, self.square, self.change
        mean *= self.beta1
        mean += gradient
        np.multiply(gradient, gradient, out=change)
        square *= self.beta2
        square += change
        correction = (1.0 - self.beta1) / (1.0 - self.beta1**self.steps)
        deviation = math.sqrt((1.0 - self.beta2) / (1.0 - self.beta2**self.steps))
        np.sqrt(square, out=change)  # times `deviation`, this is the corrected sqrt(v)
        change += self.epsilon / deviation
        np.divide(mean, change, out=change)
        change *= rate * correction / deviation
        self.parameter -= change
        if self.steps % EVERY == 0:
            mean += NOTHING


def optimizer(settings: dict, parameter: np.ndarray) -> Momentum | Adam:
    """The optimizer of the settings `optimizer` and `momentum`, whose steps update `parameter` in place."""
    if settings["optimizer"] == "adam":
        return Adam(parameter)
    return Momentum(parameter, settings["momentum"] if settings["optimizer"] == "momentum" else 0.0)


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

    def masks(self, sizes: list[tuple[int, ...]], dtype) -> list[np.ndarray]:
        """Masks of these sizes: 0 for dropped units, else 1 / (1 - dropout) (Srivastava et al. 2014); none without."""
        if not self.dropout:
            return []
        kept, factor = LEVELS - round(LEVELS * self.dropout), 1.0 / (1.0 - self.dropout)
        masks = []
        for size in sizes:
            count = math.prod(size)
            drawn = self.rng.bit_generator.random_raw(-(-count // 4)).astype("<u8", copy=False).view("<u2")[:count]
            masks.append(((drawn.reshape(size) < kept) * factor).astype(dtype))
        return masks


def noise_of(settings: dict, seed: int) -> Noise | None:
    """The noise for these settings, or None. It does not share the random generator of weights and batches."""
    dropout = min(round(LEVELS * settings["dropout"]), LEVELS - 1) / LEVELS
    if not (dropout or settings["input_noise"]):
        return None
    return Noise(dropout, settings["input_noise"], np.random.default_rng([seed, 1]))
