"""Networks with given or random parameters, and the plain form that the fast forms are held to."""

import numpy as np

from gapscope.network import mlp
from gapscope.network.activations import ACTIVATIONS


def network(activation, *layers) -> mlp.Network:
    """A network from (weights, biases) of each layer."""
    weights, biases = ([np.array(array, float) for array in arrays] for arrays in zip(*layers))
    return mlp.Network(weights, biases, tuple(range(len(weights))), ACTIVATIONS[activation])


def random_network(units, activation, bias_of=None, rng=0) -> mlp.Network:
    """No bias is zero; `rng` is a generator or a seed."""
    rng, places = np.random.default_rng(rng), bias_of or tuple(range(len(units) - 1))
    network, widths = mlp.initial_network(units, activation, "he", rng), dict(zip(places, units[1:]))
    biases = [rng.normal(0, 0.3, widths[place]) for place in range(len(widths))]
    return mlp.Network(network.weights, biases, places, network.activation)


def plain(network, X, y, weights=None, smoothing=0.0, masks=None):
    """Loss, accuracy and gradient by the equations of `mlp`, in float64."""
    network, X = network.astype(float), X.astype(float)
    with np.errstate(all="ignore"):
        passed = mlp.forward(network, X, masks)
        p = mlp.softmax(passed.logits)
        gradient = mlp.backward(network, passed, mlp.loss_by_logits(p, y, weights, smoothing))
        loss = mlp.cross_entropy(passed.logits, y, weights, smoothing)
    return loss, (passed.logits.argmax(axis=1) == y).mean(), gradient
