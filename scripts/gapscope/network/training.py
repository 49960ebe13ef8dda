"""Training: gradient steps on full batches or mini-batches, with a record of every iteration."""

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from gapscope.network.mlp import Network, initial_network
from gapscope.network.partition import Partition
from gapscope.network.steps import Measured, step_form


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


EXPLODED = 1e4  # a parameter so many times as large as the largest at the start, or as 1, will not come back


def train(
    training: Partition,
    validation: Partition,
    n_classes: int,
    settings: dict,
    watch: Callable[[Record], None] | None = None,
) -> Network:
    """The trained network; `watch` is called with the record of every iteration, the last state included.

    Args:
        settings: flat training settings, as config.training_settings gives them.
        watch: without it, accuracies are not measured and no validation rows are needed.

    Training that diverges, its loss no longer finite or its parameters EXPLODED, ends with the last network before
    that, without a record of later ones.
    """
    tell = (lambda seed, record: watch(record)) if watch else None
    return train_together(training, validation, n_classes, settings, [settings["seed"]], tell)[0]


def train_together(
    training: Partition,
    validation: Partition,
    n_classes: int,
    settings: dict,
    seeds: list[int],
    watch: Callable[[int, Record], None] | None = None,
    diverged: Callable[[int, int], None] | None = None,
) -> list[Network]:
    """What `train` gives for each of the seeds in place of settings["seed"], to the last bit.

    On mini-batches in blocks the networks are trained side by side, which takes less time than one after the other.
    On full batches there is nothing to gain, and one follows the other. `watch` gets the seed with each record,
    `diverged` the seed of each training that diverged and the iteration whose network is returned.
    """
    settings = {**settings, "batch_size": batch_rows(settings["batch_size"], len(training.y))}
    side_by_side = settings["form"] == "blocks" and settings["batch_size"] != "full"
    groups = [seeds] if side_by_side else [[seed] for seed in seeds]
    threads = 1 if settings["form"] == "plain" else settings["blas_threads"]  # plain adds up as several would, on one
    with threadpool_limits(threads), np.errstate(over="ignore", invalid="ignore"):
        runs = [_Run(training, validation, n_classes, settings, group, watch, diverged) for group in groups]
        return [network for run in runs for network in run.finished()]


def member_seeds(settings: dict) -> list[int]:
    """settings["seed"] and those after it, one for each of settings["members"]; after the largest seed comes 0."""
    return [(settings["seed"] + place) % 2**32 for place in range(settings["members"])]


