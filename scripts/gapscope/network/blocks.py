"""The fast form of the network's gradient: blocks of rows, in buffers that stay in the processor's cache.

The mathematics is that of `mlp`, which the tests hold it to; the equations' numbers are those given there.
Rows come in chunks, a fixed number of chunks makes a block, and partial sums are added in a fixed order: for a
given number of BLAS threads the result is the same to the last bit, wherever the rows are kept. Logits lie as
(classes, rows), so that reductions over the classes run along memory.
"""

import math

import numpy as np

from gapscope.network.kernels import KERNELS, Kernel
from gapscope.network.mlp import Gradient, Network
from gapscope.network.noise import Noise
from gapscope.network.rows import Rows, Shape


class BlockForm:
    """Loss, accuracy and gradient of a network over Rows of its type. Its parameters may move between calls.

    `shape` cuts the rows as suits the network's width, unless given. `smoothing` is label smoothing's share.
    """

    def __init__(self, network: Network, shape: Shape | None = None, smoothing: float = 0.0):
        self.network, self.kernel = network, KERNELS[network.activation.name]
        self.shape = shape = shape or Shape.of_network(network)
        dtype, n_classes = network.weights[0].dtype, network.weights[-1].shape[1]
        hidden = [(shape.block, shape.chunk, W.shape[1]) for W in network.weights[:-1]]
        self.kept, self.passed, self.scratch = ([_aligned(size, dtype) for size in hidden] for _ in range(3))
        self.zeros = [np.zeros(size[1:], dtype) for size in hidden]
        classes, one = (shape.block, n_classes, shape.chunk), (shape.block, 1, shape.chunk)
        self.logits, self.powers, self.product = (_aligned(classes, dtype) for _ in range(3))
        self.top, self.total, self.own = (_aligned(one, dtype) for _ in range(3))
        self.ones = np.ones((1, shape.chunk), dtype)
        self.smoothing, self.masks = smoothing, None
        self.lowest, self.highest_loss = np.finfo(dtype).min, -np.log(np.finfo(dtype).tiny)

    def accuracy(self, rows: Rows) -> float:
        """Share of rows whose own class has the largest logit; ties count as right."""
        weights = self._folded()
        wrong = sum(self._wrong(x, targets, weights) for x, targets, _ in rows.blocks(self.shape))
        return (rows.n - wrong) / rows.n

    def measure(self, rows: Rows, noise: Noise | None = None) -> tuple[float, float, Gradient]:
        """Mean cross-entropy (nats), accuracy and gradient; with `noise`, those of a network that it disturbs."""
        kernel = self.kernel.scaled(1.0 / (1.0 - noise.dropout)) if noise else self.kernel
        weights, sums = _Folded(self.network, kernel, self.shape), _Sums(self.network)
        loss, wrong = 0.0, 0
        for x, targets, row_weights in rows.blocks(self.shape):
            if noise:
                x = self._disturbed(x, noise)
            wrong += self._wrong(x, targets, weights)
            loss += self._loss(targets, row_weights)
            self._loss_by_logits(targets, row_weights)
            self._backward(x, weights, sums)
        self.masks = None
        return loss, (rows.n - wrong) / rows.n, sums.gradient(kernel)

    def _folded(self) -> "_Folded":
        return _Folded(self.network, self.kernel, self.shape)

    def _disturbed(self, x: np.ndarray, noise: Noise) -> np.ndarray:
        """Input noise on all columns but that of ones; which hidden units stay, 1 or 0, in `masks`."""
        if noise.dropout:
            keep = 1.0 - noise.dropout
            self.masks = [keep * mask for mask in noise.masks([a[: len(x)].shape for a in self.kept], x.dtype)]
        if not noise.input_noise:
            return x
        return np.concatenate([noise.on_inputs(x[..., :-1]), x[..., -1:]], axis=-1)

    def _dropped(self, m: np.ndarray, mask: np.ndarray) -> None:
        """Dropped units keep the m for which a = alpha + beta m is 0."""
        nothing = -self.kernel.alpha / self.kernel.beta
        np.multiply(m, mask, out=m)
        if nothing:
            m += nothing * (1.0 - mask)

    def _wrong(self, x: np.ndarray, targets: np.ndarray, weights: "_Folded") -> int:
        """(1), (2); leaves in the buffers the shifted logits, and each row's own one times its weight."""
        chunks, below = len(x), x
        for layer, W in enumerate(weights.forward[:-1]):
            n = self.kept[layer][:chunks]
            np.matmul(below, W, out=n)
            if layer:
                np.add(n, weights.biases[layer - 1], out=n)
            self.kernel.keep(n, self.zeros[layer], self.scratch[layer][:chunks])
            if self.masks:
                self._dropped(n, self.masks[layer])
            below = n
        logits, product, top, own = (a[:chunks] for a in (self.logits, self.product, self.top, self.own))
        np.matmul(weights.forward[-1], below.transpose(0, 2, 1), out=logits)
        if self.kept:
            np.add(logits, weights.biases[-1], out=logits)
        np.maximum.reduce(logits, axis=1, keepdims=True, out=top)
        np.subtract(logits, top, out=logits)
        np.maximum(logits, self.lowest, out=logits)  # after an overflow: -infinity times 0 would not be 0
        np.multiply(logits, targets, out=product)
        np.add.reduce(product, axis=1, keepdims=True, out=own)
        return int(np.count_nonzero(own))

    def _loss(self, targets: np.ndarray, row_weights: np.ndarray) -> float:
        """(3), (4): with shifted logits, -log p[y] = log(sum of powers) - own logit, capped as in `mlp`."""
        chunks = len(row_weights)
        logits, powers, top, total = (a[:chunks] for a in (self.logits, self.powers, self.top, self.total))
        np.exp(logits, out=powers)
        np.add.reduce(powers, axis=1, keepdims=True, out=total)
        np.log(total, out=top)
        np.multiply(top, row_weights, out=top)
        if self.smoothing:
            every = logits.mean(axis=1, keepdims=True) * row_weights
            self.own[:chunks] += self.smoothing * (every - self.own[:chunks])
        np.subtract(top, self.own[:chunks], out=top)
        np.minimum(top, self.highest_loss * row_weights, out=top)
        return float(top.sum(dtype=np.float64))

    def _loss_by_logits(self, targets: np.ndarray, row_weights: np.ndarray) -> None:
        """(5), left in `powers`: (p - onehot(y)) times the row's weight."""
        powers, total = self.powers[: len(row_weights)], self.total[: len(row_weights)]
        np.divide(row_weights, total, out=total)
        np.multiply(powers, total, out=powers)
        if self.smoothing:
            targets = (1.0 - self.smoothing) * targets + (self.smoothing / targets.shape[1]) * row_weights
        np.subtract(powers, targets, out=powers)

    def _backward(self, x: np.ndarray, weights: "_Folded", sums: "_Sums") -> None:
        """(6), (7), (8) for one block, added to `sums`."""
        chunks, last = len(x), len(self.kept)
        dz = self.powers[:chunks].transpose(0, 2, 1)
        for layer in range(last, -1, -1):
            below = x if layer == 0 else self.kept[layer - 1][:chunks]
            sums.weights[layer] += np.matmul(below.transpose(0, 2, 1), dz).sum(axis=0)
            if layer == 0:
                return
            sums.biases[layer] += np.matmul(self.ones, dz).sum(axis=(0, 1))
            g = self.passed[layer - 1][:chunks]
            np.matmul(dz, weights.backward[layer], out=g)
            self.kernel.through(g, below, self.scratch[layer - 1][:chunks])
            if self.masks:
                np.multiply(g, self.masks[layer - 1], out=g)
            dz = g


