"""One training step in either form of the mathematics: plain, as the derivation reads, or in blocks, which is fast."""

from dataclasses import dataclass, replace

import numpy as np

from gapscope.common.weights import mean
from gapscope.network.batches import BatchForm
from gapscope.network.blocks import BlockForm
from gapscope.network.folding import Layout
from gapscope.network.mlp import Gradient, Network, backward, cross_entropy, forward, loss_by_logits, softmax
from gapscope.network.noise import Noise, noise_of
from gapscope.network.optimizers import optimizer
from gapscope.network.partition import Partition
from gapscope.network.rows import Rows
from gapscope.network.whole import WholeForm


@dataclass(frozen=True)
class Measured:
    """Loss with the L2 term, accuracy, and the gradient of the cross-entropy."""

    loss: float
    accuracy: float
    gradient: Gradient


def row_weights(y: np.ndarray, n_classes: int, kind: str, own: np.ndarray | None = None) -> np.ndarray | None:
    """What each row counts in the loss (n,), mean 1: its `own` weight times its class's; None where all count alike.

    Of its class, by `kind`: `balanced`, the inverse of the class's share, so that all classes count the same;
    `square_root`, half way there, the square root of that; `none`.
    """
    own = None if own is None or np.ptp(own) == 0 else own
    if kind == "none":
        return own if own is None else own / own.mean()
    of_class = np.bincount(y, own, n_classes)
    weights = 1.0 / np.where(of_class > 0, of_class, 1)[y]
    weights = np.sqrt(weights) if kind == "square_root" else weights
    weights = weights if own is None else weights * own
    return weights / weights.mean()


def step_form(
    networks: list[Network],
    training: Partition,
    validation: Partition | None,
    n_classes: int,
    settings: dict,
    seeds: list[int] | None = None,
) -> "Step":
    """The form that settings["form"] names. Only mini-batches in blocks know more than one network.

    `seeds`: of each network's noise, where there is any; settings["seed"] unless given.
    """
    form = {"plain": PlainStep, "blocks": BlockStep}[settings["form"]]
    noises = [noise_of({**settings, "seed": seed}) for seed in seeds or [settings["seed"]]]
    return form(networks, training, validation, n_classes, settings, noises)


class Step:
    """Measures networks on the training part and moves them. Subclasses say how loss and gradient are computed."""

    def __init__(self, networks: list[Network], settings: dict, noises: list[Noise | None]):
        self.networks, self.rule = networks, optimizer(settings)
        self.l1, self.l2, self.smoothing = settings["l1"], settings["l2"], settings["label_smoothing"]
        self.noises = noises if noises[0] else None

    def measure(self, member: int = 0) -> Measured:
        """Loss, accuracy and gradient on the whole training part, without noise."""
        raise NotImplementedError

    def loss(self, member: int = 0) -> float:
        """That of `measure`."""
        return self.measure(member).loss

    def update(self) -> Measured:
        """One step on all rows; what was measured before it."""
        raise NotImplementedError

    def one_pass(self, orders: np.ndarray, size: int, rates: list[float]) -> list[float]:
        """One step on each mini-batch of `size` rows, in each network's own order (networks, rows).

        Returns:
            each network's mean loss over the mini-batches, each before its step.
        """
        raise NotImplementedError

    def validation_accuracy(self, member: int = 0) -> float:
        raise NotImplementedError

    def _penalty(self, member: int = 0) -> float:
        penalty = 0.0
        for W in self.networks[member].weights if self.l1 or self.l2 else []:
            penalty += self.l1 * float(np.abs(W).sum()) + 0.5 * self.l2 * float((W * W).sum())
        return penalty


