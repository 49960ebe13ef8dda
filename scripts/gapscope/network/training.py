"""Training by gradient steps on full batches or mini-batches, with a record of each iteration."""

import math
from collections.abc import Callable

import numpy as np
from threadpoolctl import threadpool_limits

from gapscope.network.mlp import Network, initial_network
from gapscope.network.partition import Partition
from gapscope.network.steps import BlockStep, Measurement, PlainStep

EXPLODED = 1e4  # training has diverged if a parameter exceeds this multiple of the largest one at the start, or of 1


def train(
    training: Partition,
    validation: Partition | None,
    n_classes: int,
    settings: dict,
    watch: Callable[[dict], None] | None = None,
) -> Network:
    """Train one network from settings["seed"], as `train_together` does. `watch` is called with each record."""
    watch_seed = (lambda seed, record: watch(record)) if watch else None
    return train_together(training, validation, n_classes, settings, [settings["seed"]], watch_seed)[0]


def train_together(
    training: Partition,
    validation: Partition | None,
    n_classes: int,
    settings: dict,
    seeds: list[int],
    watch: Callable[[int, dict], None] | None = None,
    diverged: Callable[[int, int], None] | None = None,
) -> list[Network]:
    """Train one network per seed. Each has the same bits as if it were trained alone.

    With mini-batches in block form, all networks are trained at the same time, which is faster than one after the
    other. With full batches it would not be.

    Parameters
    ----------
    training, validation : rows to train on and to evaluate; validation may be None without `watch` and early stopping.
    settings : flat training settings from `config.settings.training_settings`; its seed is ignored.
    watch : called with the seed and the record of each iteration, including the last: its number of updates on full
        batches, or of passes in mini-batches; `loss` on training rows, penalty included; `train_accuracy`;
        `validation_loss`, the mean cross-entropy; `validation_accuracy`; and `grad_1`, ..., the mean absolute
        derivative of the cross-entropy with respect to each layer's weights.
    diverged : called with the seed of each training that diverged, and the iteration whose network is returned.

    Returns
    -------
    The trained networks. A training diverges if its loss is not finite or its parameters are too large (EXPLODED). It
    then returns the last network before that, and later iterations have no record.
    """
    settings = {**settings, "batch_size": batch_rows(settings["batch_size"], len(training.y))}
    side_by_side = settings["form"] == "blocks" and settings["batch_size"] != "full"
    groups = [seeds] if side_by_side else [[seed] for seed in seeds]
    with threadpool_limits(settings["blas_threads"]), np.errstate(over="ignore", invalid="ignore"):
        runs = [_Run(training, validation, n_classes, settings, group, watch, diverged) for group in groups]
        return [network for run in runs for network in run.finish()]


def member_seeds(settings: dict) -> list[int]:
    """Consecutive seeds from settings["seed"], one per member of the ensemble; 0 follows the largest seed."""
    return [(settings["seed"] + place) % 2**32 for place in range(settings["members"])]


def random_generator(kind: str, seed: int):
    """NumPy's default generator (`pcg64`), or RandomState (`legacy`), which the published systems used."""
    return np.random.RandomState(seed) if kind == "legacy" else np.random.default_rng(seed)


