"""Activation functions with their derivatives, as NumPy functions, as LaTeX, and in place for the training core."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

LEAK = 0.01  # slope of the leaky ReLU below 0


@dataclass(frozen=True)
class Activation:
    """An elementwise function a = g(z) and its derivative."""

    name: str
    function: Callable[[np.ndarray], np.ndarray]
    derivative: Callable[[np.ndarray, np.ndarray], np.ndarray]  # g' of z and a; some are cheaper to compute from a
    latex: str
    derivative_latex: str
    # Functions `activate(n, scratch)` and `slope(m, scratch)` that overwrite their argument. The first turns
    # n = inner z into m = a / outer, the second returns dm/dn. `scratch` has the shape of n; it is zero at first and
    # is not touched between the two calls.
    quick: tuple[Callable, Callable] | None = None
    inner: float = 1.0  # constant factors that `quick` leaves to the caller
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


def _gelu_slope(z: np.ndarray, a: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore"):  # z * z may overflow to infinity; exp(-infinity) = 0 is the correct limit
        density = np.exp(-0.5 * z * z) / np.sqrt(2.0 * np.pi).astype(z.dtype)
    return ndtr(z) + z * density


ACTIVATIONS = {
    activation.name: activation
    for activation in (
        Activation(
            "sigmoid",
            _sigmoid,
            lambda z, a: (1.0 - a) * a,
            r"\sigma(z) = \frac{1}{1 + e^{-z}}",
            r"\sigma'(z) = \sigma(z)\,(1 - \sigma(z)) \le \tfrac{1}{4}",
            quick=(  # 2 sigma(z) = 1 + tanh(z / 2)
                lambda n, scratch: np.add(np.tanh(n, out=n), 1.0, out=n),
                lambda m, scratch: np.multiply(m, np.subtract(2.0, m, out=scratch), out=m),
            ),
            inner=0.5,
            outer=0.5,
        ),
        Activation(
            "relu",
            lambda z: np.maximum(z, 0.0),
            lambda z, a: (z > 0).astype(z.dtype),
            r"\mathrm{relu}(z) = \max(0, z)",
            r"\mathrm{relu}'(z) = 1 \text{ if } z > 0 \text{, else } 0",
            quick=(  # comparing with an array of zeros is many times faster than with the scalar 0
                lambda z, zeros: np.maximum(z, zeros[0, 0], out=z),
                lambda a, zeros: np.greater(a, 0.0, out=a),
            ),
        ),
        Activation(
            "tanh",
            np.tanh,
            lambda z, a: 1.0 - a * a,
            r"\tanh(z) = \frac{e^{z} - e^{-z}}{e^{z} + e^{-z}}",
            r"\tanh'(z) = 1 - \tanh^2(z) \le 1",
            quick=(
                lambda z, scratch: np.tanh(z, out=z),
                lambda a, scratch: np.subtract(1.0, np.multiply(a, a, out=a), out=a),
            ),
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


def steepest_slope(activation: Activation) -> float:
    """Largest |g'(z)|, accurate to three digits: 1/4 for sigmoid, 1 for tanh and ReLU."""
    z = np.arange(-8000, 8001) / 1000
    return float(np.abs(activation.derivative(z, activation.function(z))).max())
