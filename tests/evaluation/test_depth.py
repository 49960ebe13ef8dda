"""The depth sweep: ratios by hand, theory against closed forms and integrals, both against each other."""

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from gapscope.evaluation.depth import expected, measured, summary, sweep
from gapscope.network.activations import ACTIVATIONS
from gapscope.network.mlp import backward, forward, initial_network, loss_by_logits, softmax
from gapscope.reporting.plots import training as plots
from networks import network

SETTINGS = {
    "depths": 3, "width": 8, "rows": 30, "seeds": [1, 2], "activations": ["sigmoid", "relu"],
    "initialisations": ["normal", "he"], "weight_scale": 0.1,
}  # fmt: skip


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    return rng.standard_normal((200, 5)), rng.integers(3, size=200)


def chains(*weights):
    """Networks of one ReLU unit per hidden layer and two classes: with the first weight, with the first two, ..."""
    layers, last = [([[weight]], [0]) for weight in weights], ([[1, -1]], [0, 0])
    return [network("relu", *layers[:depth], last) for depth in range(1, len(layers) + 1)]


def test_ratios_by_hand():
    """dz_2 = -2q and dz_1 = 3 dz_2; dW_2 = a_1 dz_2 with a_1 = 2, dW_1 = dz_1."""
    alone, two = measured(chains(2.0, 3.0), np.array([[1.0]]), np.array([0]))
    assert (alone.errors, alone.weights) == (1.0, 1.0)
    assert (two.errors, two.weights) == (pytest.approx(3.0), pytest.approx(1.5))


def test_a_dead_last_layer_has_no_ratio():
    dead = measured(chains(2.0, -3.0), np.array([[1.0]]), np.array([0]))[-1]
    assert np.isnan(dead.errors) and np.isnan(dead.weights)


@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
def test_ratios_of_the_weights_are_those_of_backward(data, activation):
    sizes = [[5, *[6] * depth, 3] for depth in (1, 2, 3)]
    networks = [initial_network(units, activation, "he", np.random.default_rng(2)) for units in sizes]
    for each, ratios in zip(networks, measured(networks, *data), strict=True):
        passed = forward(each, data[0])
        dW = backward(each, passed, loss_by_logits(softmax(passed.logits), data[1])).weights
        assert ratios.weights == pytest.approx(np.abs(dW[0]).mean() / np.abs(dW[-2]).mean())


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu"])
def test_theory_against_integrals(activation):
    """`below` is E[a^2] of the layer below, the inputs' at first."""
    g, q, errors, below = ACTIVATIONS[activation], 0.9, 1.0, 0.7

    def mean_square(of):
        return quad(lambda x: of(np.array([np.sqrt(q) * x]))[0] ** 2 * norm.pdf(x), -12, 12, points=[0])[0]

    for ratios in expected(g, 4, q, 1.3, 0.7):
        assert ratios.errors == pytest.approx(errors, rel=1e-8)
        assert ratios.weights == pytest.approx(errors * np.sqrt(0.7 / below), rel=1e-8)
        errors *= np.sqrt(1.3 * mean_square(lambda z: g.derivative(z, g.function(z))))
        below = mean_square(g.function)
        q = 1.3 * below


def test_wide_layers_do_as_theory_says(data):
    wide = {"depths": 5, "width": 256, "rows": 60, "seeds": [1, 2, 3], "activations": ["sigmoid", "tanh"]}
    table = pd.DataFrame(sweep(*data, 3, {**SETTINGS, **wide, "initialisations": ["xavier"]}))
    np.testing.assert_allclose(table["errors"], table["errors_theory"], rtol=0.1)
    sigmoid = table[table["activation"] == "sigmoid"]
    np.testing.assert_allclose(sigmoid["errors_bound"], 0.25 ** np.arange(5.0))
    assert (sigmoid["errors_theory"] <= sigmoid["errors_bound"]).all() and sigmoid["errors"].iloc[-1] < 0.004


def test_sweep_has_every_case_once_and_is_reproducible(data):
    table = pd.DataFrame(sweep(*data, 3, SETTINGS))
    assert len(table.drop_duplicates(["initialisation", "activation", "depth"])) == len(table) == 2 * 2 * 3
    assert (table[table["depth"] == 1][["errors", "errors_theory", "weights", "weights_theory"]] == 1.0).all(axis=None)
    assert ((table["errors_least"] <= table["errors"]) & (table["errors"] <= table["errors_most"])).all()
    assert sweep(*data, 3, SETTINGS) == table.to_dict("records")


@pytest.mark.parametrize("errors, theory, off", [
    ([1.0, 0.2, 0.09], [1.0, 0.5, 0.25], 0.25 / 0.09),
    ([1.0, 2.0, 0.0], [1.0, 1.0, 1.0], 2.0),  # the network died
])  # fmt: skip
def test_summary_by_hand(errors, theory, off):
    curve = {"initialisation": "he", "activation": "relu", "errors_bound": 1.0, "weights": 1.0, "weights_theory": 1.0}
    values = enumerate(zip(errors, theory), 1)
    (row,) = summary([{**curve, "depth": depth, "errors": e, "errors_theory": t} for depth, (e, t) in values])
    assert (row["depth"], row["errors"]) == (3, errors[-1])
    assert row["errors_per_layer"] == pytest.approx(errors[-1] ** 0.5)
    assert row["errors_theory_per_layer"] == pytest.approx(theory[-1] ** 0.5)
    assert (row["errors_off"], row["weights_off"]) == (pytest.approx(off), 1.0)


def test_figure_has_a_column_for_each_kind_of_start_weights(data):
    figure = plots.depth(sweep(*data, 3, SETTINGS), "simulated")
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert len(titles) == 4 and titles[:2] == ["Start weights: normal", "Start weights: he"]
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert labels == ["sigmoid", "relu", "measured", "theory", "bound for sigmoid"]
    without = plots.depth(sweep(*data, 3, {**SETTINGS, "activations": ["tanh"]}), "files")
    assert "bound for sigmoid" not in [text.get_text() for text in without.legends[0].get_texts()]
