"""This project's own steps, as contenders: in blocks (fast) and plain (as the derivation reads)."""

from collections.abc import Callable

import numpy as np

from gapscope.benchmark.problem import Problem, Seen
from gapscope.network.partition import Partition
from gapscope.network.steps import Step, step_form

# What training can do besides, and the other contenders do not.
NOTHING_ELSE = {
    "momentum": 0.0,
    "l1": 0.0,
    "l2": 0.0,
    "dropout": 0.0,
    "input_noise": 0.0,
    "label_smoothing": 0.0,
    "seed": 0,
    "class_weights": "none",
    "schedule": "constant",
    "update_order": "after_backward",
    "blas_threads": 1,
}


class FullBatch:
    """Gradient descent on all rows at a time."""

    def __init__(self, problem: Problem, form: str, precision: str):
        self.form = _step(problem, form, precision, "gradient_descent", "full")

    def step(self) -> Seen:
        measured = self.form.update()
        gradients = tuple(float(np.abs(dW).mean()) for dW in measured.gradient.weights)
        return Seen(measured.loss, measured.accuracy, gradients)

    def parameters(self) -> list[np.ndarray]:
        return self.form.networks[0].parameters


class MiniBatchAdam:
    """One pass over the rows, `batch_size` at a time, for `copies` networks at once, each in an order of `order()`."""

    def __init__(self, problem: Problem, batch_size: int, order: Callable[[], np.ndarray], copies: int = 1):
        self.form = _step(problem, "blocks", "float32", "adam", batch_size, copies)
        self.batch_size, self.order, self.copies = batch_size, order, copies

    def step(self) -> float:
        """The pass's mean loss, also over the networks."""
        orders = np.stack([self.order() for _ in range(self.copies)])
        rates = [self.form.rule.learning_rate] * -(-orders.shape[1] // self.batch_size)
        return float(np.mean(self.form.one_pass(orders, self.batch_size, rates)))

    def parameters(self) -> list[np.ndarray]:
        return self.form.networks[0].parameters


class OneByOne:
    """What MiniBatchAdam does for several networks at once, one network after the other."""

    def __init__(self, problem: Problem, batch_size: int, order: Callable[[], np.ndarray], copies: int):
        self.each = [MiniBatchAdam(problem, batch_size, order) for _ in range(copies)]

    def step(self) -> float:
        return float(np.mean([one.step() for one in self.each]))


def _step(problem: Problem, form: str, precision: str, optimizer: str, batch_size: int | str, copies: int = 1) -> Step:
    settings = {
        **NOTHING_ELSE,
        "form": form,
        "optimizer": optimizer,
        "learning_rate": problem.learning_rate,
        "batch_size": batch_size,
    }
    part = Partition(problem.X.astype(precision), problem.y)
    return step_form(
        [problem.network.astype(precision) for _ in range(copies)], part, None, problem.n_classes, settings
    )
