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
    """Phi(z), the standard normal distribution. SciPy is imported here: only gelu needs it, and it takes 0.1 s."""
    from scipy import special

    return special.ndtr(z)


def _sigmoid(z: np.ndarray) -> np.ndarray:
    a = np.negative(z)
    with np.errstate(over="ignore"):  # exp(-z) may reach infinity, and 1 / infinity is the right limit, 0
        np.exp(a, out=a)
    a += 1.0
    return np.divide(1.0, a, out=a)


def _sigmoid_slope(z: np.ndarray, a: np.ndarray) -> np.ndarray:
    slope = 1.0 - a
    slope *= a
    return slope


def _relu(z: np.ndarray) -> np.ndarray:
    return np.maximum(z, 0.0)


def _relu_slope(z: np.ndarray, a: np.ndarray) -> np.ndarray:
    return (z > 0).astype(z.dtype)


def _tanh_slope(z: np.ndarray, a: np.ndarray) -> np.ndarray:
    return 1.0 - a * a


def _leaky_relu(z: np.ndarray) -> np.ndarray:
    return np.maximum(z, LEAK * z)


def _leaky_relu_slope(z: np.ndarray, a: np.ndarray) -> np.ndarray:
    return np.where(z > 0, 1.0, LEAK).astype(z.dtype)


def _gelu(z: np.ndarray) -> np.ndarray:
    return z * ndtr(z)


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
            _sigmoid_slope,
            r"\sigma(z) = \frac{1}{1 + e^{-z}}",
            r"\sigma'(z) = \sigma(z)\,(1 - \sigma(z)) \le \tfrac{1}{4}",
        ),
        Activation(
            "relu",
            _relu,
            _relu_slope,
            r"\mathrm{relu}(z) = \max(0, z)",
            r"\mathrm{relu}'(z) = 1 \text{ if } z > 0 \text{, else } 0",
        ),
        Activation(
            "tanh",
            np.tanh,
            _tanh_slope,
            r"\tanh(z) = \frac{e^{z} - e^{-z}}{e^{z} + e^{-z}}",
            r"\tanh'(z) = 1 - \tanh^2(z) \le 1",
        ),
        Activation(
            "leaky_relu",
            _leaky_relu,
            _leaky_relu_slope,
            r"\mathrm{lrelu}(z) = \max(0.01\,z, z)",
            r"\mathrm{lrelu}'(z) = 1 \text{ if } z > 0 \text{, else } 0.01",
        ),
        Activation(
            "gelu",
            _gelu,
            _gelu_slope,
            r"\mathrm{gelu}(z) = z\,\Phi(z)",
            r"\mathrm{gelu}'(z) = \Phi(z) + z\,\varphi(z)",
        ),
    )
}


def steepest_slope(activation: Activation) -> float:
    """The largest |g'(z)|, to three digits: 1/4 for sigmoid, 1 for tanh and ReLU."""
    z = np.arange(-8000, 8001) / 1000
    return float(np.abs(activation.derivative(z, activation.function(z))).max())
