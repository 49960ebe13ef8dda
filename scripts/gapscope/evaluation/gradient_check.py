"""Check the gradient of a trained network against central differences of its loss."""

import numpy as np

from gapscope.network.activations import Activation
from gapscope.network.mlp import Ensemble, Network, cross_entropy, forward, gradient

STEP = float(np.finfo(float).eps) ** (1 / 3)  # balances truncation and rounding: Nocedal and Wright 2006, section 8.1
ROUNDING = float(np.finfo(float).eps) / STEP  # rounding error of a central difference of a loss near 1


def gradient_check(
    network: Network | Ensemble, X: np.ndarray, y: np.ndarray, rows: int, directions: int, tolerance: float, seed: int
) -> dict:
    """Compare mlp.backward with central differences of the mean cross-entropy, in float64.

    It compares directional derivatives along random unit vectors in the space of all parameters, as check_vjp of HIPS
    autograd does, on at most `rows` random rows of X (n, d). Rows where a hidden unit crosses a kink of its activation
    between the two ends of a difference are left out. Two slopes agree if they differ by at most `tolerance` times the
    larger one, plus the rounding error. For an ensemble, the result is that of the worst member.
    """
    checks = [_check(member, X, y, rows, directions, tolerance, seed) for member in network.members]
    return max(checks, key=lambda check: (not check["agrees"], check["largest_relative_difference"] or 0.0))


def _check(
    network: Network, X: np.ndarray, y: np.ndarray, rows: int, directions: int, tolerance: float, seed: int
) -> dict:
    rng, network = np.random.default_rng(seed), network.astype(float)
    chosen = np.sort(rng.choice(len(y), min(rows, len(y)), replace=False))
    X, y = X[chosen].astype(float), y[chosen]
    drawn = [_random_direction(network, rng) for _ in range(directions)]
    smooth = np.logical_and.reduce([_same_side(network, direction, X) for direction in drawn])
    X, y = X[smooth], y[smooth]
    slopes = [_slopes(network, direction, X, y) for direction in drawn] if len(y) else []
    return {
        "step": STEP,
        "rows": len(y),
        "rows_left_out": int((~smooth).sum()),
        "directions": slopes,
        "largest_relative_difference": max((slope["relative_difference"] for slope in slopes), default=None),
        "agrees": bool(slopes) and all(_agree(slope["analytic"], slope["numeric"], tolerance) for slope in slopes),
    }


def _random_direction(network: Network, rng: np.random.Generator) -> list[np.ndarray]:
    arrays = [rng.standard_normal(array.shape) for array in network.parameters]
    length = np.sqrt(sum((array**2).sum() for array in arrays))
    return [array / length for array in arrays]


def _ends(network: Network, direction: list[np.ndarray]) -> list[Network]:
    """The network after one step forward along the direction, and after one step back."""
    ends = [network.copy(), network.copy()]
    for end, step in zip(ends, (STEP, -STEP)):
        for array, along in zip(end.parameters, direction):
            array += step * along
    return ends


def _same_side(network: Network, direction: list[np.ndarray], X: np.ndarray) -> np.ndarray:
    """Whether no hidden unit of a row (n,) crosses a kink at 0 between the two ends of the difference."""
    same = np.ones(len(X), bool)
    if _has_kink(network.activation):
        ahead, back = (forward(end, X).z[:-1] for end in _ends(network, direction))
        for z_ahead, z_back in zip(ahead, back):
            same &= ((z_ahead > 0) == (z_back > 0)).all(axis=1)
    return same


def _has_kink(activation: Activation) -> bool:
    """Whether the derivative jumps at 0."""
    z = np.array([-STEP, STEP])
    left, right = activation.derivative(z, activation.function(z))
    return abs(right - left) > np.sqrt(STEP)


def _slopes(network: Network, direction: list[np.ndarray], X: np.ndarray, y: np.ndarray) -> dict:
    """Derivative of the loss along the direction, by equations (5) to (8) and by a central difference."""
    derivatives = gradient(network, X, y).parameters
    analytic = float(sum((array * along).sum() for array, along in zip(derivatives, direction)))
    ahead, back = (cross_entropy(forward(end, X).logits, y) for end in _ends(network, direction))
    numeric = float((ahead - back) / (2 * STEP))
    scale = max(abs(analytic), abs(numeric))
    difference = abs(analytic - numeric) / scale if scale else 0.0
    return {"analytic": analytic, "numeric": numeric, "relative_difference": difference}


def _agree(analytic: float, numeric: float, tolerance: float) -> bool:
    return abs(analytic - numeric) <= tolerance * max(abs(analytic), abs(numeric)) + ROUNDING
