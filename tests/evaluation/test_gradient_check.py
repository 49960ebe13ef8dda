"""The gradient check: agrees with a right gradient, finds wrong ones, and knows kinks and rounding."""

import numpy as np
import pytest

from gapscope.evaluation.gradient_check import gradient_check
from gapscope.network import mlp
from gapscope.network.activations import ACTIVATIONS
from gapscope.network.mlp import Network, backward, initial_network
from networks import network

CHECK = {"rows": 40, "directions": 5, "tolerance": 1e-6, "seed": 1}


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    return rng.standard_normal((60, 4)), rng.integers(3, size=60)


@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
@pytest.mark.parametrize("bias_of", [(0, 1, 2), (0, 0, 1)])
def test_the_gradient_agrees_with_differences(data, activation, bias_of):
    net = initial_network([4, 6, 6, 3], activation, "xavier", np.random.default_rng(3))
    net = Network(net.weights, [net.biases[bias_of.index(place)] for place in set(bias_of)], bias_of, net.activation)
    found = gradient_check(net.astype(np.float32), *data, **CHECK)
    assert found["agrees"] and found["largest_relative_difference"] < 1e-7
    assert found["rows"] + found["rows_left_out"] == 40 and len(found["directions"]) == 5
    assert all(abs(slopes["analytic"]) > 1e-5 for slopes in found["directions"])
    assert gradient_check(net.astype(np.float32), *data, **CHECK) == found


LINEAR = ACTIVATIONS["relu"].__class__("linear", None, lambda z, a: np.ones_like(z), "", "")


def first_layer(net, passed, dz):
    gradient = backward(net, passed, dz)
    gradient.weights[0] *= 1.001
    return gradient


WRONG = {
    "first layer": first_layer,
    "slopes": lambda net, passed, dz: backward(Network(net.weights, net.biases, net.bias_of, LINEAR), passed, dz),
    "mean": lambda net, passed, dz: backward(net, passed, dz * len(dz)),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_gradient_is_found(data, monkeypatch, wrong):
    net = initial_network([4, 6, 6, 3], "tanh", "xavier", np.random.default_rng(3))
    monkeypatch.setattr(mlp, "backward", WRONG[wrong])
    found = gradient_check(net, *data, **CHECK)
    assert not found["agrees"] and found["largest_relative_difference"] > 1e-5


def test_rows_at_a_kink_are_left_out(data):
    """The unit is 0 on the rows of zeros, and one end of each difference lies on either side of that."""
    X, y = data
    X[:7] = 0.0
    net = network("relu", (np.ones((4, 1)), [0]), ([[1, 2, 3]], [0, 0, 0]))
    found = gradient_check(net, X, y, **{**CHECK, "rows": 60})
    assert (found["rows"], found["rows_left_out"], found["agrees"]) == (53, 7, True)
    nothing = gradient_check(net, np.zeros_like(X), y, **CHECK)
    assert (nothing["rows"], nothing["directions"], nothing["agrees"]) == (0, [], False)
    assert nothing["largest_relative_difference"] is None
    smooth = network("tanh", (np.ones((4, 1)), [0]), ([[1, 2, 3]], [0, 0, 0]))
    found = gradient_check(smooth, np.zeros_like(X), y, **CHECK)
    assert (found["rows"], found["rows_left_out"], found["agrees"]) == (40, 0, True)


def test_rounding_is_no_disagreement(data):
    """A network that is all but certain and right: its slopes are near rounding, and their difference is large."""
    X = np.repeat(np.eye(3), 20, axis=0)
    y = X.argmax(axis=1)
    net = network("tanh", (np.eye(3), [0, 0, 0]), (40 * np.eye(3), [0, 0, 0]))
    found = gradient_check(net, X, y, **CHECK)
    assert found["agrees"] and found["largest_relative_difference"] > CHECK["tolerance"]
