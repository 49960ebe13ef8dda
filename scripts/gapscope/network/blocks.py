"""The fast form of loss, accuracy and gradient: block by block on all rows, or on mini-batches of several networks.

The mathematics is that of `mlp`, which the tests hold it to. Rows come in chunks, a fixed number of chunks makes a
block, and partial sums are added in a fixed order: for a given number of BLAS threads the result is the same to the
last bit, wherever the rows are stored. What one network computes does not depend on the others, to the last bit.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from gapscope.network.kernels import KERNELS, Folding, Kernel, Layout, aligned
from gapscope.network.mlp import Gradient, Network
from gapscope.network.optimizers import Noise
from gapscope.network.rows import Rows, Shape
from gapscope.network.stack import Stack, row_losses, smoothed, true_logits, wrong

LOSSES = 2**16  # rows whose losses are computed at a time
GATHERED = 2**13  # rows gathered together, for all members: many mini-batches in a few calls, still in cache


class BlockForm:
    """Loss, accuracy and gradient of networks of one layout over the same Rows. Their parameters may change.

    `shape` cuts the rows as suits the networks' width, unless given. `smoothing` is the share of label smoothing.
    """

    def __init__(self, networks: list[Network], shape: Shape | None = None, smoothing: float = 0.0):
        self.networks, self.smoothing, self.layout = networks, smoothing, Layout(networks[0])
        shape = shape or Shape.of_network(networks[0])
        self.shape = replace(shape, block=max(1, shape.block // len(networks)))
        self.foldings: dict[Kernel, Folding] = {}
        self.stacks: dict[tuple[Kernel, int], Stack] = {}

    def accuracy(self, rows: Rows) -> list[float]:
        """Share of rows whose true class has the largest logit; of equal logits the first counts."""
        is_wrong = self._by_row(rows, bool)
        for stack, _, targets, _, wrong_part in self._forward(rows, self._folded(), [is_wrong]):
            wrong_part[...] = wrong(stack.logits, targets, true_logits(stack.logits, targets))
        return [rows.accuracy(member) for member in is_wrong]

    def loss(self, rows: Rows) -> list[float]:
        """Mean cross-entropy as `measure` gives it, in a third of the time."""
        true, total = (self._by_row(rows, rows.weights.dtype) for _ in range(2))
        for stack, _, targets, weights, *parts in self._forward(rows, self._folded(), [true, total]):
            self._add_loss(stack, true_logits(stack.logits, targets), targets, weights, *parts)
        return _mean_losses(true, total, rows)

    def measure(self, rows: Rows, noises: list[Noise] | None = None) -> list[tuple[float, float, Gradient]]:
        """Mean cross-entropy (nats), accuracy and gradient of each network, disturbed by its noise where given."""
        folding, is_wrong = self._folded(noises), self._by_row(rows, bool)
        true, total = (self._by_row(rows, rows.weights.dtype) for _ in range(2))
        gradient = np.zeros_like(folding.gradient)
        for stack, x, targets, weights, wrong_part, *parts in self._forward(
            rows, folding, [is_wrong, true, total], noises
        ):
            logits = true_logits(stack.logits, targets)
            wrong_part[...] = wrong(stack.logits, targets, logits)
            self._add_loss(stack, logits, targets, weights, *parts)
            stack.backward(x)
            stack.add_gradient(gradient)
        folding.gradient[...] = gradient
        derivatives = [self.layout.network(vector) for vector in folding.unfolded().copy()]
        gradients = [Gradient(network.weights, network.biases) for network in derivatives]
        return list(zip(_mean_losses(true, total, rows), map(rows.accuracy, is_wrong), gradients))

    def _forward(self, rows: Rows, folding: Folding, by_row: list[np.ndarray], noises=None) -> Iterator[tuple]:
        """Each block's stack after the forward pass, inputs, targets, weights, and views of `by_row` (networks, n)."""
        for x, targets, weights, *parts in rows.blocks(self.shape, *by_row):
            stack = self._stack(folding, x)
            x = stack.disturbed(x, noises) if noises else x
            stack.forward(x)
            yield stack, x, targets, weights, *parts

    def _add_loss(self, stack: Stack, logits: np.ndarray, targets, weights, true: np.ndarray, total: np.ndarray):
        true[...] = smoothed(logits, stack.logits, weights, self.smoothing)
        stack.loss_by_logits(targets, weights, total)

    def _by_row(self, rows: Rows, dtype: np.dtype) -> np.ndarray:
        return np.empty((len(self.networks), len(rows.weights)), dtype)

    def _folded(self, noises: list[Noise] | None = None) -> Folding:
        kernel = noisy_kernel(self.layout, noises)
        if kernel not in self.foldings:
            members, dtype = len(self.networks), self.networks[0].weights[0].dtype
            self.foldings[kernel] = Folding(self.layout, kernel, members, dtype, self.shape.chunk)
        self.foldings[kernel].fold(np.stack([self.layout.vector(network) for network in self.networks]))
        return self.foldings[kernel]

    def _stack(self, folding: Folding, x: np.ndarray) -> Stack:
        """Buffers for as many chunks as x (1, chunks, rows, units in + 1) has."""
        chunks, rows = x.shape[1:3]
        if (folding.kernel, chunks) not in self.stacks:
            self.stacks[folding.kernel, chunks] = Stack(folding, (len(self.networks), chunks, rows), self.smoothing)
        return self.stacks[folding.kernel, chunks]