class PlainStep(Step):
    """The equations of `mlp` on whole arrays, for one network. Knows the order of updates of system 25280022 too."""

    def __init__(
        self, networks, training: Partition, validation: Partition | None, n_classes: int, settings: dict, noises
    ):
        super().__init__(networks, settings, noises)
        (self.network,), dtype = networks, networks[0].weights[0].dtype
        self.training = replace(training, X=training.X[:].astype(dtype, copy=False))
        self.validation = validation and replace(validation, X=validation.X[:].astype(dtype, copy=False))
        rows = max(len(part.y) for part in (training, validation) if part)
        self.form = WholeForm(self.network, rows, several_threads=settings["blas_threads"] > 1)
        self.weights = row_weights(training.y, n_classes, settings["class_weights"], training.weights)
        self.during_backward = settings["update_order"] == "during_backward"

    def measure(self, member: int = 0) -> Measured:
        return self._measure(self.training, self.weights)

    def update(self) -> Measured:
        return self._update(slice(None))

    def one_pass(self, orders: np.ndarray, size: int, rates: list[float]) -> list[float]:
        total, (order,) = 0.0, orders
        for start, rate in zip(range(0, len(order), size), rates):
            rows, self.rule.learning_rate = order[start : start + size], rate
            total += self._update(rows).loss * len(rows)
        return [total / len(order)]

    def validation_accuracy(self, member: int = 0) -> float:
        logits = self.form.logits(self.validation.X)
        return mean(logits.argmax(axis=1) == self.validation.y, self.validation.weights)

    def _update(self, rows: np.ndarray | slice) -> Measured:
        part, masks = self.training.at(rows), None
        weights = None if self.weights is None else self.weights[rows]
        if self.noises:
            (noise,) = self.noises
            part = replace(part, X=noise.on_inputs(part.X))
            masks = noise.masks([(len(part.X), len(b)) for b in self.network.biases[:-1]], part.X.dtype)
        measured = self._measure(part, weights, masks, self._move_layer if self.during_backward else None)
        if not self.during_backward:
            self._move(measured.gradient)
        return measured

    def _measure(self, rows: Partition, weights: np.ndarray | None, masks=None, at_once=None) -> Measured:
        y, passed = rows.y, forward(self.network, rows.X, masks) if masks else self.form.forward(rows.X)
        p = softmax(passed.logits)
        loss = cross_entropy(p, y, weights, self.smoothing) + self._penalty()
        accuracy = mean(passed.logits.argmax(axis=1) == y, rows.weights)
        dz = loss_by_logits(p, y, weights, self.smoothing)
        gradient = backward(self.network, passed, dz, at_once) if masks else self.form.backward(passed, dz, at_once)
        return Measured(loss, accuracy, gradient)

    def _move(self, gradient: Gradient) -> None:
        for layer, dW in enumerate(gradient.weights):
            self._move_weights(layer, dW)
        for place, db in enumerate(gradient.biases):
            self._move_bias(place, db)

    def _move_layer(self, layer: int, dW: np.ndarray, db: np.ndarray) -> None:
        self._move_weights(layer, dW)
        self._move_bias(self.network.bias_of[layer], db)

    def _move_weights(self, layer: int, dW: np.ndarray) -> None:
        W = self.network.weights[layer]
        if self.l2:
            dW = dW + self.l2 * W
        if self.l1:
            dW = dW + self.l1 * np.sign(W)
        self.rule.step(layer, W, dW)

    def _move_bias(self, place: int, db: np.ndarray) -> None:
        self.rule.step(len(self.network.weights) + place, self.network.biases[place], db)


class BlockStep(Step):
    """The same equations in blocks of rows and, with mini-batches, for several networks at once.

    The networks' arrays become views of `vectors` (networks, parameters): elementwise rules are the same on one
    vector as on many arrays, at a fraction of the calls.
    """

    def __init__(
        self, networks, training: Partition, validation: Partition | None, n_classes: int, settings: dict, noises
    ):
        super().__init__(networks, settings, noises)
        dtype, size = networks[0].weights[0].dtype, settings["batch_size"]
        weights = row_weights(training.y, n_classes, settings["class_weights"], training.weights)
        self.training = Rows(training.X, training.y, n_classes, weights, dtype, counted=training.weights)
        self.validation = validation and Rows(
            validation.X, validation.y, n_classes, None, dtype, counted=validation.weights
        )
        self.layout = Layout(networks[0])
        self.vectors, self.is_weight = self.layout.joined(networks), self.layout.is_weight().astype(dtype)
        self.forms = [BlockForm([network], smoothing=self.smoothing) for network in networks]
        if size != "full":
            rows, shape = self.training, self.forms[0].shape
            self.batches = BatchForm(self.layout, len(networks), rows, size, shape, self.smoothing, self.noises)

    def measure(self, member: int = 0) -> Measured:
        (measured,) = self.forms[member].measure(self.training)
        return self._measured(*measured, member)

    def loss(self, member: int = 0) -> float:
        return self.forms[member].loss(self.training)[0] + self._penalty(member)

    def update(self) -> Measured:
        (form,) = self.forms
        (measured,) = form.measure(self.training, self.noises)
        measured = self._measured(*measured)
        self._move(self.layout.vector(measured.gradient)[None])
        return measured

    def one_pass(self, orders: np.ndarray, size: int, rates: list[float]) -> list[float]:
        for rate, mini_batch in zip(rates, self.batches.mini_batches(orders), strict=True):
            self.rule.learning_rate = rate
            self._move(self.batches.gradient(self.vectors, mini_batch))
        return [float(loss) + self._penalty(member) for member, loss in enumerate(self.batches.losses())]

    def validation_accuracy(self, member: int = 0) -> float:
        return self.forms[member].accuracy(self.validation)[0]

    def _move(self, gradient: np.ndarray) -> None:
        """One update; `gradient` (networks, parameters) is overwritten."""
        if self.l2:
            gradient += self.l2 * self.is_weight * self.vectors
        if self.l1:
            gradient += self.l1 * self.is_weight * np.sign(self.vectors)
        self.rule.step(0, self.vectors, gradient)

    def _measured(self, loss: float, accuracy: float, gradient: Gradient, member: int = 0) -> Measured:
        return Measured(loss + self._penalty(member), accuracy, gradient)
