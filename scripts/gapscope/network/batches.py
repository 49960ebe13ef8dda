"""The fast form of gradients on mini-batches, for the networks of several seeds at once.

One step takes some thirty calls of NumPy, and the members share the cost of each: their parameters lie below each
other, their activations side by side in one Stack. What a member computes does not depend on the others, to the last
bit.
"""

from collections.abc import Iterator

import numpy as np

from gapscope.network.folding import Folding, Layout, aligned
from gapscope.network.kernels import KERNELS
from gapscope.network.noise import Noise
from gapscope.network.rows import Rows, Shape
from gapscope.network.stack import Stack, own_logits, row_losses, smoothed

GATHERED = 2**13  # rows that are gathered together, for all members: many mini-batches in a few calls, still in cache


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
        self.members, self.at_a_time = members, max(1, GATHERED // (members * size))
        self.batches: dict[int, _Batch] = {}

    def mini_batches(self, orders: np.ndarray) -> Iterator[tuple["_Batch", int]]:
        """What `gradient` takes of each mini-batch in turn, in each member's own order of rows (members, n)."""
        for chosen, X, places in self.rows.mini_batches(orders, self.size * self.at_a_time):
            whole = chosen.shape[1] // self.size * self.size
            for part, n in ((slice(0, whole), self.size), (slice(whole, None), chosen.shape[1] - whole)):
                if chosen[:, part].size:
                    yield from self._batch(n).gather(chosen[:, part], X, places[:, part])

    def gradient(self, vectors: np.ndarray, mini_batch: tuple["_Batch", int]) -> np.ndarray:
        """Derivatives (members, size of the layout) of each member's mean cross-entropy on its rows.

        `vectors`: the members' parameters (members, size of the layout).
        """
        batch, place = mini_batch
        self.folding.fold(vectors)
        batch.run(place)
        return self.folding.unfolded()

    def losses(self) -> np.ndarray:
        """Each member's mean cross-entropy (members,) on the mini-batches since the last call, before their updates."""
        rows = sum(batch.n * batch.runs for batch in self.batches.values())
        return sum(batch.losses() for batch in self.batches.values()) / rows

    def _batch(self, n: int) -> "_Batch":
        if n not in self.batches:
            self.batches[n] = _Batch(self, n, self.at_a_time if n == self.size else 1)
        return self.batches[n]


class _Batch:
    """Buffers for `at_a_time` mini-batches of `n` rows, which are gathered, and whose losses are taken, together.

    The rows make `chunks` of equal length, for which the first rows are repeated with weight 0 where they must.
    """

    def __init__(self, form: BatchForm, n: int, at_a_time: int):
        self.form, self.n, self.runs, self.gathered, X = form, n, 0, 0, form.rows.X
        self.summed, chunks, classes = np.zeros(form.members), -(-n // form.shape.chunk), len(form.rows.codes)
        self.cut = form.members, chunks, -(-n // chunks)
        self.x = aligned((at_a_time, *self.cut, X.shape[1]), X.dtype)
        self.targets, self.logits = (aligned((classes, at_a_time, *self.cut), X.dtype) for _ in range(2))
        self.weights, self.total = (np.zeros((at_a_time, *self.cut), X.dtype) for _ in range(2))
        self.weights.reshape(at_a_time, form.members, -1)[..., :n] = 1.0 / n
        # One chunk's derivatives are the batch's; those of several are added.
        self.sum = None if chunks == 1 else np.empty_like(form.folding.gradient)
        stacks = self._stacks(chunks)
        self.pieces = [[(stack, *self._buffers(place, part)) for part, stack in stacks] for place in range(at_a_time)]

    def _stacks(self, chunks: int) -> list[tuple[slice, Stack]]:
        form, stacks = self.form, []
        together = max(1, form.shape.block // form.members)
        gradient = form.folding.gradient[:, None] if chunks == 1 else None
        for start in range(0, chunks, together):
            part = slice(start, min(start + together, chunks))
            size = form.members, part.stop - part.start, self.cut[-1]
            stacks.append((part, Stack(form.folding, form.kernel, size, form.smoothing, gradient)))
        return stacks

    def _buffers(self, place: int, part: slice) -> list[np.ndarray]:
        """Inputs, logits, targets, weights and totals of one mini-batch's chunks."""
        by_class = (array[:, place, :, part] for array in (self.logits, self.targets))
        return [self.x[place, :, part], *by_class, *(array[place, :, part] for array in (self.weights, self.total))]

    def gather(self, chosen: np.ndarray, X: np.ndarray, places: np.ndarray) -> Iterator[tuple["_Batch", int]]:
        """Mini-batches of the rows chosen (members, some times n), which have these places in X."""
        self._add_losses()
        chosen, places = self._in_chunks(chosen), self._in_chunks(places)
        rows, part = self.form.rows, slice(0, len(chosen))
        weights, self.gathered = self.weights[part], len(chosen)
        if rows.weighted:
            weights[...] = rows.weights[chosen]
            weights.reshape(*weights.shape[:2], -1)[..., self.n :] = 0.0
            weights /= weights.sum(axis=(2, 3), keepdims=True)
        X.take(places, axis=0, out=self.x[part], mode="clip")
        rows.targets(rows.y.take(chosen), weights, out=self.targets[:, part])
        self.runs += len(chosen)
        return ((self, place) for place in range(len(chosen)))

    def run(self, place: int) -> None:
        """Leaves the derivatives in the folding, and in logits and total what `losses` takes."""
        if self.sum is not None:
            self.sum[...] = 0.0
        for stack, x, logits, targets, weights, total in self.pieces[place]:
            if self.form.noises:
                x = stack.disturbed(x, self.form.noises)
            stack.forward(x, logits)
            stack.loss_by_logits(targets, weights, total)
            stack.backward(x)
            if self.sum is not None:
                stack.add_gradient(self.sum)
        if self.sum is not None:
            self.form.folding.gradient[...] = self.sum

    def losses(self) -> np.ndarray:
        """Sum (members,) of n times the mean cross-entropy over the mini-batches since the last call."""
        self._add_losses()
        summed, self.runs, self.summed = self.summed, 0, np.zeros_like(self.summed)
        return summed

    def _add_losses(self) -> None:
        part, smoothing = slice(0, self.gathered), self.form.smoothing
        logits, weights, self.gathered = self.logits[:, part], self.weights[part], 0
        own = smoothed(own_logits(logits, self.targets[:, part]), logits, weights, smoothing)
        losses = row_losses(own, self.total[part], weights)
        for of_one in losses.sum(axis=(2, 3), dtype=np.float64):  # in turn: how many are gathered does not matter
            self.summed += self.n * of_one

    def _in_chunks(self, numbers: np.ndarray) -> np.ndarray:
        """Of rows (members, times n), the first of each n repeated: (times, members, chunks, rows)."""
        numbers = numbers.reshape(len(numbers), -1, self.n).swapaxes(0, 1)
        padding = self.cut[1] * self.cut[2] - self.n
        numbers = np.concatenate([numbers, numbers[..., :padding]], axis=-1) if padding else numbers
        return numbers.reshape(-1, *self.cut)