def noisy_kernel(layout: Layout, noises: list[Noise] | None) -> Kernel:
    """The kernel of the layout's activation, scaled so that dropout keeps the units' mean."""
    kernel = KERNELS[layout.activation.name]
    return kernel.scaled(1.0 / (1.0 - noises[0].dropout)) if noises else kernel


def _mean_losses(true: np.ndarray, total: np.ndarray, rows: Rows) -> list[float]:
    """Mean losses from each row's `true_logits` and sum of powers (networks, rows); `true` is overwritten."""
    for start in range(0, true.shape[1], LOSSES):
        part = slice(start, start + LOSSES)
        true[:, part] = row_losses(true[:, part], total[:, part], rows.weights[part])
    return true.sum(axis=1, dtype=np.float64).tolist()


class BatchForm:
    """Gradients of `members` networks of one layout, each on its own mini-batches of the same rows.

    One step takes some thirty calls of NumPy, and the members share the cost of each: their parameters lie below each
    other, their activations side by side in one Stack.

    Parameters
    ----------
    size : rows of a mini-batch; the last one of a pass may have fewer.
    shape : how many rows go into a matrix product, and how many products to a set of buffers.
    noises : one for each member, or None.
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
        self.folding = Folding(layout, noisy_kernel(layout, noises), members, rows.X.dtype)
        self.members, self.at_a_time = members, max(1, GATHERED // (members * size))
        self.batches: dict[int, _Batch] = {}

    def mini_batches(self, orders: np.ndarray) -> Iterator[tuple["_Batch", int]]:
        """The mini-batches for `gradient`, one after the other, in each member's order of rows (members, n)."""
        for chosen, X, places in self.rows.mini_batches(orders, self.size * self.at_a_time):
            whole = chosen.shape[1] // self.size * self.size
            for part, n in ((slice(0, whole), self.size), (slice(whole, None), chosen.shape[1] - whole)):
                if chosen[:, part].size:
                    yield from self._batch(n).gather(chosen[:, part], X, places[:, part])

    def gradient(self, vectors: np.ndarray, mini_batch: tuple["_Batch", int]) -> np.ndarray:
        """Derivatives (members, size of the layout) of each member's mean cross-entropy on its mini-batch.

        `vectors` (members, size of the layout) are the members' parameters.
        """
        batch, place = mini_batch
        self.folding.fold(vectors)
        batch.run(place)
        return self.folding.unfolded()

    def losses(self) -> np.ndarray:
        """Mean cross-entropy (members,) of the mini-batches since the last call, each before its update."""
        rows = sum(batch.n * batch.runs for batch in self.batches.values())
        return sum(batch.losses() for batch in self.batches.values()) / rows

    def _batch(self, n: int) -> "_Batch":
        if n not in self.batches:
            self.batches[n] = _Batch(self, n, self.at_a_time if n == self.size else 1)
        return self.batches[n]


class _Batch:
    """Buffers for `at_a_time` mini-batches of `n` rows, which are gathered together, as their losses are computed.

    The rows make `chunks` of equal length; to fill them, the first rows are repeated with weight 0.
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
            stacks.append((part, Stack(form.folding, size, form.smoothing, gradient)))
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
        """Leaves the derivatives in the folding, and logits and totals for `losses`."""
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
        true = smoothed(true_logits(logits, self.targets[:, part]), logits, weights, smoothing)
        losses = row_losses(true, self.total[part], weights)
        for loss in losses.sum(axis=(2, 3), dtype=np.float64):  # in turn: how many are gathered does not matter
            self.summed += self.n * loss

    def _in_chunks(self, numbers: np.ndarray) -> np.ndarray:
        """Row numbers (members, times n) as (times, members, chunks, rows), the first of each n repeated at the end."""
        numbers = numbers.reshape(len(numbers), -1, self.n).swapaxes(0, 1)
        padding = self.cut[1] * self.cut[2] - self.n
        numbers = np.concatenate([numbers, numbers[..., :padding]], axis=-1) if padding else numbers
        return numbers.reshape(-1, *self.cut)
