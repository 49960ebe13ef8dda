"""The fast form of training: the equations of `mlp` on chunks of rows, for several networks at once, reusing memory.

A batch (all rows, or a mini-batch) is cut into blocks of a few chunks. Each block passes forward and backward through
all layers while it is in the processor's cache. The derivatives of the chunks are added one after the other, so the
result has the same bits for any number of chunks per block, wherever the rows are stored, and whichever other networks
are trained at the same time.

Arrays have the axes (networks, chunks, rows, units), except that logits and probabilities have (networks, chunks,
classes, rows), which makes sums over classes fast. Equation numbers are those of `mlp`, with m in place of a: the
constant factors of an `Activation` are multiplied into the parameters, W'_l = inner outer W_l and b'_l = inner b_l
(no `outer` in the first layer, no `inner` in the last).
"""

import math
from collections.abc import Iterable, Iterator

import numpy as np

from gapscope.common.weights import mean
from gapscope.network.mlp import Network
from gapscope.network.optimizers import Noise
from gapscope.network.row_storage import Rows, chunk_length, cut

CHUNK = 256  # rows per matrix product
BLOCK = 6  # chunks in memory at a time
NARROW = 16  # with hidden layers of at most so many units, twice as many chunks are faster
SMALL = 10**6  # OpenBLAS is faster for matrix products with at most so many multiplications


