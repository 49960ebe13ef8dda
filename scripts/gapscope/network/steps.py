"""One training step in either form of the mathematics: plain, as the derivation reads, or in blocks, which is fast."""

from dataclasses import dataclass, replace

import numpy as np

from gapscope.common.weights import mean
from gapscope.network.blocks import BatchForm, BlockForm
from gapscope.network.kernels import Layout
from gapscope.network.mlp import Gradient, Network, backward, cross_entropy, forward, loss_by_logits, predict, softmax
from gapscope.network.optimizers import Noise, noise_of, optimizer
from gapscope.network.partition import Partition
from gapscope.network.rows import Rows


@dataclass(frozen=True)
class Measurement:
    """Loss (mean cross-entropy plus the L1 and L2 terms), accuracy, and the gradient of the cross-entropy alone."""

    loss: float
    accuracy: float
    gradient: Gradient


def row_weights(y: np.ndarray, n_classes: int, kind: str, weights: np.ndarray | None = None) -> np.ndarray | None:
    """Weight of each row in the loss: its own weight times its class's.

    Parameters
    ----------
    y : class codes (n,).
    kind : weight of a class: `balanced`, the inverse of its share, so that all classes count the same; `square_root`,
        the square root of that, half way there; `none`, 1.
    weights : the rows' own weights (n,); None where all rows count alike.

    Returns
    -------
    Weights (n,) of mean 1; None where all rows count alike.
    """
    weights = None if weights is None or np.ptp(weights) == 0 else weights
    if kind == "none":
        return weights if weights is None else weights / weights.mean()
    class_sizes = np.bincount(y, weights, n_classes)
    class_weights = 1.0 / np.where(class_sizes > 0, class_sizes, 1)[y]
    class_weights = np.sqrt(class_weights) if kind == "square_root" else class_weights
    product = class_weights if weights is None else class_weights * weights
    return product / product.mean()


def step_form(networks, training: Partition, validation, n_classes: int, settings: dict, seeds=None) -> "Step":
    """The form that settings["form"] names.

    Parameters
    ----------
    networks : networks to train, which are moved in place; more than one only on mini-batches in blocks.
    training, validation : Partitions; validation may be None without `validation_accuracy`.
    settings : flat training settings, as config.settings.training_settings gives them.
    seeds : one for each network's noise; settings["seed"] unless given.
    """
    form = {"plain": PlainStep, "blocks": BlockStep}[settings["form"]]
    return form(networks, training, validation, n_classes, settings, seeds or [settings["seed"]])


class Step:
    """Measures networks on the training rows and moves them.

    Both forms have `measure(member)`, a Measurement on all training rows without noise; `loss(member)`, its loss
    alone; `update()`, one step on all rows, which returns the Measurement before it; `one_pass(orders, size, rates)`,
    one step on each mini-batch; and `validation_accuracy(member)`.
    """

    def __init__(self, networks: list[Network], training: Partition, n_classes: int, settings: dict, seeds: list[int]):
        self.networks, self.rule, self.dtype = networks, optimizer(settings), networks[0].weights[0].dtype
        self.l1, self.l2, self.smoothing = settings["l1"], settings["l2"], settings["label_smoothing"]
        self.weights = row_weights(training.y, n_classes, settings["class_weights"], training.weights)
        noises = [noise_of({**settings, "seed": seed}) for seed in seeds]
        self.noises: list[Noise] | None = noises if noises[0] else None

    def _penalty(self, member: int = 0) -> float:
        """The L1 and L2 terms of the loss."""
        penalty = 0.0
        for W in self.networks[member].weights if self.l1 or self.l2 else []:
            penalty += self.l1 * float(np.abs(W).sum()) + 0.5 * self.l2 * float((W * W).sum())
        return penalty


