"""Gradient flow: how the layers' gradients of a training compare, and which units let hardly any gradient through."""

import numpy as np

from gapscope.network.activations import steepest_slope
from gapscope.network.mlp import Ensemble, Network, combined, forward
from gapscope.network.model import Model
from gapscope.network.partition import Partition
from gapscope.network.stored import StoredRows, pieces
from gapscope.network.training import member_seeds, train_together

BLOCK = 8192  # rows at a time


def gradient_flow(history: dict[str, np.ndarray], vanishing_below: float, exploding_above: float) -> dict:
    """Per layer the median over the iterations of the mean absolute gradient, and the ratio first / last hidden layer.

    `history`: the columns of history/<activation>.csv. The ratio is the median over the iterations too; the one before
    the first update is given beside it. With one hidden layer or none there is nothing to compare: None.
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
    """Of those that are numbers; NaN where none is."""
    known = values[~np.isnan(values)]
    return float(np.median(known)) if len(known) else float("nan")


def _verdict(ratio: float | None, vanishing_below: float, exploding_above: float) -> str:
    if ratio is None:
        return "not comparable"
    if ratio < vanishing_below:
        return "vanishing"
    return "exploding" if ratio > exploding_above else "stable"


def start_network(model: Model, X: np.ndarray, y: np.ndarray) -> Network | Ensemble:
    """What the training of `model` started from, drawn again from its settings; rows give only sizes."""
    part, settings = Partition(X[:1], y[:1]), model.description["settings"]
    start = {**settings, "iterations": 0}
    return combined(train_together(part, part, len(model.description["classes"]), start, member_seeds(settings)))


def saturation(network: Network | Ensemble, X: np.ndarray | StoredRows, below: float) -> dict:
    """Shares of what hardly lets a gradient through, one of each per hidden layer, on rows X (n, d).

    `saturated`: of a layer's entries, those with |g'(z)| < `below` times the steepest slope. `dead`: of its units,
    those that are saturated on every row; a dead ReLU is 0 on all of them. Of an ensemble: means over its members.
    """
    found = [_saturation(member, X, below) for member in network.members]
    return {share: np.mean([one[share] for one in found], axis=0).tolist() for share in found[0]}


def _saturation(network: Network, X: np.ndarray | StoredRows, below: float) -> dict:
    least = below * steepest_slope(network.activation)
    hidden = len(network.weights) - 1
    counts = [np.zeros(W.shape[1]) for W in network.weights[:hidden]]
    blocks = (rows[start : start + BLOCK] for _, rows in pieces(X) for start in range(0, len(rows), BLOCK))
    for block in blocks:
        passed = forward(network, block)
        for layer, count in enumerate(counts):
            slope = network.activation.derivative(passed.z[layer], passed.a[layer + 1])
            count += (np.abs(slope) < least).sum(axis=0)
    return {
        "saturated": [float(count.mean() / len(X)) for count in counts],
        "dead": [float((count == len(X)).mean()) for count in counts],
    }
