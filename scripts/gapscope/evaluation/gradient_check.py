"""The analytic gradient of a trained network against central differences of its loss."""

import numpy as np

from gapscope.network.activations import Activation
from gapscope.network.mlp import Ensemble, Network, backward, cross_entropy, forward, loss_by_logits, softmax

STEP = float(np.finfo(float).eps) ** (1 / 3)  # balances truncation and rounding: Nocedal and Wright 2006, section 8.1
ROUNDING = float(np.finfo(float).eps) / STEP  # what rounding alone does to a central difference of a loss near 1


def gradient_check(
    network: Network | Ensemble, X: np.ndarray, y: np.ndarray, rows: int, directions: int, tolerance: float, seed: int
) -> dict:
    """mlp.backward against central differences of the mean cross-entropy, in float64.

    Compared is the slope of the loss along random directions of length 1 in the space of all parameters, as in HIPS
    autograd's check_vjp, on at most `rows` rows of X (n, d) drawn at random. Rows on which a hidden unit passes
    a kink of its activation between the ends of a difference are left out: there the loss has no slope. Both slopes
    agree if they differ by at most `tolerance` times the larger one, and what rounding does to the difference.
    Of an ensemble each member is checked, and the worst is told.
    """
    checks = [_check(member, X, y, rows, directions, tolerance, seed) for member in network.members]
    return max(checks, key=lambda check: (not check["agrees"], check["largest_relative_difference"] or 0.0))


def _check(
    network: Network, X: np.ndarray, y: np.ndarray, rows: int, directions: int, tolerance: float, seed: int
) -> dict:
    rng, network = np.random.default_rng(seed), network.astype(float)
    chosen = np.sort(rng.choice(len(y), min(rows, len(y)), replace=False))
    X, y = X[chosen].astype(float), y[chosen]
    aims = [_direction(network, rng) for _ in range(directions)]
    smooth = np.logical_and.reduce([_same_side(network, aim, X) for aim in aims])
    X, y = X[smooth], y[smooth]
    found = [_slopes(network, aim, X, y) for aim in aims] if len(y) else []
    return {
        "step": STEP,
        "rows": len(y),
        "rows_left_out": int((~smooth).sum()),
        "directions": found,
        "largest_relative_difference": max((one["relative_difference"] for one in found), default=None),
        "agrees": bool(found) and all(_equal(one, tolerance) for one in found),
    }


def _direction(network: Network, rng: np.random.Generator) -> list[np.ndarray]:
    arrays = [rng.standard_normal(array.shape) for array in network.parameters]
    length = np.sqrt(sum((array**2).sum() for array in arrays))
    return [array / length for array in arrays]


def _moved(network: Network, aim: list[np.ndarray], step: float) -> Network:
    network = network.copy()
    for array, direction in zip(network.parameters, aim):
        array += step * direction
    return network


def _same_side(network: Network, aim: list[np.ndarray], X: np.ndarray) -> np.ndarray:
    """Whether each row (n,) has all hidden units on one side of a kink at 0 at both ends of the difference."""
    same = np.ones(len(X), bool)
    if not _has_kink(network.activation):
        return same
    ends = [forward(_moved(network, aim, step), X).z[:-1] for step in (-STEP, STEP)]
    for left, right in zip(*ends):
        same &= ((left > 0) == (right > 0)).all(axis=1)
    return same


def _has_kink(activation: Activation) -> bool:
    """Whether the slope jumps at 0."""
    z = np.array([-STEP, STEP])
    left, right = activation.derivative(z, activation.function(z))
    return abs(right - left) > np.sqrt(STEP)


def _loss(network: Network, X: np.ndarray, y: np.ndarray) -> float:
    return cross_entropy(softmax(forward(network, X).logits), y)


def _slopes(network: Network, aim: list[np.ndarray], X: np.ndarray, y: np.ndarray) -> dict:
    """The loss's slope along `aim`, by equations (5) to (8) and by a central difference."""
    passed = forward(network, X)
    gradient = backward(network, passed, loss_by_logits(softmax(passed.logits), y))
    analytic = float(sum((array * part).sum() for array, part in zip(gradient.parameters, aim)))
    up, down = (_loss(_moved(network, aim, step), X, y) for step in (STEP, -STEP))
    numeric = float((up - down) / (2 * STEP))
    scale = max(abs(analytic), abs(numeric))
    difference = abs(analytic - numeric) / scale if scale else 0.0
    return {"analytic": analytic, "numeric": numeric, "relative_difference": difference}


def _equal(slopes: dict, tolerance: float) -> bool:
    analytic, numeric = slopes["analytic"], slopes["numeric"]
    return abs(analytic - numeric) <= tolerance * max(abs(analytic), abs(numeric)) + ROUNDING