class Core:
    """Networks of the same architecture and the derivatives of their losses. Each layer has a separate bias.

    `vectors` (networks, parameters) has the weights and then the bias of each layer; `networks` are views of it.
    `smoothing` is the share of label smoothing, `noises` has the dropout and input noise of each network.
    """

    def __init__(self, networks: list[Network], smoothing: float = 0.0, noises: list[Noise] | None = None):
        first, self.smoothing, self.noises = networks[0], smoothing, noises
        self.units, self.activation, dtype = first.units, first.activation, first.weights[0].dtype
        self.sizes = [(n_in + 1, n_out) for n_in, n_out in zip(self.units, self.units[1:])]
        size = sum(map(math.prod, self.sizes))
        self.vectors, self.gradient = (np.zeros((len(networks), size), dtype) for _ in range(2))
        self.networks = [self.network(vector) for vector in self.vectors]
        for view, network in zip(self.networks, networks):
            for layer, W in enumerate(network.weights):
                view.weights[layer][...], view.biases[layer][...] = W, network.biases[network.bias_of[layer]]
        self.factors = np.ones(size, dtype)
        for layer, E in enumerate(self.layers(self.factors)):
            E[:-1] *= self.activation.outer if layer else 1.0
            E *= self.activation.inner if layer < len(self.sizes) - 1 else 1.0
        self.folded = self.vectors if (self.factors == 1.0).all() else np.empty_like(self.vectors)
        # Numbers of rows and chunks that were fastest when measured.
        largest = max(map(math.prod, self.sizes))
        parts = next((parts for parts in (1, 2, 4) if CHUNK // parts * largest <= SMALL), 2)
        narrow = max(self.units[1:-1], default=0) <= NARROW
        self.chunk, self.block = CHUNK // parts, max(1, (2 if narrow else 1) * BLOCK * parts // len(networks))
        # The rows have a column of ones, so the first layer's bias is one row of its weights.
        E = [layer[:, None] for layer in self.layers(self.folded)]
        self.W, self.b = [E[0], *(layer[..., :-1, :] for layer in E[1:])], [layer[..., -1:, :] for layer in E]
        self.transposed = [aligned(W.mT.shape, dtype) for W in self.W]  # faster to multiply by
        self.biases = [aligned((*b.shape[:2], self.chunk, b.shape[-1]), dtype) for b in self.b]  # faster to add
        self.memory: dict[tuple[int, int], _Memory] = {}
        self.held: dict[Rows, tuple] = {}

    def layers(self, vectors: np.ndarray) -> list[np.ndarray]:
        """Weights and bias of each layer (..., units in + 1, units out), as views of `vectors` (..., parameters)."""
        ends = np.cumsum([math.prod(size) for size in self.sizes])
        parts = np.split(vectors, ends[:-1], axis=-1)
        return [part.reshape(*vectors.shape[:-1], *size) for part, size in zip(parts, self.sizes)]

    def network(self, vector: np.ndarray) -> Network:
        """A network whose arrays are views of `vector` (parameters,)."""
        E = self.layers(vector)
        return Network([layer[:-1] for layer in E], [layer[-1] for layer in E], tuple(range(len(E))), self.activation)

    def measure(self, rows: Rows, backward: bool = True, noisy: bool = False) -> list[tuple[float, float, Network]]:
        """Mean cross-entropy (nats), accuracy and derivatives of each network; derivatives are 0 unless `backward`."""
        losses, right, blocks = self.held.get(rows) or self._to_measure(rows)
        gradient = self._gradient(blocks, backward, noisy).copy()
        accuracies = [mean(is_right, rows.counted) for is_right in right]
        return list(zip(losses.sum(axis=1, dtype=np.float64).tolist(), accuracies, map(self.network, gradient)))

    def _to_measure(self, rows: Rows) -> tuple[np.ndarray, np.ndarray, Iterable[list[np.ndarray]]]:
        """The rows in blocks, with the losses and the hits (networks, n) that these fill; kept for rows in memory."""
        size = len(self.networks), len(rows)
        losses, right = np.empty(size, self.vectors.dtype), np.empty(size, bool)
        blocks = (
            block
            for part, X in rows.stretches(chunk_length(len(rows), self.chunk))
            for block in self._blocks(len(rows), X[None], *(a[:, part] for a in (rows.y, rows.weights, losses, right)))
        )
        if rows.on_disk:
            return losses, right, blocks
        return self.held.setdefault(rows, (losses, right, list(blocks)))

    def mini_batches(self, rows: Rows, orders: np.ndarray, size: int) -> Iterator[np.ndarray]:
        """Yield the derivatives (networks, parameters) of the loss of each mini-batch; the caller updates `vectors`.

        Parameters
        ----------
        orders : order of the rows for each network (networks, n).
        size : rows per mini-batch; the last may have fewer.
        """
        for X, *by_row in rows.mini_batches(orders, size):
            blocks = list(self._blocks(X.shape[2], X, *by_row))
            for batch in range(len(X)):
                yield self._gradient([[array[batch] for array in block] for block in blocks], True, bool(self.noises))
            del X, by_row, blocks  # the next rows may need their memory

    def _blocks(self, n: int, X: np.ndarray, y: np.ndarray, *by_row: np.ndarray) -> Iterator[list[np.ndarray]]:
        """Cut arrays (..., rows) and X (..., rows, d + 1) of batches of n rows into blocks (..., chunks, rows in each).

        Class codes y become indices of the true classes in the logits.
        """
        for part, size in cut(X.shape[-2], chunk_length(n, self.chunk), self.block):
            x = X[..., part, :].reshape(*X.shape[:-2], *size, X.shape[-1])
            codes, *others = (array[..., part].reshape(*array.shape[:-1], *size) for array in (y, *by_row))
            yield [x, codes * np.intp(size[1]) + self._memory_for(*size).starts, *others]

    def _gradient(self, blocks: Iterable[list[np.ndarray]], backward: bool, noisy: bool) -> np.ndarray:
        """Derivatives (networks, parameters) of the loss on all `blocks` of a batch; the next call overwrites them."""
        if self.folded is not self.vectors:
            np.multiply(self.vectors, self.factors, out=self.folded)
        last = len(self.W) - 1
        for layer, (transposed, W, filled, b) in enumerate(zip(self.transposed, self.W, self.biases, self.b)):
            if layer or not last:
                transposed[...] = W.mT
            if 0 < layer < last:
                filled[...] = b
        self.gradient.fill(0.0)
        for x, places, weights, *measured in blocks:
            memory = self._memory_for(*x.shape[1:3])
            x, masks = memory.disturbed(x, self.noises) if noisy else (x, [])
            self._forward(x, masks, memory)
            if measured:
                memory.measure(places, weights, self.smoothing, *measured)
            if backward:
                self._backward(x, places, weights, masks, memory)
                memory.sum[:, 0] = self.gradient
                np.add.reduce(memory.sum, axis=1, out=self.gradient)
        if self.folded is not self.vectors:
            self.gradient *= self.factors
        return self.gradient

    def _memory_for(self, chunks: int, rows: int) -> "_Memory":
        if (chunks, rows) not in self.memory:
            self.memory[chunks, rows] = _Memory(self, chunks, rows)
        return self.memory[chunks, rows]

    def _forward(self, x: np.ndarray, masks: list[np.ndarray], memory: "_Memory") -> None:
        """Equations (1) to (3): fill `memory` with the shifted logits, their exponentials, and the sums of these."""
        below, logits = x, memory.logits
        for layer, a in enumerate(memory.a):
            np.matmul(below, self.W[layer], out=a)  # (1)
            if layer:
                np.add(a, self.biases[layer][:, :, : a.shape[2]], out=a)
            self.activation.activate(a, memory.scratch[layer])  # (2)
            if masks:
                np.multiply(a, masks[layer], out=a)
            below = a
        np.matmul(self.transposed[-1], below.mT, out=logits)  # (1)
        if memory.a:
            np.add(logits, self.b[-1].mT, out=logits)
        np.maximum.reduce(logits, axis=-2, out=memory.top, keepdims=True)
        np.subtract(logits, memory.top, out=logits)
        np.exp(logits, out=memory.powers)
        np.add.reduce(memory.powers, axis=-2, out=memory.total)

    def _backward(self, x: np.ndarray, places: np.ndarray, weights, masks, memory: "_Memory") -> None:
        """Equations (5) to (8): write the derivatives of each chunk into `memory.sum`."""
        np.divide(weights, memory.total, out=memory.total)
        np.multiply(memory.powers, memory.total[:, :, None], out=memory.powers)  # (3), times the row weight
        if self.smoothing:
            memory.powers -= self.smoothing / self.units[-1] * weights[:, :, None]
            weights = (1.0 - self.smoothing) * weights
        memory.flat_powers[places] -= weights  # (5)
        dz = memory.powers.mT
        for layer in range(len(memory.a), 0, -1):
            a, g, scratch = (kept[layer - 1] for kept in (memory.a, memory.g, memory.scratch))
            np.matmul(a.mT, dz, out=memory.dW[layer])  # (6)
            np.matmul(memory.ones, dz, out=memory.db[layer])  # (7)
            np.matmul(dz, self.transposed[layer], out=g)
            if masks:
                np.multiply(g, masks[layer - 1], out=g)
                np.multiply(a, 1.0 - self.noises[0].dropout, out=a)  # undo the mask's factor to get g(z)
            np.multiply(g, self.activation.slope(a, scratch), out=g)  # (8)
            dz = g
        np.matmul(x.mT, dz, out=memory.dW[0])  # (6), (7)


class _Memory:
    """Arrays for one block: `chunks` chunks of `rows` rows each."""

    def __init__(self, core: Core, chunks: int, rows: int):
        size, dtype = (len(core.networks), chunks, rows), core.vectors.dtype
        *hidden, classes = core.units[1:]
        self.a, self.g, self.scratch = ([aligned((*size, units), dtype) for units in hidden] for _ in range(3))
        self.logits, self.powers = (aligned((*size[:2], classes, rows), dtype) for _ in range(2))
        self.top, self.total = aligned((*size[:2], 1, rows), dtype), aligned(size, dtype)
        self.flat_powers, self.ones = self.powers.reshape(-1), np.ones((1, rows), dtype)
        starts = np.arange(0, self.powers.size, classes * rows).reshape(*size[:2], 1)
        self.starts = starts + np.arange(rows)  # flat indices of the first class's values; class k: k * rows higher
        self.sum = np.empty((size[0], 1 + chunks, core.vectors.shape[1]), dtype)
        dE = core.layers(self.sum[:, 1:])
        self.dW, self.db = [dE[0], *(E[..., :-1, :] for E in dE[1:])], [E[..., -1:, :] for E in dE]

    def disturbed(self, x: np.ndarray, noises: list[Noise]) -> tuple[np.ndarray, list[np.ndarray]]:
        """A copy of x with input noise for each network, and its dropout masks.

        Noise is drawn chunk by chunk, so that results do not depend on the number of chunks in a block.
        """
        x = np.broadcast_to(x, (len(noises), *x.shape[1:])).copy()
        masks = [np.empty_like(a) for a in self.a] if noises[0].dropout else []
        for network, noise in enumerate(noises):
            for chunk, rows in enumerate(x[network, ..., :-1]):
                rows[...] = noise.on_inputs(rows)
                for mask, of_chunk in zip(masks, noise.masks([a.shape[2:] for a in self.a], x.dtype)):
                    mask[network, chunk] = of_chunk
        return x, masks

    def measure(self, places: np.ndarray, weights: np.ndarray, smoothing: float, losses, right) -> None:
        """Equation (4): with shifted logits, -log p[y] is log(sum of powers) - true logit; times the row weight."""
        true = self.logits.take(places)
        right[...] = true == 0.0
        if np.count_nonzero(self.logits == 0.0) > true.size:  # some rows have two largest logits; the first one counts
            right[...] = self.logits.argmax(axis=-2) * self.logits.shape[-1] + self.starts == places
        if smoothing:
            true = (1.0 - smoothing) * true + smoothing * self.logits.mean(axis=-2)
        losses[...] = (np.log(self.total) - true) * weights


def aligned(size: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
    """Array of zeros that starts at a cache line (64 bytes), which is faster for vector instructions."""
    n_bytes = math.prod(size) * np.dtype(dtype).itemsize
    memory = np.zeros(n_bytes + 64, np.uint8)
    start = -memory.ctypes.data % 64
    return memory[start : start + n_bytes].view(dtype).reshape(size)
