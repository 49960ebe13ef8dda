"""Contenders in NumPy: gapscope's own steps, an implementation as course notebooks have it, and the lower bound."""

from collections.abc import Callable

import numpy as np

from gapscope.network.partition import Partition
from gapscope.network.steps import BlockStep, PlainStep, Step
from problem import Problem, StepRecord

# Training settings that the other contenders do not have.
SWITCHED_OFF = {
    **dict.fromkeys(["momentum", "l1", "l2", "dropout", "input_noise", "label_smoothing"], 0.0),
    "seed": 0,
    "class_weights": "none",
    "schedule": "constant",
    "update_order": "after_backward",
    "blas_threads": 1,
}


def gapscope_step(
    problem: Problem, form: str, precision: str, optimizer: str, batch_size: int | str, copies: int = 1
) -> Step:
    settings = {**SWITCHED_OFF, "form": form, "optimizer": optimizer, "batch_size": batch_size}
    settings["learning_rate"] = problem.learning_rate
    networks = [problem.network.astype(precision) for _ in range(copies)]
    training = Partition(problem.X.astype(precision), problem.y)
    step = {"plain": PlainStep, "blocks": BlockStep}[form]
    return step(networks, training, None, problem.n_classes, settings, list(range(copies)))


class FullBatch:
    """gapscope's gradient descent on all rows at once, in blocks (fast) or plain (as the derivation reads)."""

    def __init__(self, problem: Problem, form: str, precision: str):
        self.form = gapscope_step(problem, form, precision, "gradient_descent", "full")
        self.rate = problem.learning_rate

    def step(self) -> StepRecord:
        (measured,) = self.form.update(self.rate)
        gradients = tuple(float(np.abs(dW).mean()) for dW in measured.gradient.weights)
        return StepRecord(measured.loss, measured.accuracy, gradients)

    def parameters(self) -> list[np.ndarray]:
        return self.form.networks[0].parameters


class MiniBatchAdam:
    """gapscope's pass of Adam over mini-batches, for `copies` networks at once, each in its own `order()` of rows."""

    def __init__(self, problem: Problem, batch_size: int, order: Callable[[], np.ndarray], copies: int = 1):
        self.form = gapscope_step(problem, "blocks", "float32", "adam", batch_size, copies)
        self.batch_size, self.order, self.copies, self.rate = batch_size, order, copies, problem.learning_rate

    def step(self) -> None:
        orders = np.stack([self.order() for _ in range(self.copies)])
        rates = [self.rate] * -(-orders.shape[1] // self.batch_size)
        self.form.one_pass(orders, self.batch_size, rates)

    def parameters(self) -> list[np.ndarray]:
        return self.form.networks[0].parameters


class OneByOne:
    """The same as MiniBatchAdam with `copies`, one network after the other."""

    def __init__(self, problem: Problem, batch_size: int, order: Callable[[], np.ndarray], copies: int):
        self.each = [MiniBatchAdam(problem, batch_size, order) for _ in range(copies)]

    def step(self) -> None:
        for one in self.each:
            one.step()


class OneProduct:
    """The bound: two square float32 matrices with as many multiplications as all products of one step."""

    def __init__(self, problem: Problem):
        side = round(problem.multiplications ** (1 / 3))
        rng = np.random.default_rng(0)
        self.A, self.B = (rng.standard_normal((side, side), dtype=np.float32) for _ in range(2))
        self.C = np.empty_like(self.A)

    def step(self) -> None:
        np.matmul(self.A, self.B, out=self.C)


class NeuralNetwork:
    """A network as course notebooks write it: clear, in float64, with a new array for every operation.

    It shares no code with `gapscope.network`, with which it is compared.
    """

    def __init__(self, weights: list[np.ndarray], biases: list[np.ndarray], activation: str, learning_rate: float):
        self.weights = [W.copy() for W in weights]
        self.biases = [b.reshape(1, -1).copy() for b in biases]
        self.activation, self.learning_rate = activation, learning_rate

    def activate(self, z):
        if self.activation == "relu":
            return np.where(z > 0, z, 0.0)
        return 1 / (1 + np.exp(-np.clip(z, -500, 500)))

    def activate_derivative(self, z):
        if self.activation == "relu":
            return (z > 0).astype(float)
        a = self.activate(z)
        return a * (1 - a)

    def softmax(self, z):
        exp_z = np.exp(z - np.max(z, axis=1, keepdims=True))
        return exp_z / np.sum(exp_z, axis=1, keepdims=True)

    def forward(self, X):
        self.zs, self.activations = [], [X]
        for W, b in zip(self.weights[:-1], self.biases[:-1]):
            z = np.dot(self.activations[-1], W) + b
            self.zs.append(z)
            self.activations.append(self.activate(z))
        z = np.dot(self.activations[-1], self.weights[-1]) + self.biases[-1]
        return self.softmax(z)

    def backward(self, Y, y_hat):
        m = Y.shape[0]
        dz = y_hat - Y
        dWs, dbs = [], []
        for i in reversed(range(len(self.weights))):
            dWs.insert(0, np.dot(self.activations[i].T, dz) / m)
            dbs.insert(0, np.sum(dz, axis=0, keepdims=True) / m)
            if i > 0:
                dz = np.dot(dz, self.weights[i].T) * self.activate_derivative(self.zs[i - 1])
        return dWs, dbs

    def update(self, dWs, dbs):
        for i in range(len(self.weights)):
            self.weights[i] = self.weights[i] - self.learning_rate * dWs[i]
            self.biases[i] = self.biases[i] - self.learning_rate * dbs[i]

    def loss(self, X, Y):
        y_hat = np.clip(self.forward(X), 1e-15, 1.0)
        return -np.mean(np.sum(Y * np.log(y_hat), axis=1))

    def accuracy(self, X, y):
        return np.mean(np.argmax(self.forward(X), axis=1) == y)


class Notebook:
    """NeuralNetwork's training loop: loss and accuracy take a forward pass each, then follows the update."""

    def __init__(self, problem: Problem):
        self.model = NeuralNetwork(
            problem.network.weights, problem.network.biases, problem.network.activation.name, problem.learning_rate
        )
        self.X, self.y = problem.X, problem.y
        self.Y = np.eye(problem.n_classes)[problem.y]

    def step(self) -> StepRecord:
        loss, accuracy = self.model.loss(self.X, self.Y), self.model.accuracy(self.X, self.y)
        dWs, dbs = self.model.backward(self.Y, self.model.forward(self.X))
        self.model.update(dWs, dbs)
        return StepRecord(float(loss), float(accuracy), tuple(float(np.mean(np.abs(dW))) for dW in dWs))

    def parameters(self) -> list[np.ndarray]:
        return [*self.model.weights, *(b.ravel() for b in self.model.biases)]
