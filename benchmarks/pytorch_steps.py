"""Contenders in PyTorch, float32, written as usual there."""

from collections.abc import Callable

import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from problem import Problem, StepRecord

ACTIVATIONS = {"relu": nn.ReLU, "sigmoid": nn.Sigmoid, "tanh": nn.Tanh}


class CannotCompile(Exception):
    """torch.compile does not work here; the message says why."""


class _Contender:
    def __init__(self, problem: Problem):
        self.model = _model(problem)
        self.X, self.y = torch.tensor(problem.X, dtype=torch.float32), torch.tensor(problem.y)

    def parameters(self) -> list[np.ndarray]:
        layers = _linear(self.model)
        return [layer.weight.detach().numpy().T for layer in layers] + [layer.bias.detach().numpy() for layer in layers]


class FullBatch(_Contender):
    """Gradient descent on all rows at once, operation by operation ("eager")."""

    def __init__(self, problem: Problem):
        super().__init__(problem)
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=problem.learning_rate)

    def step(self) -> StepRecord:
        self.optimizer.zero_grad()
        loss, accuracy = self._measured()
        loss.backward()
        gradients = tuple(layer.weight.grad.abs().mean().item() for layer in _linear(self.model))
        self.optimizer.step()
        return StepRecord(loss.item(), accuracy.item(), gradients)

    def _measured(self) -> tuple[torch.Tensor, torch.Tensor]:
        logits = self.model(self.X)
        return cross_entropy(logits, self.y), (logits.argmax(1) == self.y).float().mean()


class Compiled(FullBatch):
    """Compiles loss, accuracy and backward pass with torch.compile; raises CannotCompile where that fails."""

    def __init__(self, problem: Problem):
        super().__init__(problem)
        self._measured = torch.compile(self._measured)
        try:
            self._measured()[0].backward()
        except (RuntimeError, OSError, ImportError) as error:  # no compiler, no headers, or a Python it does not know
            raise CannotCompile(str(error).strip().splitlines()[0]) from error


class MiniBatchAdam(_Contender):
    """One pass over the rows in the order that `order()` gives, `batch_size` at a time."""

    def __init__(self, problem: Problem, batch_size: int, order: Callable[[], np.ndarray], fused: bool):
        super().__init__(problem)
        self.batch_size, self.order = batch_size, order
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=problem.learning_rate, fused=fused)

    def step(self) -> None:
        for rows in torch.from_numpy(self.order()).split(self.batch_size):
            self.optimizer.zero_grad()
            cross_entropy(self.model(self.X[rows]), self.y[rows]).backward()
            self.optimizer.step()


def _model(problem: Problem) -> nn.Sequential:
    network, layers = problem.network, []
    for W, b in zip(network.weights, network.biases):
        linear = nn.Linear(*W.shape)
        linear.weight.data = torch.tensor(W.T, dtype=torch.float32).contiguous()
        linear.bias.data = torch.tensor(b, dtype=torch.float32)
        layers += [linear, ACTIVATIONS[network.activation.name]()]
    return nn.Sequential(*layers[:-1])


def _linear(model: nn.Sequential) -> list[nn.Linear]:
    return [layer for layer in model if isinstance(layer, nn.Linear)]
