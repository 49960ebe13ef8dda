"""The Hessian of a small network's loss, and how well conditioned it is for gradient descent.

Some directions in parameter space change no probability at all, wherever they start: the same number added to all
classes' weights from one hidden unit, or to all output biases; or a shift along one-hot columns, which sum to 1, made up
for by the bias. The gradient has no part along them, gradient descent never moves along them, and the Hessian's
eigenvalues there are exactly 0; so the condition number is taken on their orthogonal complement.
"""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import null_space, orth

from gapscope.analysis.full_batch import FullBatch
from gapscope.network.mlp import Network

STEP = 1e-4    # of the central differences: their error falls with its square, rounding grows with its inverse


@dataclass(frozen=True)
class Curvature:
    """Eigenvalues of a Hessian outside its null space: the largest and smallest magnitude, and how many are negative."""

    largest: float
    smallest: float
    negative: int

    @property
    def condition_number(self) -> float:
        """largest / smallest; infinite where the Hessian is singular beyond its known null space."""
        return self.largest / self.smallest if self.smallest else float("inf")


def flattened(network: Network) -> np.ndarray:
    """All parameters as one vector, in the order of network.parameters."""
    return np.concatenate([array.ravel() for array in network.parameters])


def with_parameters(network: Network, vector: np.ndarray) -> Network:
    """A copy of `network` with the parameters of `vector`, the inverse of flattened()."""
    changed, start = network.copy(), 0
    for array in changed.parameters:
        array[...] = vector[start:start + array.size].reshape(array.shape)
        start += array.size
    return changed


def hessian(network: Network, X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Second derivatives (P, P) of the loss by the P parameters: central differences of the exact gradient, made symmetric."""
    batch, at = FullBatch(X, y, network.weights[-1].shape[1]), flattened(network)

    def gradient(vector: np.ndarray) -> np.ndarray:
        changed = with_parameters(network, vector)
        return batch.measure(changed).gradient(changed)

    steps = STEP * np.eye(len(at))
    H = np.array([(gradient(at + step) - gradient(at - step)) / (2 * STEP) for step in steps])
    return (H + H.T) / 2


def null_directions(network: Network, X: np.ndarray) -> np.ndarray:
    """Orthonormal directions (P, k) that change no probability of any row of X, whatever the weights.

    They are written down for two biases. Of a shared bias, those remain that move both biases alike.
    """
    (d, h), classes = network.weights[0].shape, network.weights[1].shape[1]
    W, U, b1, b2 = (np.arange(size) + start for size, start in
                    ((d * h, 0), (h * classes, d * h), (h, (d + classes) * h), (classes, (d + classes + 1) * h)))
    directions = [_direction(b2[-1] + 1, own, 1.0) for own in (*U.reshape(h, classes), b2)]
    # X v + c = 0 for every row: the kernel of [X 1], read off the small triangle of its QR decomposition
    for kernel in null_space(np.linalg.qr(np.column_stack([X, np.ones(len(X))]), mode="r")).T:
        directions += [_direction(b2[-1] + 1, [*W.reshape(d, h)[:, unit], b1[unit]], kernel) for unit in range(h)]
    N = np.column_stack(directions)
    if network.bias_of == (0, 0):
        N = (N @ null_space(N[b1] - N[b2]))[:b2[0]]
    return orth(N)


def curvature(hessian: np.ndarray, null_space: np.ndarray) -> Curvature:
    """Extreme eigenvalues of `hessian` (P, P) on the orthogonal complement of the columns of `null_space` (P, k)."""
    complement = np.linalg.qr(null_space, mode="complete")[0][:, null_space.shape[1]:]
    eigenvalues = np.linalg.eigvalsh(complement.T @ hessian @ complement)
    magnitudes = np.abs(eigenvalues)
    return Curvature(float(magnitudes.max()), float(magnitudes.min()), int((eigenvalues < 0).sum()))


def condition_number(hessian: np.ndarray, null_space: np.ndarray) -> float:
    """Largest over smallest magnitude of the eigenvalues on the orthogonal complement of `null_space`."""
    return curvature(hessian, null_space).condition_number


def _direction(size: int, places, values) -> np.ndarray:
    direction = np.zeros(size)
    direction[places] = values
    return direction