class PlainStep(Step):
    """The equations of `mlp` on whole arrays, for one network; also in the order of updates of system 25280022."""

    def __init__(self, networks, training: Partition, validation, n_classes: int, settings: dict, seeds):
        super().__init__(networks, training, n_classes, settings, seeds)
        (self.network,) = networks
        self.training = replace(training, X=training.X[:].astype(self.dtype, copy=False))
        self.validation = validation and replace(validation, X=validation.X[:].astype(self.dtype, copy=False))
        self.during_backward = settings["update_order"] == "during_backward"

    def measure(self, member: int = 0) -> Measurement:
        return self._measure(self.training, self.weights)

    def loss(self, member: int = 0) -> float:
        return self.measure().loss

    def update(self) -> Measurement:
        return self._update(slice(None))

    def one_pass(self, orders: np.ndarray, size: int, rates: list[float]) -> list[float]:
        total, (order,) = 0.0, orders
        for start, rate in zip(range(0, len(order), size), rates):
            rows, self.rule.learning_rate = order[start : start + size], rate
            total += self._update(rows).loss * len(rows)
        return [total / len(order)]

    def validation_accuracy(self, member: int = 0) -> float:
        return mean(predict(self.network, self.validation.X) == self.validation.y, self.validation.weights)

    def _update(self, rows: np.ndarray | slice) -> Measurement:
        part, masks = self.training.at(rows), None
        weights = None if self.weights is None else self.weights[rows]
        if self.noises:
            (noise,) = self.noises
            part = replace(part, X=noise.on_inputs(part.X))
            masks = noise.masks([(len(part.X), len(b)) for b in self.network.biases[:-1]], part.X.dtype)
        measured = self._measure(part, weights, masks, self._move if self.during_backward else None)
        if not self.during_backward:
            for layer, (dW, db) in enumerate(zip(measured.gradient.weights, measured.gradient.biases)):
                self._move(layer, dW, db)
        return measured

    def _measure(self, rows: Partition, weights: np.ndarray | None, masks=None, update=None) -> Measurement:
        y, passed = rows.y, forward(self.network, rows.X, masks)
        p = softmax(passed.logits)
        loss = cross_entropy(passed.logits, y, weights, self.smoothing) + self._penalty()
        accuracy = mean(passed.logits.argmax(axis=1) == y, rows.weights)
        dz = loss_by_logits(p, y, weights, self.smoothing)
        return Measurement(loss, accuracy, backward(self.network, passed, dz, update))

    def _move(self, layer: int, dW: np.ndarray, db: np.ndarray) -> None:
        W = self.network.weights[layer]
        if self.l2:
            dW = dW + self.l2 * W
        if self.l1:
            dW = dW + self.l1 * np.sign(W)
        self.rule.step(layer, W, dW)
        self.rule.step(len(self.network.weights) + layer, self.network.biases[layer], db)


class BlockStep(Step):
    """The same equations in blocks of rows and, with mini-batches, for several networks at once.

    The networks' arrays become views of `vectors` (networks, parameters): elementwise rules are the same on one
    vector as on many arrays, at a fraction of the calls.
    """

    def __init__(self, networks, training: Partition, validation, n_classes: int, settings: dict, seeds):
        super().__init__(networks, training, n_classes, settings, seeds)
        self.training, self.validation = (
            part and Rows(part.X, part.y, n_classes, weights, self.dtype, counted=part.weights)
            for part, weights in ((training, self.weights), (validation, None))
        )
        self.layout = Layout(networks[0])
        self.vectors, is_weight = self.layout.joined(networks), self.layout.is_weight().astype(self.dtype)
        self.l1_factor, self.l2_factor = self.l1 * is_weight, self.l2 * is_weight
        self.forms = [BlockForm([network], smoothing=self.smoothing) for network in networks]
        if settings["batch_size"] != "full":
            cut = self.training, settings["batch_size"], self.forms[0].shape
            self.batches = BatchForm(self.layout, len(networks), *cut, self.smoothing, self.noises)

    def measure(self, member: int = 0, noises: list[Noise] | None = None) -> Measurement:
        ((loss, accuracy, gradient),) = self.forms[member].measure(self.training, noises)
        return Measurement(loss + self._penalty(member), accuracy, gradient)

    def loss(self, member: int = 0) -> float:
        return self.forms[member].loss(self.training)[0] + self._penalty(member)

    def update(self) -> Measurement:
        measured = self.measure(noises=self.noises)
        self._move(self.layout.vector(measured.gradient)[None])
        return measured

    def one_pass(self, orders: np.ndarray, size: int, rates: list[float]) -> list[float]:
        """One step on each mini-batch of `size` rows in each network's order (networks, rows), at these rates.

        Returns each network's mean loss over the rows, penalty included, of each mini-batch before its step.
        """
        rate, penalties = iter(rates), np.zeros(len(self.networks))

        def move(gradient: np.ndarray, rows: int) -> None:
            self.rule.learning_rate = next(rate)
            penalty = self._move(gradient)
            if self.l1 or self.l2:
                penalties[...] += penalty * (rows / orders.shape[1])

        return (self.batches.one_pass(orders, self.vectors, move) + penalties).tolist()

    def validation_accuracy(self, member: int = 0) -> float:
        return self.forms[member].accuracy(self.validation)[0]

    def _move(self, gradient: np.ndarray) -> np.ndarray | float:
        """One update; returns each network's penalty before it. `gradient` (networks, parameters) is overwritten."""
        penalty = 0.0
        if self.l2:
            decay = self.l2_factor * self.vectors
            gradient += decay
            penalty = penalty + 0.5 * np.einsum("ij,ij->i", decay, self.vectors)
        if self.l1:
            decay = self.l1_factor * np.sign(self.vectors)
            gradient += decay
            penalty = penalty + np.einsum("ij,ij->i", decay, self.vectors)
        self.rule.step(0, self.vectors, gradient)
        return penalty
