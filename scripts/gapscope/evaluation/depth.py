"""What depth does to gradients before any training: a sweep over networks of equal width, and what theory expects.

On the way back each hidden layer multiplies the mean square of dz by chi = n Var(W) E[g'(z)^2], n units wide, and on
the way forward q_l = n Var(W) E[g(z_{l-1})^2] is the mean square of z, taken as normal: mean-field theory, exact as
n grows (Poole et al. 2016; Schoenholz et al. 2017; the variances go back to Glorot and Bengio 2010). Since g' never
exceeds its steepest, (steepest sqrt(n Var(W)))^(depth - 1) bounds the ratio of errors; for sigmoid steepest is 1/4.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from gapscope.network.activations import ACTIVATIONS, Activation, steepest_slope
from gapscope.network.mlp import ForwardPass, Network, forward, initial_network, loss_by_logits, softmax
from gapscope.network.stored import StoredRows, pieces

VARIANCE: dict[str, Callable[[int, int, float], float]] = {  # of a start weight, as in mlp.initial_network
    "normal": lambda n_in, n_out, weight_scale: weight_scale**2,
    "xavier": lambda n_in, n_out, weight_scale: 2.0 / (n_in + n_out),
    "he": lambda n_in, n_out, weight_scale: 2.0 / n_in,
}
# An even number, so that ReLU's kink at 0 lies between two nodes and its moments come out exact.
NODES, NODE_WEIGHTS = np.polynomial.hermite_e.hermegauss(100)


@dataclass(frozen=True)
class Ratios:
    """First hidden layer over last: root mean square of dz, and mean absolute gradient of the weights."""

    errors: float
    weights: float


def measured(network: Network, X: np.ndarray, y: np.ndarray) -> Ratios:
    """The ratios on rows X (n, d) with class codes y (n,), from one full-batch gradient. NaN if the last is 0."""
    passed = forward(network, X)
    return _ratios(network, passed, _slopes(network, passed), y)


def by_depth(networks: list[Network], X: np.ndarray, y: np.ndarray) -> list[Ratios]:
    """`measured` of networks with 1, 2, ... hidden layers, each of which has those of the one before.

    Hidden layers that networks share are passed once.
    """
    deepest = forward(networks[-1], X)
    slopes, found = _slopes(networks[-1], deepest), []
    for depth, network in enumerate(networks, 1):
        output = Network(network.weights[-1:], network.biases[-1:], (0,), network.activation)
        z = [*deepest.z[:depth], *forward(output, deepest.a[depth]).z]
        found.append(_ratios(network, ForwardPass(z, deepest.a[: depth + 1]), slopes, y))
    return found


def _slopes(network: Network, passed: ForwardPass) -> list[np.ndarray]:
    """g'(z_l) of each hidden layer (n, units)."""
    return [network.activation.derivative(z, a) for z, a in zip(passed.z[:-1], passed.a[1:])]


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
    return Ratios(_ratio(errors[0], errors[last]), _ratio(weights[0], weights[last]))


def _ratio(first: float, last: float) -> float:
    return float(first / last) if last else float("nan")


