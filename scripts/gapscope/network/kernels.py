"""Activations as the block form computes them: in place, on what is cheapest to keep.

A kernel keeps m = k(gamma z) instead of a = g(z), with a = alpha + beta m. The constants go into the weights, which are small,
and never touch the activations, which are large. In terms of m the derivative is g'(z) = delta * slope(m).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Kernel:
    """`keep(n, zeros)` turns n = gamma z into m in place; `through(g, m, scratch)` multiplies g by slope(m) in place."""

    gamma: float
    alpha: float
    beta: float
    delta: float
    keep: Callable[[np.ndarray, np.ndarray], None]
    through: Callable[[np.ndarray, np.ndarray, np.ndarray], None]


def _keep_negated_relu(n: np.ndarray, zeros: np.ndarray) -> None:
    np.minimum(n, zeros, out=n)    # -relu(z); a full array of zeros is five times as fast as the scalar 0


def _through_relu(g: np.ndarray, m: np.ndarray, scratch: np.ndarray) -> None:
    """The sign bit of m = -relu(z) says where the unit is active: spread over the word it is the mask of g's bits."""
    word = np.int32 if m.dtype == np.float32 else np.int64
    mask, bits = scratch.view(word), g.view(word)
    np.right_shift(m.view(word), 8 * m.itemsize - 1, out=mask)
    np.bitwise_and(bits, mask, out=bits)


def _keep_tanh(n: np.ndarray, zeros: np.ndarray) -> None:
    np.tanh(n, out=n)


def _through_tanh(g: np.ndarray, m: np.ndarray, scratch: np.ndarray) -> None:
    np.multiply(m, m, out=scratch)
    np.subtract(1.0, scratch, out=scratch)
    np.multiply(g, scratch, out=g)


KERNELS = {
    "relu": Kernel(-1.0, 0.0, -1.0, 1.0, _keep_negated_relu, _through_relu),
    "tanh": Kernel(1.0, 0.0, 1.0, 1.0, _keep_tanh, _through_tanh),
    "sigmoid": Kernel(0.5, 0.5, 0.5, 0.25, _keep_tanh, _through_tanh),    # sigma(z) = 1/2 + 1/2 tanh(z / 2)
}
