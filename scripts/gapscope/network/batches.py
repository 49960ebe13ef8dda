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
from gapscope.network.stack import Stack, row_losses

GATHERED = 2**13  # rows that are gathered together, for all members: many mini-batches in a few calls, still in cache
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
        self.members, self.at_a_time = members, max(1, GATHERED // (members * size))
        self.batches: dict[int, _Batch] = {}

    def mini_batches(self, orders: np.ndarray) -> Iterator[tuple["_Batch", int, int]]:
        """What `gradient` takes of each mini-batch in turn, in each member's own order of rows (members, n)."""
        for chosen, X, places in self.rows.mini_batches(orders, self.size * self.at_a_time):
            whole = chosen.shape[1] // self.size * self.size
            for part, n in ((slice(0, whole), self.size), (slice(whole, None), chosen.shape[1] - whole)):
                if chosen[:, part].size:
                    yield from self._batch(n).gathered(chosen[:, part], X, places[:, part])

    def gradient(self, vectors: np.ndarray, mini_batch: tuple["_Batch", int, int]) -> np.ndarray:
        """Derivatives (members, size of the layout) of each member's mean cross-entropy on its rows.

        `vectors`: the members' parameters (members, size of the layout).
        """
        batch, *places = mini_batch
        self.folding.fold(vectors)
        batch.run(*places)
        return self.folding.unfolded()

    def _batch(self, n: int) -> "_Batch":
        if n not in self.batches:
            full = n == self.size
            measured = max(1, min(self.rows.n, MEASURED) // self.size) if full else 1
            self.batches[n] = _Batch(self, n, self.at_a_time if full else 1, measured)
        return self.batches[n]

    def losses(self) -> np.ndarray:
        """Each member's mean cross-entropy (members,) on the mini-batches since the last call, before their updates."""
        rows = sum(batch.n * batch.runs for batch in self.batches.values())
        return sum(batch.losses() for batch in self.batches.values()) / rows


class _Batch:
    """Buffers for mini-batches of `n` rows: the inputs of `gathered` of them, the losses of `measured`.

    The rows make `chunks` of equal length, for which the first rows are repeated with weight 0 where they must.
    """

    def __init__(self, form: BatchForm, n: int, at_a_time: int, measured: int):
        self.form, self.n, members, X = form, n, form.members, form.rows.X
        self.runs, self.filled, self.summed = 0, 0, np.zeros(members)
        chunks = -(-n // form.shape.chunk)
        self.cut = members, chunks, -(-n // chunks)
        self.x = aligned((at_a_time, *self.cut, X.shape[1]), X.dtype)
        self.targets = aligned((len(form.rows.onehot), at_a_time, *self.cut), X.dtype)
        size = max(measured, at_a_time), *self.cut
        self.weights, self.own, self.total = (np.zeros(size, X.dtype) for _ in range(3))
        self.weights.reshape(len(self.weights), members, -1)[..., :n] = 1.0 / n
        # One chunk's derivatives are the batch's; those of several are added.
        self.sum = None if chunks == 1 else np.empty_like(form.folding.gradient)
        together, self.parts = max(1, form.shape.block // members), []
        for start in range(0, chunks, together):
            part = slice(start, min(start + together, chunks))
            gradient = form.folding.gradient[:, None] if chunks == 1 else None
            size = members, part.stop - part.start, self.cut[-1]
            self.parts.append((part, Stack(form.folding, form.kernel, size, form.smoothing, gradient)))

    def gathered(self, chosen: np.ndarray, X: np.ndarray, places: np.ndarray) -> Iterator[tuple["_Batch", int, int]]:
        """Mini-batches of the rows chosen (members, some times n), which have these places in X."""
        chosen, places = self._in_chunks(chosen), self._in_chunks(places)
        if self.filled + len(chosen) > len(self.weights):
            self._add_losses()
        rows, part = self.form.rows, slice(self.filled, self.filled + len(chosen))
        weights, self.filled = self.weights[part], part.stop
        if rows.weighted:
            weights[...] = rows.weights[chosen]
            weights.reshape(*weights.shape[:2], -1)[..., self.n :] = 0.0
            weights /= weights.sum(axis=(2, 3), keepdims=True)
        X.take(places, axis=0, out=self.x[: len(places)], mode="clip")
        rows.targets(rows.y.take(chosen), weights, out=self.targets[:, : len(chosen)])
        for place in range(len(chosen)):
            self.runs += 1
            yield self, place, part.start + place

    def run(self, place: int, measured: int) -> None:
        """Leaves the derivatives in the folding, and in own and total what `losses` takes."""
        form, x, targets = self.form, self.x[place], self.targets[:, place]
        weights, own, total = (array[measured] for array in (self.weights, self.own, self.total))
        if self.sum is not None:
            self.sum[...] = 0.0
        for part, stack in self.parts:
            x_part, targets_part = x[:, part], targets[:, :, part]
            if form.noises:
                x_part = stack.disturbed(x_part, form.noises)
            stack.forward(x_part)
            stack.own_logits(targets_part, own[:, part])
            stack.loss_by_logits(targets_part, weights[:, part], own[:, part], total[:, part])
            stack.backward(x_part)
            if self.sum is not None:
                stack.add_gradient(self.sum)
        if self.sum is not None:
            form.folding.gradient[...] = self.sum

    def losses(self) -> np.ndarray:
        """Sum (members,) of n times the mean cross-entropy over the mini-batches since the last call."""
        self._add_losses()
        summed, self.runs, self.summed = self.summed, 0, np.zeros_like(self.summed)
        return summed

    def _add_losses(self) -> None:
        part = slice(0, self.filled)
        losses = row_losses(self.own[part], self.total[part], self.weights[part])
        self.summed += self.n * losses.sum(axis=(0, 2, 3), dtype=np.float64)
        self.filled = 0

    def _in_chunks(self, numbers: np.ndarray) -> np.ndarray:
        """Of rows (members, times n), the first of each n repeated: (times, members, chunks, rows)."""
        numbers = numbers.reshape(len(numbers), -1, self.n).swapaxes(0, 1)
        padding = self.cut[1] * self.cut[2] - self.n
        numbers = np.concatenate([numbers, numbers[..., :padding]], axis=-1) if padding else numbers
        return numbers.reshape(-1, *self.cut)
