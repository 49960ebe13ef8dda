"""Training: gradient steps on full batches or mini-batches, with a record of every iteration."""

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from gapscope.network.mlp import Network, initial_network
from gapscope.network.partition import Partition
from gapscope.network.steps import Measurement, Step, step_form

EXPLODED = 1e4  # a parameter so many times as large as the largest at the start, or as 1, will not come back


@dataclass(frozen=True)
class Record:
    """The network after `iteration` updates (or passes over the data, with mini-batches), before the next one."""

    iteration: int
    loss: float  # mean cross-entropy plus the L1 and L2 terms, on the training rows
    train_accuracy: float
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


class _Run:
    """One training, of one network or of several side by side."""

    def __init__(self, training: Partition, validation, n_classes: int, settings: dict, seeds, watch, diverged):
        self.settings, self.rows, self.iterations = settings, len(training.y), settings["iterations"]
        rngs = [random_generator(settings["generator"], seed) for seed in seeds]
        units = [training.X.shape[1], *settings["hidden"], n_classes]
        start = settings["activation"], settings["initialisation"]
        networks = [initial_network(units, *start, rng, settings["weight_scale"]) for rng in rngs]
        networks = [network.astype(settings["precision"]) for network in networks]
        validation = validation if watch or settings["early_stopping"] else None
        self.step = step_form(networks, training, validation, n_classes, settings, seeds)
        callbacks = [[call and functools.partial(call, seed) for call in (watch, diverged)] for seed in seeds]
        self.members = [
            _Member(place, *member, self.step, settings["early_stopping"])
            for place, member in enumerate(zip(networks, rngs, callbacks))
        ]
        # An update's own forward pass is the measurement, unless it sees only some rows, or noise.
        noisy = settings["dropout"] or settings["input_noise"]
        self.measured_by_update = settings["batch_size"] == "full" and not noisy

    def finish(self) -> list[Network]:
        """Trains to the end. A network that has finished stays in the stack until all have."""
        for iteration in range(self.iterations):
            for member in self._unfinished():
                member.begin(iteration, not self.measured_by_update)
            if not self._unfinished():
                break
            losses = self._advance(iteration)
            for member in self._unfinished():
                member.check(iteration, losses[member.place])
        for member in self._unfinished():
            member.end(self.iterations)
        return [member.finished for member in self.members]

    def _unfinished(self) -> list["_Member"]:
        return [member for member in self.members if member.finished is None]

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
        (member,) = self.members
        if not (self.measured_by_update and member.watch):
            return [self.step.update().loss]
        validation = self.step.validation_accuracy()
        return [member.record(iteration, self.step.update(), validation)]


class _Member:
    """One network in training, with its generator and callbacks, and the states to go back to."""

    def __init__(self, place: int, network: Network, rng, callbacks: list[Callable | None], step: Step, patience: int):
        self.place, self.network, self.rng, self.step = place, network, rng, step
        self.watch, self.diverged = callbacks
        self.stopping = EarlyStopping(patience) if patience else None
        self.exploded = EXPLODED * max(1.0, largest(self.network))
        self.before = self.state = self.network.copy()
        self.finished: Network | None = None

    def begin(self, iteration: int, measure: bool) -> None:
        """Early stopping before an update or a pass, and the record, if the update does not measure for it."""
        self.state = self.network.copy()
        if self._has_waited_enough(iteration):
            self.finished = self.stopping.best
        elif measure and self.watch and not np.isfinite(self.record(iteration, self.step.measure(self.place))):
            self._give_up(iteration, self.state, self.before)

    def check(self, iteration: int, loss: float) -> None:
        """Gives up after an update that has lost the network."""
        if not (np.isfinite(loss) and largest(self.network) <= self.exploded):
            self._give_up(iteration, self.state, self.before)
        self.before = self.state

    def end(self, iterations: int) -> None:
        """The last record after the last update, and the network to keep."""
        measured = self.watch and self.step.measure(self.place)
        loss = self.record(iterations, measured) if self.watch else self.step.loss(self.place)
        if not np.isfinite(loss):
            self._give_up(iterations - 1, self.before)
            return
        self._has_waited_enough(iterations)
        self.finished = self.stopping.best if self.stopping else self.network.copy()

    def record(self, iteration: int, measured: Measurement, validation: float | None = None) -> float:
        """The measured loss; hands its record to `watch` if it is finite."""
        if np.isfinite(measured.loss):
            if validation is None:
                validation = self.step.validation_accuracy(self.place)
            gradients = tuple(float(np.abs(dW).mean()) for dW in measured.gradient.weights)
            self.watch(Record(iteration, measured.loss, measured.accuracy, validation, gradients))
        return measured.loss

    def _has_waited_enough(self, iteration: int) -> bool:
        if not self.stopping:
            return False
        return self.stopping.enough(iteration, self.network, self.step.validation_accuracy(self.place))

    def _give_up(self, iteration: int, *states: Network) -> None:
        """Ends with the first of `states` (of `iteration`, of the one before) whose loss is finite; else the last."""
        for earlier, state in enumerate(states):
            kept = iteration - earlier
            for array, values in zip(self.network.parameters, state.parameters):
                array[...] = values
            if np.isfinite(self.step.loss(self.place)):
                break
        self.finished = self.network.copy()
        if self.diverged:
            self.diverged(max(kept, 0))
