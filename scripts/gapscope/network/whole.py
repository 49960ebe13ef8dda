"""The plain form's passes in memory that is kept, same bits as `mlp` in half the time.

What works row by row goes through a piece of the rows at a time, which stays in the processor's cache. What depends
on how many rows a matrix product has, to the last bit, stays whole: the logits, whose few columns take another way
through BLAS, and the derivatives by the weights, which sum over the rows. Sums over the rows run in their order.

Of several BLAS threads only these derivatives show a trace. OpenBLAS adds them up over blocks of 384 rows (on
processors with AVX-512, in double precision) and halves what is left at the end: on one thread after a multiple of 8
rows, on several in the middle. `several_threads` adds up as several do, on one.
"""

from collections.abc import Callable

import numpy as np

from gapscope.network.mlp import ForwardPass, Gradient, Network

PIECE = 512  # rows
SUMMED = 384  # rows of one block of a sum


class WholeForm:
    """Passes of a network over at most `rows` rows. Each overwrites what the last of its kind returned."""

    def __init__(self, network: Network, rows: int, several_threads: bool = False):
        self.network, dtype = network, network.weights[0].dtype
        self.over_rows = _over_halved_blocks if several_threads else _over_all
        self.z = [np.empty((rows, W.shape[1]), dtype) for W in network.weights]
        self.a, self.dz = ([np.empty_like(z) for z in self.z[:-1]] for _ in range(2))

    def forward(self, X: np.ndarray) -> ForwardPass:
        """`mlp.forward` of X (n, d)."""
        n, (*hidden, last) = len(X), self.network.weights
        passed = ForwardPass([z[:n] for z in self.z], [X, *(a[:n] for a in self.a)])
        for rows in _pieces(n):
            for layer, W in enumerate(hidden):
                z = passed.z[layer][rows]
                np.matmul(passed.a[layer][rows], W, out=z)  # (1)
                z += self._bias(layer)
                passed.a[layer + 1][rows] = self.network.activation.function(z)  # (2)
        np.matmul(passed.a[-1], last, out=passed.logits)
        passed.logits[...] += self._bias(len(hidden))
        return passed

    def backward(
        self,
        passed: ForwardPass,
        dz: np.ndarray,
        update: Callable[[int, np.ndarray, np.ndarray], None] | None = None,
    ) -> Gradient:
        """`mlp.backward`."""
        dW = [np.empty(0)] * len(self.network.weights)
        db = [np.zeros_like(b) for b in self.network.biases]
        for layer in reversed(range(len(dW))):
            dW[layer] = self.over_rows(passed.a[layer], dz)  # (6)
            own = np.einsum("ij->j", dz)  # (7) row after row, as dz.sum(axis=0) adds them
            db[self.network.bias_of[layer]] += own
            if update:
                update(layer, dW[layer], own)
            if layer > 0:
                dz = self._through(passed, dz, layer)
        return Gradient(dW, db)

    def _through(self, passed: ForwardPass, dz: np.ndarray, layer: int) -> np.ndarray:
        below, transposed = self.dz[layer - 1][: len(dz)], self.network.weights[layer].T
        for rows in _pieces(len(dz)):
            np.matmul(dz[rows], transposed, out=below[rows])  # (8)
            below[rows] *= self.network.activation.derivative(passed.z[layer - 1][rows], passed.a[layer][rows])
        return below

    def _bias(self, layer: int) -> np.ndarray:
        return self.network.biases[self.network.bias_of[layer]]


def _pieces(n: int) -> list[slice]:
    return [slice(start, start + PIECE) for start in range(0, n, PIECE)]


def _over_all(a: np.ndarray, dz: np.ndarray) -> np.ndarray:
    return a.T @ dz


def _over_halved_blocks(a: np.ndarray, dz: np.ndarray) -> np.ndarray:
    """a^T dz, added up block by block as OpenBLAS does it on several threads."""
    total, start, n = None, 0, len(dz)
    while start < n:
        left = n - start
        size = SUMMED if left >= 2 * SUMMED else -(-left // 2) if left > SUMMED else left
        part = a[start : start + size].T @ dz[start : start + size]
        total = part if total is None else total + part
        start += size
    return total
