"""Each update rule against steps worked by hand."""

from math import sqrt

import numpy as np
import pytest

from gapscope.network.optimizers import optimizer


def steps(name, gradients, rate, momentum=0.9):
    """The one-entry parameter after each step; it must be moved in place, and the gradient must not."""
    parameter, path = np.array([1.0]), []
    rule = optimizer({"optimizer": name, "momentum": momentum}, parameter)
    for value in gradients:
        gradient = np.array([value])
        rule.step(gradient, rate)
        assert gradient == value
        path.append(parameter[0])
    return path


def test_gradient_descent_and_momentum():
    assert steps("gradient_descent", [2.0, -1.0], 0.1) == pytest.approx([0.8, 0.9])
    # velocities: -0.1*2 = -0.2;  0.9*-0.2 - 0.1*3 = -0.48;  0.9*-0.48 + 0.1*1 = -0.332
    assert steps("momentum", [2.0, 3.0, -1.0], 0.1) == pytest.approx([0.8, 0.32, -0.012])
    assert steps("momentum", [2.0, 2.0], 0.1, momentum=0.5) == pytest.approx([0.8, 0.5])


def test_adam_by_the_published_algorithm():
    gradients, rate, m, v, theta, path = [2.0, -1.0, 0.5, 1e-9], 0.01, 0.0, 0.0, 1.0, []
    for t, g in enumerate(gradients, 1):
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
        theta -= rate * (m / (1 - 0.9**t)) / (sqrt(v / (1 - 0.999**t)) + 1e-8)
        path.append(theta)
    assert steps("adam", gradients, rate) == pytest.approx(path, rel=1e-14)
    assert steps("adam", [0.0, 0.0], rate) == [1.0, 1.0]
