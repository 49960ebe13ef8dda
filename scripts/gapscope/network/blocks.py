"""The fast form of loss, accuracy and gradient: block by block on all rows, or on mini-batches of several networks.

The mathematics is that of `mlp`, which the tests hold it to. Rows come in chunks, a fixed number of chunks makes a
block, and partial sums are added in a fixed order: for a given number of BLAS threads the result is the same to the
last bit, wherever the rows are stored. What one network computes does not depend on the others, to the last bit.
"""

from collections.abc import Callable, Iterator
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
        blocks = self._forward(rows, folding, [is_wrong, true, total], noises)
        for stack, x, targets, weights, wrong_part, *parts in blocks:
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
    """Passes of `members` networks of one layout over mini-batches of the same rows, each in its own order.

    One step takes some thirty calls of NumPy, and the members share the cost of each: their parameters lie below each
    other, their activations side by side in one Stack.

    Parameters
    ----------
    size : rows of a mini-batch; the last one of a pass may have fewer.
    shape : how many rows go into a matrix product, and how many products to a set of buffers.
    smoothing : share of label smoothing.
    noises : one Noise for each member, or None.
    """

    def __init__(self, layout: Layout, members: int, rows: Rows, size: int, shape: Shape, smoothing=0.0, noises=None):
        self.rows, self.size, self.shape, self.smoothing, self.noises = rows, size, shape, smoothing, noises
        self.folding = Folding(layout, noisy_kernel(layout, noises), members, rows.X.dtype)
        self.members, self.at_a_time = members, max(1, GATHERED // (members * size))
        self.batches: dict[int, _Batch] = {}

    def one_pass(self, orders: np.ndarray, vectors: np.ndarray, move: Callable[[np.ndarray, int], None]) -> np.ndarray:
        """Mean cross-entropy (members,) over the rows, each mini-batch's before its update.

        Parameters
        ----------
        orders : each member's order of rows (members, n).
        vectors : the members' parameters (members, size of the layout).
        move : updates `vectors`; gets the derivatives by them of each mini-batch's mean cross-entropy, and its rows.
        """
        summed = np.zeros(self.members)
        for chosen, X, places in self.rows.mini_batches(orders, self.size * self.at_a_time):
            whole = chosen.shape[1] // self.size * self.size
            for part, n in ((slice(0, whole), self.size), (slice(whole, None), chosen.shape[1] - whole)):
                if not chosen[:, part].size:
                    continue
                if n not in self.batches:
                    self.batches[n] = _Batch(self, n, self.at_a_time if n == self.size else 1)
                batch = self.batches[n]
                number = batch.gather(chosen[:, part], X, places[:, part])
                for place in range(number):
                    self.folding.fold(vectors)
                    batch.run(place)
                    move(self.folding.unfolded(), n)
                for losses in batch.losses(number):  # in turn: how many are gathered does not matter
                    summed += n * losses
        return summed / orders.shape[1]


class _Batch:
    """Buffers for `at_a_time` mini-batches of `n` rows, which are gathered together, as their losses are computed.

    The rows make `chunks` of equal length; to fill them, the first rows are repeated with weight 0.
    """

    def __init__(self, form: BatchForm, n: int, at_a_time: int):
        self.form, self.n, X, gradient = form, n, form.rows.X, form.folding.gradient
        chunks, classes = -(-n // form.shape.chunk), len(form.rows.codes)
        self.cut = form.members, chunks, -(-n // chunks)
        self.x = aligned((at_a_time, *self.cut, X.shape[1]), X.dtype)
        self.targets, self.logits = (aligned((classes, at_a_time, *self.cut), X.dtype) for _ in range(2))
        self.weights, self.total = (np.zeros((at_a_time, *self.cut), X.dtype) for _ in range(2))
        self.weights.reshape(at_a_time, form.members, -1)[..., :n] = 1.0 / n
        # One chunk's derivatives are the batch's; those of several are added.
        self.sum = None if chunks == 1 else np.empty_like(gradient)
        together = max(1, form.shape.block // form.members)
        self.pieces: list[list[tuple]] = [[] for _ in range(at_a_time)]  # views, cut once
        for start in range(0, chunks, together):
            part = slice(start, min(start + together, chunks))
            size = form.members, part.stop - part.start, self.cut[-1]
            stack = Stack(form.folding, size, form.smoothing, gradient[:, None] if chunks == 1 else None)
            for place, pieces in enumerate(self.pieces):
                by_row = (array[place, :, part] for array in (self.x, self.weights, self.total))
                pieces.append((stack, *by_row, self.logits[:, place, :, part], self.targets[:, place, :, part]))

    def gather(self, chosen: np.ndarray, X: np.ndarray, places: np.ndarray) -> int:
        """The number of mini-batches of the rows chosen (members, times n), which have these places in X."""
        chosen, places = self._in_chunks(chosen), self._in_chunks(places)
        rows, part = self.form.rows, slice(0, len(chosen))
        weights = self.weights[part]
        if rows.weighted:
            weights[...] = rows.weights[chosen]
            weights.reshape(*weights.shape[:2], -1)[..., self.n :] = 0.0
            weights /= weights.sum(axis=(2, 3), keepdims=True)
        X.take(places, axis=0, out=self.x[part], mode="clip")
        rows.targets(rows.y.take(chosen), weights, out=self.targets[:, part])
        return len(chosen)

    def run(self, place: int) -> None:
        """Leaves the derivatives in the folding, and logits and totals for `losses`."""
        if self.sum is not None:
            self.sum[...] = 0.0
        for stack, x, weights, total, logits, targets in self.pieces[place]:
            if self.form.noises:
                x = stack.disturbed(x, self.form.noises)
            stack.forward(x, logits)
            stack.loss_by_logits(targets, weights, total)
            stack.backward(x)
            if self.sum is not None:
                stack.add_gradient(self.sum)
        if self.sum is not None:
            self.form.folding.gradient[...] = self.sum

    def losses(self, number: int) -> np.ndarray:
        """Mean cross-entropies (number, members) of the gathered mini-batches, each before its update."""
        logits, targets = self.logits[:, :number], self.targets[:, :number]
        weights = self.weights[:number]
        true = smoothed(true_logits(logits, targets), logits, weights, self.form.smoothing)
        return row_losses(true, self.total[:number], weights).sum(axis=(2, 3), dtype=np.float64)

    def _in_chunks(self, numbers: np.ndarray) -> np.ndarray:
        """Row numbers (members, times n) as (times, members, chunks, rows), the first of each n repeated at the end."""
        numbers = numbers.reshape(len(numbers), -1, self.n).swapaxes(0, 1)
        padding = self.cut[1] * self.cut[2] - self.n
        numbers = np.concatenate([numbers, numbers[..., :padding]], axis=-1) if padding else numbers
        return numbers.reshape(-1, *self.cut)
