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

MEASURED = 2**20  # rows whose losses are added up together


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
        self.batches: dict[int, _Batch] = {}

    def gradient(
        self, vectors: np.ndarray, chosen: np.ndarray, fetched: tuple[np.ndarray, np.ndarray] | None = None
    ) -> np.ndarray:
        """Derivatives (members, size of the layout) of each member's mean cross-entropy on its rows.

        Args:
            vectors: the members' parameters (members, size of the layout).
            chosen: each member's rows (members, n). fetched: what rows.fetched gives for them, if it is at hand.
        """
        n = chosen.shape[1]
        if n not in self.batches:
            count = min(self.rows.n, MEASURED) // self.size if n == self.size else 1
            self.batches[n] = _Batch(self, len(vectors), n, max(count, 1))
        self.folding.fold(vectors)
        self.batches[n].run(chosen, *(fetched or self.rows.fetched(chosen)))
        return self.folding.unfolded()

    def losses(self) -> np.ndarray:
        """Each member's mean cross-entropy (members,) on the mini-batches since the last call, before their updates."""
        rows = sum(batch.n * batch.runs for batch in self.batches.values())
        return sum(batch.losses() for batch in self.batches.values()) / rows


class _Batch:
    """Buffers for mini-batches of `n` rows, of which the losses of `count` are added up at a time.

    The rows make `chunks` of equal length, for which the first rows are repeated with weight 0 where they must.
    """

    def __init__(self, form: BatchForm, members: int, n: int, count: int):
        self.form, self.n, X = form, n, form.rows.X
        self.runs, self.summed = 0, np.zeros(members)
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
            buffers = aligned((*size, X.shape[1]), X.dtype), aligned((len(form.rows.onehot), *size), X.dtype)
            self.parts.append((part, stack, *buffers))

    def run(self, chosen: np.ndarray, X: np.ndarray, places: np.ndarray) -> None:
        """Leaves the derivatives in the folding, and in own and total what `losses` takes."""
        form, place = self.form, self.runs % len(self.own)
        if self.runs and not place:
            self._add_losses(len(self.own))
        self.runs += 1
        chosen, places = self._in_chunks(chosen), self._in_chunks(places)
        weights, own, total = (array[place] for array in (self.weights, self.own, self.total))
        if form.rows.weighted:
            weights[...] = form.rows.weights[chosen]
            weights.reshape(len(weights), -1)[:, self.n :] = 0.0
            weights /= weights.sum(axis=(1, 2), keepdims=True)
        if self.sum is not None:
            self.sum[...] = 0.0
        for part, stack, x, targets in self.parts:
            X.take(places[:, part], axis=0, out=x, mode="clip")
            form.rows.targets(form.rows.y.take(chosen[:, part]), weights[:, part], out=targets)
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

    def losses(self) -> np.ndarray:
        """Sum (members,) of n times the mean cross-entropy over the mini-batches since the last call."""
        if self.runs:
            self._add_losses((self.runs - 1) % len(self.own) + 1)
        summed, self.runs, self.summed = self.summed, 0, np.zeros_like(self.summed)
        return summed

    def _add_losses(self, count: int) -> None:
        losses = row_losses(self.own[:count], self.total[:count], self.weights[:count])
        self.summed += self.n * losses.sum(axis=(0, 2, 3), dtype=np.float64)

    def _in_chunks(self, numbers: np.ndarray) -> np.ndarray:
        """Of rows (members, n), the first ones repeated: (members, chunks, rows)."""
        padding = self.cut[1] * self.cut[2] - self.n
        return (np.concatenate([numbers, numbers[:, :padding]], axis=1) if padding else numbers).reshape(self.cut)
