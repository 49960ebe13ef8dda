"""Training: gradient steps on full batches or mini-batches, with a record of every iteration."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from gapscope.network.mlp import Network, initial_network
from gapscope.network.steps import Measured, Part, step_form


@dataclass(frozen=True)
class Record:
    """The network after `iteration` updates (or passes over the data, with mini-batches), before the next one."""

    iteration: int
    loss: float  # mean cross-entropy plus the L2 term, on the training part
    train_accuracy: float
    validation_accuracy: float
    gradients: tuple[float, ...]  # mean absolute derivative of the cross-entropy by the weights of each layer


def random_generator(kind: str, seed: int):
    """pcg64: NumPy's default generator. legacy: RandomState, whose stream the published systems drew from."""
    return np.random.RandomState(seed) if kind == "legacy" else np.random.default_rng(seed)


def train(
    training: Part, validation: Part, n_classes: int, settings: dict, watch: Callable[[Record], None] | None = None
) -> Network:
    """The trained network; `watch` is called with the record of every iteration, the last state included.

    Args:
        settings: flat training settings, as config.training_settings gives them.
        watch: without it, accuracies are not measured and no validation rows are needed.

    If the loss stops being finite, training ends with the last network whose loss was, without a record of later ones.
    """
    rng = random_generator(settings["generator"], settings["seed"])
    units = [training.X.shape[1], *settings["hidden"], n_classes]
    network = initial_network(units, settings["activation"], settings["initialisation"], rng, settings["weight_scale"])
    network = network.astype(settings["precision"])
    with threadpool_limits(settings["blas_threads"]), np.errstate(over="ignore", invalid="ignore"):
        return _Run(network, training, validation, n_classes, settings, rng, watch).finished()


def learning_rate(settings: dict, progress: float) -> float:
    """The rate after a share `progress` of the training: constant, or falling to 0 along half a cosine or a line."""
    shape = {"constant": 1.0, "cosine": 0.5 * (1.0 + np.cos(np.pi * progress)), "linear": 1.0 - progress}
    return settings["learning_rate"] * shape[settings["schedule"]]


class EarlyStopping:
    """Keeps the network with the best validation accuracy; says when `patience` iterations brought no better one."""

    def __init__(self, patience: int):
        self.patience, self.best, self.accuracy, self.iteration = patience, None, -1.0, 0

    def enough(self, iteration: int, network: Network, accuracy: float) -> bool:
        if accuracy > self.accuracy:
            self.best, self.accuracy, self.iteration = network.copy(), accuracy, iteration
        return iteration - self.iteration >= self.patience


class _Run:
    """One training under way."""

    def __init__(self, network: Network, training: Part, validation: Part, n_classes: int, settings: dict, rng, watch):
        self.network, self.settings, self.rng, self.watch = network, settings, rng, watch
        self.rows, self.iterations = len(training.y), settings["iterations"]
        self.stopping = EarlyStopping(settings["early_stopping"]) if settings["early_stopping"] else None
        needed = watch or self.stopping
        self.step = step_form(network, training, validation if needed else None, n_classes, settings)
        # An update's own forward pass is the measurement, unless it sees only some rows, or noise.
        noisy = settings["dropout"] or settings["input_noise"]
        self.measured_by_update = settings["batch_size"] == "full" and not noisy

    def finished(self) -> Network:
        before = self.network.copy()
        for iteration in range(self.iterations):
            state = self.network.copy()
            if self._stopped(iteration):
                return self.stopping.best
            if not np.isfinite(self._iterate(iteration).loss):
                return self._last_finite(state, before)
            before = state
        measured = self._watched(self.iterations, self.step.measure())
        if not np.isfinite(measured.loss):
            return self._last_finite(before)
        self._stopped(self.iterations)
        return self.stopping.best if self.stopping else self.network

    def _stopped(self, iteration: int) -> bool:
        stopping = self.stopping
        return bool(stopping) and stopping.enough(iteration, self.network, self.step.validation_accuracy())

    def _last_finite(self, *states: Network) -> Network:
        """The first of `states`, latest first, whose loss is finite; the earliest if none is."""
        for state in states:
            for array, earlier in zip(self.network.parameters, state.parameters):
                array[...] = earlier
            if np.isfinite(self.step.measure().loss):
                break
        return self.network

    def _iterate(self, iteration: int) -> Measured:
        """One full-batch update, or one pass over shuffled mini-batches. Measured and recorded is the state before it.

        In a pass that nobody watches, what is measured is the last mini-batch.
        """
        validation = None
        if self.watch and self.measured_by_update:
            validation = self.step.validation_accuracy()
        elif self.watch:
            measured = self._watched(iteration, self.step.measure())
            if not np.isfinite(measured.loss):
                return measured
        for progress, rows in self._batches(iteration):
            self.step.rule.learning_rate = learning_rate(self.settings, progress)
            measured = self.step.update(rows)
        return self._watched(iteration, measured, validation) if self.measured_by_update else measured

    def _batches(self, iteration: int):
        """The rows of each update of one iteration, with the share of the training that lies before it."""
        size = self.settings["batch_size"]
        if size == "full":
            yield iteration / self.iterations, None
            return
        order = self.rng.permutation(self.rows)
        for start in range(0, self.rows, size):
            yield (iteration + start / self.rows) / self.iterations, order[start : start + size]

    def _watched(self, iteration: int, measured: Measured, validation: float | None = None) -> Measured:
        if self.watch and np.isfinite(measured.loss):
            if validation is None:
                validation = self.step.validation_accuracy()
            gradients = tuple(float(np.abs(dW).mean()) for dW in measured.gradient.weights)
            self.watch(Record(iteration, measured.loss, measured.accuracy, validation, gradients))
        return measured
