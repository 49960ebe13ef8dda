"""The works that are compared, each with its contenders; ours comes first."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from gapscope.benchmark import notebook, ours, products, pytorch, sklearn_mlp
from gapscope.benchmark.problem import Problem, problem


@dataclass(frozen=True)
class Work:
    """`left_out` says for a contender that cannot take part here why not."""

    name: str
    contenders: dict[str, object]  # each has `step()`
    left_out: dict[str, str]


def works(settings: dict) -> Iterator[Work]:
    """One after the other, so that only one work's contenders are in memory.

    Args:
        settings: as workflow/rules/benchmark.smk gives them.
    """
    for activation in ("relu", "sigmoid"):
        yield full_batch(_problem(settings, activation, settings["learning_rate"]))
    rng = np.random.default_rng(settings["seed"])
    mini_batches = _problem(settings, "relu", settings["adam_learning_rate"])

    def order() -> np.ndarray:
        return rng.permutation(settings["rows"])

    yield mini_batch_adam(mini_batches, settings["batch_size"], order)
    yield several_seeds(mini_batches, settings["batch_size"], order, settings["networks"])


def full_batch(problem: Problem) -> Work:
    """One step of gradient descent on all rows, with loss, accuracy and mean absolute gradients recorded."""
    contenders = {
        "NumPy blocks float32": ours.FullBatch(problem, "blocks", "float32"),
        "NumPy plain float64": ours.FullBatch(problem, "plain", "float64"),
        "notebook style": notebook.Notebook(problem),
        "PyTorch eager float32": pytorch.FullBatch(problem),
    }
    left_out = {}
    try:
        contenders["PyTorch compile float32"] = pytorch.Compiled(problem)
    except pytorch.CannotCompile as error:
        left_out["PyTorch compile float32"] = str(error)
    contenders["scikit-learn float32"] = sklearn_mlp.FullBatch(problem)
    contenders[products.BOUND] = products.OneProduct(problem)
    return Work(f"full-batch step, {problem.network.activation.name}", contenders, left_out)


def mini_batch_adam(problem: Problem, batch_size: int, order: Callable[[], np.ndarray]) -> Work:
    """One pass of Adam over the rows in the order that `order()` gives, with the mean loss recorded."""
    contenders = {
        "NumPy blocks float32": ours.MiniBatchAdam(problem, batch_size, order),
        "PyTorch eager float32": pytorch.MiniBatchAdam(problem, batch_size, order, fused=False),
        "PyTorch fused Adam float32": pytorch.MiniBatchAdam(problem, batch_size, order, fused=True),
        "scikit-learn float32": sklearn_mlp.MiniBatchAdam(problem, batch_size),
    }
    return Work(f"mini-batch Adam {batch_size}, one pass, {problem.network.activation.name}", contenders, {})


def several_seeds(problem: Problem, batch_size: int, order: Callable[[], np.ndarray], networks: int) -> Work:
    """One pass of Adam for each of several networks: stacked as `train_together` does it, and one after the other."""
    contenders = {
        "NumPy together": ours.MiniBatchAdam(problem, batch_size, order, networks),
        "NumPy one by one": ours.OneByOne(problem, batch_size, order, networks),
    }
    return Work(f"{networks} networks, mini-batch Adam {batch_size}, one pass", contenders, {})


def _problem(settings: dict, activation: str, learning_rate: float) -> Problem:
    return problem(settings["rows"], settings["units"], activation, learning_rate, settings["seed"])
