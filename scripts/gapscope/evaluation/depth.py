"""Effect of depth on the gradients of untrained networks whose hidden layers have equal width, measured and in theory.

In the backward pass, each hidden layer with n units multiplies the mean square of dz by n Var(W) E[g'(z)^2]. In the
forward pass, the mean square of z is q_l = n Var(W) E[g(z_{l-1})^2], with z normally distributed. This is mean-field
theory, exact as n grows (Poole et al. 2016; Schoenholz et al. 2017; the variances are from Glorot and Bengio
2010). With s = max |g'|, 1/4 for sigmoid, (s sqrt(n Var(W)))^(depth - 1) is an upper bound of the ratio of errors.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np

from gapscope.network.activations import ACTIVATIONS, Activation, steepest_slope
from gapscope.network.mlp import VARIANCE, ForwardPass, Network, forward, initial_network, loss_by_logits, softmax
from gapscope.network.row_storage import StoredRows, pieces

# An even number, so that ReLU's kink at 0 is between two nodes and its moments are exact.
NODES, NODE_WEIGHTS = np.polynomial.hermite_e.hermegauss(100)


@dataclass(frozen=True)
class Ratios:
    """Ratios first / last hidden layer, of the root mean square of dz and of the weights' mean absolute gradient.

    NaN if the value of the last hidden layer is 0.
    """

    errors: float
    weights: float


def measured(networks: list[Network], X: np.ndarray, y: np.ndarray) -> list[Ratios]:
    """Ratios of networks with 1, 2, ... hidden layers, from one gradient on rows X (n, d) with class codes y (n,).

    Each network must have the hidden layers of the previous one plus one, so a single forward pass is enough.
    """
    activation = networks[-1].activation
    deepest = forward(networks[-1], X)
    slopes = [activation.derivative(z, a) for z, a in zip(deepest.z[:-1], deepest.a[1:])]  # g'(z_l) (n, units)
    ratios = []
    for depth, network in enumerate(networks, 1):
        output = Network(network.weights[-1:], network.biases[-1:], (0,), activation)
        z = [*deepest.z[:depth], *forward(output, deepest.a[depth]).z]
        ratios.append(_ratios(network, ForwardPass(z, deepest.a[: depth + 1]), slopes, y))
    return ratios


def _ratios(network: Network, passed: ForwardPass, slopes: list[np.ndarray], y: np.ndarray) -> Ratios:
    dz = loss_by_logits(softmax(passed.logits), y)
    last = len(network.weights) - 2
    errors, weights = {}, {}
    for layer in range(last, -1, -1):
        dz = dz @ network.weights[layer + 1].T
        dz *= slopes[layer]  # (8) (n, units)
        if layer in (0, last):
            errors[layer] = np.sqrt((dz * dz).mean())
            weights[layer] = np.abs(passed.a[layer].T @ dz).mean()  # (6)
    return Ratios(*(float(by[0] / by[last]) if by[last] else float("nan") for by in (errors, weights)))


def expected(activation: Activation, depths: int, first: float, within: float, mean_square: float) -> list[Ratios]:
    """Ratios for 1 to `depths` hidden layers by mean-field theory.

    Parameters
    ----------
    first : mean square of z_1: number of inputs x variance of the first weights x mean square of the inputs.
    within : n Var(W) of the other hidden layers.
    mean_square : mean square of the inputs; gives the ratio for the weights if rows are independent.
    """
    q, errors, below, ratios = first, 1.0, mean_square, []
    for _ in range(depths):
        ratios.append(Ratios(errors, errors * float(np.sqrt(mean_square / below))))
        z = np.sqrt(q) * NODES
        a = activation.function(z)
        below = _mean(a**2)
        errors *= float(np.sqrt(within * _mean(activation.derivative(z, a) ** 2)))
        q = within * below
    return ratios


def _mean(values: np.ndarray) -> float:
    """E[f(z)] for standard normal z, from the values of f at NODES."""
    return float(NODE_WEIGHTS @ values / NODE_WEIGHTS.sum())


def sweep(X: np.ndarray | StoredRows, y: np.ndarray, n_classes: int, settings: dict) -> list[dict]:
    """Ratios by initialisation, activation and depth: geometric mean, minimum and maximum over the seeds, and theory.

    Each seed draws other rows and weights. `settings` is the block gradients.depth_sweep of the config.
    """
    mean_square = float(sum((x**2).sum() for _, x in pieces(X)) / (len(X) * X.shape[1]))
    samples, number = {}, min(settings["rows"], len(y))
    for seed in settings["seeds"]:
        rows = np.random.default_rng([seed, 1]).choice(len(y), number, replace=False)
        samples[seed] = X[rows], y[rows]
    return [
        {"initialisation": start, "activation": activation, "depth": depth, **record}
        for start, activation in product(settings["initialisations"], settings["activations"])
        for depth, record in enumerate(_by_depth(samples, mean_square, n_classes, start, activation, settings), 1)
    ]


def _by_depth(
    samples: dict, mean_square: float, n_classes: int, initialisation: str, activation: str, settings: dict
) -> list[dict]:
    """Records for depths 1, 2, ... with one initialisation and activation."""
    width, scale = settings["width"], settings["weight_scale"]
    n_in = next(iter(samples.values()))[0].shape[1]
    within = width * VARIANCE[initialisation](width, width, scale)
    first = n_in * VARIANCE[initialisation](n_in, width, scale) * mean_square
    theory = expected(ACTIVATIONS[activation], settings["depths"], first, within, mean_square)
    factor = steepest_slope(ACTIVATIONS[activation]) * np.sqrt(within)
    sizes = [[n_in, *[width] * depth, n_classes] for depth in range(1, settings["depths"] + 1)]
    by_seed = []
    for seed, rows in samples.items():
        # with the same seed, each depth has the hidden layers of the previous one plus one
        rngs = (np.random.default_rng(seed) for _ in sizes)
        networks = [initial_network(units, activation, initialisation, rng, scale) for units, rng in zip(sizes, rngs)]
        by_seed.append(measured(networks, *rows))
    return [
        {
            **_spread("errors", [ratios.errors for ratios in of_seeds]),
            "errors_theory": theoretical.errors,
            "errors_bound": float(factor**place),
            **_spread("weights", [ratios.weights for ratios in of_seeds]),
            "weights_theory": theoretical.weights,
        }
        for place, (theoretical, *of_seeds) in enumerate(zip(theory, *by_seed))
    ]


def _spread(name: str, values: list[float]) -> dict[str, float]:
    with np.errstate(divide="ignore"):  # a ratio of 0 makes the geometric mean 0
        mean = float(np.exp(np.log(values).mean()))
    return {name: mean, f"{name}_least": float(np.min(values)), f"{name}_most": float(np.max(values))}


def curves(records: list[dict]) -> dict[tuple[str, str], list[dict]]:
    """The records of each initialisation and activation, sorted by depth."""
    curves: dict[tuple[str, str], list[dict]] = {}
    for record in sorted(records, key=lambda record: record["depth"]):
        curves.setdefault((record["initialisation"], record["activation"]), []).append(record)
    return curves


def summary(sweep: list[dict]) -> list[dict]:
    """Deepest record of each curve of a sweep, with factors per layer and the error of the theory.

    `errors_off` and `weights_off` (>= 1) are the largest factors between theory and measured mean, over all depths.
    """
    records = []
    for curve in curves(sweep).values():
        deepest = curve[-1]
        per_layer = {
            f"{name}_per_layer": deepest[name] ** (1.0 / (deepest["depth"] - 1))
            for name in ("errors", "errors_theory", "errors_bound")
        }
        off = {f"{name}_off": _largest_factor(curve, name, f"{name}_theory") for name in ("errors", "weights")}
        records.append({**deepest, **per_layer, **off})
    return records


def _largest_factor(curve: list[dict], first: str, second: str) -> float:
    """Largest factor (>= 1) between two figures, among records where both are positive; NaN if there are none."""
    logs = [abs(np.log(row[first] / row[second])) for row in curve if row[first] > 0 and row[second] > 0]
    return float(np.exp(max(logs, default=np.nan)))
