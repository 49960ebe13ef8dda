"""The Hessian against differences of the plain gradient, its null directions, and the condition number."""

import numpy as np
import pytest
from test_shared_bias import moved

import gapscope.studies.shared_bias.curvature as module
from gapscope.studies.shared_bias.curvature import curvature, hessian, null_directions
from gapscope.studies.shared_bias.study import networks
from networks import plain


@pytest.fixture
def data():
    """Two numeric columns and two groups of one-hot columns, which sum to 1."""
    rng = np.random.default_rng(0)
    groups = [np.eye(3)[rng.integers(3, size=150)], np.eye(2)[rng.integers(2, size=150)]]
    return np.hstack([rng.standard_normal((150, 2)), *groups]), rng.integers(3, size=150)


def flat_gradient(network, X, y):
    return np.concatenate([array.ravel() for array in plain(network, X, y)[2].parameters])


def shifted(network, vector):
    network, start = network.copy(), 0
    for array in network.parameters:
        array += vector[start : start + array.size].reshape(array.shape)
        start += array.size
    return network


@pytest.mark.parametrize("activation", ["relu", "sigmoid", "tanh"])
@pytest.mark.parametrize("which", [0, 1])
def test_hessian_is_the_derivative_of_the_plain_gradient(data, activation, which, monkeypatch):
    monkeypatch.setattr(module, "BLOCK", 64)
    network = moved(networks(7, 3, activation, 1)[which])
    H, step = hessian(network, *data), 1e-5
    rises = [
        flat_gradient(shifted(network, move), *data) - flat_gradient(shifted(network, -move), *data)
        for move in step * np.eye(len(H))
    ]
    np.testing.assert_allclose(H, np.array(rises) / (2 * step), atol=1e-9)
    assert (H == H.T).all()


@pytest.mark.parametrize("which, expected", [(0, 3 + 3 + 1), (1, 3 + 1 + 2 * 3)])
def test_null_directions_change_no_probability_and_are_all_there_are(data, which, expected):
    """Shared: 3 hidden units' weights, the groups against each other in 3 units, one group against b."""
    network = moved(networks(7, 3, "tanh", 1)[which])
    N, H = null_directions(network, data[0]), hessian(network, *data)
    np.testing.assert_allclose(N.T @ N, np.eye(expected), atol=1e-12)
    before = network.probabilities(data[0])
    for direction in N.T:
        np.testing.assert_allclose(shifted(network, 3.0 * direction).probabilities(data[0]), before, atol=1e-12)
    np.testing.assert_allclose(H @ N, 0.0, atol=1e-15)
    assert (np.abs(np.linalg.eigvalsh(H)) < 1e-12).sum() == expected


def test_curvature_leaves_the_null_space_out():
    rotation = np.linalg.qr(np.random.default_rng(0).standard_normal((4, 4)))[0]
    H = rotation @ np.diag([0.0, 2.0, -8.0, 4.0]) @ rotation.T
    assert curvature(H, rotation[:, :1]) == {
        "condition_number": pytest.approx(4.0), "highest_curvature": pytest.approx(4.0), "negative_curvatures": 1,
    }  # fmt: skip
    assert curvature(np.diag([1.0, 0.0, 3.0]), np.array([[1.0], [0.0], [0.0]]))["condition_number"] is None
