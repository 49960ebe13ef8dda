"""Networks small enough to work by hand."""

import numpy as np

from gapscope.network.activations import ACTIVATIONS
from gapscope.network.mlp import Network


def network(activation, *layers):
    """A network from (weights, biases) of each layer."""
    weights, biases = ([np.array(array, float) for array in arrays] for arrays in zip(*layers))
    return Network(weights, biases, tuple(range(len(weights))), ACTIVATIONS[activation])
