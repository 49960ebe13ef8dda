"""One bias used twice: h = g(W x + b), p = softmax(U h + b), against the same network with two biases.

The shared b has as many entries as there are hidden units and classes. It enters the loss on two paths, and
its derivative is the sum of both:

    dL/db = sum_i dz1_i + sum_i dz2_i    with dz2 = (p - onehot(y)) / n and dz1 = (dz2 U^T) * g'(z1)

At a minimum, two biases need both sums to vanish; a shared one only needs them to cancel.
"""

from collections.abc import Callable

import numpy as np
from threadpoolctl import threadpool_limits

from gapscope.common.errors import UserError
from gapscope.common.weights import thinned
from gapscope.network.core import Core
from gapscope.network.mlp import Network, cross_entropy, forward, gradient, initial_network
from gapscope.network.row_storage import Rows
from gapscope.network.training import EXPLODED, largest
from gapscope.studies.shared_bias.claims import NAMES, claims, compare
from gapscope.studies.shared_bias.curvature import NOT_MEASURED, curvature, hessian, null_directions

CHECKED_ROWS, STEP = 200, 1e-5  # of the gradient check: rows drawn, and step of the central differences


def study(
    X: np.ndarray, y: np.ndarray, settings: dict, watch: Callable[[dict], None] | None = None
) -> tuple[dict, list[dict]]:
    """Train both networks from every seed.

    Parameters
    ----------
    X, y : training rows (n, d) and class codes (n,); the first seed draws the rows that are used.
    settings : `data.classes` and the block `shared_bias`.
    watch : called with the record of each run.

    Returns
    -------
    The comparison with its claims and one record per run; and each run's state at each iteration.
    """
    options, classes = settings["shared_bias"], settings["data"]["classes"]
    levels, runs, curves = options["loss_levels"], [], []
    X, y = _drawn(X, y, options["rows"], np.random.default_rng(options["seeds"][0]))
    starts = [
        (seed, name, network)
        for seed in options["seeds"]
        for name, network in zip(NAMES, networks(X.shape[1], len(classes), options["activation"], seed))
    ]
    measured = _size(starts[1][2]) <= options["curvature_up_to"]
    with threadpool_limits(1):
        check = numeric_check(starts[0][2], X, y, np.random.default_rng(options["seeds"][0]))
        ends = trained([start for *_, start in starts], X, y, options["learning_rate"], options["iterations"])
        for (seed, name, start), (end, states) in zip(starts, ends):
            run = {"network": name, "seed": seed, "parameters": _size(start), **_training_record(states, levels)}
            bends = curvature(hessian(end, X, y), null_directions(start, X)) if measured else NOT_MEASURED
            run |= {f"{quantity}_end": value for quantity, value in bends.items()}
            runs.append({**run, "diverged": len(states) <= options["iterations"]})
            curves += [{"network": name, "seed": seed, **state} for state in states]
            if watch:
                watch(runs[-1])
    summary = {
        **options,
        "rows": len(y),
        "inputs": X.shape[1],
        "classes": classes,
        "gradient_check": check,
        **compare(runs, levels),
        "claims": claims(runs, levels),
        "runs": runs,
    }
    return summary, curves


def networks(n_inputs: int, n_classes: int, activation: str, seed: int) -> tuple[Network, Network]:
    """(shared, independent): equal Xavier weights, all biases zero, as many hidden units as classes."""
    units = [n_inputs, n_classes, n_classes]
    independent = initial_network(units, activation, "xavier", np.random.default_rng(seed))
    weights = [W.copy() for W in independent.weights]
    return Network(weights, [np.zeros(n_classes)], (0, 0), independent.activation), independent


