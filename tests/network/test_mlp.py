"""The network against values computed by hand; `test_mlp_oracles` compares its derivatives with autograd."""

import warnings

import numpy as np
import pytest

from gapscope.network import mlp
from gapscope.network.training import random_generator
from networks import network as made


def test_hand_worked_network():
    ln3 = np.log(3)
    hidden, output = ([[0.0, ln3 / 2]], np.zeros(2)), ([[2 * ln3, -3.0], [0.0, 2.0]], np.zeros(2))
    network = made("sigmoid", hidden, output)
    X, y = np.array([[2.0]]), np.array([1])
    passed = mlp.forward(network, X)
    np.testing.assert_allclose(passed.a[1], [[1 / 2, 3 / 4]])  # sigma(0), sigma(ln 3)
    # z2 = (1/2 * 2 ln 3 + 3/4 * 0, 1/2 * -3 + 3/4 * 2) = (ln 3, 0), so p = (3, 1) / 4
    np.testing.assert_allclose(passed.logits, [[ln3, 0]], atol=1e-15)
    p = mlp.softmax(passed.logits)
    np.testing.assert_allclose(p, [[3 / 4, 1 / 4]])
    assert mlp.cross_entropy(passed.logits, y) == pytest.approx(np.log(4))
    dz = mlp.loss_by_logits(p, y)
    np.testing.assert_allclose(dz, [[3 / 4, -3 / 4]])  # (3/4, 1/4 - 1) / 1 row
    gradient = mlp.backward(network, passed, dz)
    np.testing.assert_allclose(gradient.weights[1], [[3 / 8, -3 / 8], [9 / 16, -9 / 16]])  # a1^T dz2
    np.testing.assert_allclose(gradient.biases[1], [3 / 4, -3 / 4])
    # dz2 W2^T = (3/4 * 2 ln 3 + 3/4 * 3, -3/4 * 2) = (3/2 ln 3 + 9/4, -3/2); slopes a (1 - a) = (1/4, 3/16)
    dz1 = [3 / 8 * ln3 + 9 / 16, -9 / 32]
    np.testing.assert_allclose(gradient.weights[0], [[2 * dz1[0], 2 * dz1[1]]])
    np.testing.assert_allclose(gradient.biases[0], dz1)
    np.testing.assert_allclose(mlp.input_gradient(network, passed, dz), [[dz1[1] * ln3 / 2]])  # dz1 W1^T


def test_softmax_of_huge_logits():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        p = mlp.softmax(np.array([[1e4, 0, -1e4], [1e300, 1e300, 0], [-1e300, -1e300, -1e300], [1000, 1001, 1000]]))
    middle = 1 / (1 + 2 / np.e)
    np.testing.assert_allclose(p, [[1, 0, 0], [0.5, 0.5, 0], [1 / 3] * 3, [middle / np.e, middle, middle / np.e]])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_certain_and_wrong_costs_its_logits_difference(dtype):
    """In float32 exp(-40) next to 1 is 0.04 of its rounding, and exp(-1000) is 0 in both."""
    logits = np.array([[40.0, 0.0], [1000.0, 0.0]], dtype)
    assert mlp.cross_entropy(logits, np.array([1, 1])) == pytest.approx(520.0, rel=1e-6)


DEVIATIONS = {
    "normal": (0.3, 0.3),
    "xavier": (np.sqrt(2 / 700), np.sqrt(2 / 500)),
    "he": (np.sqrt(2 / 400), np.sqrt(2 / 300)),
}


@pytest.mark.parametrize("initialisation", DEVIATIONS)
def test_initial_deviations(initialisation):
    network = mlp.initial_network([400, 300, 200], "relu", initialisation, np.random.default_rng(1), 0.3)
    for W, b, deviation in zip(network.weights, network.biases, DEVIATIONS[initialisation]):
        assert W.std() == pytest.approx(deviation, rel=0.01)  # 60,000 draws: standard error 0.3 %
        assert abs(W.mean()) < 4 * deviation / np.sqrt(W.size)
        assert not b.any()
    assert [W.shape for W in network.weights] == [(400, 300), (300, 200)] and network.bias_of == (0, 1)


def test_legacy_draws_are_those_of_the_global_generator():
    before = np.random.get_state()
    np.random.seed(42)
    expected = [np.random.randn(4, 3) * 0.01, np.random.randn(3, 2) * 0.01]
    np.random.set_state(before)
    network = mlp.initial_network([4, 3, 2], "sigmoid", "normal", random_generator("legacy", 42), 0.01)
    assert [W.tolist() for W in network.weights] == [W.tolist() for W in expected]
