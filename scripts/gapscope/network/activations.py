"""Activation functions: each one record of the function, its derivative and both as LaTeX for the report."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

LEAK = 0.01  # slope of the leaky ReLU below 0


@dataclass(frozen=True)
class Activation:
    """g(z) elementwise. `derivative(z, a)` gets a = g(z) too, since some derivatives are cheaper in terms of it."""

    name: str
    function: Callable[[np.ndarray], np.ndarray]
    derivative: Callable[[np.ndarray, np.ndarray], np.ndarray]
    latex: str
    derivative_latex: str


def ndtr(z: np.ndarray) -> np.ndarray:
    """Phi(z), the standard normal distribution. SciPy is loaded here: only gelu needs it, and it takes 0.1 s."""
    from scipy import special

    return special.ndtr(z)


def _sigmoid(z: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore"):  # exp(-z) may reach infinity, and 1 / infinity is the right limit, 0
        return 1.0 / (1.0 + np.exp(-z))


def _gelu_slope(z: np.ndarray, a: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore"):  # z z may reach infinity, and exp(-infinity) is the right limit, 0
        density = np.exp(-0.5 * z * z) / np.sqrt(2.0 * np.pi).astype(z.dtype)
    return ndtr(z) + z * density


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
        Activation(
            "leaky_relu",
            lambda z: np.maximum(z, LEAK * z),
            lambda z, a: np.where(z > 0, 1.0, LEAK).astype(z.dtype),
            r"\mathrm{lrelu}(z) = \max(0.01\,z, z)",
            r"\mathrm{lrelu}'(z) = 1 \text{ if } z > 0 \text{, else } 0.01",
        ),
        Activation(
            "gelu",
            lambda z: z * ndtr(z),
            _gelu_slope,
            r"\mathrm{gelu}(z) = z\,\Phi(z)",
            r"\mathrm{gelu}'(z) = \Phi(z) + z\,\varphi(z)",
        ),
    )
}
