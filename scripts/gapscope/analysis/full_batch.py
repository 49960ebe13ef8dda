"""Loss and gradient of a network with one hidden layer on all rows at once, about six times faster than network.mlp.

With four units and many rows, arrays (units, rows) let every operation run along memory, and a block of rows stays
in the processor's cache. The equations' numbers are those of network.mlp, the plain version that the tests hold
this one to.
"""

from dataclasses import dataclass

import numpy as np

from gapscope.network.mlp import Network

BLOCK = 4096    # rows at a time


@dataclass(frozen=True)
class Measured:
    """Mean cross-entropy, accuracy, and the loss's derivatives by W (d, h) and U (h, classes) and through either bias.

    hidden_path (h,) comes back through the hidden layer, output_path (classes,) straight from the softmax: one
    derivative each for two biases, the two summands of one for a shared bias.
    """

    loss: float
    accuracy: float
    dW: np.ndarray
    dU: np.ndarray
    hidden_path: np.ndarray
    output_path: np.ndarray

    def gradient(self, network: Network) -> np.ndarray:
        """The derivatives in the order of network.parameters, as one vector."""
        biases = [np.zeros_like(b) for b in network.biases]
        for place, path in zip(network.bias_of, (self.hidden_path, self.output_path)):
            biases[place] = biases[place] + path
        return np.concatenate([array.ravel() for array in (self.dW, self.dU, *biases)])


class FullBatch:
    """Rows X (n, d) and class codes y (n,), laid out once for many evaluations."""

    def __init__(self, X: np.ndarray, y: np.ndarray, n_classes: int):
        starts = range(0, len(y), BLOCK)
        ones = np.ones((1, len(y)))
        D, onehot = np.vstack([X.T, ones]), np.eye(n_classes)[y].T
        self.rows = len(y)
        self.blocks = [(D[:, i:i + BLOCK].copy(), onehot[:, i:i + BLOCK].copy()) for i in starts]

    def measure(self, network: Network) -> Measured:
        """Loss, accuracy and derivatives of `network`, which has one hidden layer, on these rows."""
        W, U = network.weights
        b1, b2 = (network.biases[place] for place in network.bias_of)
        Wb, loss, right = np.vstack([W, b1]).T.copy(), 0.0, 0                # (h, d + 1)
        dWb, dU, db2 = np.zeros(Wb.T.shape), np.zeros(U.shape), np.zeros(b2.shape)
        for D, onehot in self.blocks:
            z1 = Wb @ D                                                      # (1) (h, rows)
            a1 = network.activation.function(z1)                             # (2) (h, rows)
            logits = U.T @ a1 + b2[:, None]                                  # (1) (classes, rows)
            logits -= logits.max(axis=0)
            powers = np.exp(logits)
            sums, chosen = powers.sum(axis=0), (logits * onehot).sum(axis=0)
            loss += (np.log(sums) - chosen).sum()                            # (3), (4)
            right += (chosen == 0).sum()
            dz2 = (powers / sums - onehot) / self.rows                       # (5) (classes, rows)
            dU += a1 @ dz2.T                                                 # (6) (h, classes)
            db2 += dz2.sum(axis=1)                                           # (7) (classes,)
            dz1 = (U @ dz2) * network.activation.derivative(z1, a1)          # (8) (h, rows)
            dWb += D @ dz1.T                                                 # (6), (7) (d + 1, h)
        return Measured(float(loss / self.rows), float(right / self.rows), dWb[:-1], dU, dWb[-1], db2)