def _aligned(size: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
    """An empty array that starts with a line of the cache, so that none of its vectors straddles two."""
    n_bytes = math.prod(size) * dtype.itemsize
    memory = np.empty(n_bytes + 64, np.uint8)
    start = -memory.ctypes.data % 64
    return memory[start : start + n_bytes].view(dtype).reshape(size)


class _Folded:
    """The network's weights with the kernel's constants in them, for one pass over the rows.

    forward[0] (d + 1, units) has the bias as its last row, forward[-1] is (classes, units), and backward[l]
    (units out, units in). The later layers' `biases` fill a whole chunk: faster to add than a single row.
    """

    def __init__(self, network: Network, kernel: Kernel, shape: Shape):
        last = len(network.weights) - 1
        self.forward, self.backward, self.biases = [], [], []
        for layer, W in enumerate(network.weights):
            gamma = 1.0 if layer == last else kernel.gamma
            beta, shift = (kernel.beta, kernel.alpha * W.sum(axis=0)) if layer else (1.0, 0.0)
            folded, bias = (gamma * beta) * W, gamma * (network.biases[network.bias_of[layer]] + shift)
            if layer == 0:
                folded = np.vstack([folded, bias])
            else:
                by_row = layer < last
                size = (shape.chunk, len(bias)) if by_row else (len(bias), shape.chunk)
                self.biases.append(np.full(size, bias if by_row else bias[:, None], bias.dtype))
            self.forward.append(folded if layer < last else folded.T.copy())
            self.backward.append((kernel.delta * W).T.copy())


class _Sums:
    """Sums over the blocks of m^T dz and of dz, from which the gradient follows."""

    def __init__(self, network: Network):
        self.network = network
        n_in = [len(network.weights[0]) + 1, *(len(W) for W in network.weights[1:])]
        self.weights = [np.zeros((n, W.shape[1]), W.dtype) for n, W in zip(n_in, network.weights)]
        self.biases = [np.zeros(W.shape[1], W.dtype) for W in network.weights]

    def gradient(self, kernel: Kernel) -> Gradient:
        own = [self.weights[0][-1], *self.biases[1:]]
        later = [kernel.beta * S + kernel.alpha * dz for S, dz in zip(self.weights[1:], own[1:])]
        db = [np.zeros_like(b) for b in self.network.biases]
        for layer, place in enumerate(self.network.bias_of):
            db[place] += own[layer]
        return Gradient([self.weights[0][:-1], *later], db)