def batch_rows(batch_size: int | str, rows: int) -> int | str:
    """Rows per mini-batch, or "full". "auto": a 25th of `rows`, from 16 to 1024.

    A pass so makes some 25 updates in a small table too, where batches of 1024 would leave it untrained.
    """
    return min(max(rows // 25, 16), 1024) if batch_size == "auto" else batch_size


def learning_rate(settings: dict, progress: float) -> float:
    """The rate after a share `progress` of the training: constant, or falling to 0 along half a cosine or a line."""
    rate = settings["learning_rate"]
    if settings["schedule"] == "constant":
        return rate
    return rate * {"cosine": 0.5 * (1.0 + math.cos(math.pi * progress)), "linear": 1.0 - progress}[settings["schedule"]]


class EarlyStopping:
    """Keeps the network with the best validation accuracy; says when `patience` iterations brought no better one."""

    def __init__(self, patience: int):
        self.patience, self.best, self.accuracy, self.iteration = patience, None, -1.0, 0

    def enough(self, iteration: int, network: Network, accuracy: float) -> bool:
        if accuracy > self.accuracy:
            self.best, self.accuracy, self.iteration = network.copy(), accuracy, iteration
        return iteration - self.iteration >= self.patience


class _Member:
    """One network under way, with what it draws from, and the states to go back to."""

    def __init__(self, seed: int, units: list[int], settings: dict, watch, diverged):
        start = settings["activation"], settings["initialisation"]
        self.rng = random_generator(settings["generator"], seed)
        network = initial_network(units, *start, self.rng, settings["weight_scale"])
        self.network = network.astype(settings["precision"])
        self.stopping = EarlyStopping(settings["early_stopping"]) if settings["early_stopping"] else None
        self.watch = functools.partial(watch, seed) if watch else None
        self.diverged = functools.partial(diverged, seed) if diverged else lambda iteration: None
        self.most = EXPLODED * max(1.0, largest(network))
        self.before = self.state = self.network.copy()
        self.finished: Network | None = None

    def is_lost(self, loss: float) -> bool:
        return not (np.isfinite(loss) and largest(self.network) <= self.most)


def largest(network: Network) -> float:
    """The largest absolute value among the parameters; NaN if one is."""
    return max(float(np.abs(array).max()) for array in network.parameters)


class _Run:
    """One training under way, of one network or of several side by side."""

    def __init__(
        self, training: Partition, validation: Partition, n_classes: int, settings: dict, seeds, watch, diverged
    ):
        self.settings, self.rows, self.iterations = settings, len(training.y), settings["iterations"]
        units = [training.X.shape[1], *settings["hidden"], n_classes]
        self.members = [_Member(seed, units, settings, watch, diverged) for seed in seeds]
        networks, needed = [member.network for member in self.members], watch or settings["early_stopping"]
        self.step = step_form(networks, training, validation if needed else None, n_classes, settings, seeds)
        # An update's own forward pass is the measurement, unless it sees only some rows, or noise.
        noisy = settings["dropout"] or settings["input_noise"]
        self.measured_by_update = settings["batch_size"] == "full" and not noisy

    def finished(self) -> list[Network]:
        """The trained networks. One that has finished stays in the stack until all have."""
        for iteration in range(self.iterations):
            for place in self._under_way():
                self._begin(place, iteration)
            if not self._under_way():
                break
            losses = self._advance(iteration)
            for place in self._under_way():
                member = self.members[place]
                if member.is_lost(losses[place]):
                    self._give_up(place, iteration, member.state, member.before)
                member.before = member.state
        for place in self._under_way():
            self._end(place)
        return [member.finished for member in self.members]

    def _under_way(self) -> list[int]:
        return [place for place, member in enumerate(self.members) if member.finished is None]

    def _begin(self, place: int, iteration: int) -> None:
        """Before an update or a pass: early stopping, and the record, unless the update measures for it."""
        member = self.members[place]
        member.state = member.network.copy()
        if self._has_waited_enough(place, iteration):
            member.finished = member.stopping.best
        elif self.measured_by_update or not member.watch:
            return
        elif not np.isfinite(self._recorded(place, iteration, self.step.measure(place)).loss):
            self._give_up(place, iteration, member.state, member.before)

    def _advance(self, iteration: int) -> list[float]:
        """One full-batch update, or one pass over shuffled mini-batches; each member's loss before it or during it."""
        size, rows, iterations = self.settings["batch_size"], self.rows, self.iterations
        if size != "full":
            orders = np.empty((len(self.members), rows), np.min_scalar_type(rows))
            for order, member in zip(orders, self.members):
                order[:] = member.rng.permutation(rows)
            progress = [(iteration + start / rows) / iterations for start in range(0, rows, size)]
            return self.step.one_pass(orders, size, [learning_rate(self.settings, share) for share in progress])
        self.step.rule.learning_rate = learning_rate(self.settings, iteration / iterations)
        if not (self.measured_by_update and self.members[0].watch):
            return [self.step.update().loss]
        validation = self.step.validation_accuracy()
        return [self._recorded(0, iteration, self.step.update(), validation).loss]

    def _end(self, place: int) -> None:
        """After the last update: the last record, and the network to keep."""
        member = self.members[place]
        if member.watch:
            loss = self._recorded(place, self.iterations, self.step.measure(place)).loss
        else:
            loss = self.step.loss(place)
        if not np.isfinite(loss):
            self._give_up(place, self.iterations - 1, member.before)
            return
        self._has_waited_enough(place, self.iterations)
        member.finished = member.stopping.best if member.stopping else member.network.copy()

    def _has_waited_enough(self, place: int, iteration: int) -> bool:
        member = self.members[place]
        if not member.stopping:
            return False
        return member.stopping.enough(iteration, member.network, self.step.validation_accuracy(place))

    def _give_up(self, place: int, iteration: int, *states: Network) -> None:
        """Ends with the first of `states` (of `iteration`, of the one before) whose loss is finite; else the last."""
        member, left = self.members[place], list(states)
        while left:
            for array, earlier in zip(member.network.parameters, left.pop(0).parameters):
                array[...] = earlier
            if np.isfinite(self.step.loss(place)):
                break
            iteration -= bool(left)
        member.finished = member.network.copy()
        member.diverged(max(iteration, 0))

    def _recorded(self, place: int, iteration: int, measured: Measured, validation: float | None = None) -> Measured:
        member = self.members[place]
        if member.watch and np.isfinite(measured.loss):
            if validation is None:
                validation = self.step.validation_accuracy(place)
            gradients = tuple(float(np.abs(dW).mean()) for dW in measured.gradient.weights)
            member.watch(Record(iteration, measured.loss, measured.accuracy, validation, gradients))
        return measured
