"""Gradient flow: gradients by layer during training, and units that pass on hardly any gradient."""

import numpy as np

from gapscope.network.activations import steepest_slope
from gapscope.network.mlp import Ensemble, Network, combined, forward
from gapscope.network.model import Model
from gapscope.network.partition import Partition
from gapscope.network.row_storage import StoredRows, pieces
from gapscope.network.training import member_seeds, train_together

BLOCK = 8192  # rows at a time


def gradient_flow(history: dict[str, np.ndarray], vanishing_below: float, exploding_above: float) -> dict:
    """Median over the iterations of each layer's mean absolute gradient, and of the ratio first / last hidden layer.

    The ratio before the first update is included, too; None with fewer than two hidden layers. `history` has the
    columns of history/<activation>.csv. The verdict depends on the two limits of the ratio.
    """
    columns = [name for name in history if name.startswith("grad_")]
    hidden = columns[:-1]
    ratio = start = None
    if len(hidden) > 1:
        last = history[hidden[-1]]
        ratios = history[hidden[0]] / np.where(last == 0.0, np.nan, last)
        ratio, start = (None if np.isnan(value) else float(value) for value in (_median(ratios), ratios[0]))
    return {
        "layers": {name: _median(history[name]) for name in columns},
        "first_iteration": {name: float(history[name][0]) for name in columns},
        "last_iteration": {name: float(history[name][-1]) for name in columns},
        "first_to_last_hidden": ratio,
        "first_to_last_hidden_at_start": start,
        "verdict": _verdict(ratio, vanishing_below, exploding_above),
        "iterations": int(history["iteration"][-1]),
        "final_loss": float(history["loss"][-1]),
        "final_train_accuracy": float(history["train_accuracy"][-1]),
        "final_validation_accuracy": float(history["validation_accuracy"][-1]),
    }


def _median(values: np.ndarray) -> float:
    """Median of the values that are not NaN; NaN if all are."""
    known = values[~np.isnan(values)]
    return float(np.median(known)) if len(known) else float("nan")


def _verdict(ratio: float | None, vanishing_below: float, exploding_above: float) -> str:
    if ratio is None:
        return "not comparable"
    if ratio < vanishing_below:
        return "vanishing"
    return "exploding" if ratio > exploding_above else "stable"


def start_network(model: Model, X: np.ndarray, y: np.ndarray) -> Network | Ensemble:
    """The network before its first update, initialised again; X (n, d) and y (n,) only determine sizes."""
    rows, settings = Partition(X[:1], y[:1]), model.description["settings"]
    start = {**settings, "iterations": 0}
    return combined(train_together(rows, rows, len(model.description["classes"]), start, member_seeds(settings)))


def saturation(network: Network | Ensemble, X: np.ndarray | StoredRows, below: float) -> dict:
    """Share of `saturated` values and of `dead` units in each hidden layer, on rows X (n, d).

    A value is saturated if |g'(z)| is less than `below` times its maximum. A unit is dead if it is saturated on all
    rows. For an ensemble, shares are means over its members.
    """
    shares = [_saturation(member, X, below) for member in network.members]
    return {name: np.mean([member[name] for member in shares], axis=0).tolist() for name in shares[0]}


def _saturation(network: Network, X: np.ndarray | StoredRows, below: float) -> dict:
    limit = below * steepest_slope(network.activation)
    counts = [np.zeros(W.shape[1]) for W in network.weights[:-1]]
    blocks = (rows[start : start + BLOCK] for _, rows in pieces(X) for start in range(0, len(rows), BLOCK))
    for block in blocks:
        passed = forward(network, block)
        for count, z, a in zip(counts, passed.z, passed.a[1:]):
            count += (np.abs(network.activation.derivative(z, a)) < limit).sum(axis=0)
    return {
        "saturated": [float(count.mean() / len(X)) for count in counts],
        "dead": [float((count == len(X)).mean()) for count in counts],
    }
