"""One bias used twice: h = g(W x + b), p = softmax(U h + b), against the same network with two biases.

The shared b has as many entries as there are hidden units and classes. It enters the loss on two paths, and
its derivative is the sum of both:

    dL/db = sum_i dz1_i + sum_i dz2_i    with dz2 = (p - onehot(y)) / n and dz1 = (dz2 U^T) * g'(z1)

Where training ends, two biases need both sums to vanish; a shared one only needs them to cancel.
"""

from collections.abc import Callable

import numpy as np
from threadpoolctl import threadpool_limits

from gapscope.common.errors import UserError
from gapscope.network.blocks import BlockForm
from gapscope.network.mlp import (
    Gradient,
    Network,
    backward,
    cross_entropy,
    forward,
    initial_network,
    loss_by_logits,
    softmax,
)
from gapscope.network.rows import Rows
from gapscope.network.training import EXPLODED, largest
from gapscope.studies.shared_bias.claims import NAMES, claims, compare
from gapscope.studies.shared_bias.curvature import curvature, hessian, null_directions

CHECKED_ROWS, STEP = 200, 1e-5  # of the numeric check: rows drawn, and the step of its central differences


def networks(n_inputs: int, n_classes: int, activation: str, seed: int) -> tuple[Network, Network]:
    """(shared, independent): equal Xavier weights, all biases zero, as many hidden units as classes."""
    units = [n_inputs, n_classes, n_classes]
    independent = initial_network(units, activation, "xavier", np.random.default_rng(seed))
    weights = [W.copy() for W in independent.weights]
    return Network(weights, [np.zeros(n_classes)], (0, 0), independent.activation), independent


