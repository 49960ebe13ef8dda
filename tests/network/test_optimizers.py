"""Each update rule against steps worked by hand."""

from math import sqrt

import numpy as np
import pytest

from gapscope.network.optimizers import Adam, GradientDescent, Momentum, optimizer


def steps(rule, gradients, start=1.0, place=0):
    """The one-entry parameter after each step; it must be moved in place."""
    parameter, path = np.array([start]), []
    for gradient in gradients:
        rule.step(place, parameter, np.array([gradient]))
        path.append(parameter[0])
    return path


def test_gradient_descent():
    assert steps(GradientDescent(0.1), [2.0, -1.0]) == pytest.approx([0.8, 0.9])


def test_momentum():
    # velocities: -0.1*2 = -0.2;  0.9*-0.2 - 0.1*3 = -0.48;  0.9*-0.48 + 0.1*1 = -0.332
    assert steps(Momentum(0.1, 0.9), [2.0, 3.0, -1.0]) == pytest.approx([0.8, 0.32, -0.012])


def test_adam_by_the_published_algorithm():
    gradients, rate, m, v, theta, path = [2.0, -1.0, 0.5, 1e-9], 0.01, 0.0, 0.0, 1.0, []
    for t, g in enumerate(gradients, 1):
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
        theta -= rate * (m / (1 - 0.9**t)) / (sqrt(v / (1 - 0.999**t)) + 1e-8)
        path.append(theta)
    assert steps(Adam(rate), gradients) == pytest.approx(path, rel=1e-14)


def test_adam_without_gradient_stays():
    assert steps(Adam(0.01), [0.0, 0.0]) == [1.0, 1.0]


@pytest.mark.parametrize("rule", [lambda: Momentum(0.1, 0.9), lambda: Adam(0.01)], ids=["momentum", "adam"])
def test_each_parameter_has_its_own_state(rule):
    used = rule()
    steps(used, [5.0, 5.0], place=0)
    assert steps(used, [2.0], place=1) == steps(rule(), [2.0])


def test_the_gradient_is_not_changed():
    for rule in (GradientDescent(0.1), Momentum(0.1, 0.9), Adam(0.1)):
        gradient = np.array([2.0])
        rule.step(0, np.ones(1), gradient)
        assert gradient.tolist() == [2.0]


def test_optimizer_by_name():
    settings = {"learning_rate": 0.25, "momentum": 0.5}
    rules = [optimizer(settings | {"optimizer": name}) for name in ("gradient_descent", "momentum", "adam")]
    assert [type(rule) for rule in rules] == [GradientDescent, Momentum, Adam]
    assert [rule.learning_rate for rule in rules] == [0.25] * 3 and rules[1].momentum == 0.5
