"""Gradient flow, saturated units and the gradient check, on networks small enough to work by hand."""

from pathlib import Path

import numpy as np
import pytest
import yaml

from gapscope.config.check import training_settings
from gapscope.evaluation import gradient_check as checked
from gapscope.evaluation import gradients
from gapscope.evaluation.gradient_check import gradient_check
from gapscope.evaluation.gradients import gradient_flow, saturation, start_network
from gapscope.network.activations import ACTIVATIONS, steepest_slope
from gapscope.network.mlp import Gradient, Network, backward, initial_network
from gapscope.network.model import Model

ROOT = Path(__file__).resolve().parents[2]
CHECK = {"rows": 40, "directions": 5, "tolerance": 1e-6, "seed": 1}


def history(**columns):
    rows = len(next(iter(columns.values())))
    rest = {"loss": 1.0, "train_accuracy": 0.5, "validation_accuracy": 0.4}
    columns = {"iteration": range(rows), **{name: [value] * rows for name, value in rest.items()}, **columns}
    return {name: np.array(values, float) for name, values in columns.items()}


def network(activation, *layers):
    """A network from (weights, biases) of each layer."""
    weights, biases = ([np.array(part, float) for part in parts] for parts in zip(*layers))
    return Network(weights, biases, tuple(range(len(weights))), ACTIVATIONS[activation])


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    return rng.standard_normal((60, 4)), rng.integers(3, size=60)


def test_flow_by_hand():
    flow = gradient_flow(history(grad_1=[1.0, 3.0, 8.0], grad_2=[20.0, 10.0, 0.0], grad_3=[5.0, 5.0, 5.0]), 0.2, 10.0)
    assert flow["layers"] == {"grad_1": 3.0, "grad_2": 10.0, "grad_3": 5.0}
    assert flow["first_to_last_hidden"] == pytest.approx(0.175)  # of 0.05 and 0.3; the third has nothing below the line
    assert (flow["first_to_last_hidden_at_start"], flow["verdict"]) == (0.05, "vanishing")


def test_one_hidden_layer_has_nothing_to_compare():
    flow = gradient_flow(history(grad_1=[1.0], grad_2=[2.0]), 0.1, 10.0)
    assert flow["first_to_last_hidden"] is flow["first_to_last_hidden_at_start"] is None
    assert flow["verdict"] == "not comparable"


def test_steepest_slopes():
    slopes = {name: steepest_slope(ACTIVATIONS[name]) for name in ("sigmoid", "tanh", "relu")}
    assert slopes == {"sigmoid": 0.25, "tanh": 1.0, "relu": 1.0}


@pytest.mark.parametrize("block", [2, 100])
def test_dead_and_switched_off_relus(monkeypatch, block):
    """Three units on the rows -1, 2, 3: off once, off twice, always off."""
    monkeypatch.setattr(gradients, "BLOCK", block)
    net = network("relu", ([[1, -1, 1]], [0, 0, -9]), (np.ones((3, 2)), [0, 0]))
    found = saturation(net, np.array([[-1.0], [2.0], [3.0]]), 0.05)
    assert found == {"saturated": [pytest.approx(6 / 9)], "dead": [pytest.approx(1 / 3)]}


@pytest.mark.parametrize(("activation", "edge"), [("sigmoid", 4.3567), ("tanh", 2.1783)])
def test_saturation_begins_where_the_slope_falls_below_the_share(activation, edge):
    """a (1 - a) = 0.05 / 4 at the edge; tanh is a sigmoid of twice the argument."""
    net = network(activation, ([[1, 1]], [0, 100]), (np.ones((2, 2)), [0, 0]))
    found = saturation(net, np.array([[-edge - 1e-3], [-edge + 1e-3], [0.0], [edge - 1e-3]]), 0.05)
    assert found == {"saturated": [5 / 8], "dead": [0.5]}


def test_a_falling_slope_is_no_saturation():
    """GELU falls with a slope of -0.13 at -1.4, has none at -0.75, and is flat far out."""
    net = network("gelu", ([[1]], [0]), (np.ones((1, 2)), [0, 0]))
    assert saturation(net, np.array([[-1.4], [-0.75], [-6.0], [1.0]]), 0.05)["saturated"] == [0.5]


def test_a_network_without_hidden_layers_has_nothing_to_saturate():
    net = network("relu", (np.ones((2, 2)), [0, 0]))
    assert saturation(net, np.ones((3, 2)), 0.05) == {"saturated": [], "dead": []}


def test_start_network_is_the_one_that_training_began_with(data):
    shipped = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))["train"] | {"hidden": [6, 5]}
    for activation in ("relu", "sigmoid"):
        settings = training_settings(shipped, activation)
        model = Model(None, np.zeros(4), np.ones(4), {"settings": settings, "classes": ["a", "b", "c"]})
        expected = initial_network([4, 6, 5, 3], activation, settings["initialisation"], np.random.default_rng(42))
        for array, own in zip(start_network(model, *data).parameters, expected.parameters):
            assert (array == own.astype(settings["precision"])).all()


@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
@pytest.mark.parametrize("bias_of", [(0, 1, 2), (0, 0, 1)])
def test_the_gradient_agrees_with_differences(data, activation, bias_of):
    net = initial_network([4, 6, 6, 3], activation, "xavier", np.random.default_rng(3))
    net = Network(net.weights, [net.biases[bias_of.index(place)] for place in set(bias_of)], bias_of, net.activation)
    found = gradient_check(net.astype(np.float32), *data, **CHECK)
    assert found["agrees"] and found["largest_relative_difference"] < 1e-7
    assert found["rows"] + found["rows_left_out"] == 40 and len(found["directions"]) == 5
    assert all(abs(one["analytic"]) > 1e-5 for one in found["directions"])
    assert gradient_check(net.astype(np.float32), *data, **CHECK) == found


def wrong_weights(net, passed, dz):
    """One layer's derivative is off by a thousandth."""
    right = backward(net, passed, dz)
    return Gradient([right.weights[0] * 1.001, *right.weights[1:]], right.biases)


def without_slopes(net, passed, dz):
    linear = ACTIVATIONS["relu"].__class__("linear", None, lambda z, a: np.ones_like(z), "", "")
    return backward(Network(net.weights, net.biases, net.bias_of, linear), passed, dz)


def without_mean(net, passed, dz):
    return backward(net, passed, dz * len(dz))


@pytest.mark.parametrize("wrong", [wrong_weights, without_slopes, without_mean])
def test_a_wrong_gradient_is_found(data, monkeypatch, wrong):
    net = initial_network([4, 6, 6, 3], "tanh", "xavier", np.random.default_rng(3))
    monkeypatch.setattr(checked, "backward", wrong)
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


def test_a_smooth_activation_has_no_kink(data):
    net = network("tanh", (np.ones((4, 1)), [0]), ([[1, 2, 3]], [0, 0, 0]))
    found = gradient_check(net, np.zeros_like(data[0]), data[1], **CHECK)
    assert (found["rows"], found["rows_left_out"], found["agrees"]) == (40, 0, True)


def test_rounding_is_no_disagreement(data):
    """A network that is all but certain and right: its slopes are near rounding, and their difference is large."""
    X = np.repeat(np.eye(3), 20, axis=0)
    y = X.argmax(axis=1)
    net = network("tanh", (np.eye(3), [0, 0, 0]), (40 * np.eye(3), [0, 0, 0]))
    found = gradient_check(net, X, y, **CHECK)
    assert found["agrees"] and found["largest_relative_difference"] > CHECK["tolerance"]
