"""The fast form of loss, accuracy and gradient on all rows of a part: block by block through one Stack.

The mathematics is that of `mlp`, which the tests hold it to. Rows come in chunks, a fixed number of chunks makes a
block, and partial sums are added in a fixed order: for a given number of BLAS threads the result is the same to the
last bit, wherever the rows are kept.
"""

import numpy as np

from gapscope.network.folding import Folding, Layout
from gapscope.network.kernels import KERNELS, Kernel
from gapscope.network.mlp import Gradient, Network
from gapscope.network.noise import Noise
from gapscope.network.rows import Rows, Shape
from gapscope.network.stack import Stack, own_logits, row_losses, smoothed, wrong

LOSSES = 2**16  # rows whose losses are taken at a time


class BlockForm:
    """Loss, accuracy and gradient of a network over Rows of its type. Its parameters may move between calls.

    `shape` cuts the rows as suits the network's width, unless given. `smoothing` is label smoothing's share.
    """

    def __init__(self, network: Network, shape: Shape | None = None, smoothing: float = 0.0):
        self.network, self.kernel, self.layout = network, KERNELS[network.activation.name], Layout(network)
        self.shape, self.smoothing = shape or Shape.of_network(network), smoothing
        self.foldings: dict[Kernel, Folding] = {}
        self.stacks: dict[tuple[Kernel, int], Stack] = {}

    def accuracy(self, rows: Rows) -> float:
        """Share of rows whose own class has the largest logit; of equal ones the first counts."""
        self._folded(self.kernel)
        is_wrong = np.empty(len(rows.weights), bool)
        for x, targets, _, wrong_part in rows.blocks(self.shape, is_wrong):
            stack = self._stack(self.kernel, x)
            stack.forward(x)
            wrong_part[...] = wrong(stack.logits, targets, own_logits(stack.logits, targets))
        return rows.accuracy(is_wrong)

    def measure(self, rows: Rows, noise: Noise | None = None) -> tuple[float, float, Gradient]:
        """Mean cross-entropy (nats), accuracy and gradient; with `noise`, those of a network that it disturbs."""
        kernel = self.kernel.scaled(1.0 / (1.0 - noise.dropout)) if noise else self.kernel
        folding = self._folded(kernel)
        gradient, is_wrong = np.zeros_like(folding.gradient), np.empty(len(rows.weights), bool)
        own, total = np.empty_like(rows.weights), np.empty_like(rows.weights)
        for x, targets, weights, own_part, total_part, wrong_part in rows.blocks(self.shape, own, total, is_wrong):
            stack = self._stack(kernel, x)
            if noise:
                x = stack.disturbed(x, [noise])
            stack.forward(x)
            found = own_logits(stack.logits, targets)
            wrong_part[...] = wrong(stack.logits, targets, found)
            own_part[...] = smoothed(found, stack.logits, weights, self.smoothing)
            stack.loss_by_logits(targets, weights, total_part)
            stack.backward(x)
            stack.add_gradient(gradient)
        folding.gradient[...] = gradient
        measured = self.layout.network(folding.unfolded()[0].copy())
        return _mean_loss(own, total, rows), rows.accuracy(is_wrong), Gradient(measured.weights, measured.biases)

    def loss(self, rows: Rows) -> float:
        """What `measure` gives for the mean cross-entropy, in a third of its time."""
        self._folded(self.kernel)
        own, total = np.empty_like(rows.weights), np.empty_like(rows.weights)
        for x, targets, weights, own_part, total_part in rows.blocks(self.shape, own, total):
            stack = self._stack(self.kernel, x)
            stack.forward(x)
            own_part[...] = smoothed(own_logits(stack.logits, targets), stack.logits, weights, self.smoothing)
            stack.loss_by_logits(targets, weights, total_part)
        return _mean_loss(own, total, rows)

    def _folded(self, kernel: Kernel) -> Folding:
        if kernel not in self.foldings:
            dtype = self.network.weights[0].dtype
            self.foldings[kernel] = Folding(self.layout, kernel, 1, dtype, self.shape.chunk)
        self.foldings[kernel].fold(self.layout.vector(self.network)[None])
        return self.foldings[kernel]

    def _stack(self, kernel: Kernel, x: np.ndarray) -> Stack:
        """For as many chunks as x (1, chunks, rows, units in + 1) has."""
        chunks = x.shape[1]
        if (kernel, chunks) not in self.stacks:
            self.stacks[kernel, chunks] = Stack(self.foldings[kernel], kernel, x.shape[:-1], self.smoothing)
        return self.stacks[kernel, chunks]


def _mean_loss(own: np.ndarray, total: np.ndarray, rows: Rows) -> float:
    """From what `Stack.loss_by_logits` leaves of each row; `own` is overwritten."""
    for start in range(0, len(own), LOSSES):
        part = slice(start, start + LOSSES)
        own[part] = row_losses(own[part], total[part], rows.weights[part])
    return float(own.sum(dtype=np.float64))
