"""Mini-batches of one or several networks: each held to the plain form on its own rows, and to itself alone."""

import numpy as np
import pytest

from gapscope.network import row_storage
from gapscope.network.core import Core
from gapscope.network.mlp import Network
from gapscope.network.optimizers import Noise
from gapscope.network.row_storage import Rows
from networks import plain, random_network

TOLERANCE = {"float64": 1e-12, "float32": 1e-4}
ROWS = 2000


def networks(members, units, activation, dtype=float) -> list[Network]:
    """Networks of one architecture, each with its own parameters."""
    rng = np.random.default_rng(0)
    return [random_network(units, activation, None, rng).astype(dtype) for _ in range(members)]


class Problem:
    def __init__(self, weighted, dtype, d=6, n_classes=5):
        rng = np.random.default_rng(1)
        self.X, self.y = rng.normal(size=(ROWS, d)).astype(dtype), rng.integers(0, n_classes, ROWS)
        self.weights = rng.uniform(0.2, 3, ROWS) if weighted else None
        self.rows = Rows(self.X, self.y, self.weights, dtype)

    def plain(self, network, chosen, smoothing=0.0, masks=None, X=None):
        """Derivatives by the parameters of the loss on the chosen rows."""
        X, weights = self.X if X is None else X, None if self.weights is None else self.weights[chosen]
        return plain(network, X[chosen], self.y[chosen], weights, smoothing, masks)[2].parameters


def passed(form, problem, orders, size):
    """The gradients of a pass that moves nothing, one for each mini-batch."""
    return [gradient.copy() for gradient in form.mini_batches(problem.rows, orders, size)]


def assert_same(form, gradient, expected, tolerance):
    for ours, theirs in zip(form.network(gradient).parameters, expected, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=tolerance * max(np.abs(theirs).max(), 1e-3))


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("size", [1, 7, 100, 256, 300, 317, 1536, 1999])
def test_a_mini_batch_is_those_rows(size, dtype, activation, weighted, monkeypatch):
    """For three networks at once; two are gathered together, and a smaller one ends a pass, in memory of its own."""
    monkeypatch.setattr(row_storage, "GATHERED", 2 * 3 * size)
    problem, several = Problem(weighted, dtype), networks(3, [6, 9, 5], activation, dtype)
    form = Core(several)
    orders = np.stack([np.random.default_rng([size, k]).permutation(ROWS) for k in range(3)])[:, : 3 * size + size // 3]
    gradients = passed(form, problem, orders, size)
    assert len(gradients) == -(-orders.shape[1] // size)
    for place, gradient in enumerate(gradients):
        for member, network in enumerate(several):
            expected = problem.plain(network, orders[member, place * size :][:size])
            assert_same(form, gradient[member], expected, TOLERANCE[dtype])


@pytest.mark.parametrize("size", [59, 256, 317, 1900])
@pytest.mark.parametrize("precision", TOLERANCE)
def test_members_do_not_feel_each_other(size, precision, activation, weighted):
    """The same bits alone as in company, also where memory holds fewer chunks of each."""
    problem, several = Problem(weighted, precision), networks(4, [6, 64, 32, 5], activation, precision)
    chosen = np.stack([np.random.default_rng(k).permutation(ROWS)[:size] for k in range(4)])
    noises = [[Noise(0.3, 0.1, np.random.default_rng(k)) for k in range(4)] for _ in range(2)]
    (together,) = passed(Core(several, noises=noises[0]), problem, chosen, size)
    for member in range(4):
        own = Core(several[member : member + 1], noises=noises[1][member : member + 1])
        (gradient,) = passed(own, problem, chosen[member][None], size)
        assert gradient.tobytes() == together[member].tobytes()


def test_one_bad_member_does_not_spoil_the_others():
    problem, several = Problem(False, "float64"), networks(3, [6, 8, 5], "relu")
    several[1].weights[0][0, 0] = np.nan
    (gradient,) = passed(Core(several), problem, np.arange(150).reshape(3, 50), 50)
    assert np.isfinite(gradient[[0, 2]]).all() and np.isnan(gradient[1]).any()


@pytest.mark.parametrize("dropout", [0.0, 0.4])
def test_noise_is_each_members_own(dropout, activation):
    """The same draws, from generators of the same seeds, given to the plain form."""
    problem, several, seeds = Problem(False, "float64"), networks(2, [6, 8, 7, 5], activation), (5, 6)
    ours, theirs = ([Noise(dropout, 0.2, np.random.default_rng(seed)) for seed in seeds] for _ in range(2))
    form, chosen = Core(several, noises=ours), np.arange(200).reshape(2, 100)
    (gradient,) = passed(form, problem, chosen, 100)
    for member, noise in enumerate(theirs):
        X = problem.X.copy()
        X[chosen[member]] = noise.on_inputs(X[chosen[member]])
        masks = noise.masks([(100, 8), (100, 7)], float)
        assert_same(form, gradient[member], problem.plain(several[member], chosen[member], 0.0, masks, X), 1e-12)
