"""Activations as the block form computes them: in place, on what is cheapest to keep.

A kernel keeps m = k(gamma z) instead of a = g(z), with a = alpha + beta m. The constants go into the weights,
which are small, and never touch the activations, which are large. In terms of m the derivative is
g'(z) = beta gamma slope(m).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from gapscope.network.activations import LEAK, ndtr


@dataclass(frozen=True)
class Kernel:
    """In place, `keep(n, zeros, scratch)` turns n = gamma z into m and `through(g, m, scratch)` g into g slope(m).

    What `keep` leaves in `scratch` is there when `through` is called. `through` may overwrite m, which nobody reads
    afterwards: the fewer arrays a block touches, the more of it stays in cache.
    """

    gamma: float
    alpha: float
    beta: float
    keep: Callable[[np.ndarray, np.ndarray, np.ndarray], None]
    through: Callable[[np.ndarray, np.ndarray, np.ndarray], None]

    def scaled(self, factor: float) -> "Kernel":
        """The kernel whose activations are `factor` times as large."""
        return replace(self, alpha=factor * self.alpha, beta=factor * self.beta)


def _keep_negated_relu(n: np.ndarray, zeros: np.ndarray, scratch: np.ndarray) -> None:
    np.minimum(n, zeros, out=n)  # -relu(z); a full array of zeros is five times as fast as the scalar 0


def _through_relu(g: np.ndarray, m: np.ndarray, scratch: np.ndarray) -> None:
    """The sign bit of m = -relu(z) says where the unit is active; spread over the word it masks g's bits.

    m is never -0, which would pass for active: a sum from 0 on is not, nor is the minimum of -0 and 0.
    A NaN that the mask may hide from g is in the loss all the same.
    """
    word = np.int32 if m.dtype == np.float32 else np.int64
    mask, bits = m.view(word), g.view(word)
    np.right_shift(mask, 8 * m.itemsize - 1, out=mask)
    np.bitwise_and(bits, mask, out=bits)


def _keep_tanh(n: np.ndarray, zeros: np.ndarray, scratch: np.ndarray) -> None:
    np.tanh(n, out=n)


def _through_tanh(g: np.ndarray, m: np.ndarray, scratch: np.ndarray) -> None:
    np.multiply(m, m, out=m)
    np.subtract(1.0, m, out=m)
    np.multiply(g, m, out=g)


def _keep_leaky_relu(n: np.ndarray, zeros: np.ndarray, scratch: np.ndarray) -> None:
    np.multiply(n, LEAK, out=scratch)
    np.maximum(n, scratch, out=n)


def _through_leaky_relu(g: np.ndarray, m: np.ndarray, scratch: np.ndarray) -> None:
    np.heaviside(m, 0.0, out=scratch)
    np.multiply(scratch, 1.0 - LEAK, out=scratch)
    np.add(scratch, LEAK, out=scratch)
    np.multiply(g, scratch, out=g)


def _keep_gelu(n: np.ndarray, zeros: np.ndarray, scratch: np.ndarray) -> None:
    """The slope Phi(z) + z phi(z) cannot be had from a = z Phi(z): it waits in `scratch`."""
    share = ndtr(n)
    np.exp(n * n * -0.5, out=scratch)
    np.multiply(scratch, n, out=scratch)
    np.multiply(scratch, float(1.0 / np.sqrt(2.0 * np.pi)), out=scratch)
    np.add(scratch, share, out=scratch)
    np.multiply(n, share, out=n)


def _through_gelu(g: np.ndarray, m: np.ndarray, scratch: np.ndarray) -> None:
    np.multiply(g, scratch, out=g)


KERNELS = {
    "relu": Kernel(-1.0, 0.0, -1.0, _keep_negated_relu, _through_relu),
    "tanh": Kernel(1.0, 0.0, 1.0, _keep_tanh, _through_tanh),
    "sigmoid": Kernel(0.5, 0.5, 0.5, _keep_tanh, _through_tanh),  # sigma(z) = 1/2 + 1/2 tanh(z / 2)
    "leaky_relu": Kernel(1.0, 0.0, 1.0, _keep_leaky_relu, _through_leaky_relu),
    "gelu": Kernel(1.0, 0.0, 1.0, _keep_gelu, _through_gelu),
}