def batch_rows(batch_size: int | str, rows: int) -> int | str:
    """Rows per mini-batch, or "full". "auto" means a 25th of `rows`, from 16 to 1024.

    So there are about 25 updates per pass even with few rows, where batches of 1024 would be too few updates.
    """
    return min(max(rows // 25, 16), 1024) if batch_size == "auto" else batch_size


def learning_rate(settings: dict, progress: float) -> float:
    """Learning rate at `progress`, from 0 to 1: constant, or decreasing to 0 along half a cosine or a line."""
    factors = {"constant": 1.0, "cosine": 0.5 * (1.0 + math.cos(math.pi * progress)), "linear": 1.0 - progress}
    return settings["learning_rate"] * factors[settings["schedule"]]


def largest(network: Network) -> float:
    """Largest absolute value of all parameters; NaN if any is NaN."""
    return max(float(np.abs(array).max()) for array in network.parameters)


class _Member:
    """One network in training, with its parameters in the last two iterations and its best ones."""

    def __init__(self, place: int, seed: int, network: Network):
        self.place, self.seed, self.network = place, seed, network
        self.limit, self.state = EXPLODED * max(1.0, largest(network)), network.copy()
        self.best, self.best_accuracy, self.best_iteration = None, -1.0, 0
        self.finished: Network | None = None

    def begin(self, iteration: int, accuracy: float | None, patience: int, is_last: bool) -> None:
        """Remember the parameters; stop early after `patience` iterations without a better validation accuracy."""
        self.before, self.state = self.state, self.network.copy()
        if patience and accuracy > self.best_accuracy:
            self.best, self.best_accuracy, self.best_iteration = self.state, accuracy, iteration
        if patience and iteration - self.best_iteration >= patience and not is_last:
            self.finished = self.best


class _Run:
    """Training of one network, or of several at the same time."""

    def __init__(self, training: Partition, validation, n_classes: int, settings: dict, seeds, watch, diverged):
        self.settings, self.rows, self.watch, self.diverged = settings, len(training.y), watch, diverged
        self.validated = bool(watch or settings["early_stopping"])
        self.rngs = [random_generator(settings["generator"], seed) for seed in seeds]
        units = [training.X.shape[1], *settings["hidden"], n_classes]
        kind = settings["activation"], settings["initialisation"]
        drawn = [initial_network(units, *kind, rng, settings["weight_scale"]) for rng in self.rngs]
        networks = [network.astype(settings["precision"]) for network in drawn]
        form = {"plain": PlainStep, "blocks": BlockStep}[settings["form"]]
        self.step = form(networks, training, validation if self.validated else None, n_classes, settings, seeds)
        self.members = [_Member(*numbered) for numbered in zip(range(len(seeds)), seeds, self.step.networks)]
        # The forward pass of an update also measures the loss, unless it is on some rows only, or has noise.
        self.measured_by_update = settings["batch_size"] == "full" and not self.step.noises

    def finish(self) -> list[Network]:
        """Train all networks to the end. Finished ones stay in the arrays, but are not used again."""
        iterations = self.settings["iterations"]
        for iteration in range(iterations + 1):
            is_last = iteration == iterations
            validated = self.step.validated() if self.validated else [(None, None)] * len(self.members)
            for member in self._unfinished():
                member.begin(iteration, validated[member.place][1], self.settings["early_stopping"], is_last)
            measured = None
            if self.measured_by_update and not is_last:
                measured = self._advance(iteration)
            elif self.watch or is_last:
                measured = self.step.measure(backward=bool(self.watch))
            for member in self._unfinished() if measured else []:
                self._record(member, iteration, measured[member.place], *validated[member.place])
            if not self._unfinished():
                break
            if not (self.measured_by_update or is_last):
                self._advance(iteration)
            for member in self._unfinished():
                if not largest(member.network) <= member.limit:  # or NaN
                    self._give_up(member, iteration)
        return [member.finished or member.best or member.network.copy() for member in self.members]

    def _unfinished(self) -> list[_Member]:
        return [member for member in self.members if member.finished is None]

    def _record(self, member: _Member, iteration: int, measured: Measurement, loss, accuracy) -> None:
        """Tell `watch` of the iteration, with loss and accuracy on the validation rows; give up if it has no loss."""
        if not np.isfinite(measured.loss):
            self._give_up(member, iteration)
        elif self.watch:
            record = {"iteration": iteration, "loss": measured.loss, "train_accuracy": measured.accuracy}
            record |= {"validation_loss": loss, "validation_accuracy": accuracy}
            gradients = {
                f"grad_{layer}": float(np.abs(dW).mean()) for layer, dW in enumerate(measured.gradient.weights, 1)
            }
            self.watch(member.seed, record | gradients)

    def _advance(self, iteration: int) -> list[Measurement] | None:
        """Make one update on all rows and return its measurements, or one pass over shuffled mini-batches."""
        size, rows, iterations = self.settings["batch_size"], self.rows, self.settings["iterations"]
        if size == "full":
            return self.step.update(learning_rate(self.settings, iteration / iterations))
        orders = np.empty((len(self.members), rows), np.min_scalar_type(rows))
        for order, rng in zip(orders, self.rngs):
            order[:] = rng.permutation(rows)
        progress = [(iteration + start / rows) / iterations for start in range(0, rows, size)]
        return self.step.one_pass(orders, size, [learning_rate(self.settings, share) for share in progress])

    def _give_up(self, member: _Member, iteration: int) -> None:
        """End a training that diverged, with the latest of the last two networks whose loss is finite."""
        for state in (member.state, member.before):
            for array, values in zip(member.network.parameters, state.parameters):
                array[...] = values
            if np.isfinite(self.step.measure(backward=False)[member.place].loss):
                break
        member.finished = member.network.copy()
        if self.diverged:
            self.diverged(member.seed, iteration if state is member.state else max(iteration - 1, 0))
