"""The equations of `mlp` on a stack of row chunks of equal length, in buffers that stay in the processor's cache.

The stack's axes are (members, chunks): networks with parameters of their own, and chunks of as many rows as one matrix
product is fastest with. Values of hidden units lie as (members, chunks, rows, units), values of classes as
(classes, members, chunks, rows), so that reductions over the classes run along memory. Equation numbers are those of
`mlp`; parameters are folded (`kernels`), and m stands where `mlp` has a.
"""

import numpy as np

from gapscope.network.kernels import Folding, aligned, layers, swapped
from gapscope.network.optimizers import Noise


class Stack:
    """Buffers for inputs of the shape (members, chunks, rows, units in + 1), whose last column is ones.

    `smoothing` is the share of label smoothing. `masks`, where set, mark the hidden units that are not dropped.
    `gradient` (members, chunks, size by layer) receives the derivatives; new memory unless given.
    """

    def __init__(self, folding: Folding, size: tuple[int, int, int], smoothing: float = 0.0, gradient=None):
        self.folding, self.kernel, self.smoothing, dtype = folding, folding.kernel, smoothing, folding.parameters.dtype
        units = [n_out for _, n_out in folding.layout.sizes]
        hidden = [(*size, n) for n in units[:-1]]
        self.m, self.passed, self.scratch = ([aligned(shape, dtype) for shape in hidden] for _ in range(3))
        self.zeros = [np.zeros((size[-1], n), dtype) for n in units[:-1]]
        self.logits, self.powers = (aligned((units[-1], *size), dtype) for _ in range(2))
        self.top, self.share = (aligned(size, dtype) for _ in range(2))
        self.dz = np.moveaxis(self.powers, 0, -1)
        self.ones = np.ones((1, size[-1]), dtype)
        self.last_bias = np.moveaxis(folding.b[-1], -1, 0)  # (classes, members, 1, 1)
        self.sum = np.empty((size[0], 1 + size[1], folding.gradient.shape[1]), dtype) if gradient is None else None
        self.gradient = self.sum[:, 1:] if gradient is None else gradient
        dE = [E[..., 0, :, :] for E in layers(folding.layout, self.gradient)]
        self.dW, self.db = [dE[0], *(E[..., :-1, :] for E in dE[1:])], [E[..., -1:, :] for E in dE]
        self.masks = None

    def disturbed(self, x: np.ndarray, noises: list[Noise]) -> np.ndarray:
        """A copy of x for each member, with its input noise; leaves 0 in `masks` for dropped units and 1 for others.

        Drawn chunk by chunk, so that the number of chunks in a stack does not matter.
        """
        x = np.broadcast_to(x, (len(noises), *x.shape[1:])).copy()
        if noises[0].dropout and not self.masks:
            self.masks = [aligned(m.shape, m.dtype) for m in self.m]
        for member, noise in enumerate(noises):
            for chunk, rows in enumerate(x[member, ..., :-1]):
                rows[...] = noise.on_inputs(rows)
                if self.masks:
                    for mask, kept in zip(self.masks, noise.kept([m.shape[2:] for m in self.m])):
                        mask[member, chunk] = kept
        return x

    def forward(self, x: np.ndarray, logits: np.ndarray | None = None) -> None:
        """(1), (2); leaves m in the buffers, and in `logits`, which may be given, logits less each row's largest."""
        self.logits = self.logits if logits is None else logits  # (classes, members, chunks, rows)
        below, folding = x, self.folding
        for layer, m in enumerate(self.m):
            np.matmul(below, folding.W[layer] if layer else folding.E[0], out=m)  # (1)
            if layer:
                np.add(m, folding.biases[layer], out=m)
            self.kernel.keep(m, self.zeros[layer], self.scratch[layer])  # (2)
            if self.masks:
                self._drop(m, self.masks[layer])
            below = m
        z = self.logits.transpose(1, 2, 0, 3)
        np.matmul(folding.transposed[-1], swapped(below), out=z)  # (1) (members, chunks, classes, rows)
        if self.m:
            np.add(self.logits, self.last_bias, out=self.logits)
        np.maximum.reduce(self.logits, axis=0, out=self.top)
        np.subtract(self.logits, self.top, out=self.logits)

    def loss_by_logits(self, targets: np.ndarray, weights: np.ndarray, total: np.ndarray) -> None:
        """(3), (5), left in `dz`; leaves the sum of powers for `row_losses` in `total` (members, chunks, rows).

        `targets` (classes, members, chunks, rows): one-hot classes times the rows' `weights` (members, chunks, rows).
        """
        np.exp(self.logits, out=self.powers)
        np.add.reduce(self.powers, axis=0, out=total)
        np.divide(weights, total, out=self.share)
        np.multiply(self.powers, self.share, out=self.powers)  # (3) times the row's weight
        if self.smoothing:
            targets = (1.0 - self.smoothing) * targets + (self.smoothing / len(targets)) * weights
        np.subtract(self.powers, targets, out=self.powers)  # (5)

    def backward(self, x: np.ndarray) -> None:
        """(6), (7), (8), left in `gradient` (members, chunks, size by layer)."""
        dz = self.dz
        for layer in range(len(self.m), 0, -1):
            below, g = self.m[layer - 1], self.passed[layer - 1]
            np.matmul(swapped(below), dz, out=self.dW[layer])  # (6)
            np.matmul(self.ones, dz, out=self.db[layer])  # (7)
            np.matmul(dz, self.folding.transposed[layer], out=g)
            self.kernel.through(g, below, self.scratch[layer - 1])  # (8)
            if self.masks:
                np.multiply(g, self.masks[layer - 1], out=g)
            dz = g
        np.matmul(swapped(x), dz, out=self.dW[0])  # (6), (7): x has a column of ones

    def add_gradient(self, gradient: np.ndarray) -> None:
        """Adds the chunks' gradients in turn to `gradient` (members, size by layer): no cut changes the order."""
        self.sum[:, 0] = gradient
        np.add.reduce(self.sum, axis=1, out=gradient)

    def _drop(self, m: np.ndarray, mask: np.ndarray) -> None:
        """Dropped units keep the m for which a = alpha + beta m is 0."""
        np.multiply(m, mask, out=m)
        if self.folding.ratio:
            m -= self.folding.ratio * (1.0 - mask)


def true_logits(logits: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Each row's shifted logit of its true class times its weight: 0 where no class has a larger one.

    Both arguments are (classes, ...). In `logits` the lowest number replaces -infinity, which an overflow leaves.
    """
    np.maximum(logits, np.finfo(logits.dtype).min, out=logits)  # or -infinity times 0 would not be 0
    return np.multiply(logits, targets).sum(axis=0)


def wrong(logits: np.ndarray, targets: np.ndarray, true: np.ndarray) -> np.ndarray:
    """Rows whose true class is not the first of those with the largest logit. Rows without a target do not count."""
    is_wrong, is_largest = true != 0.0, logits == 0.0
    if np.count_nonzero(is_largest) > true.size:  # rare: some row has two largest
        first = np.take_along_axis(targets, is_largest.argmax(axis=0)[None], axis=0)[0]
        is_wrong |= (true == 0.0) & (first == 0.0) & targets.any(axis=0)
    return is_wrong


def smoothed(true: np.ndarray, logits: np.ndarray, weights: np.ndarray, smoothing: float) -> np.ndarray:
    """`true_logits` for smoothed targets."""
    return true + smoothing * (logits.mean(axis=0) * weights - true) if smoothing else true


def row_losses(true: np.ndarray, total: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """(4): with shifted logits -log p[y] = log(sum of powers) - true logit; times the weights."""
    return np.log(total) * weights - true
