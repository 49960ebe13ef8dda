"""Activations and parameters as the block form computes with them: in place, on what is cheapest to keep.

A kernel keeps m = k(gamma z) instead of a = g(z), with a = alpha + beta m. In terms of m the derivative is
g'(z) = beta gamma slope(m), and the network has the activation k and the folded parameters

    W'_l = gamma_l beta_l W_l         b'_l = gamma_l b_l + (alpha_l / beta_l) sum_i W'_l[i]      (11)
    dW_l = gamma_l beta_l (dW'_l + (alpha_l / beta_l) db'_l)         db_l = gamma_l db'_l       (12)

where alpha_l and beta_l are the kernel's for the layer below, so 0 and 1 for the inputs, and gamma_L = 1. The
constants thus touch the parameters, which are few, and never the activations, which are many.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from gapscope.network.activations import LEAK, ndtr
from gapscope.network.mlp import Network


@dataclass(frozen=True)
class Kernel:
    """In place, `keep(n, zeros, scratch)` turns n = gamma z into m and `through(g, m, scratch)` g into g slope(m).

    `scratch` keeps its values from `keep` to `through`. `through` may overwrite m, which nobody reads afterwards: the
    fewer arrays a block touches, the more of it stays in cache.
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
    """Masks g's bits with the sign bit of m = -relu(z), spread over the word: it is set where the unit is active.

    m is never -0, which would pass for active: neither a sum that starts from 0 nor the minimum of -0 and 0 is.
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
    """Leaves the slope Phi(z) + z phi(z) in `scratch`, since it does not follow from a = z Phi(z)."""
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


class Layout:
    """Places of the parameters in one vector: per layer the weights, then the bias unless a layer before has it."""

    def __init__(self, network: Network):
        self.sizes = [W.shape for W in network.weights]
        self.bias_of, self.activation = network.bias_of, network.activation
        self.weight_starts, self.bias_starts, self.size = [], {}, 0
        for (n_in, n_out), place in zip(self.sizes, self.bias_of):
            self.weight_starts.append(self.size)
            self.size += n_in * n_out
            if place not in self.bias_starts:
                self.bias_starts[place] = self.size
                self.size += n_out

    def vector(self, network: Network) -> np.ndarray:
        """A copy of all parameters (size,)."""
        vector = np.empty(self.size, network.weights[0].dtype)
        for view, array in zip(self.network(vector).parameters, network.parameters):
            view[...] = array
        return vector

    def network(self, vector: np.ndarray) -> Network:
        """The network whose arrays are views of `vector` (size,)."""
        weights = [vector[at : at + n * m].reshape(n, m) for at, (n, m) in zip(self.weight_starts, self.sizes)]
        widths = {place: n_out for place, (_, n_out) in zip(self.bias_of, self.sizes)}
        biases = [vector[self.bias_starts[place] :][: widths[place]] for place in range(len(widths))]
        return Network(weights, biases, self.bias_of, self.activation)

    def joined(self, networks: list[Network]) -> np.ndarray:
        """All parameters (networks, size), of which the networks' arrays become views."""
        vectors = np.stack([self.vector(network) for network in networks])
        for network, vector in zip(networks, vectors):
            views = self.network(vector)
            network.weights[:], network.biases[:] = views.weights, views.biases
        return vectors

    def is_weight(self) -> np.ndarray:
        """1 where the vector has a weight, 0 where it has a bias (size,)."""
        marks = np.zeros(self.size)
        for W in self.network(marks).weights:
            W[...] = 1.0
        return marks

    def by_layer(self) -> np.ndarray:
        """Places in the vector of W_1, b_1, W_2, b_2, ..., with a shared bias at each of its layers."""
        places = self.network(np.arange(self.size))
        biases = (places.biases[place] for place in self.bias_of)
        return np.concatenate([np.append(W.ravel(), b) for W, b in zip(places.weights, biases)])


class Folding:
    """Folded parameters and gradients of `members` networks of one layout, as (members, 1, units in + 1, units out).

    A layer's last row is its bias: `E` has whole layers, `W` and `b` their parts, `dE` the derivatives by E, and
    `transposed` (members, 1, units out, units in) copies of the last layers' weights, which make products faster.
    Biases fill `rows` rows, which is worth it where they are added often.
    """

    def __init__(self, layout: Layout, kernel: Kernel, members: int, dtype: np.dtype, rows: int = 1):
        self.layout, self.kernel, self.ratio = layout, kernel, kernel.alpha / kernel.beta
        places = layout.by_layer()
        self.places = None if np.array_equal(places, np.arange(layout.size)) else places
        self.parameters, self.gradient = (np.zeros((members, len(places)), dtype) for _ in range(2))
        self.E, self.dE = layers(layout, self.parameters), layers(layout, self.gradient)
        self.W, self.b = [E[..., :-1, :] for E in self.E], [E[..., -1:, :] for E in self.E]
        self.scale = np.empty(len(places), dtype)
        last = len(layout.sizes) - 1
        for layer, E in enumerate(layers(layout, self.scale[None])):
            gamma = 1.0 if layer == last else kernel.gamma
            E[..., :-1, :], E[..., -1, :] = gamma * (kernel.beta if layer else 1.0), gamma
        self.origins = [E if last == 0 else W for E, W in zip(self.E, self.W)]
        self.transposed = [aligned(swapped(W).shape, dtype) for W in self.origins]
        self.biases = [np.empty((members, 1, rows, b.shape[-1]), dtype) if rows > 1 else b for b in self.b]

    def fold(self, vectors: np.ndarray) -> None:
        """(11), from vectors (members, size) of the layout."""
        by_layer = vectors if self.places is None else vectors[:, self.places]
        np.multiply(by_layer, self.scale, out=self.parameters)
        for layer in range(len(self.E)):
            W, b, biases = self.W[layer], self.b[layer], self.biases[layer]
            if layer and self.ratio:
                b += self.ratio * W.sum(axis=-2, keepdims=True)
            if biases is not b:
                biases[...] = b
            if layer or len(self.E) == 1:
                self.transposed[layer][...] = swapped(self.origins[layer])

    def unfolded(self) -> np.ndarray:
        """(12): derivatives by the layout's vectors (members, size), from those in `dE`, which are overwritten."""
        for dE in self.dE[1:] if self.ratio else []:
            dE[..., :-1, :] += self.ratio * dE[..., -1:, :]
        self.gradient *= self.scale
        if self.places is None:
            return self.gradient
        summed = np.zeros((len(self.gradient), self.layout.size), self.gradient.dtype)
        np.add.at(summed, (slice(None), self.places), self.gradient)  # a shared bias gets the sum of its paths
        return summed


def layers(layout: Layout, vectors: np.ndarray) -> list[np.ndarray]:
    """Views (stack ..., 1, units in + 1, units out) of vectors (stack ..., size by layer)."""
    views, start = [], 0
    for n_in, n_out in layout.sizes:
        size = (n_in + 1) * n_out
        views.append(vectors[..., None, start : start + size].reshape(*vectors.shape[:-1], 1, n_in + 1, n_out))
        start += size
    return views


def swapped(array: np.ndarray) -> np.ndarray:
    """A view with the last two axes transposed."""
    return array.swapaxes(-1, -2)


def aligned(size: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
    """An empty array that starts with a line of the cache, so that none of its vectors straddles two."""
    dtype = np.dtype(dtype)
    n_bytes = math.prod(size) * dtype.itemsize
    memory = np.empty(n_bytes + 64, np.uint8)
    start = -memory.ctypes.data % 64
    return memory[start : start + n_bytes].view(dtype).reshape(size)
