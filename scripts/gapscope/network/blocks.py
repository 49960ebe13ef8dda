"""The fast form of loss, accuracy and gradient on all rows of a part: block by block through one Stack.

The mathematics is that of `mlp`, which the tests hold it to. Rows come in chunks, a fixed number of chunks makes a
block, and partial sums are added in a fixed order: for a given number of BLAS threads the result is the same to the
last bit, wherever the rows are kept.
"""

from dataclasses import replace

import numpy as np

from gapscope.network.folding import Folding, Layout
from gapscope.network.kernels import KERNELS, Kernel
from gapscope.network.mlp import Gradient, Network
from gapscope.network.noise import Noise
from gapscope.network.rows import Rows, Shape
from gapscope.network.stack import Stack, own_logits, row_losses, smoothed, wrong

LOSSES = 2**16  # rows whose losses are taken at a time


class BlockForm:
    """Loss, accuracy and gradient of networks of one layout over Rows of their type. Their parameters may move.

    The same rows go through all of them, side by side; what one gets does not depend on the others, to the last bit.
    `shape` cuts the rows as suits the networks' width, unless given. `smoothing` is label smoothing's share.
    """

    def __init__(self, networks: list[Network], shape: Shape | None = None, smoothing: float = 0.0):
        self.networks, self.smoothing, first = networks, smoothing, networks[0]
        self.kernel, self.layout = KERNELS[first.activation.name], Layout(first)
        shape = shape or Shape.of_network(first)
        self.shape = replace(shape, block=max(1, shape.block // len(networks)))
        self.foldings: dict[Kernel, Folding] = {}
        self.stacks: dict[tuple[Kernel, int], Stack] = {}

    def accuracy(self, rows: Rows) -> list[float]:
        """Share of rows whose own class has the largest logit; of equal ones the first counts."""
        self._folded(self.kernel)
        is_wrong = self._by_row(rows, bool)
        for x, targets, _, wrong_part in rows.blocks(self.shape, is_wrong):
            stack = self._stack(self.kernel, x)
            stack.forward(x)
            wrong_part[...] = wrong(stack.logits, targets, own_logits(stack.logits, targets))
        return [rows.accuracy(one) for one in is_wrong]

    def measure(self, rows: Rows, noises: list[Noise] | None = None) -> list[tuple[float, float, Gradient]]:
        """Mean cross-entropy (nats), accuracy and gradient; with `noises`, those of the networks that they disturb."""
        kernel = self.kernel.scaled(1.0 / (1.0 - noises[0].dropout)) if noises else self.kernel
        folding = self._folded(kernel)
        gradient, is_wrong = np.zeros_like(folding.gradient), self._by_row(rows, bool)
        own, total = (self._by_row(rows, rows.weights.dtype) for _ in range(2))
        for x, targets, weights, own_part, total_part, wrong_part in rows.blocks(self.shape, own, total, is_wrong):
            stack = self._stack(kernel, x)
            if noises:
                x = stack.disturbed(x, noises)
            stack.forward(x)
            found = own_logits(stack.logits, targets)
            wrong_part[...] = wrong(stack.logits, targets, found)
            own_part[...] = smoothed(found, stack.logits, weights, self.smoothing)
            stack.loss_by_logits(targets, weights, total_part)
            stack.backward(x)
            stack.add_gradient(gradient)
        folding.gradient[...] = gradient
        measured = [self.layout.network(vector) for vector in folding.unfolded().copy()]
        gradients = [Gradient(one.weights, one.biases) for one in measured]
        return list(zip(_mean_losses(own, total, rows), map(rows.accuracy, is_wrong), gradients))

    def loss(self, rows: Rows) -> list[float]:
        """What `measure` gives for the mean cross-entropy, in a third of its time."""
        self._folded(self.kernel)
        own, total = (self._by_row(rows, rows.weights.dtype) for _ in range(2))
        for x, targets, weights, own_part, total_part in rows.blocks(self.shape, own, total):
            stack = self._stack(self.kernel, x)
            stack.forward(x)
            own_part[...] = smoothed(own_logits(stack.logits, targets), stack.logits, weights, self.smoothing)
            stack.loss_by_logits(targets, weights, total_part)
        return _mean_losses(own, total, rows)

    def _by_row(self, rows: Rows, dtype: np.dtype) -> np.ndarray:
        return np.empty((len(self.networks), len(rows.weights)), dtype)

    def _folded(self, kernel: Kernel) -> Folding:
        if kernel not in self.foldings:
            members, dtype = len(self.networks), self.networks[0].weights[0].dtype
            self.foldings[kernel] = Folding(self.layout, kernel, members, dtype, self.shape.chunk)
        self.foldings[kernel].fold(np.stack([self.layout.vector(network) for network in self.networks]))
        return self.foldings[kernel]

    def _stack(self, kernel: Kernel, x: np.ndarray) -> Stack:
        """For as many chunks as x (1, chunks, rows, units in + 1) has."""
        chunks, rows = x.shape[1:3]
        if (kernel, chunks) not in self.stacks:
            size = len(self.networks), chunks, rows
            self.stacks[kernel, chunks] = Stack(self.foldings[kernel], kernel, size, self.smoothing)
        return self.stacks[kernel, chunks]


def _mean_losses(own: np.ndarray, total: np.ndarray, rows: Rows) -> list[float]:
    """From what `own_logits` and `Stack.loss_by_logits` leave of each row (networks, rows); `own` is overwritten."""
    for start in range(0, own.shape[1], LOSSES):
        part = slice(start, start + LOSSES)
        own[:, part] = row_losses(own[:, part], total[:, part], rows.weights[part])
    return own.sum(axis=1, dtype=np.float64).tolist()
