"""Activation functions: each one record of the function, its derivative and both as LaTeX for the report."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Activation:
    """g(z) elementwise. `derivative(z, a)` gets a = g(z) too, since some derivatives are cheaper in terms of it."""

    name: str
    function: Callable[[np.ndarray], np.ndarray]
    derivative: Callable[[np.ndarray, np.ndarray], np.ndarray]
    latex: str
    derivative_latex: str


def _sigmoid(z: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore"):  # exp(-z) may reach infinity, and 1 / infinity is the right limit, 0
        return 1.0 / (1.0 + np.exp(-z))


ACTIVATIONS = {
    activation.name: activation
    for activation in (
        Activation(
            "sigmoid",
            _sigmoid,
            lambda z, a: a * (1.0 - a),
            r"\sigma(z) = \frac{1}{1 + e^{-z}}",
            r"\sigma'(z) = \sigma(z)\,(1 - \sigma(z)) \le \tfrac{1}{4}",
        ),
        Activation(
            "relu",
            lambda z: np.maximum(z, 0.0),
            lambda z, a: (z > 0).astype(z.dtype),
            r"\mathrm{relu}(z) = \max(0, z)",
            r"\mathrm{relu}'(z) = 1 \text{ if } z > 0 \text{, else } 0",
        ),
        Activation(
            "tanh",
            np.tanh,
            lambda z, a: 1.0 - a * a,
            r"\tanh(z) = \frac{e^{z} - e^{-z}}{e^{z} + e^{-z}}",
            r"\tanh'(z) = 1 - \tanh^2(z) \le 1",
        ),
    )
}
