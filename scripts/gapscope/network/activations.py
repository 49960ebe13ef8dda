"""Activation functions with their derivatives, as NumPy functions, as LaTeX, and in place for the training core."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

LEAK = 0.01  # slope of the leaky ReLU below 0


@dataclass(frozen=True)
class Activation:
    """An elementwise function a = g(z) and its derivative.

    Parameters
    ----------
    derivative : g'(z), called as `derivative(z, a)`; some derivatives are cheaper to compute from a.
    quick : functions `activate(n, scratch)` and `slope(m, scratch)` that overwrite their argument. The first turns
        n = inner z into m = a / outer, the second returns dm/dn. `scratch` has the shape of n; it is zero at first and
        is not touched between the two calls.
    inner, outer : constant factors that `quick` leaves to the caller.
    """

    name: str
    function: Callable[[np.ndarray], np.ndarray]
    derivative: Callable[[np.ndarray, np.ndarray], np.ndarray]
    latex: str
    derivative_latex: str
    quick: tuple[Callable, Callable] | None = None
    inner: float = 1.0
    outer: float = 1.0

    def activate(self, n: np.ndarray, scratch: np.ndarray) -> None:
        """Overwrite n by m; without a `quick` form, keep the slope in `scratch`."""
        if self.quick:
            self.quick[0](n, scratch)
            return
        m = self.function(n)
        scratch[...] = self.derivative(n, m)
        n[...] = m

    def slope(self, m: np.ndarray, scratch: np.ndarray) -> np.ndarray:
        """dm/dn after `activate`; overwrites m or `scratch`."""
        return self.quick[1](m, scratch) if self.quick else scratch


def ndtr(z: np.ndarray) -> np.ndarray:
    """Standard normal distribution function Phi(z). SciPy is imported here because only gelu needs it (0.1 s)."""
    from scipy import special

    return special.ndtr(z)


def _sigmoid(z: np.ndarray) -> np.ndarray:
    a = np.negative(z)
    with np.errstate(over="ignore"):  # exp(-z) may overflow to infinity; 1 / infinity = 0 is the correct limit
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
    with np.errstate(over="ignore"):  # z * z may overflow to infinity; exp(-infinity) = 0 is the correct limit
        density = np.exp(-0.5 * z * z) / np.sqrt(2.0 * np.pi).astype(z.dtype)
    return ndtr(z) + z * density


def _activate_relu(z: np.ndarray, zeros: np.ndarray) -> None:
    np.maximum(z, zeros[0, 0], out=z)  # comparing with an array of zeros is many times faster than with the scalar 0


def _slope_of_relu(a: np.ndarray, zeros: np.ndarray) -> np.ndarray:
    return np.greater(a, 0.0, out=a)


def _activate_sigmoid(n: np.ndarray, scratch: np.ndarray) -> None:
    np.tanh(n, out=n)
    np.add(n, 1.0, out=n)  # 2 sigma(z) = 1 + tanh(z / 2)


def _slope_of_sigmoid(m: np.ndarray, scratch: np.ndarray) -> np.ndarray:
    np.subtract(2.0, m, out=scratch)
    return np.multiply(m, scratch, out=m)


def _activate_tanh(z: np.ndarray, scratch: np.ndarray) -> None:
    np.tanh(z, out=z)


def _slope_of_tanh(a: np.ndarray, scratch: np.ndarray) -> np.ndarray:
    np.multiply(a, a, out=a)
    return np.subtract(1.0, a, out=a)


ACTIVATIONS = {
    activation.name: activation
    for activation in (
        Activation(
            "sigmoid",
            _sigmoid,
            _sigmoid_slope,
            r"\sigma(z) = \frac{1}{1 + e^{-z}}",
            r"\sigma'(z) = \sigma(z)\,(1 - \sigma(z)) \le \tfrac{1}{4}",
            (_activate_sigmoid, _slope_of_sigmoid),
            inner=0.5,
            outer=0.5,
        ),
        Activation(
            "relu",
            _relu,
            _relu_slope,
            r"\mathrm{relu}(z) = \max(0, z)",
            r"\mathrm{relu}'(z) = 1 \text{ if } z > 0 \text{, else } 0",
            (_activate_relu, _slope_of_relu),
        ),
        Activation(
            "tanh",
            np.tanh,
            _tanh_slope,
            r"\tanh(z) = \frac{e^{z} - e^{-z}}{e^{z} + e^{-z}}",
            r"\tanh'(z) = 1 - \tanh^2(z) \le 1",
            (_activate_tanh, _slope_of_tanh),
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
    """Largest |g'(z)|, accurate to three digits: 1/4 for sigmoid, 1 for tanh and ReLU."""
    z = np.arange(-8000, 8001) / 1000
    return float(np.abs(activation.derivative(z, activation.function(z))).max())
