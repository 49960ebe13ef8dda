"""Mini-batches of one or several networks: each held to the plain form on its own rows, and to itself alone."""

import numpy as np
import pytest

from gapscope.network import blocks, mlp
from gapscope.network.blocks import BatchForm
from gapscope.network.kernels import KERNELS, Folding, Layout
from gapscope.network.mlp import Network
from gapscope.network.optimizers import Noise
from gapscope.network.rows import Rows, Shape
from networks import plain, random_network

TOLERANCE = {"float64": 1e-12, "float32": 1e-4}
ROWS = 2000


def networks(members, units, activation, dtype=float, bias_of=None) -> list[Network]:
    """Networks of one layout, each with its own parameters."""
    rng = np.random.default_rng(0)
    return [random_network(units, activation, bias_of, rng).astype(dtype) for _ in range(members)]


class Problem:
    def __init__(self, weighted, dtype, d=6, n_classes=5):
        rng = np.random.default_rng(1)
        self.X, self.y = rng.normal(size=(ROWS, d)).astype(dtype), rng.integers(0, n_classes, ROWS)
        self.weights = rng.uniform(0.2, 3, ROWS) if weighted else None
        self.rows = Rows(self.X, self.y, n_classes, self.weights, dtype)

    def plain(self, network, chosen, smoothing=0.0, masks=None, X=None):
        """Loss and derivatives by the parameters on the chosen rows."""
        X, weights = self.X if X is None else X, None if self.weights is None else self.weights[chosen]
        loss, _, gradient = plain(network, X[chosen], self.y[chosen], weights, smoothing, masks)
        return loss, gradient.parameters


def form_of(problem, several, size, shape=None, **more):
    layout = Layout(several[0])
    return BatchForm(layout, len(several), problem.rows, size, shape or Shape(), **more), layout.joined(several)


def passed(form, vectors, orders):
    """The gradients of a pass that moves nothing, one for each mini-batch, and the members' losses."""
    gradients = []
    losses = form.one_pass(orders, vectors, lambda gradient, rows: gradients.append(gradient.copy()))
    return gradients, losses


