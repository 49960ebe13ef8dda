"""The Hessian of the loss of a network with one hidden layer, and its condition number for gradient descent.

Some changes of the parameters never change a probability: the same number added to all classes' weights from one
hidden unit, or to all output biases; or a shift of the weights of one-hot columns, which sum to 1, that a bias makes up
for. The gradient is orthogonal to such a direction, so gradient descent never moves along it, and the Hessian's
eigenvalue there is exactly 0. The condition number is therefore taken on the orthogonal complement of these null
directions.
"""

import numpy as np
from scipy.linalg import null_space, orth

from gapscope.network.mlp import Network, forward, softmax

BLOCK = 2048  # rows at a time: what they need stays in the processor's cache

SECOND_DERIVATIVE = {  # g''(z) in terms of a = g(z)
    "sigmoid": lambda a: a * (1.0 - a) * (1.0 - 2.0 * a),
    "tanh": lambda a: -2.0 * a * (1.0 - a * a),
    "relu": np.zeros_like,
}
NOT_MEASURED = {"condition_number": None, "highest_curvature": None, "negative_curvatures": None}


def hessian(network: Network, X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Second derivatives (P, P) of the mean cross-entropy by the P parameters, in the order of network.parameters.

    A parameter of unit u multiplies one of that unit's inputs I_u: of [x 1] for a hidden unit, of [h 1] for a
    class. With q = (z1, logits) and Q = d2 loss / dq dq' of each row, the second derivative by two parameters is

        sum_i I_u I_v Q_uv,    and sum_i D g'(z1_j) dz2_k more for weights D of hidden unit j and U_jk,

    since the first moves the input of the second. A shared bias belongs to two units, and their terms add up.
    """
    (d, h), classes = network.weights[0].shape, network.weights[1].shape[1]
    ends = np.cumsum([d + 1] * h + [h + 1] * classes)
    slices = [slice(start, end) for start, end in zip([0, *ends], ends)]
    by_unit = np.zeros((ends[-1], ends[-1]))
    for start in range(0, len(y), BLOCK):
        _add_block(by_unit, slices, network, X[start : start + BLOCK], y[start : start + BLOCK])
    places = _places(network)
    H = np.zeros((places.max() + 1, places.max() + 1))
    np.add.at(H, (places[:, None], places), by_unit / len(y))
    return (H + H.T) / 2


def _add_block(by_unit: np.ndarray, slices: list[slice], network: Network, X: np.ndarray, y: np.ndarray) -> None:
    """Add these rows to the Hessian, whose rows and columns are sorted by unit: hidden units, then classes."""
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
    for u, of_u in enumerate(slices):
        for v, of_v in enumerate(slices[u:], start=u):
            products = (inputs[u] * Q[u, v]) @ inputs[v].T
            if u < h <= v:
                products[:, u] += (D * slope[u]) @ dz2[v - h]
            by_unit[of_u, of_v] += products
            if v > u:
                by_unit[of_v, of_u] += products.T


def null_directions(network: Network, X: np.ndarray) -> np.ndarray:
    """Orthonormal directions (P, k) in parameter space that change no probability of a row of X, at any parameters.

    They are written down for two biases. A shared bias leaves those that move both alike.
    """
    (d, h), classes = network.weights[0].shape, network.weights[1].shape[1]
    W = np.arange(h * (d + 1)).reshape(h, d + 1)  # the bias last, as in _places()
    U = np.arange(classes * (h + 1)).reshape(classes, h + 1) + W.size
    # [X 1] v = 0, read off the small triangle of its QR decomposition
    collinear = null_space(np.linalg.qr(np.column_stack([X, np.ones(len(X))]), mode="r")).T
    moves = [(U[:, row], 1.0) for row in range(h + 1)] + [(W[unit], v) for v in collinear for unit in range(h)]
    N, places = np.zeros((W.size + U.size, len(moves))), _places(network)
    for column, (parameters, values) in enumerate(moves):
        N[parameters, column] = values
    if network.bias_of == (0, 0):
        N = N @ null_space(N[W[:, -1]] - N[U[:, -1]])
    stored = np.zeros((places.max() + 1, N.shape[1]))
    stored[places] = N
    return orth(stored)


def curvature(hessian: np.ndarray, null_directions: np.ndarray) -> dict[str, float | int | None]:
    """Curvature of the loss from its Hessian (P, P), outside the orthonormal columns `null_directions` (P, k)."""
    complement = np.linalg.qr(null_directions, mode="complete")[0][:, null_directions.shape[1] :]
    eigenvalues = np.linalg.eigvalsh(complement.T @ hessian @ complement)
    magnitudes = np.abs(eigenvalues)
    ratio = magnitudes.max() / magnitudes.min() if magnitudes.min() > 0 else np.inf
    return {
        "condition_number": float(ratio) if np.isfinite(ratio) else None,
        "highest_curvature": float(eigenvalues[-1]),  # gradient descent is stable up to a learning rate of 2 over it
        "negative_curvatures": int((eigenvalues < 0).sum()),
    }


def _places(network: Network) -> np.ndarray:
    """Places in the flat network.parameters, unit by unit: each unit's weights, then its bias."""
    ends = np.cumsum([array.size for array in network.parameters])
    stored = [np.arange(end - array.size, end).reshape(array.shape) for end, array in zip(ends, network.parameters)]
    biases = [stored[len(network.weights) + place] for place in network.bias_of]
    return np.concatenate([np.vstack(layer).T.ravel() for layer in zip(stored, biases)])
