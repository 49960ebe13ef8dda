"""A multilayer perceptron as course notebooks write it: clear, in float64, with a new array for every operation.

Deliberately independent of `network`: it is here to be compared with, not to be used.
"""

import numpy as np

from gapscope.benchmark.problem import Problem, Seen


class NeuralNetwork:
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
    """The loop's body: loss and accuracy evaluated by forward passes of their own, then the training step."""

    def __init__(self, problem: Problem):
        self.model = NeuralNetwork(
            problem.network.weights, problem.network.biases, problem.network.activation.name, problem.learning_rate
        )
        self.X, self.y = problem.X, problem.y
        self.Y = np.eye(problem.n_classes)[problem.y]

    def step(self) -> Seen:
        loss, accuracy = self.model.loss(self.X, self.Y), self.model.accuracy(self.X, self.y)
        dWs, dbs = self.model.backward(self.Y, self.model.forward(self.X))
        self.model.update(dWs, dbs)
        return Seen(float(loss), float(accuracy), tuple(float(np.mean(np.abs(dW))) for dW in dWs))

    def parameters(self) -> list[np.ndarray]:
        return [*self.model.weights, *(b.ravel() for b in self.model.biases)]