def assert_same(gradient, layout, expected, tolerance):
    for ours, theirs in zip(layout.network(gradient).parameters, expected, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=tolerance * max(np.abs(theirs).max(), 1e-3))


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("size", [1, 7, 100, 256, 300, 1536, 1999])
def test_a_mini_batch_is_those_rows(size, dtype, activation, weighted, monkeypatch):
    """For three networks at once; two are gathered together, and a smaller one ends a pass, in buffers of its own."""
    monkeypatch.setattr(blocks, "GATHERED", 2 * 3 * size)
    problem, several = Problem(weighted, dtype), networks(3, [6, 9, 5], activation, dtype)
    form, vectors = form_of(problem, several, size)
    orders = np.stack([np.random.default_rng([size, k]).permutation(ROWS) for k in range(3)])[:, : 3 * size + size // 3]
    total, (gradients, losses) = np.zeros(3), passed(form, vectors, orders)
    assert len(gradients) == -(-orders.shape[1] // size)
    for place, gradient in enumerate(gradients):
        chosen = orders[:, place * size :][:, :size]
        for member, network in enumerate(several):
            loss, expected = problem.plain(network, chosen[member])
            assert_same(gradient[member], form.folding.layout, expected, TOLERANCE[dtype])
            total[member] += loss * chosen.shape[1] / orders.shape[1]
    np.testing.assert_allclose(losses, total, rtol=TOLERANCE[dtype])


def test_losses_of_many_mini_batches_are_added_up_in_pieces(monkeypatch):
    problem, several, found = Problem(True, "float64"), networks(2, [6, 9, 5], "relu"), []
    for gathered in (2**13, 400, 1):
        monkeypatch.setattr(blocks, "GATHERED", gathered)
        form, vectors = form_of(problem, several, 100)
        found += [passed(form, vectors, np.arange(720)[None].repeat(2, axis=0))[1] for _ in range(2)]
    assert all(losses.tobytes() == found[0].tobytes() for losses in found)


@pytest.mark.parametrize("hidden", [[], [4], [70, 40], [3, 4, 5, 6]], ids=str)
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_any_depth_and_smoothed_targets(hidden, smoothing, activation, weighted):
    problem, several = Problem(weighted, "float64"), networks(2, [6, *hidden, 5], activation)
    form, vectors = form_of(problem, several, 300, Shape(64, 3), smoothing=smoothing)
    chosen = np.stack([np.arange(300), np.arange(900, 1200)])
    (gradient,), losses = passed(form, vectors, chosen)
    for member, network in enumerate(several):
        loss, expected = problem.plain(network, chosen[member], smoothing)
        assert_same(gradient[member], form.folding.layout, expected, 1e-12)
        assert losses[member] == pytest.approx(loss, rel=1e-12)


@pytest.mark.parametrize(
    "units, bias_of",
    [([6, 5, 5], (0, 0)), ([6, 5, 5, 5], (0, 0, 0)), ([6, 5, 4, 5], (0, 1, 0)), ([6, 4, 5, 5], (1, 0, 0))],
)
def test_a_shared_bias_gets_the_sum_of_its_paths(units, bias_of, activation):
    problem, several = Problem(True, "float64"), networks(2, units, activation, bias_of=bias_of)
    form, vectors = form_of(problem, several, 100)
    chosen = np.arange(200).reshape(2, 100)
    (gradient,), _ = passed(form, vectors, chosen)
    for member, network in enumerate(several):
        assert_same(gradient[member], form.folding.layout, problem.plain(network, chosen[member])[1], 1e-12)


@pytest.mark.parametrize("size, shape", [(256, Shape()), (59, Shape()), (1000, Shape(256, 2)), (700, Shape(64, 5))])
@pytest.mark.parametrize("precision", TOLERANCE)
def test_members_do_not_feel_each_other(size, shape, precision, activation, weighted):
    """The same bits alone as in company, also where buffers hold fewer chunks of each."""
    problem, several = Problem(weighted, precision), networks(4, [6, 64, 32, 5], activation, precision)
    chosen = np.stack([np.random.default_rng(k).permutation(ROWS)[:size] for k in range(4)])
    noises = [[Noise(0.3, 0.1, np.random.default_rng(k)) for k in range(4)] for _ in range(2)]
    form, vectors = form_of(problem, several, size, shape, noises=noises[0])
    (together,), losses = passed(form, vectors, chosen)
    for member in range(4):
        own, vector = form_of(problem, several[member : member + 1], size, shape, noises=noises[1][member : member + 1])
        (gradient,), loss = passed(own, vector, chosen[member][None])
        assert gradient.tobytes() == together[member].tobytes() and loss[0] == losses[member]


def test_one_bad_member_does_not_spoil_the_others():
    problem, several = Problem(False, "float64"), networks(3, [6, 8, 5], "relu")
    several[1].weights[0][0, 0] = np.nan
    form, vectors = form_of(problem, several, 50)
    (gradient,), losses = passed(form, vectors, np.arange(150).reshape(3, 50))
    assert np.isfinite(gradient[[0, 2]]).all() and np.isnan(gradient[1]).any()
    assert np.isfinite(losses).tolist() == [True, False, True]


def test_rows_outside_a_batch_do_not_matter():
    """Chunks are filled up with rows of weight 0, and 0 times infinity would be felt."""
    problem, several = Problem(False, "float64"), networks(1, [6, 4, 5], "relu")
    problem.rows.X[[0, 49]] = np.inf
    form, vectors = form_of(problem, several, 7, Shape(5, 2))
    (gradient,), _ = passed(form, vectors, np.arange(5, 12)[None])
    assert_same(gradient[0], form.folding.layout, problem.plain(several[0], np.arange(5, 12))[1], 1e-12)


@pytest.mark.parametrize("dropout", [0.0, 0.4])
def test_noise_is_each_members_own(dropout, activation):
    """The same draws, from generators of the same seeds, given to the plain form."""
    problem, several, seeds = Problem(False, "float64"), networks(2, [6, 8, 7, 5], activation), (5, 6)
    noises = [[Noise(dropout, 0.3, np.random.default_rng(seed)) for seed in seeds] for _ in range(2)]
    form, vectors = form_of(problem, several, 100, noises=noises[0])
    chosen = np.arange(200).reshape(2, 100)
    (gradient,), losses = passed(form, vectors, chosen)
    for member, noise in enumerate(noises[1]):
        X = problem.X.copy()
        X[chosen[member]] = noise.on_inputs(X[chosen[member]])
        masks = noise.masks([(100, 8), (100, 7)], float)
        loss, expected = problem.plain(several[member], chosen[member], 0.0, masks, X)
        assert_same(gradient[member], form.folding.layout, expected, 1e-12)
        assert losses[member] == pytest.approx(loss, rel=1e-12)


@pytest.mark.parametrize("bias_of", [(0, 1, 2), (0, 0, 1), (0, 1, 0), (0, 0, 0)])
def test_folded_parameters_give_the_same_logits(bias_of, activation):
    """With m = k(gamma z) in place of a, layer by layer."""
    (network,) = networks(1, [4, 4, 4, 4], activation, bias_of=bias_of)
    kernel, layout = KERNELS[activation], Layout(network)
    folding = Folding(layout, kernel, 1, np.dtype(float))
    folding.fold(layout.vector(network)[None])
    X = np.random.default_rng(2).normal(size=(9, 4))
    m = X
    for layer in range(3):
        n = m @ folding.W[layer][0, 0] + folding.b[layer][0, 0]
        m = n.copy()
        kernel.keep(m, np.zeros_like(m), np.empty_like(m))
    np.testing.assert_allclose(n, mlp.forward(network, X).logits, rtol=1e-12)


def test_a_layouts_networks_are_views():
    (network,) = networks(1, [4, 3, 3], "tanh", bias_of=(0, 0))
    layout = Layout(network)
    vector = layout.vector(network)
    assert vector.size == layout.size == 12 + 9 + 3 == len(layout.by_layer()) - 3
    assert layout.is_weight().sum() == 21
    layout.network(vector).biases[0][...] = 7.0
    assert (vector == 7.0).sum() == 3 and not (network.biases[0] == 7.0).any()
