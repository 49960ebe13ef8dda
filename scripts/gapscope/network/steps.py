"""One training step in either form of the mathematics: plain, as the derivation reads, or in blocks, which is fast."""

from dataclasses import dataclass

import numpy as np

from gapscope.network.blocks import BlockForm
from gapscope.network.mlp import Gradient, Network, backward, cross_entropy, forward, loss_by_logits, predict, softmax
from gapscope.network.noise import noise_of
from gapscope.network.optimizers import optimizer
from gapscope.network.rows import Rows, Shape


@dataclass(frozen=True)
class Part:
    """Rows to train on or to validate with: X (n, d) and class codes y (n,)."""

    X: np.ndarray
    y: np.ndarray


@dataclass(frozen=True)
class Measured:
    """Loss with the L2 term, accuracy, and the gradient of the cross-entropy."""

    loss: float
    accuracy: float
    gradient: Gradient


def row_weights(y: np.ndarray, n_classes: int, kind: str) -> np.ndarray | None:
    """`balanced`: a row weighs the inverse of its class's share, so that all classes weigh the same. (n,), mean 1."""
    if kind == "none":
        return None
    weights = 1.0 / np.maximum(np.bincount(y, minlength=n_classes), 1)[y]
    return weights / weights.mean()


def step_form(network: Network, training: Part, validation: Part | None, n_classes: int, settings: dict) -> "Step":
    """The form that settings["form"] names."""
    form = {"plain": PlainStep, "blocks": BlockStep}[settings["form"]]
    return form(network, training, validation, n_classes, settings)


class Step:
    """Measures a network on the training part and moves it. Subclasses say how loss and gradient are computed."""

    def __init__(self, network: Network, settings: dict):
        self.network, self.rule = network, optimizer(settings)
        self.l1, self.l2, self.smoothing = settings["l1"], settings["l2"], settings["label_smoothing"]
        self.noise = noise_of(settings)

    def measure(self) -> Measured:
        """Loss, accuracy and gradient on the whole training part, without noise."""
        raise NotImplementedError

    def update(self, rows: np.ndarray | None = None) -> Measured:
        """One step on all rows or on those given; what was measured before it."""
        raise NotImplementedError

    def validation_accuracy(self) -> float:
        raise NotImplementedError

    def _with_penalty(self, loss: float) -> float:
        for W in self.network.weights if self.l1 or self.l2 else []:
            loss += self.l1 * float(np.abs(W).sum()) + 0.5 * self.l2 * float((W * W).sum())
        return loss

    def _move(self, gradient: Gradient) -> None:
        for layer, dW in enumerate(gradient.weights):
            self._move_weights(layer, dW)
        for place, db in enumerate(gradient.biases):
            self._move_bias(place, db)

    def _move_weights(self, layer: int, dW: np.ndarray) -> None:
        W = self.network.weights[layer]
        if self.l2:
            dW = dW + self.l2 * W
        if self.l1:
            dW = dW + self.l1 * np.sign(W)
        self.rule.step(layer, W, dW)

    def _move_bias(self, place: int, db: np.ndarray) -> None:
        self.rule.step(len(self.network.weights) + place, self.network.biases[place], db)


class PlainStep(Step):
    """The equations of `mlp` on whole arrays. Knows the order of updates of system 25280022 too."""

    def __init__(self, network: Network, training: Part, validation: Part | None, n_classes: int, settings: dict):
        super().__init__(network, settings)
        dtype = network.weights[0].dtype
        self.training, self.validation = Part(training.X.astype(dtype), training.y), validation
        self.weights = row_weights(training.y, n_classes, settings["class_weights"])
        self.during_backward = settings["update_order"] == "during_backward"

    def measure(self) -> Measured:
        return self._measure(self.training.X, self.training.y, self.weights)

    def update(self, rows: np.ndarray | None = None) -> Measured:
        chosen = slice(None) if rows is None else rows
        weights = None if self.weights is None else self.weights[chosen]
        at_once = self._move_layer if self.during_backward else None
        X, masks = self.training.X[chosen], None
        if self.noise:
            X = self.noise.on_inputs(X)
            masks = self.noise.masks([(len(X), len(b)) for b in self.network.biases[:-1]], X.dtype)
        measured = self._measure(X, self.training.y[chosen], weights, masks, at_once)
        if not self.during_backward:
            self._move(measured.gradient)
        return measured

    def validation_accuracy(self) -> float:
        return float((predict(self.network, self.validation.X) == self.validation.y).mean())

    def _measure(self, X: np.ndarray, y: np.ndarray, weights: np.ndarray | None, masks=None, at_once=None) -> Measured:
        passed = forward(self.network, X, masks)
        p = softmax(passed.logits)
        loss = self._with_penalty(cross_entropy(p, y, weights, self.smoothing))
        accuracy = float((passed.logits.argmax(axis=1) == y).mean())
        dz = loss_by_logits(p, y, weights, self.smoothing)
        return Measured(loss, accuracy, backward(self.network, passed, dz, at_once))

    def _move_layer(self, layer: int, dW: np.ndarray, db: np.ndarray) -> None:
        self._move_weights(layer, dW)
        self._move_bias(self.network.bias_of[layer], db)


class BlockStep(Step):
    """The block form of the same equations."""

    def __init__(self, network: Network, training: Part, validation: Part | None, n_classes: int, settings: dict):
        super().__init__(network, settings)
        dtype, size = network.weights[0].dtype, settings["batch_size"]
        weights = row_weights(training.y, n_classes, settings["class_weights"])
        self.training = Rows(training.X, training.y, n_classes, weights, dtype)
        self.validation = None if validation is None else Rows(validation.X, validation.y, n_classes, None, dtype)
        self.vector, self.n_weights = one_vector(network), sum(W.size for W in network.weights)
        self.form = BlockForm(network, smoothing=self.smoothing)
        self.batch_shape = Shape() if size == "full" else Shape.of_batch(size)
        self.batch_form = self.form if size == "full" else BlockForm(network, self.batch_shape, self.smoothing)

    def measure(self) -> Measured:
        return self._measured(*self.form.measure(self.training))

    def update(self, rows: np.ndarray | None = None) -> Measured:
        chosen = self.training if rows is None else self.training.chosen(rows, self.batch_shape)
        form = self.form if rows is None else self.batch_form
        measured = self._measured(*form.measure(chosen, self.noise))
        self._move(measured.gradient)
        return measured

    def validation_accuracy(self) -> float:
        return self.form.accuracy(self.validation)

    def _move(self, gradient: Gradient) -> None:
        """One update of all parameters: elementwise rules are the same on one vector, at a fraction of the calls."""
        step = np.concatenate([array.ravel() for array in gradient.parameters])
        weights = self.vector[: self.n_weights]
        if self.l2:
            step[: self.n_weights] += self.l2 * weights
        if self.l1:
            step[: self.n_weights] += self.l1 * np.sign(weights)
        self.rule.step(0, self.vector, step)

    def _measured(self, loss: float, accuracy: float, gradient: Gradient) -> Measured:
        return Measured(self._with_penalty(loss), accuracy, gradient)


def one_vector(network: Network) -> np.ndarray:
    """Moves the parameters, weights first, into one vector, of which the network's arrays become views."""
    vector, start = np.concatenate([array.ravel() for array in network.parameters]), 0
    for arrays in (network.weights, network.biases):
        for place, array in enumerate(arrays):
            arrays[place] = vector[start : start + array.size].reshape(array.shape)
            start += array.size
    return vector
