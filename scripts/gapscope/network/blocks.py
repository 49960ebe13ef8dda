"""The fast form of the network's gradient: blocks of rows, in buffers that stay in the processor's cache.

The mathematics is that of `mlp`, which the tests hold it to; the equations' numbers are those given there. Rows come in chunks of
256, a fixed number of chunks makes a block, and partial sums are added in a fixed order: the result depends on neither the number
of BLAS threads nor where the rows are kept. Logits lie as (classes, rows), so that reductions over the classes run along memory.
"""

from dataclasses import dataclass

import numpy as np

from gapscope.network.kernels import KERNELS
from gapscope.network.mlp import Gradient, Network

CHUNK = 256      # rows of one matrix product
BLOCK = 6        # chunks whose activations are at hand at a time


@dataclass(frozen=True)
class Shape:
    """How rows are cut: `chunk` rows to a matrix product, `block` chunks to a set of buffers."""

    chunk: int = CHUNK
    block: int = BLOCK

    @classmethod
    def of_batch(cls, size: int) -> "Shape":
        """One block for a whole mini-batch, or the default where it is too large for that."""
        chunk = min(CHUNK, size)
        return cls(chunk, min(BLOCK, -(-size // chunk)))


class Rows:
    """Rows ready for the block form: inputs with a column of ones (n, d + 1), one-hot classes (classes, n), row weights (n,).

    `weights` sum to 1 and are each row's part in the mean loss. All arrays are padded to whole chunks with rows of weight 0.
    """

    def __init__(self, X: np.ndarray, y: np.ndarray, n_classes: int, weights: np.ndarray | None, dtype: type,
                 shape: Shape = Shape()):
        self.n, padded, self.shape = len(y), -(-len(y) // shape.chunk) * shape.chunk, shape
        self.X = np.zeros((padded, X.shape[1] + 1), dtype)
        self.X[: self.n, :-1] = X
        self.X[: self.n, -1] = 1.0
        self.Y = np.zeros((n_classes, padded), dtype)
        self.Y[y, np.arange(self.n)] = 1.0
        self.weights = np.zeros(padded, dtype)
        self.weights[: self.n] = 1.0 / self.n if weights is None else weights / weights.sum()

    def blocks(self):
        """Views (chunks, chunk, d + 1), (chunks, classes, chunk), (chunks, 1, chunk) of one block after the other."""
        n_classes, chunk, size = len(self.Y), self.shape.chunk, self.shape.block * self.shape.chunk
        for start in range(0, len(self.weights), size):
            stop = min(start + size, len(self.weights))
            Y = self.Y[:, start:stop].reshape(n_classes, -1, chunk).transpose(1, 0, 2)
            yield self.X[start:stop].reshape(-1, chunk, self.X.shape[1]), Y, self.weights[start:stop].reshape(-1, 1, chunk)

    def chosen(self, rows: np.ndarray, shape: Shape) -> "Rows":
        """The rows of a mini-batch, cut to `shape`, their weights summing to 1 again."""
        batch = object.__new__(Rows)
        batch.n, batch.shape, chunk = len(rows), shape, shape.chunk
        padded = -(-len(rows) // chunk) * chunk
        index = np.zeros(padded, dtype=np.intp)
        index[: batch.n] = rows
        batch.X, batch.Y, batch.weights = self.X[index], self.Y.take(index, axis=1), self.weights[index]
        batch.weights[batch.n :] = 0.0
        batch.Y[:, batch.n :] = 0.0
        batch.weights /= batch.weights.sum()
        return batch


class BlockForm:
    """Loss, accuracy and gradient of a network over Rows. The network's arrays have the buffers' type and may move between calls."""

    def __init__(self, network: Network, shape: Shape = Shape()):
        self.network, self.kernel, self.shape = network, KERNELS[network.activation.name], shape
        size = shape.block, shape.chunk
        dtype, sizes = network.weights[0].dtype, [W.shape for W in network.weights]
        hidden = [n_out for _, n_out in sizes[:-1]]
        self.kept = [np.empty((*size, units), dtype) for units in hidden]       # m
        self.passed = [np.empty((*size, units), dtype) for units in hidden]     # dz
        self.scratch = [np.empty((*size, units), dtype) for units in hidden]
        self.zeros = [np.zeros((*size, units), dtype) for units in hidden]
        n_classes = sizes[-1][1]
        self.logits, self.powers, self.product = (np.empty((shape.block, n_classes, shape.chunk), dtype) for _ in range(3))
        self.top, self.total, self.own = (np.empty((shape.block, 1, shape.chunk), dtype) for _ in range(3))
        self.ones = np.ones((1, shape.chunk), dtype)

    def accuracy(self, rows: Rows) -> float:
        """Share of rows whose own class has the largest logit; ties count as right."""
        weights = self._folded()
        right = sum(self._right(x, Y, weights) for x, Y, _ in rows.blocks())
        return (right - (len(rows.weights) - rows.n)) / rows.n

    def measure(self, rows: Rows) -> tuple[float, float, Gradient]:
        """Mean cross-entropy (nats), accuracy and gradient."""
        weights, sums = self._folded(), _Sums(self.network)
        loss, right = 0.0, 0
        for x, Y, row_weights in rows.blocks():
            right += self._right(x, Y, weights)
            loss += self._loss(row_weights)
            self._loss_by_logits(Y, row_weights)
            self._backward(x, weights, sums)
        return loss, (right - (len(rows.weights) - rows.n)) / rows.n, sums.gradient(self.kernel)

    def _folded(self) -> "_Folded":
        return _Folded(self.network, self.kernel, self.shape)

    def _right(self, x: np.ndarray, Y: np.ndarray, weights: "_Folded") -> int:
        """Forward pass (1), (2); leaves shifted logits, and each row's own one, in the buffers. Padding rows count as right."""
        chunks, below = len(x), x
        for layer, W in enumerate(weights.forward[:-1]):
            n = self.kept[layer][:chunks]
            np.matmul(below, W, out=n)
            if layer:
                np.add(n, weights.biases[layer][:chunks], out=n)
            self.kernel.keep(n, self.zeros[layer][:chunks])
            below = n
        logits, top, own, product = (buffer[:chunks] for buffer in (self.logits, self.top, self.own, self.product))
        np.matmul(weights.forward[-1], below.transpose(0, 2, 1), out=logits)
        np.add(logits, weights.biases[-1][:chunks], out=logits)
        np.maximum.reduce(logits, axis=1, keepdims=True, out=top)
        np.subtract(logits, top, out=logits)
        np.multiply(logits, Y, out=product)
        np.add.reduce(product, axis=1, keepdims=True, out=own)
        return int(np.count_nonzero(own == 0.0))

    def _loss(self, row_weights: np.ndarray) -> float:
        """(3), (4): with shifted logits, -log p[y] = log(sum of powers) - own logit."""
        chunks = len(row_weights)
        logits, powers, total, top = (buffer[:chunks] for buffer in (self.logits, self.powers, self.total, self.top))
        np.exp(logits, out=powers)
        np.add.reduce(powers, axis=1, keepdims=True, out=total)
        np.log(total, out=top)
        np.subtract(top, self.own[:chunks], out=top)
        np.multiply(top, row_weights, out=top)
        return float(top.sum(dtype=np.float64))

    def _loss_by_logits(self, Y: np.ndarray, row_weights: np.ndarray) -> None:
        """(5), left in `powers`: (p - onehot(y)) times the row's weight."""
        chunks = len(row_weights)
        powers, total, product = (buffer[:chunks] for buffer in (self.powers, self.total, self.product))
        np.divide(row_weights, total, out=total)
        np.multiply(powers, total, out=powers)
        np.multiply(Y, row_weights, out=product)
        np.subtract(powers, product, out=powers)

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
            dz = g


class _Folded:
    """The network's weights with the kernel's constants in them, for one pass over the rows.

    forward[0] (d + 1, units) has the bias as its last row; forward[-1] is (classes, units). `biases` are expanded to a whole block,
    which is faster to add than to broadcast. backward[l] is (units out, units in).
    """

    def __init__(self, network: Network, kernel, shape: Shape):
        biases = [network.biases[place] for place in network.bias_of]
        last = len(network.weights) - 1
        self.forward, self.backward, self.biases = [], [], []
        for layer, W in enumerate(network.weights):
            gamma = 1.0 if layer == last else kernel.gamma
            beta, shift = (kernel.beta, kernel.alpha * W.sum(axis=0)) if layer else (1.0, 0.0)
            folded, bias = (gamma * beta) * W, gamma * (biases[layer] + shift)
            if layer == 0:
                folded, bias = np.vstack([folded, bias]), np.zeros_like(bias)
            if layer == last:
                folded, bias, size = np.ascontiguousarray(folded.T), bias[:, None], (len(bias), shape.chunk)
            else:
                size = (shape.chunk, len(bias))
            self.forward.append(folded)
            self.biases.append(np.ascontiguousarray(np.broadcast_to(bias, (shape.block, *size))))
            self.backward.append(np.ascontiguousarray((kernel.delta * W).T))


class _Sums:
    """Sums over the blocks of m^T dz and of dz, from which the gradient follows."""

    def __init__(self, network: Network):
        self.network = network
        extra = [1] + [0] * (len(network.weights) - 1)
        self.weights = [np.zeros((W.shape[0] + more, W.shape[1]), W.dtype) for W, more in zip(network.weights, extra)]
        self.biases = [np.zeros(W.shape[1], W.dtype) for W in network.weights]

    def gradient(self, kernel) -> Gradient:
        own = [self.weights[0][-1], *self.biases[1:]]
        dW = [self.weights[0][:-1]] + [kernel.beta * S + kernel.alpha * db for S, db in zip(self.weights[1:], own[1:])]
        db = [np.zeros_like(b) for b in self.network.biases]
        for layer, place in enumerate(self.network.bias_of):
            db[place] += own[layer]
        return Gradient(dW, db)
