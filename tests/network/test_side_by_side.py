"""Training beside PyTorch from the same weights: the same loss curve, to rounding, over a few dozen updates."""

import numpy as np
import pytest

from gapscope.network.mlp import initial_network
from gapscope.network.partition import Partition
from gapscope.network.training import random_generator, train

torch = pytest.importorskip("torch", reason="torch is not installed; `make benchmark` installs it")

UPDATES, ROWS, BATCH = 36, 600, 50
ACTIVATIONS = {"relu": torch.nn.ReLU, "sigmoid": torch.nn.Sigmoid, "tanh": torch.nn.Tanh}
RULES = {  # settings, and PyTorch's optimizer
    "gradient_descent": ({"learning_rate": 0.3}, lambda p: torch.optim.SGD(p, lr=0.3)),
    "momentum": ({"learning_rate": 0.1, "momentum": 0.9}, lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9)),
    "adam": ({"learning_rate": 0.01}, lambda p: torch.optim.Adam(p, lr=0.01)),
    "l2": ({"optimizer": "momentum", "learning_rate": 0.1, "l2": 0.01}, None),
}
FORMS = [("plain", "float64", 1e-10), ("blocks", "float64", 1e-10), ("blocks", "float32", 2e-4)]


@pytest.fixture(scope="module")
def part() -> Partition:
    rng = np.random.default_rng(3)
    X = rng.normal(size=(ROWS, 6))
    return Partition(X, (X @ rng.normal(size=(6, 4)) + rng.gumbel(size=(ROWS, 4))).argmax(axis=1))


def with_weight_decay(layers):
    """L2 on the weights alone, as here."""
    groups = [
        {"params": [layer.weight for layer in layers], "weight_decay": 0.01},
        {"params": [layer.bias for layer in layers]},
    ]
    return torch.optim.SGD(groups, lr=0.1, momentum=0.9)


def torch_losses(part, settings, rule) -> list[float]:
    """Mean cross-entropy, with the L2 term, on all rows before each iteration and after the last; in float64."""
    rng = random_generator(settings["generator"], settings["seed"])
    network = initial_network([6, 8, 5, 4], settings["activation"], settings["initialisation"], rng)
    layers = [torch.nn.Linear(*W.shape, dtype=torch.float64) for W in network.weights]
    with torch.no_grad():
        for layer, W in zip(layers, network.weights):
            layer.weight.copy_(torch.tensor(W.T))
            layer.bias.zero_()
    modules = [module for layer in layers for module in (layer, ACTIVATIONS[settings["activation"]]())]
    model, X, y = torch.nn.Sequential(*modules[:-1]), torch.tensor(part.X), torch.tensor(part.y)
    optimizer = RULES[rule][1](model.parameters()) if RULES[rule][1] else with_weight_decay(layers)

    def loss(rows=slice(None)):
        return torch.nn.functional.cross_entropy(model(X[rows]), y[rows])

    losses = []
    for _ in range(settings["iterations"]):
        losses.append(loss().item() + settings["l2"] / 2 * sum((layer.weight**2).sum().item() for layer in layers))
        size = ROWS if settings["batch_size"] == "full" else settings["batch_size"]
        order = np.arange(ROWS) if size == ROWS else rng.permutation(ROWS)
        for start in range(0, ROWS, size):
            optimizer.zero_grad()
            loss(order[start : start + size]).backward()
            optimizer.step()
    return losses


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("batch_size", ["full", BATCH])
@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("form, precision, tolerance", FORMS)
def test_the_loss_curve_is_that_of_pytorch(part, settings, activation, batch_size, rule, form, precision, tolerance):
    """36 updates: 36 full batches, or 3 passes over 12 mini-batches each."""
    settings = {**settings, "hidden": [8, 5], "activation": activation, "optimizer": rule, **RULES[rule][0]}
    settings |= {"batch_size": batch_size, "iterations": UPDATES if batch_size == "full" else UPDATES * BATCH // ROWS}
    records = []
    train(part, part, 4, {**settings, "form": form, "precision": precision}, records.append)
    losses = torch_losses(part, settings, rule)
    assert losses[-1] < 0.985 * losses[0]  # it does learn
    np.testing.assert_allclose([record["loss"] for record in records[:-1]], losses, rtol=tolerance)