def expected(activation: Activation, depths: int, first: float, within: float, mean_square: float) -> list[Ratios]:
    """Mean-field theory's Ratios for 1 .. `depths` hidden layers.

    Args:
        first: mean square of z_1 (inputs times variance of the first weights times the mean square of the inputs).
        within: n Var(W) of the later hidden layers.
        mean_square: of the inputs' entries; with it the weights' ratio follows, rows taken as independent.
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
    """E[f(z)] of a standard normal z, from f at NODES."""
    return float(NODE_WEIGHTS @ values / NODE_WEIGHTS.sum())


def sweep(X: np.ndarray | StoredRows, y: np.ndarray, n_classes: int, settings: dict) -> list[dict]:
    """One record per initialisation, activation and depth: ratios over the seeds (geometric mean, least, most), theory.

    `settings` is the block gradients.depth_sweep of config.yaml. Each seed draws its own rows and weights; a deeper
    network of the same seed has the shallower one's hidden layers and one more.
    """
    mean_square = float(sum((x**2).sum() for _, x in pieces(X)) / (len(X) * X.shape[1]))
    samples = {seed: _sample(X, y, settings["rows"], seed) for seed in settings["seeds"]}
    return [
        {"initialisation": initialisation, "activation": activation, "depth": depth, **record}
        for initialisation in settings["initialisations"]
        for activation in settings["activations"]
        for depth, record in enumerate(
            _records(samples, mean_square, n_classes, initialisation, activation, settings), 1
        )
    ]


def curves(records: list[dict]) -> dict[tuple[str, str], list[dict]]:
    """The records of each initialisation and activation, in the order of their depths."""
    found: dict[tuple[str, str], list[dict]] = {}
    for record in sorted(records, key=lambda record: record["depth"]):
        found.setdefault((record["initialisation"], record["activation"]), []).append(record)
    return found


def summary(sweep: list[dict]) -> list[dict]:
    """Per initialisation and activation of a sweep: its deepest record, factors per layer, and how far theory is off.

    `errors_off` and `weights_off` are the largest factors, over the depths, between theory and measured mean, >= 1.
    """
    records = []
    for own in curves(sweep).values():
        deepest = own[-1]
        per_layer = {
            f"{name}_per_layer": deepest[name] ** (1.0 / (deepest["depth"] - 1))
            for name in ("errors", "errors_theory", "errors_bound")
        }
        off = {f"{name}_off": _factor(own, name, f"{name}_theory") for name in ("errors", "weights")}
        records.append({**deepest, **per_layer, **off})
    return records


def _factor(own: list[dict], one: str, other: str) -> float:
    """The largest factor between two figures, >= 1, where both are positive; NaN if they never are."""
    logs = [abs(np.log(record[one] / record[other])) for record in own if record[one] > 0 and record[other] > 0]
    return float(np.exp(max(logs, default=np.nan)))


def _sample(X: np.ndarray, y: np.ndarray, rows: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    chosen = np.random.default_rng([seed, 1]).choice(len(y), min(rows, len(y)), replace=False)
    return X[chosen], y[chosen]


def _records(
    samples: dict, mean_square: float, n_classes: int, initialisation: str, activation: str, settings: dict
) -> Iterator[dict]:
    width, scale = settings["width"], settings["weight_scale"]
    n_in = next(iter(samples.values()))[0].shape[1]
    within = width * VARIANCE[initialisation](width, width, scale)
    first = n_in * VARIANCE[initialisation](n_in, width, scale) * mean_square
    theory = expected(ACTIVATIONS[activation], settings["depths"], first, within, mean_square)
    factor = steepest_slope(ACTIVATIONS[activation]) * np.sqrt(within)
    sizes = [[n_in, *[width] * depth, n_classes] for depth in range(1, settings["depths"] + 1)]
    found = [
        by_depth(
            [initial_network(units, activation, initialisation, np.random.default_rng(seed), scale) for units in sizes],
            *rows,
        )
        for seed, rows in samples.items()
    ]
    for place, (expectation, *of_seeds) in enumerate(zip(theory, *found)):
        yield {
            **_spread("errors", [ratios.errors for ratios in of_seeds]),
            "errors_theory": expectation.errors,
            "errors_bound": float(factor**place),
            **_spread("weights", [ratios.weights for ratios in of_seeds]),
            "weights_theory": expectation.weights,
        }


def _spread(name: str, values: list[float]) -> dict[str, float]:
    with np.errstate(divide="ignore"):  # a ratio of 0 makes the geometric mean 0
        mean = float(np.exp(np.log(values).mean()))
    return {name: mean, f"{name}_least": float(np.min(values)), f"{name}_most": float(np.max(values))}
