"""The plain form's passes in reused memory: the same bits as `mlp` in a third of the time.

A piece of the rows at a time, which stays in the processor's cache, goes through all layers. What works row by row
gives the same bits in pieces as on whole arrays. Two steps need care to do so:

- Logits are computed transposed: with their few columns, BLAS computes short pieces another way than all rows.
- Derivatives by the weights sum over the rows, and the order of the sum decides their last bits. OpenBLAS adds blocks
  of 384 rows (on processors with AVX-512, in double precision) and halves the rest at the end: on one thread after a
  multiple of 16 rows, on several in the middle. The pieces are these blocks, so that one thread adds as either does.
"""

import functools
from collections.abc import Callable

import numpy as np

from gapscope.network.mlp import ForwardPass, Gradient, Network

PIECE = 384  # rows of one block of a sum
HALVED = 16  # one thread halves the rest after a multiple of so many rows


class WholeForm:
    """Passes of a network over at most `rows` rows. Each overwrites what the last pass of its kind returned."""

    def __init__(self, network: Network, rows: int, several_threads: bool = False):
        self.network, self.several_threads, dtype = network, several_threads, network.weights[0].dtype
        *hidden, classes = network.units[1:]
        self.a = [np.empty((rows, units), dtype) for units in hidden]
        keeps_z = not network.activation.derivative_of_value
        self.z = [np.empty_like(a) for a in self.a] if keeps_z else self.a
        self.dz = [np.empty((rows, units), dtype) for units in hidden[1:]]  # nobody reads the first layer's
        self.all_logits = np.empty((classes, rows), dtype)
        self.slopes = [np.empty((PIECE, units), dtype) for units in hidden]
        self.summed = [np.empty((1 + PIECE, units), dtype) for units in [*hidden, classes]]

    def forward(self, X: np.ndarray) -> ForwardPass:
        """`mlp.forward` of X (n, d); z holds the activations too where the derivative takes only them."""
        n = len(X)
        logits = self._logits(X, lambda rows: [(z[rows], a[rows]) for z, a in zip(self.z, self.a)])
        return ForwardPass([*(z[:n] for z in self.z), logits], [X, *(a[:n] for a in self.a)])

    def logits(self, X: np.ndarray) -> np.ndarray:
        """The logits of `forward`, without the other layers' values."""
        return self._logits(X, lambda rows: [(a[: rows.stop - rows.start],) * 2 for a in self.slopes])

    def _logits(self, X: np.ndarray, places: Callable[[slice], list[tuple[np.ndarray, np.ndarray]]]) -> np.ndarray:
        """Logits (n, classes); `places(rows)` gives the arrays for each hidden layer's z and a of a piece."""
        *hidden, last = self.network.weights
        biases = [np.repeat(self._bias(layer)[None], PIECE, axis=0) for layer in range(len(hidden))]  # faster to add
        transposed, last_bias = last.T, self._bias(len(hidden))[:, None]
        for rows in _pieces(len(X), self.several_threads):
            below = X[rows]
            for W, bias, (z, a) in zip(hidden, biases, places(rows)):
                np.matmul(below, W, out=z)  # (1)
                z += bias[: len(z)]
                below = self.network.activation.function(z, out=a)  # (2)
            logits = self.all_logits[:, rows]
            np.matmul(transposed, below.T, out=logits)  # (1)
            logits += last_bias
        return self.all_logits[:, : len(X)].T

    def backward(self, passed: ForwardPass, dz: np.ndarray, update: Callable | None = None) -> Gradient:
        """`mlp.backward`."""
        dW = [np.zeros_like(W) for W in self.network.weights]
        db = [np.zeros_like(b) for b in self.network.biases]
        for layer in reversed(range(len(dW))):
            dz, layer_db = self._layer(layer, passed, dz, dW[layer])
            db[self.network.bias_of[layer]] += layer_db
            if update:
                update(layer, dW[layer], layer_db)
        return Gradient(dW, db)

    def _layer(self, layer: int, passed: ForwardPass, above: np.ndarray, dW: np.ndarray) -> tuple[np.ndarray, ...]:
        """dz and db of this layer, from dz of the layer `above` (of the last layer: its own); adds to dW."""
        summed, last = self.summed[layer], layer == len(self.slopes)
        summed[0] = 0.0
        transposed = None if last else np.ascontiguousarray(self.network.weights[layer + 1].T)
        kept = self.dz[layer - 1][: len(above)] if layer and not last else None
        for rows in _pieces(len(above), self.several_threads):
            so_far = summed[: 1 + rows.stop - rows.start]
            dz = so_far[1:]
            if last:
                dz[...] = above[rows]
            else:
                np.matmul(above[rows], transposed, out=dz)  # (8)
                slope = self.slopes[layer][: len(dz)]
                dz *= self.network.activation.derivative(passed.z[layer][rows], passed.a[layer + 1][rows], out=slope)
            dW += passed.a[layer][rows].T @ dz  # (6)
            summed[0] = np.einsum("ij->j", so_far)  # (7) row after row, as dz.sum(axis=0) adds them
            if kept is not None:
                kept[rows] = dz
        return (above if last else kept), summed[0].copy()

    def _bias(self, layer: int) -> np.ndarray:
        return self.network.biases[self.network.bias_of[layer]]


@functools.cache
def _pieces(n: int, several_threads: bool) -> list[slice]:
    multiple, ends = 1 if several_threads else HALVED, [0]
    while ends[-1] < n:
        left = n - ends[-1]
        half = -(-left // (2 * multiple)) * multiple
        ends.append(ends[-1] + (PIECE if left >= 2 * PIECE else half if left > PIECE else left))
    return [slice(*pair) for pair in zip(ends, ends[1:])]
