"""Training: gradient steps on full batches or mini-batches, with a record of every iteration."""

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from gapscope.network.mlp import Network, initial_network
from gapscope.network.partition import Partition
from gapscope.network.steps import BlockStep, Measurement, PlainStep

EXPLODED = 1e4  # a parameter so many times as large as the largest at the start, or as 1, will not come back


@dataclass(frozen=True)
class Record:
    """The network after `iteration` updates (or passes over the data, with mini-batches), before the next one."""

    iteration: int
    loss: float  # mean cross-entropy plus the L1 and L2 terms, on the training rows
    train_accuracy: float
    validation_loss: float  # mean cross-entropy
    validation_accuracy: float
    gradients: tuple[float, ...]  # mean absolute derivative of the cross-entropy by the weights of each layer


def train(
    training: Partition,
    validation: Partition | None,
    n_classes: int,
    settings: dict,
    watch: Callable[[Record], None] | None = None,
) -> Network:
    """Trains one network, from settings["seed"], as `train_together` does; `watch` gets each record."""
    watch_seed = (lambda seed, record: watch(record)) if watch else None
    return train_together(training, validation, n_classes, settings, [settings["seed"]], watch_seed)[0]


def train_together(
    training: Partition,
    validation: Partition | None,
    n_classes: int,
    settings: dict,
    seeds: list[int],
    watch: Callable[[int, Record], None] | None = None,
    diverged: Callable[[int, int], None] | None = None,
) -> list[Network]:
    """Trains a network from each seed; each comes out the same, to the last bit, as if it were trained alone.

    On mini-batches in blocks the networks are trained side by side, which takes less time than one after the other.
    On full batches there is nothing to gain, and one follows the other.

    Parameters
    ----------
    training, validation : rows to train on and to judge; validation may be None without `watch` and early stopping.
    settings : flat training settings, as config.settings.training_settings gives them; its seed does not count.
    watch : gets the seed and the record of every iteration, the last state included.
    diverged : gets the seed of each training that diverged, and the iteration whose network is returned.

    Returns
    -------
    The trained networks. Training that diverges, its loss no longer finite or its parameters EXPLODED, ends with the
    last network before that, without a record of later ones.
    """
    settings = {**settings, "batch_size": batch_rows(settings["batch_size"], len(training.y))}
    side_by_side = settings["form"] == "blocks" and settings["batch_size"] != "full"
    groups = [seeds] if side_by_side else [[seed] for seed in seeds]
    with threadpool_limits(settings["blas_threads"]), np.errstate(over="ignore", invalid="ignore"):
        runs = [_Run(training, validation, n_classes, settings, group, watch, diverged) for group in groups]
        return [network for run in runs for network in run.finish()]


def member_seeds(settings: dict) -> list[int]:
    """settings["seed"] and the seeds after it, one for each of settings["members"]; 0 follows the largest seed."""
    return [(settings["seed"] + place) % 2**32 for place in range(settings["members"])]


def random_generator(kind: str, seed: int):
    """pcg64: NumPy's default generator. legacy: RandomState, whose stream the published systems drew from."""
    return np.random.RandomState(seed) if kind == "legacy" else np.random.default_rng(seed)