def bias_paths(network: Network, X: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Derivatives (classes,) by the bias of the hidden and of the output layer: the summands for a shared bias."""
    biases = [network.biases[place] for place in network.bias_of]
    hidden_path, output_path = gradient(Network(network.weights, biases, (0, 1), network.activation), X, y).biases
    return hidden_path, output_path


def trained(
    networks: list[Network], X: np.ndarray, y: np.ndarray, learning_rate: float, iterations: int
) -> list[tuple[Network, list[dict]]]:
    """Train copies of `networks`, which have one architecture, by plain gradient descent on all rows.

    Returns each network after `iterations` updates, with records of its states 0 .. iterations. A training that
    diverges ends with the state before.
    """
    core, rows = Core(networks), Rows(X, y, None, np.float64)
    descents = [_Descent(network, start.bias_of) for network, start in zip(core.networks, networks)]
    with np.errstate(over="ignore", invalid="ignore"):
        for iteration in range(iterations + 1):
            for descent, measured in zip(descents, core.measure(rows)):
                descent.advance(*measured, learning_rate if iteration < iterations else 0.0)
    return [(descent.result(), descent.states) for descent in descents]


class _Descent:
    """A network in training, with the records of its states. It has two biases; a shared one is in both places."""

    def __init__(self, network: Network, bias_of: tuple[int, ...]):
        self.network, self.bias_of, self.before, self.states, self.ended = network, bias_of, network.copy(), [], False
        self.limit = EXPLODED * max(1.0, largest(network))

    def advance(self, loss: float, accuracy: float, on_paths: Network, learning_rate: float) -> None:
        """Record the measured state and update the network; if training has diverged, restore the state before."""
        if self.ended:
            return
        paths = on_paths.biases
        slopes = [sum(paths)] if self.bias_of == (0, 0) else paths
        norms = _norms([*on_paths.weights, *slopes], *paths)
        state = {"iteration": len(self.states), "loss": loss, "accuracy": accuracy, **norms}
        self.ended = largest(self.network) > self.limit or not np.isfinite(list(state.values())).all()
        if self.ended and not self.states:
            raise UserError(
                "shared_bias: the loss is not finite before the first iteration; scale the features "
                "(split.scale.columns: all)."
            )
        if self.ended:
            self.network = self.before
            return
        self.states.append(state)
        self.before = self.network.copy()
        derivatives = [*on_paths.weights, *(slopes[place] for place in self.bias_of)]
        for parameter, derivative in zip(self.network.parameters, derivatives):
            parameter -= learning_rate * derivative

    def result(self) -> Network:
        """The network with its own number of biases."""
        biases = self.network.biases[: len(set(self.bias_of))]
        return Network(self.network.weights, biases, self.bias_of, self.network.activation)


def _norms(gradient: list[np.ndarray], hidden_path: np.ndarray, output_path: np.ndarray) -> dict:
    hidden, output = np.linalg.norm(hidden_path), np.linalg.norm(output_path)
    product = hidden * output
    return {
        "gradient_norm": np.sqrt(sum((array**2).sum() for array in gradient)),
        "hidden_path_norm": hidden,
        "output_path_norm": output,
        "path_cosine": hidden_path @ output_path / product if product > 0 else 0.0,
    }


def numeric_check(network: Network, X: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> dict[str, float]:
    """Compare the derivatives of a network with a shared bias to central differences of its loss, on a few drawn rows.

    Differences are relative to the largest derivative in an array; the last two leave out one path to the bias.
    """
    X, y = _drawn(X, y, CHECKED_ROWS, rng)
    analytic = gradient(network, X, y).parameters
    numeric = [_central_differences(network, place, X, y) for place in range(len(network.parameters))]
    hidden_path, output_path = bias_paths(network, X, y)
    return {
        "all_parameters": max(map(_difference, analytic, numeric)),
        "hidden_path_only": _difference(hidden_path, numeric[-1]),
        "output_path_only": _difference(output_path, numeric[-1]),
    }


def _central_differences(network: Network, place: int, X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Derivatives of the loss by network.parameters[place]."""
    moved = network.copy()
    array = moved.parameters[place]
    derivatives = np.empty(array.shape)
    for entry in np.ndindex(array.shape):
        start, losses = array[entry], []
        for step in (STEP, -STEP):
            array[entry] = start + step
            losses.append(cross_entropy(forward(moved, X).logits, y))
        array[entry] = start
        derivatives[entry] = (losses[0] - losses[1]) / (2 * STEP)
    return derivatives


def _difference(analytic: np.ndarray, numeric: np.ndarray) -> float:
    """Largest difference, relative to the largest derivative; 0 if all derivatives are 0."""
    scale = max(np.abs(numeric).max(), np.abs(analytic).max())
    return float(np.abs(analytic - numeric).max() / scale) if scale else 0.0


def _drawn(X: np.ndarray, y: np.ndarray, rows: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    chosen = thinned(len(y), rows, rng)
    return X[chosen], y[chosen]


def _size(network: Network) -> int:
    return sum(array.size for array in network.parameters)


def _training_record(states: list[dict], levels: list[float]) -> dict:
    """Summary of one run's states."""
    rises = np.diff([state["loss"] for state in states])
    return {
        "final_loss": states[-1]["loss"],
        "final_accuracy": states[-1]["accuracy"],
        "iterations_to": [iterations_to(states, level) for level in levels],
        "loss_rises": int((rises > 0).sum()),
        "opposed_share": float(np.mean([state["path_cosine"] < 0 for state in states])),
    }


def iterations_to(states: list[dict], level: float) -> int | None:
    """The first iteration whose loss is at most `level`; None if there is none."""
    return next((state["iteration"] for state in states if state["loss"] <= level), None)
