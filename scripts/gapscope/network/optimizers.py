"""Update rules: each a class with `step(place, parameter, gradient)`, which moves one parameter array in place."""

import numpy as np

NOTHING = 1e-30  # keeps the mean of a unit without gradient from becoming a denormal number, which is slow


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
    """Kingma and Ba 2015, algorithm 1, with its default decay rates."""

    def __init__(self, learning_rate: float, beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8):
        self.learning_rate, self.beta1, self.beta2, self.epsilon = learning_rate, beta1, beta2, epsilon
        self.state: dict[int, list] = {}

    def step(self, place: int, parameter: np.ndarray, gradient: np.ndarray) -> None:
        mean, square, steps = self.state.get(place) or (np.zeros_like(parameter), np.zeros_like(parameter), 0)
        steps += 1
        mean *= self.beta1
        mean += (1.0 - self.beta1) * gradient + NOTHING
        square *= self.beta2
        square += (1.0 - self.beta2) * (gradient * gradient)
        rate = self.learning_rate * np.sqrt(1.0 - self.beta2**steps) / (1.0 - self.beta1**steps)
        parameter -= rate * mean / (np.sqrt(square) + self.epsilon * np.sqrt(1.0 - self.beta2**steps))
        self.state[place] = (mean, square, steps)


def optimizer(settings: dict):
    """The update rule that the settings `optimizer`, `learning_rate` and `momentum` name."""
    rate = settings["learning_rate"]
    return {
        "gradient_descent": lambda: GradientDescent(rate),
        "momentum": lambda: Momentum(rate, settings["momentum"]),
        "adam": lambda: Adam(rate),
    }[settings["optimizer"]]()
