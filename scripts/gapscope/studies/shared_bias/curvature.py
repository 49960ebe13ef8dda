"""The Hessian of the loss of a network with one hidden layer, and how well conditioned it is for gradient descent.

Some moves of the parameters change no probability, wherever they start: the same number added to all classes'
weights from one hidden unit, or to all output biases; or a shift of the weights of one-hot columns, which sum to
1, made up for by a bias. The gradient has no part along such a move, gradient descent never makes one, and the
Hessian's eigenvalue there is exactly 0. The condition number is therefore taken on the orthogonal complement of
these null directions.
"""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import null_space as kernel
from scipy.linalg import orth

from gapscope.network.mlp import Network, forward, softmax

BLOCK = 2048  # rows at a time: what they need stays in the processor's cache

SECOND_DERIVATIVE = {  # g''(z) in terms of a = g(z)
    "sigmoid": lambda a: a * (1.0 - a) * (1.0 - 2.0 * a),
    "tanh": lambda a: -2.0 * a * (1.0 - a * a),
    "relu": np.zeros_like,
}


@dataclass(frozen=True)
class Curvature:
    """Ascending eigenvalues of a Hessian outside its null directions."""

    eigenvalues: np.ndarray

    @property
    def highest(self) -> float:
        """The largest eigenvalue: gradient descent is stable up to the learning rate 2 / highest."""
        return float(self.eigenvalues[-1])

    @property
    def negative(self) -> int:
        """In how many directions the loss is concave."""
        return int((self.eigenvalues < 0).sum())

    @property
    def condition_number(self) -> float:
        """Largest over smallest magnitude of the eigenvalues; infinite if one of them is 0."""
        magnitudes = np.abs(self.eigenvalues)
        return float(magnitudes.max() / magnitudes.min()) if magnitudes.min() > 0 else float("inf")


def hessian(network: Network, X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Second derivatives (P, P) of the mean cross-entropy by the P parameters, ordered as network.parameters.

    A parameter of unit u multiplies one of that unit's inputs I_u: of [x 1] for a hidden unit, of [h 1] for a
    class. With q = (z1, logits) and Q = d2 loss / dq dq' of each row, two parameters' second derivative is

        sum_i I_u I_v Q_uv,    and sum_i D g'(z1_j) dz2_k more for weights D of hidden unit j and U_jk,

    since the first moves the input of the second. A shared bias belongs to two units, and their terms add up.
    """
    (d, h), classes = network.weights[0].shape, network.weights[1].shape[1]
    ends = np.cumsum([d + 1] * h + [h + 1] * classes)
    parts = [slice(start, end) for start, end in zip([0, *ends], ends)]
    by_unit = np.zeros((ends[-1], ends[-1]))
    for start in range(0, len(y), BLOCK):
        _add_block(by_unit, parts, network, X[start : start + BLOCK], y[start : start + BLOCK])
    places = _places(network)
    H = np.zeros((places.max() + 1, places.max() + 1))
    np.add.at(H, (places[:, None], places), by_unit / len(y))
    return (H + H.T) / 2


def null_directions(network: Network, X: np.ndarray) -> np.ndarray:
    """Orthonormal moves (P, k) of the parameters that change no probability of a row of X, whatever their values.

    They are written down for two biases. Of a shared bias, those are left that move both biases alike.
    """
    (d, h), classes = network.weights[0].shape, network.weights[1].shape[1]
    W = np.arange(h * (d + 1)).reshape(h, d + 1)  # the bias last, as in _places()
    U = np.arange(classes * (h + 1)).reshape(classes, h + 1) + W.size
    moves = [_move(W.size + U.size, U[:, row], 1.0) for row in range(h + 1)]
    # [X 1] v = 0, read off the small triangle of its QR decomposition
    for v in kernel(np.linalg.qr(np.column_stack([X, np.ones(len(X))]), mode="r")).T:
        moves += [_move(W.size + U.size, W[unit], v) for unit in range(h)]
    N, places = np.column_stack(moves), _places(network)
    if network.bias_of == (0, 0):
        N = N @ kernel(N[W[:, -1]] - N[U[:, -1]])
    stored = np.zeros((places.max() + 1, N.shape[1]))
    stored[places] = N
    return orth(stored)


def curvature(hessian: np.ndarray, null_space: np.ndarray) -> Curvature:
    """Eigenvalues of `hessian` (P, P) on the orthogonal complement of the orthonormal columns `null_space` (P, k)."""
    complement = np.linalg.qr(null_space, mode="complete")[0][:, null_space.shape[1] :]
    return Curvature(np.linalg.eigvalsh(complement.T @ hessian @ complement))


def condition_number(hessian: np.ndarray, null_space: np.ndarray) -> float:
    """Largest over smallest magnitude of the eigenvalues on the orthogonal complement of `null_space`."""
    return curvature(hessian, null_space).condition_number


def _add_block(by_unit: np.ndarray, parts: list[slice], network: Network, X: np.ndarray, y: np.ndarray) -> None:
    """Add these rows to the sums of the Hessian by units: hidden units, then classes."""
    passed, U, h = forward(network, X), network.weights[1], len(network.weights[1])
    z1, a1, p = (a.T.copy() for a in (passed.z[0], passed.a[1], softmax(passed.logits)))
    D, E = (np.vstack([a, np.ones(len(y))]) for a in (X.T.copy(), a1))  # [x 1] and [h 1]
    slope = network.activation.derivative(z1, a1)  # (h, rows)
    bend = SECOND_DERIVATIVE[network.activation.name](a1)  # (h, rows)
    dz2 = p - np.eye(len(p))[y].T.copy()  # (classes, rows), times n
    A = np.eye(len(p))[:, :, None] * p - p[:, None] * p  # d2 / dlogits dlogits'
    J = U[:, :, None] * slope[:, None]  # dlogits / dz1
    JA = np.einsum("jkn,kln->jln", J, A)  # d2 / dz1 dlogits
    S = np.einsum("jkn,ikn->jin", JA, J)  # d2 / dz1 dz1'
    S[np.arange(h), np.arange(h)] += bend * (U @ dz2)
    Q = np.concatenate([np.concatenate([S, JA], axis=1), np.concatenate([JA.transpose(1, 0, 2), A], axis=1)])
    inputs = [D] * h + [E] * len(p)
    for u, own in enumerate(parts):
        for v, other in enumerate(parts[u:], start=u):
            summed = (inputs[u] * Q[u, v]) @ inputs[v].T
            if u < h <= v:
                summed[:, u] += (D * slope[u]) @ dz2[v - h]
            by_unit[own, other] += summed
            if v > u:
                by_unit[other, own] += summed.T


def _places(network: Network) -> np.ndarray:
    """For each unit's parameters, its inputs' weights and then its bias: their places in network.parameters, flat."""
    starts = np.cumsum([0] + [array.size for array in network.parameters])
    stored = [
        np.arange(start, start + array.size).reshape(array.shape) for start, array in zip(starts, network.parameters)
    ]
    layers = len(network.weights)
    return np.concatenate(
        [np.vstack([stored[layer], stored[layers + network.bias_of[layer]]]).T.ravel() for layer in range(layers)]
    )


def _move(size: int, places: np.ndarray, values) -> np.ndarray:
    move = np.zeros(size)
    move[places] = values
    return move
