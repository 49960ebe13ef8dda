"""The fast form of gradients on mini-batches, for the networks of several seeds at once.

One step takes some thirty calls of NumPy, and the members share the cost of each: their parameters lie below each
other, their activations side by side in one Stack. What a member computes does not depend on the others, to the last
bit.
"""

import numpy as np

from gapscope.network.folding import Folding, Layout, aligned
from gapscope.network.kernels import KERNELS
from gapscope.network.noise import Noise
from gapscope.network.rows import Rows, Shape
from gapscope.network.stack import Stack, row_losses


class BatchForm:
    """Gradients of `members` networks of one layout, each on mini-batches of its own out of the same rows.

    Args:
        size: rows of a mini-batch; the last one of a pass may have fewer.
        shape: how many rows go into a matrix product, and how many products to a set of buffers.
        noises: one for each member, or none.
    """

    def __init__(
        self,
        layout: Layout,
        members: int,
        rows: Rows,
        size: int,
        shape: Shape,
        smoothing: float = 0.0,
        noises: list[Noise] | None = None,
    ):
        self.rows, self.size, self.shape, self.smoothing, self.noises = rows, size, shape, smoothing, noises
        kernel = KERNELS[layout.activation.name]
        self.kernel = kernel.scaled(1.0 / (1.0 - noises[0].dropout)) if noises else kernel
        self.folding = Folding(layout, self.kernel, members, rows.X.dtype)
        self.onehot = (rows.targets > 0.0).astype(rows.X.dtype)
        self.batches: dict[int, _Batch] = {}

    def gradient(self, vectors: np.ndarray, chosen: np.ndarray, place: int = 0) -> np.ndarray:
        """Derivatives (members, size of the layout) of each member's mean cross-entropy on its rows.

        Args:
            vectors: the members' parameters (members, size of the layout).
            chosen: each member's rows (members, n).
            place: of this mini-batch in the pass.
        """
        n = chosen.shape[1]
        if n not in self.batches:
            self.batches[n] = _Batch(self, len(vectors), n, max(self.rows.n // self.size, 1) if n == self.size else 1)
        self.folding.fold(vectors)
        self.batches[n].run(chosen, place)
        return self.folding.unfolded()

    def losses(self, orders: np.ndarray) -> np.ndarray:
        """Each member's mean cross-entropy (members,) on the mini-batches of a pass, before each one's update."""
        lengths = [min(self.size, orders.shape[1] - start) for start in range(0, orders.shape[1], self.size)]
        return sum(self.batches[n].losses(lengths.count(n)) for n in set(lengths)) / orders.shape[1]


class _Batch:
    """Buffers for mini-batches of `n` rows, of which a pass has up to `count`.

    The rows make `chunks` of equal length, for which the first rows are repeated with weight 0 where they must.
    """

    def __init__(self, form: BatchForm, members: int, n: int, count: int):
        self.form, self.n, X = form, n, form.rows.X
        chunks = -(-n // form.shape.chunk)
        self.cut = members, chunks, -(-n // chunks)
        self.weights, self.own, self.total = (np.zeros((count, *self.cut), X.dtype) for _ in range(3))
        self.weights.reshape(count, members, -1)[..., :n] = 1.0 / n
        # One chunk's derivatives are the batch's; those of several are added.
        self.sum = None if chunks == 1 else np.empty_like(form.folding.gradient)
        at_a_time, self.parts = max(1, form.shape.block // members), []
        for start in range(0, chunks, at_a_time):
            part = slice(start, min(start + at_a_time, chunks))
            size = members, part.stop - part.start, self.cut[-1]
            gradient = form.folding.gradient[:, None] if chunks == 1 else None
            stack = Stack(form.folding, form.kernel, size, form.smoothing, gradient)
            buffers = aligned((*size, X.shape[1]), X.dtype), aligned((len(form.onehot), *size), X.dtype)
            self.parts.append((part, stack, *buffers))

    def run(self, chosen: np.ndarray, place: int) -> None:
        """Leaves the derivatives in the folding, and in own and total what `losses` takes."""
        form, padding = self.form, self.cut[1] * self.cut[2] - self.n
        if padding:
            chosen = np.concatenate([chosen, chosen[:, :padding]], axis=1)
        chosen = chosen.reshape(self.cut)
        weights, own, total = (array[place % len(self.own)] for array in (self.weights, self.own, self.total))
        if form.rows.weighted:
            weights[...] = form.rows.weights[chosen]
            weights.reshape(len(weights), -1)[:, self.n :] = 0.0
            weights /= weights.sum(axis=(1, 2), keepdims=True)
        if self.sum is not None:
            self.sum[...] = 0.0
        for part, stack, x, targets in self.parts:
            form.rows.X.take(chosen[:, part], axis=0, out=x, mode="clip")
            form.onehot.take(chosen[:, part], axis=1, out=targets, mode="clip")
            np.multiply(targets, weights[:, part], out=targets)
            if form.noises:
                x = stack.disturbed(x, form.noises)
            stack.forward(x)
            stack.own_logits(targets, own[:, part])
            stack.loss_by_logits(targets, weights[:, part], own[:, part], total[:, part])
            stack.backward(x)
            if self.sum is not None:
                stack.add_gradient(self.sum)
        if self.sum is not None:
            form.folding.gradient[...] = self.sum

    def losses(self, count: int) -> np.ndarray:
        """Sum (members,) of n times the mean cross-entropy over the first `count` mini-batches."""
        losses = row_losses(self.own[:count], self.total[:count], self.weights[:count])
        return self.n * losses.sum(axis=(0, 2, 3), dtype=np.float64)
