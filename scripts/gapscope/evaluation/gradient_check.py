"""Check the gradient of a trained network against central differences of its loss."""

import numpy as np

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
    checks = [_check(member.astype(float), X, y, rows, directions, tolerance, seed) for member in network.members]
    return max(checks, key=lambda check: (not check["agrees"], check["largest_relative_difference"] or 0.0))


def _check(
    network: Network, X: np.ndarray, y: np.ndarray, rows: int, directions: int, tolerance: float, seed: int
) -> dict:
    rng = np.random.default_rng(seed)
    chosen = np.sort(rng.choice(len(y), min(rows, len(y)), replace=False))
    X, y = X[chosen].astype(float), y[chosen]
    drawn = [_random_direction(network, rng) for _ in range(directions)]
    ends = [[_moved(network, direction, step) for step in (STEP, -STEP)] for direction in drawn]
    smooth = np.logical_and.reduce([_same_side(*pair, X) for pair in ends])
    X, y = X[smooth], y[smooth]
    derivatives = gradient(network, X, y).parameters if len(y) else []
    slopes = [_slopes(derivatives, direction, pair, X, y) for direction, pair in zip(drawn, ends) if len(y)]
    errors = [abs(slope["analytic"] - slope["numeric"]) for slope in slopes]
    scales = [max(abs(slope["analytic"]), abs(slope["numeric"])) for slope in slopes]
    relative = [error / scale if scale else 0.0 for error, scale in zip(errors, scales)]
    return {
        "step": STEP,
        "rows": len(y),
        "rows_left_out": int((~smooth).sum()),
        "directions": [{**slope, "relative_difference": difference} for slope, difference in zip(slopes, relative)],
        "largest_relative_difference": max(relative, default=None),
        "agrees": len(y) > 0 and all(error <= tolerance * scale + ROUNDING for error, scale in zip(errors, scales)),
    }


def _random_direction(network: Network, rng: np.random.Generator) -> list[np.ndarray]:
    arrays = [rng.standard_normal(array.shape) for array in network.parameters]
    length = np.sqrt(sum((array**2).sum() for array in arrays))
    return [array / length for array in arrays]


def _moved(network: Network, direction: list[np.ndarray], step: float) -> Network:
    moved = network.copy()
    for array, along in zip(moved.parameters, direction):
        array += step * along
    return moved


def _same_side(ahead: Network, back: Network, X: np.ndarray) -> np.ndarray:
    """Whether no hidden unit of a row (n,) crosses a kink at 0 between the two ends of the difference."""
    z = np.array([-STEP, STEP])
    left, right = ahead.activation.derivative(z, ahead.activation.function(z))
    same = np.ones(len(X), bool)
    if abs(right - left) > np.sqrt(STEP):  # the derivative jumps at 0
        for z_ahead, z_back in zip(forward(ahead, X).z[:-1], forward(back, X).z[:-1]):
            same &= ((z_ahead > 0) == (z_back > 0)).all(axis=1)
    return same


def _slopes(derivatives: list[np.ndarray], direction: list[np.ndarray], ends: list[Network], X, y) -> dict:
    """Derivative of the loss along the direction, by equations (5) to (8) and by a central difference."""
    ahead, back = (cross_entropy(forward(end, X).logits, y) for end in ends)
    analytic = float(sum((array * along).sum() for array, along in zip(derivatives, direction)))
    return {"analytic": analytic, "numeric": float((ahead - back) / (2 * STEP))}