def bias_paths(network: Network, X: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(hidden path, output path), each (classes,): the derivative by the bias of either layer on its own.

    Of two biases they are the derivatives, of a shared bias the two summands of its derivative.
    """
    passed = forward(network, X)
    dz = loss_by_logits(softmax(passed.logits), y)
    hidden_path, output_path = backward(_with_two_biases(network), passed, dz).biases
    return hidden_path, output_path


def _with_two_biases(network: Network) -> Network:
    """The same arrays, but a derivative by the bias of either layer on its own."""
    return Network(network.weights, [network.biases[place] for place in network.bias_of], (0, 1), network.activation)


def trained(
    networks: list[Network], X: np.ndarray, y: np.ndarray, learning_rate: float, iterations: int
) -> list[tuple[Network, list[dict]]]:
    """Copies of `networks`, of one architecture, trained by plain gradient descent on all rows, and their states.

    Returns:
        of each the network after `iterations` updates; its states 0 .. iterations. Training that diverges, as in
        `training`, ends with the state before.

    Raises:
        UserError: the loss or a derivative is not finite at the start.
    """
    runs = [_Run(network) for network in networks]
    form = BlockForm([_with_two_biases(run.network) for run in runs])
    rows = Rows(X, y, networks[0].units[-1], None, np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        for iteration in range(iterations + 1):
            for run, measured in zip(runs, form.measure(rows)):
                run.advance(*measured, learning_rate if iteration < iterations else 0.0)
    return [(run.network, run.states) for run in runs]


class _Run:
    """A network under way, with its states."""

    def __init__(self, network: Network):
        self.network, self.before, self.states, self.ended = network.copy(), network.copy(), [], False
        self.most = EXPLODED * max(1.0, largest(network))

    def advance(self, loss: float, accuracy: float, on_paths: Gradient, learning_rate: float) -> None:
        """Note the state that was measured, and move on; or, if training has diverged, back to the state before."""
        if self.ended:
            return
        paths, twice = on_paths.biases, self.network.bias_of == (0, 0)
        gradient = [*on_paths.weights, *([sum(paths)] if twice else paths)]
        state = {"iteration": len(self.states), "loss": loss, "accuracy": accuracy, **_norms(gradient, *paths)}
        self.ended = largest(self.network) > self.most or not np.isfinite(list(state.values())).all()
        if self.ended and not self.states:
            raise UserError(
                "shared_bias: the loss is not finite before the first iteration; scale the features "
                "(split.scale.columns: all)."
            )
        if not self.ended:
            self.states.append(state)
        for parameter, derivative, before in zip(self.network.parameters, gradient, self.before.parameters):
            if self.ended:
                parameter[...] = before
            else:
                before[...] = parameter
                parameter -= learning_rate * derivative


def _norms(gradient: list[np.ndarray], hidden_path: np.ndarray, output_path: np.ndarray) -> dict:
    hidden, output = np.linalg.norm(hidden_path), np.linalg.norm(output_path)
    both = hidden * output
    return {
        "gradient_norm": np.sqrt(sum((array**2).sum() for array in gradient)),
        "hidden_path_norm": hidden,
        "output_path_norm": output,
        "path_cosine": hidden_path @ output_path / both if both > 0 else 0.0,
    }


def numeric_check(network: Network, X: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> dict[str, float]:
    """Relative differences of derivatives from central differences of the loss, on CHECKED_ROWS rows drawn by `rng`.

    `network` has a shared bias. `all_parameters` is the largest difference within any array of parameters, over
    the array's largest derivative; `hidden_path_only` and `output_path_only` are the same for the shared bias
    with the other path forgotten.
    """
    X, y = _drawn(X, y, CHECKED_ROWS, rng)
    passed = forward(network, X)
    analytic = backward(network, passed, loss_by_logits(softmax(passed.logits), y)).parameters
    numeric = [_central_differences(network, place, X, y) for place in range(len(network.parameters))]
    hidden_path, output_path = bias_paths(network, X, y)
    return {
        "all_parameters": max(map(_difference, analytic, numeric)),
        "hidden_path_only": _difference(hidden_path, numeric[-1]),
        "output_path_only": _difference(output_path, numeric[-1]),
    }


def _central_differences(network: Network, place: int, X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Derivatives of the loss by network.parameters[place], from two losses each."""
    moved = network.copy()
    array = moved.parameters[place]
    derivatives = np.empty(array.shape)
    for entry in np.ndindex(array.shape):
        start, losses = array[entry], []
        for step in (STEP, -STEP):
            array[entry] = start + step
            losses.append(cross_entropy(softmax(forward(moved, X).logits), y))
        array[entry] = start
        derivatives[entry] = (losses[0] - losses[1]) / (2 * STEP)
    return derivatives


def _difference(analytic: np.ndarray, numeric: np.ndarray) -> float:
    """Over the largest derivative; both are zero where no unit answers to the parameter."""
    largest_one = max(np.abs(numeric).max(), np.abs(analytic).max())
    return float(np.abs(analytic - numeric).max() / largest_one) if largest_one else 0.0


def iterations_to(states: list[dict], level: float) -> int | None:
    """The first iteration whose loss is at most `level`; None if there is none."""
    return next((state["iteration"] for state in states if state["loss"] <= level), None)


def study(
    X: np.ndarray, y: np.ndarray, settings: dict, watch: Callable[[dict], None] | None = None
) -> tuple[dict, list[dict]]:
    """Both networks from every seed: the summary, and the states of all runs.

    Args:
        X, y: training rows (n, d) and class codes (n,), of which `rows` are drawn at random by the first seed.
        settings: those of the stage, with `data.classes` and the block `shared_bias`.
        watch: called with the figures of each run.
    """
    options, classes = settings["shared_bias"], settings["data"]["classes"]
    levels, runs, curves = options["loss_levels"], [], []
    X, y = _drawn(X, y, options["rows"], np.random.default_rng(options["seeds"][0]))
    pairs = {seed: networks(X.shape[1], len(classes), options["activation"], seed) for seed in options["seeds"]}
    starts = [(seed, *named) for seed, pair in pairs.items() for named in zip(NAMES, pair)]
    with threadpool_limits(1):
        check = numeric_check(starts[0][2], X, y, np.random.default_rng(options["seeds"][0]))
        ends = trained([start for *_, start in starts], X, y, options["learning_rate"], options["iterations"])
        for (seed, name, start), (end, states) in zip(starts, ends):
            run = {"network": name, "seed": seed, **_figures(start, states, levels)}
            run |= _curvatures(start, end, X, y, _size(pairs[seed][1]) <= options["curvature_up_to"])
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


def _drawn(X: np.ndarray, y: np.ndarray, rows: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    chosen = np.sort(rng.choice(len(y), min(rows, len(y)), replace=False))
    return X[chosen], y[chosen]


def _figures(start: Network, states: list[dict], levels: list[float]) -> dict:
    """The figures of one run's parameters and states."""
    rises = np.diff([state["loss"] for state in states])
    figures = {
        "parameters": _size(start),
        "final_loss": states[-1]["loss"],
        "final_accuracy": states[-1]["accuracy"],
        "iterations_to": [iterations_to(states, level) for level in levels],
        "loss_rises": int((rises > 0).sum()),
        "largest_rise": max([0.0, *rises]),
        "opposed_share": float(np.mean([state["path_cosine"] < 0 for state in states])),
    }
    for when, state in (("start", states[0]), ("end", states[-1])):
        figures |= {
            f"{column}_{when}": state[column]
            for column in ("gradient_norm", "hidden_path_norm", "output_path_norm", "path_cosine")
        }
    return figures


def _curvatures(start: Network, end: Network, X: np.ndarray, y: np.ndarray, measured: bool) -> dict:
    """The figures of the loss's curvature at both ends of a run; None unless `measured`."""
    N = null_directions(start, X) if measured else None
    figures = {"null_directions": N.shape[1] if measured else None}
    for when, network in (("start", start), ("end", end)):
        at = curvature(hessian(network, X, y), N) if measured else None
        finite = measured and np.isfinite(at.condition_number)
        figures |= {
            f"condition_number_{when}": at.condition_number if finite else None,
            f"highest_curvature_{when}": at.highest if measured else None,
            f"negative_curvatures_{when}": at.negative if measured else None,
        }
    return figures


def _size(network: Network) -> int:
    return sum(array.size for array in network.parameters)
