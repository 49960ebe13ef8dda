"""Gradient flow and saturated units, on networks small enough to work by hand."""

import numpy as np
import pytest

from gapscope.config.check import training_settings
from gapscope.evaluation import gradients
from gapscope.evaluation.gradients import gradient_flow, saturation, start_network
from gapscope.network.mlp import initial_network
from gapscope.network.model import Model
from networks import network


def history(**columns):
    rows = len(next(iter(columns.values())))
    rest = {"loss": 1.0, "train_accuracy": 0.5, "validation_accuracy": 0.4}
    columns = {"iteration": range(rows), **{name: [value] * rows for name, value in rest.items()}, **columns}
    return {name: np.array(values, float) for name, values in columns.items()}


def test_flow_by_hand():
    flow = gradient_flow(history(grad_1=[1.0, 3.0, 8.0], grad_2=[20.0, 10.0, 0.0], grad_3=[5.0, 5.0, 5.0]), 0.2, 10.0)
    assert flow["layers"] == {"grad_1": 3.0, "grad_2": 10.0, "grad_3": 5.0}
    assert flow["first_to_last_hidden"] == pytest.approx(0.175)  # of 0.05 and 0.3; the third has nothing below the line
    assert (flow["first_to_last_hidden_at_start"], flow["verdict"]) == (0.05, "vanishing")
    # one hidden layer has nothing to compare
    flow = gradient_flow(history(grad_1=[1.0], grad_2=[2.0]), 0.1, 10.0)
    assert flow["first_to_last_hidden"] is flow["first_to_last_hidden_at_start"] is None
    assert flow["verdict"] == "not comparable"


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
    without_hidden_layer = network("relu", (np.ones((2, 2)), [0, 0]))
    assert saturation(without_hidden_layer, np.ones((3, 2)), 0.05) == {"saturated": [], "dead": []}


def test_start_network_is_the_one_that_training_began_with(config):
    X, y = np.zeros((1, 4)), np.array([2])
    for activation in ("relu", "sigmoid"):
        settings = training_settings(config["train"] | {"hidden": [6, 5]}, activation)
        model = Model(None, np.zeros(4), np.ones(4), {"settings": settings, "classes": ["a", "b", "c"]})
        expected = initial_network([4, 6, 5, 3], activation, settings["initialisation"], np.random.default_rng(42))
        for array, initial in zip(start_network(model, X, y).parameters, expected.parameters):
            assert (array == initial.astype(settings["precision"])).all()
