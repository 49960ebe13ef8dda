"""Training: gradient steps on full batches or mini-batches, with a record of every iteration."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from gapscope.network.mlp import (Gradient, Network, backward, cross_entropy, forward, initial_network, loss_by_logits,
                                  predict, softmax)
from gapscope.network.optimizers import optimizer


@dataclass(frozen=True)
class Part:
    """Rows to train on or to validate with: X (n, d) and class codes y (n,)."""

    X: np.ndarray
    y: np.ndarray


@dataclass(frozen=True)
class Record:
    """The network after `iteration` updates (or passes over the data, with mini-batches), before the next one."""

    iteration: int
    loss: float                     # mean cross-entropy plus the L2 term, on the training part
    train_accuracy: float
    validation_accuracy: float
    gradients: tuple[float, ...]    # mean absolute derivative by the weights of each layer


def random_generator(kind: str, seed: int):
    """pcg64: NumPy's default generator. legacy: RandomState, whose stream the published systems drew from."""
    return np.random.RandomState(seed) if kind == "legacy" else np.random.default_rng(seed)


def train(training: Part, validation: Part, n_classes: int, settings: dict,
          watch: Callable[[Record], None] | None = None) -> Network:
    """The trained network; `watch` is called with the record of every iteration, the last state included.

    Args:
        settings: flat training settings, as config.training_settings gives them.
        watch: without it, nothing is measured beside the training itself.

    If the loss or a parameter stops being finite, training ends with the last parameters that were.
    """
    rng = random_generator(settings["generator"], settings["seed"])
    units = [training.X.shape[1], *settings["hidden"], n_classes]
    network = initial_network(units, settings["activation"], settings["initialisation"], rng, settings["weight_scale"])
    step = _Step(network, settings, row_weights(training.y, n_classes, settings["class_weights"]))
    with threadpool_limits(settings["blas_threads"]), np.errstate(over="ignore", invalid="ignore"):
        finite = network.copy()
        for iteration in range(settings["iterations"]):
            _iterate(step, training, validation, settings["batch_size"], rng, iteration, watch)
            if not all(np.isfinite(array).all() for array in network.parameters):
                return finite
            finite = network.copy()
        if watch:
            watch(_record(settings["iterations"], network, validation, step.gradient(training)))
    return network


def row_weights(y: np.ndarray, n_classes: int, kind: str) -> np.ndarray | None:
    """`balanced`: each row weighs the inverse of its class's share, so that all classes weigh the same. (n,), mean 1."""
    if kind == "none":
        return None
    weights = 1.0 / np.maximum(np.bincount(y, minlength=n_classes), 1)[y]
    return weights / weights.mean()


@dataclass(frozen=True)
class _Measured:
    loss: float
    accuracy: float
    gradient: Gradient


class _Step:
    """One gradient step of `network`, and the same gradient without a step for the record."""

    def __init__(self, network: Network, settings: dict, weights: np.ndarray | None):
        self.network, self.weights, self.l2 = network, weights, settings["l2"]
        self.rule = optimizer(settings)
        self.during_backward = settings["update_order"] == "during_backward"

    def gradient(self, part: Part, rows: np.ndarray | slice = slice(None), update: bool = False) -> _Measured:
        X, y = part.X[rows], part.y[rows]
        weights = None if self.weights is None else self.weights[rows]
        passed = forward(self.network, X)
        p = softmax(passed.logits)
        loss = cross_entropy(p, y, weights) + 0.5 * self.l2 * sum(float((W * W).sum()) for W in self.network.weights)
        accuracy = float((passed.logits.argmax(axis=1) == y).mean())
        at_once = self._move_layer if update and self.during_backward else None
        gradient = backward(self.network, passed, loss_by_logits(p, y, weights), at_once)
        if update and not self.during_backward:
            self._move_all(gradient)
        return _Measured(loss, accuracy, gradient)

    def _move_all(self, gradient: Gradient) -> None:
        for layer, W in enumerate(self.network.weights):
            self.rule.step(layer, W, self._with_l2(W, gradient.weights[layer]))
        for place, b in enumerate(self.network.biases):
            self.rule.step(len(self.network.weights) + place, b, gradient.biases[place])

    def _move_layer(self, layer: int, dW: np.ndarray, db: np.ndarray) -> None:
        W = self.network.weights[layer]
        self.rule.step(layer, W, self._with_l2(W, dW))
        self.rule.step(len(self.network.weights) + layer, self.network.biases[layer], db)

    def _with_l2(self, W: np.ndarray, dW: np.ndarray) -> np.ndarray:
        return dW + self.l2 * W if self.l2 else dW


def _iterate(step: _Step, training: Part, validation: Part, batch_size, rng, iteration: int, watch) -> None:
    """One full-batch update, or one pass over shuffled mini-batches; the record is of the state before it."""
    if batch_size == "full":
        before = predict(step.network, validation.X) if watch else None
        measured = step.gradient(training, update=True)
        if watch:
            watch(_record(iteration, step.network, validation, measured, before))
        return
    if watch:
        watch(_record(iteration, step.network, validation, step.gradient(training)))
    order = rng.permutation(len(training.y))
    for start in range(0, len(order), batch_size):
        step.gradient(training, order[start:start + batch_size], update=True)


def _record(iteration: int, network: Network, validation: Part, measured: _Measured, predicted=None) -> Record:
    predicted = predict(network, validation.X) if predicted is None else predicted
    return Record(iteration, measured.loss, measured.accuracy, float((predicted == validation.y).mean()),
                  tuple(float(np.abs(dW).mean()) for dW in measured.gradient.weights))