def batch_rows(batch_size: int | str, rows: int) -> int | str:
    """Rows per mini-batch, or "full". "auto": a 25th of `rows`, from 16 to 1024.

    A pass so makes some 25 updates in a small table too, where batches of 1024 would leave it untrained.
    """
    return min(max(rows // 25, 16), 1024) if batch_size == "auto" else batch_size


def learning_rate(settings: dict, progress: float) -> float:
    """The rate after a share `progress` of the training: constant, or falling to 0 along half a cosine or a line."""
    factors = {"constant": 1.0, "cosine": 0.5 * (1.0 + math.cos(math.pi * progress)), "linear": 1.0 - progress}
    return settings["learning_rate"] * factors[settings["schedule"]]


def largest(network: Network) -> float:
    """The largest absolute value among the parameters; NaN if one is."""
    return max(float(np.abs(array).max()) for array in network.parameters)


class EarlyStopping:
    """Keeps the network with the best validation accuracy; says when `patience` iterations brought no better one."""

    def __init__(self, patience: int):
        self.patience, self.best, self.accuracy, self.iteration = patience, None, -1.0, 0

    def enough(self, iteration: int, network: Network, accuracy: float) -> bool:
        if accuracy > self.accuracy:
            self.best, self.accuracy, self.iteration = network.copy(), accuracy, iteration
        return iteration - self.iteration >= self.patience


class _Member:
    """One network in training: its generator and callbacks, its states of this iteration and of the one before."""

    def __init__(self, network: Network, rng, watch: Callable | None, diverged: Callable | None, patience: int):
        self.network, self.rng, self.watch, self.diverged = network, rng, watch, diverged
        self.stopping = EarlyStopping(patience) if patience else None
        self.limit = EXPLODED * max(1.0, largest(network))
        self.state = network.copy()
        self.finished: Network | None = None

    def begin(self, iteration: int, accuracy: float | None, is_last: bool) -> None:
        """Keeps the state; ends training if no better accuracy is to be waited for."""
        self.before, self.state = self.state, self.network.copy()
        if self.stopping and self.stopping.enough(iteration, self.network, accuracy) and not is_last:
            self.finished = self.stopping.best

    def end(self) -> None:
        self.finished = self.stopping.best if self.stopping else self.network.copy()

    def record(self, iteration: int, measured: Measurement, validated: tuple) -> None:
        if self.watch:
            gradients = tuple(float(np.abs(dW).mean()) for dW in measured.gradient.weights)
            self.watch(Record(iteration, measured.loss, measured.accuracy, *validated, gradients))

    def has_exploded(self) -> bool:
        return not largest(self.network) <= self.limit


class _Run:
    """One training, of one network or of several side by side."""

    def __init__(self, training: Partition, validation, n_classes: int, settings: dict, seeds, watch, diverged):
        self.settings, self.rows, self.watched = settings, len(training.y), bool(watch)
        self.validated = bool(watch or settings["early_stopping"])
        rngs = [random_generator(settings["generator"], seed) for seed in seeds]
        units, start = [training.X.shape[1], *settings["hidden"], n_classes], ("activation", "initialisation")
        drawn = (initial_network(units, *map(settings.get, start), rng, settings["weight_scale"]) for rng in rngs)
        networks = [network.astype(settings["precision"]) for network in drawn]
        form = {"plain": PlainStep, "blocks": BlockStep}[settings["form"]]
        self.step = form(networks, training, validation if self.validated else None, n_classes, settings, seeds)
        callbacks = [[call and functools.partial(call, seed) for call in (watch, diverged)] for seed in seeds]
        self.members = [
            _Member(network, rng, *calls, settings["early_stopping"])
            for network, rng, calls in zip(self.step.networks, rngs, callbacks)
        ]
        # An update's own forward pass is the measurement, unless it sees only some rows, or noise.
        self.measured_by_update = settings["batch_size"] == "full" and not self.step.noises

    def finish(self) -> list[Network]:
        """Trains to the end. A network that has finished stays among the others until all have."""
        iterations = self.settings["iterations"]
        for iteration in range(iterations + 1):
            is_last = iteration == iterations
            validated = self.step.validated() if self.validated else [(None, None)] * len(self.members)
            for place, member in self._unfinished():
                member.begin(iteration, validated[place][1], is_last)
            measured = None
            if self.measured_by_update and not is_last:
                measured = self._advance(iteration)
            elif self.watched or is_last:
                measured = self.step.measure(backward=self.watched)
            for place, member in self._unfinished() if measured else []:
                if np.isfinite(measured[place].loss):
                    member.record(iteration, measured[place], validated[place])
                else:
                    self._give_up(place, iteration)
            if not self._unfinished():
                break
            if not (self.measured_by_update or is_last):
                self._advance(iteration)
            for place, member in self._unfinished():
                if is_last:
                    member.end()
                elif member.has_exploded():
                    self._give_up(place, iteration)
        return [member.finished for member in self.members]

    def _unfinished(self) -> list[tuple[int, _Member]]:
        return [(place, member) for place, member in enumerate(self.members) if member.finished is None]

    def _advance(self, iteration: int) -> list[Measurement] | None:
        """One update on all rows, with what it measured before it, or one pass over shuffled mini-batches."""
        size, rows, iterations = self.settings["batch_size"], self.rows, self.settings["iterations"]
        if size == "full":
            self.step.rule.learning_rate = learning_rate(self.settings, iteration / iterations)
            return self.step.update()
        orders = np.empty((len(self.members), rows), np.min_scalar_type(rows))
        for order, member in zip(orders, self.members):
            order[:] = member.rng.permutation(rows)
        progress = [(iteration + start / rows) / iterations for start in range(0, rows, size)]
        return self.step.one_pass(orders, size, [learning_rate(self.settings, share) for share in progress])

    def _give_up(self, place: int, iteration: int) -> None:
        """Ends a training with its state, or the one before, whichever first has a finite loss."""
        member = self.members[place]
        for kept in (iteration, iteration - 1):
            state = member.state if kept == iteration else member.before
            for array, values in zip(member.network.parameters, state.parameters):
                array[...] = values
            if np.isfinite(self.step.measure(backward=False)[place].loss):
                break
        member.finished = member.network.copy()
        if member.diverged:
            member.diverged(max(kept, 0))
