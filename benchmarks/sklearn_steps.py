"""Contenders in scikit-learn: MLPClassifier, float32."""

import numpy as np
from sklearn.neural_network import MLPClassifier

from problem import Problem, StepRecord

NAMES = {"relu": "relu", "sigmoid": "logistic", "tanh": "tanh"}


class _Contender:
    def __init__(self, problem: Problem, solver: str, batch_size: int):
        network = problem.network
        self.X, self.y, self.rate = problem.X.astype(np.float32), problem.y, problem.learning_rate
        self.model = MLPClassifier(
            [len(b) for b in network.biases[:-1]],
            activation=NAMES[network.activation.name],
            solver=solver,
            alpha=0.0,
            batch_size=batch_size,
            learning_rate_init=self.rate,
            momentum=0.0,
            nesterovs_momentum=False,
            random_state=0,
        )
        self.model.partial_fit(self.X, self.y, classes=np.arange(problem.n_classes))
        del self.model._optimizer  # it allocates on its first step; then back to the network that all start from
        for array, start in zip(self.parameters(), network.parameters):
            array[...] = start

    def parameters(self) -> list[np.ndarray]:
        return [*self.model.coefs_, *self.model.intercepts_]


class FullBatch(_Contender):
    """One epoch of plain gradient descent with all rows in one batch.

    It records neither accuracy nor gradients: accuracy takes a further forward pass, gradients the change of weights.
    """

    def __init__(self, problem: Problem):
        super().__init__(problem, "sgd", len(problem.y))

    def step(self) -> StepRecord:
        accuracy, before = self.model.score(self.X, self.y), [W.copy() for W in self.model.coefs_]
        self.model.partial_fit(self.X, self.y)
        moved = tuple(float(np.abs(W - old).mean()) for W, old in zip(self.model.coefs_, before))
        return StepRecord(float(self.model.loss_), accuracy, tuple(size / self.rate for size in moved))


class MiniBatchAdam(_Contender):
    """One epoch of Adam, which draws the order of rows itself."""

    def __init__(self, problem: Problem, batch_size: int):
        super().__init__(problem, "adam", batch_size)

    def step(self) -> None:
        self.model.partial_fit(self.X, self.y)
