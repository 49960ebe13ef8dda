"""Each activation in a form of its own, which NumPy and autograd take, and its values and slopes far out."""

from collections.abc import Callable
from dataclasses import dataclass

import autograd.numpy as np
from autograd.scipy.special import expit
from autograd.scipy.stats import norm

FAR_OUT = [-1e308, -1000.0, 1000.0, 1e308]


@dataclass(frozen=True)
class Form:
    function: Callable
    values: list  # at FAR_OUT
    slopes: list


FORMS = {
    "sigmoid": Form(expit, [0, 0, 1, 1], [0, 0, 0, 0]),
    "relu": Form(lambda z: np.where(z > 0, z, 0), [0, 0, 1000, 1e308], [0, 0, 1, 1]),
    "tanh": Form(np.tanh, [-1, -1, 1, 1], [0, 0, 0, 0]),
    "leaky_relu": Form(lambda z: np.where(z > 0, z, 0.01 * z), [-1e306, -10, 1000, 1e308], [0.01, 0.01, 1, 1]),
    "gelu": Form(lambda z: z * norm.cdf(z), [0, 0, 1000, 1e308], [0, 0, 1, 1]),
}
