"""The network against two independent implementations: HIPS autograd and scikit-learn."""

import warnings

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier
from test_training import start

from activation_forms import FORMS
from gapscope.network import mlp
from gapscope.network.training import train
from networks import random_network


def autograd_loss(parameters, network, targets, masks):
    weights, biases, a = parameters
    for layer, W in enumerate(weights):
        z = anp.dot(a, W) + biases[network.bias_of[layer]]
        a = FORMS[network.activation.name].function(z) * (masks[layer] if masks and layer < len(masks) else 1)
    return -anp.sum(targets * (z - anp.log(anp.sum(anp.exp(z), axis=1, keepdims=True))))


ARCHITECTURES = [  # units and bias_of
    ([3, 4], (0,)),
    ([3, 5, 4], (0, 1)),
    ([3, 4, 5, 2, 3], (0, 1, 2, 3)),
    ([3, 4, 4], (0, 0)),  # h = g(X W1 + b), p = softmax(h W2 + b)
    ([3, 4, 4, 4], (0, 0, 0)),
    ([2, 3, 5, 3], (0, 1, 0)),
]


@pytest.mark.parametrize("units, bias_of", ARCHITECTURES, ids=str)
@pytest.mark.parametrize("regularised", [False, True])
def test_loss_and_every_derivative_equal_those_of_autograd(units, bias_of, activation, weighted, regularised):
    """Also with smoothed labels, and half of the hidden units dropped."""
    rng, smoothing = np.random.default_rng(3), 0.2 * regularised
    network, X, y = random_network(units, activation, bias_of, rng), rng.normal(size=(7, units[0])), np.arange(7) % 3
    row_weights = rng.uniform(0.2, 3, 7) if weighted else None
    masks = [2.0 * (rng.random((7, width)) >= 0.5) for width in units[1:-1]] if regularised else None
    shares = np.full(7, 1 / 7) if row_weights is None else row_weights / row_weights.sum()
    targets = shares[:, None] * ((1 - smoothing) * np.eye(units[-1])[y] + smoothing / units[-1])
    at = network.weights, network.biases, X
    dW, db, dX = grad(autograd_loss)(at, network, targets, masks)
    passed, loss = mlp.forward(network, X, masks), autograd_loss(at, network, targets, masks)
    assert mlp.cross_entropy(passed.logits, y, row_weights, smoothing) == pytest.approx(loss, rel=1e-13)
    dz = mlp.loss_by_logits(mlp.softmax(passed.logits), y, row_weights, smoothing)
    gradient = mlp.backward(network, passed, dz)
    ours = [*gradient.parameters, mlp.input_gradient(network, passed, dz)]
    for derivative, expected in zip(ours, [*dW, *db, dX], strict=True):
        np.testing.assert_allclose(derivative, expected, rtol=1e-11, atol=1e-14)


def scikit_learn(part, settings, solver):
    """Loss curve and fitted estimator, from the very start weights that `train` draws."""
    begin = start(settings, part)
    estimator = MLPClassifier(
        settings["hidden"],
        activation={"sigmoid": "logistic"}.get(settings["activation"], settings["activation"]),
        alpha=settings["l2"] * len(part.y),
        batch_size=len(part.y),
        shuffle=False,
        max_iter=1,
        warm_start=True,
        tol=0,
        n_iter_no_change=1000,
        learning_rate_init=settings["learning_rate"],
        **solver,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        estimator.fit(part.X, part.y)  # makes the attributes that the next fit goes on from
        estimator.coefs_ = [W.copy() for W in begin.weights]
        estimator.intercepts_ = [b.copy() for b in begin.biases]
        estimator.set_params(max_iter=settings["iterations"])
        estimator.n_iter_, estimator.t_ = 0, 0
        estimator.loss_curve_ = []
        estimator.fit(part.X, part.y)
    return estimator


SOLVERS = {
    "gradient_descent": ({}, {"solver": "sgd", "momentum": 0}, 1e-10),
    "momentum": ({"optimizer": "momentum"}, {"solver": "sgd", "momentum": 0.9, "nesterovs_momentum": False}, 1e-10),
    "l2": ({"l2": 0.05}, {"solver": "sgd", "momentum": 0}, 1e-10),
    # scikit-learn adds epsilon before the bias correction, hence the wider tolerance
    "adam": ({"optimizer": "adam", "learning_rate": 0.01}, {"solver": "adam"}, 1e-5),
}


@pytest.mark.parametrize("activation", ["sigmoid", "relu", "tanh"])
@pytest.mark.parametrize("hidden", [[5], [6, 4]], ids=["one_hidden", "two_hidden"])
@pytest.mark.parametrize("name", SOLVERS)
def test_training_equals_scikit_learn(part, settings, activation, hidden, name):
    changes, solver, tolerance = SOLVERS[name]
    settings = {**settings, "activation": activation, "hidden": hidden, **changes}
    estimator = scikit_learn(part, settings, solver)
    records = []
    network = train(part, part, 3, settings, records.append)
    np.testing.assert_allclose([r["loss"] for r in records[:-1]], estimator.loss_curve_, rtol=tolerance)
    p = network.probabilities(part.X)
    np.testing.assert_allclose(p, estimator.predict_proba(part.X), rtol=100 * tolerance)
