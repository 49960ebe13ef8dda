"""One training step, in two forms with the same results: plain, as in the textbook, and in blocks, which is fast."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from gapscope.common.weights import mean
from gapscope.network.core import Core
from gapscope.network.mlp import Network, backward, cross_entropy, forward, logits, loss_by_logits, softmax
from gapscope.network.optimizers import noise_of, optimizer
from gapscope.network.partition import Partition
from gapscope.network.row_storage import Rows


class Measurement(NamedTuple):
    """Loss, penalty included (mean cross-entropy plus L1 and L2 terms), accuracy, and gradient without the penalty."""

    loss: float
    accuracy: float
    gradient: Network


def row_weights(y: np.ndarray, n_classes: int, kind: str, weights: np.ndarray | None = None) -> np.ndarray | None:
    """Weight of each row in the loss (n,), with mean 1: row weight times class weight. None if all weights are equal.

    Parameters
    ----------
    y : class codes (n,).
    kind : weight of a class: the inverse of its share of the rows (`balanced`), the square root of that
        (`square_root`), or 1 (`none`).
    weights : row weights (n,), or None.
    """
    weights = None if weights is None or np.ptp(weights) == 0 else weights
    if kind == "none":
        return weights if weights is None else weights / weights.mean()
    class_sizes = np.bincount(y, weights, n_classes)
    class_weights = 1.0 / np.where(class_sizes > 0, class_sizes, 1)[y]
    class_weights = np.sqrt(class_weights) if kind == "square_root" else class_weights
    product = class_weights if weights is None else class_weights * weights
    return product / product.mean()


class Step:
    """Evaluates `networks` on the training rows and updates them.

    Both forms have these methods:

    - `measure()` returns a Measurement of each network on all training rows.
    - `update(rate)` makes one step on all rows; returns the measurements from before it, noise included.
    - `one_pass(orders, size, rates)` makes one step per mini-batch of `size` rows, in the order of the rows given for
      each network (networks, n), with one learning rate per step.
    - `validated()` returns cross-entropy and accuracy of each network on the validation rows.
    """

    def __init__(self, networks: list[Network], training: Partition, validation, n_classes: int, settings: dict, seeds):
        self.networks, self.dtype = networks, networks[0].weights[0].dtype
        self.l1, self.l2, self.smoothing = settings["l1"], settings["l2"], settings["label_smoothing"]
        self.weights = row_weights(training.y, n_classes, settings["class_weights"], training.weights)
        self.of_validation = validation and row_weights(validation.y, n_classes, "none", validation.weights)
        self.noises = [noise for noise in (noise_of(settings, seed) for seed in seeds) if noise]

    def _penalised(self, network: Network, loss: float) -> float:
        for W in network.weights if self.l1 or self.l2 else []:
            loss += self.l1 * float(np.abs(W).sum()) + 0.5 * self.l2 * float((W * W).sum())
        return loss

    def _move(self, rule, gradient: np.ndarray, rate: float, is_weight: np.ndarray | float) -> None:
        """Update the parameters of an optimizer. The L1 and L2 terms only apply where `is_weight` is 1."""
        if self.l1 or self.l2:
            parameters = rule.parameter
            gradient = gradient + is_weight * (self.l2 * parameters + self.l1 * np.sign(parameters))
        rule.step(gradient, rate)


class PlainStep(Step):
    """The equations of `mlp` on whole arrays, for a single network. Can also update during the backward pass."""

    def __init__(self, networks, training: Partition, validation, n_classes: int, settings: dict, seeds):
        super().__init__(networks, training, validation, n_classes, settings, seeds)
        self.training, self.validation = (
            part and replace(part, X=part.X[:].astype(self.dtype, copy=False)) for part in (training, validation)
        )
        (self.network,) = networks
        layers = zip(self.network.weights, self.network.biases)
        self.rules = [[optimizer(settings, parameter) for parameter in layer] for layer in layers]
        self.during_backward = settings["update_order"] == "during_backward"

    def measure(self, backward: bool = True) -> list[Measurement]:
        return [self._measured(self.training, self.weights)]

    def update(self, rate: float) -> list[Measurement]:
        return [self._update(slice(None), rate)]

    def one_pass(self, orders: np.ndarray, size: int, rates: list[float]) -> None:
        for start, rate in zip(range(0, orders.shape[1], size), rates):
            self._update(orders[0, start : start + size], rate)

    def validated(self) -> list[tuple[float, float]]:
        scores, y = logits(self.network, self.validation.X), self.validation.y
        loss = cross_entropy(scores, y, self.of_validation, self.smoothing)
        return [(loss, mean(scores.argmax(axis=1) == y, self.validation.weights))]

    def _update(self, rows: np.ndarray | slice, rate: float) -> Measurement:
        part, masks = self.training.at(rows), None
        weights = None if self.weights is None else self.weights[rows]
        if self.noises:
            (noise,) = self.noises
            part = replace(part, X=noise.on_inputs(part.X))
            masks = noise.masks([(len(part.X), len(b)) for b in self.network.biases[:-1]], part.X.dtype)

        def move(layer: int, *gradients: np.ndarray) -> None:
            for rule, gradient, is_weight in zip(self.rules[layer], gradients, (1.0, 0.0)):
                self._move(rule, gradient, rate, is_weight)

        measured = self._measured(part, weights, masks, move if self.during_backward else None)
        if not self.during_backward:
            for layer, gradients in enumerate(zip(measured.gradient.weights, measured.gradient.biases)):
                move(layer, *gradients)
        return measured

    def _measured(self, rows: Partition, weights: np.ndarray | None, masks=None, update=None) -> Measurement:
        passed = forward(self.network, rows.X, masks)
        loss = self._penalised(self.network, cross_entropy(passed.logits, rows.y, weights, self.smoothing))
        accuracy = mean(passed.logits.argmax(axis=1) == rows.y, rows.weights)
        dz = loss_by_logits(softmax(passed.logits), rows.y, weights, self.smoothing)
        return Measurement(loss, accuracy, backward(self.network, passed, dz, update))


class BlockStep(Step):
    """The same equations in blocks of rows, for several networks at once (see `core`)."""

    def __init__(self, networks, training: Partition, validation, n_classes: int, settings: dict, seeds):
        super().__init__(networks, training, validation, n_classes, settings, seeds)
        self.training, self.validation = (
            part and Rows(part.X, part.y, weights, self.dtype, part.weights)
            for part, weights in ((training, self.weights), (validation, self.of_validation))
        )
        self.core = Core(networks, self.smoothing, self.noises)
        self.networks, self.is_weight = self.core.networks, np.zeros_like(self.core.vectors[0])
        for W in self.core.network(self.is_weight).weights:
            W[...] = 1.0
        self.rule = optimizer(settings, self.core.vectors)

    def measure(self, backward: bool = True, noisy: bool = False) -> list[Measurement]:
        measured = zip(self.networks, self.core.measure(self.training, backward, noisy))
        return [Measurement(self._penalised(network, loss), *rest) for network, (loss, *rest) in measured]

    def update(self, rate: float) -> list[Measurement]:
        measured = self.measure(noisy=bool(self.noises))
        self._move(self.rule, self.core.gradient, rate, self.is_weight)
        return measured

    def one_pass(self, orders: np.ndarray, size: int, rates: list[float]) -> None:
        for gradient, rate in zip(self.core.mini_batches(self.training, orders, size), rates):
            self._move(self.rule, gradient, rate, self.is_weight)

    def validated(self) -> list[tuple[float, float]]:
        return [measured[:2] for measured in self.core.measure(self.validation, backward=False)]
