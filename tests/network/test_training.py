"""Training against loops written out here, and the promises about records, order, seeds and threads."""

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from gapscope.network import steps
from gapscope.network.activations import ACTIVATIONS
from gapscope.network.mlp import forward, initial_network
from gapscope.network.partition import Partition
from gapscope.network.training import random_generator, train, train_together


def trained(part, settings, **changes):
    """The network and its records, validated on the part itself."""
    records = []
    return train(part, part, 3, {**settings, **changes}, records.append), records


def same(one, other) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(one.parameters, other.parameters, strict=True))


def start(settings, part):
    rng = random_generator(settings["generator"], settings["seed"])
    units = [part.X.shape[1], *settings["hidden"], 3]
    return initial_network(units, settings["activation"], settings["initialisation"], rng, settings["weight_scale"])


def hand_written(part, settings, weights, l2=0.0, early=False):
    """Losses, mean |dW| and final parameters of a tanh network with one hidden layer; `early` moves W2 before dh."""
    (W1, W2), (b1, b2) = start(settings, part).weights, (np.zeros(5), np.zeros(3))
    X, target, rate = part.X, np.eye(3)[part.y], settings["learning_rate"]
    share = weights / weights.sum()
    losses, sizes = [], []
    for _ in range(settings["iterations"] + 1):
        h = np.tanh(X @ W1 + b1)
        powers = np.exp(h @ W2 + b2)
        p = powers / powers.sum(axis=1, keepdims=True)
        losses.append(-(share * np.log((p * target).sum(axis=1))).sum() + l2 / 2 * ((W1**2).sum() + (W2**2).sum()))
        error = (p - target) * share[:, None]
        late = W2.copy()
        dW2, db2 = h.T @ error, error.sum(axis=0)
        before = W1, W2, b1, b2
        W2, b2 = W2 - rate * (dW2 + l2 * W2), b2 - rate * db2
        dh = error @ (W2 if early else late).T * (1 - h**2)
        dW1, db1 = X.T @ dh, dh.sum(axis=0)
        W1, b1 = W1 - rate * (dW1 + l2 * W1), b1 - rate * db1
        sizes.append((np.abs(dW1).mean(), np.abs(dW2).mean()))
    return losses, sizes, before


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"l2": 0.1},
        {"class_weights": "balanced"},
        {"update_order": "during_backward"},
        {"update_order": "during_backward", "l2": 0.1, "class_weights": "balanced"},
    ],
)
def test_full_batch_equals_the_loop_written_out(part, settings, changes):
    network, records = trained(part, settings, **changes)
    weights = np.ones(60) if "class_weights" not in changes else 1 / np.bincount(part.y)[part.y]
    early = "update_order" in changes
    losses, sizes, parameters = hand_written(part, settings, weights, changes.get("l2", 0.0), early)
    np.testing.assert_allclose([r["loss"] for r in records], losses, rtol=1e-12)
    for array, expected in zip(network.parameters, parameters):
        np.testing.assert_allclose(array, expected, rtol=1e-10, atol=1e-13)
    measured = len(sizes) - 1 if early else len(sizes)  # the last record's gradient moves nothing on its way
    np.testing.assert_allclose([[r["grad_1"], r["grad_2"]] for r in records][:measured], sizes[:measured], rtol=1e-10)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"batch_size": 16},
        {"optimizer": "adam", "learning_rate": 0.01},
        {"update_order": "during_backward"},
        {"iterations": 0},
        {"hidden": []},
        {"form": "blocks"},
        {"form": "blocks", "batch_size": 16},
    ],
)
def test_records(part, settings, changes):
    other = Partition(part.X[:20] + 0.5, part.y[:20])
    records = []
    network = train(part, other, 3, {**settings, **changes}, records.append)
    assert [r["iteration"] for r in records] == list(range(changes.get("iterations", 8) + 1))
    for record, state in ((records[-1], network), (records[0], start({**settings, **changes}, part))):
        p = state.probabilities(part.X)
        assert record["loss"] == pytest.approx(-np.log(p[np.arange(60), part.y]).mean(), rel=1e-13)
        assert record["train_accuracy"] == (p.argmax(axis=1) == part.y).mean()
        assert record["validation_accuracy"] == (state.probabilities(other.X).argmax(axis=1) == other.y).mean()
        assert f"grad_{len(state.weights)}" in record and f"grad_{len(state.weights) + 1}" not in record


def test_a_pass_covers_every_row_once(part, settings, monkeypatch):
    batches = []

    def spying(network, X, masks):
        batches.append(X[:, 0].tolist())
        return forward(network, X, masks)

    monkeypatch.setattr(steps, "forward", spying)
    train(part, part, 3, {**settings, "batch_size": 16, "iterations": 3})
    assert [len(rows) for rows in batches] == [16, 16, 16, 12] * 3 + [60]  # is the last loss finite?
    passes = [sum(batches[i : i + 4], []) for i in (0, 4, 8)]
    assert all(sorted(rows) == sorted(part.X[:, 0]) for rows in passes)
    assert passes[0] != passes[1] != passes[2] != part.X[:, 0].tolist()


@pytest.mark.parametrize("generator", ["pcg64", "legacy"])
def test_the_seed_decides_everything(part, settings, generator):
    runs = []
    for noise, seed in ((1, 5), (2, 5), (1, 6)):
        np.random.seed(noise)  # the global generator must not matter
        runs.append(trained(part, settings, generator=generator, seed=seed, batch_size=16))
    assert same(runs[0][0], runs[1][0]) and runs[0][1] == runs[1][1]
    assert not same(runs[0][0], runs[2][0])


@pytest.mark.parametrize("threads", [1, 2])
def test_threads_of_the_surroundings_do_not_matter(settings, monkeypatch, threads):
    rng, inside = np.random.default_rng(1), set()
    part = Partition(rng.normal(size=(3000, 40)), rng.integers(0, 3, 3000))

    def spying(network, X, masks):
        inside.update(threads_of_blas())
        return forward(network, X, masks)

    monkeypatch.setattr(steps, "forward", spying)
    runs = []
    for around in (1, 2):
        with threadpool_limits(around):
            runs.append(trained(part, settings, hidden=[64, 32], iterations=3, blas_threads=threads))
            assert threads_of_blas() == {around}
    assert inside == {threads}
    assert same(runs[0][0], runs[1][0]) and runs[0][1] == runs[1][1]


def threads_of_blas() -> set[int]:
    return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}


DIVERGING = [
    {"l2": 1.0},
    {"l2": 1.0, "optimizer": "momentum"},
    {"l2": 1.0, "form": "blocks"},
    {"precision": "float32"},
    {"precision": "float32", "form": "blocks"},
    {"l2": 1.0, "batch_size": 16},
]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("changes", DIVERGING)
def test_divergence_returns_the_last_network_whose_loss_is_finite(part, settings, changes):
    settings = {**settings, "activation": "relu", "learning_rate": 1e6, **changes}
    network, records = trained(part, settings, iterations=40)
    assert len(records) < 41  # it did diverge, and training ended there
    assert np.isfinite([record["loss"] for record in records]).all()
    assert all(np.isfinite(array).all() for array in network.parameters)
    recorded, _ = trained(part, settings, iterations=records[-1]["iteration"])
    assert same(network, recorded)  # the state of the last record
    in_the_last, same_records = trained(part, settings, iterations=len(records))  # ends as the loss overflows
    assert same(network, in_the_last) and records == same_records
    for iterations in (40, len(records)):  # watching changes nothing
        assert same(network, train(part, part, 3, {**settings, "iterations": iterations}))


@pytest.mark.parametrize("form", ["plain", "blocks"])
@pytest.mark.parametrize("watched", [True, False])
def test_a_loss_that_overflows_while_parameters_are_small_is_divergence(part, settings, form, watched):
    far, told, records = Partition(1e35 * part.X, part.y), {}, []
    settings = {**settings, "activation": "relu", "precision": "float32", "form": form, "learning_rate": 1e-34}
    watch = (lambda seed, record: records.append(record)) if watched else None
    (network,) = train_together(far, far, 3, settings, [7], watch, told.__setitem__)
    assert same(network, train(far, None, 3, {**settings, "seed": 7, "iterations": told[7]}))
    assert max(np.abs(array).max() for array in network.parameters) < 100
    assert told[7] > 0 and (not watched or records[-1]["iteration"] == told[7])


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("changes", [{}, {"form": "blocks"}, {"form": "blocks", "batch_size": 16, "optimizer": "adam"}])
def test_a_huge_rate_is_told_and_leaves_the_last_network_before_it(part, settings, activation, changes):
    """Its loss may stay finite, with all units saturated or dead: the parameters' size gives it away."""
    settings, told = {**settings, "activation": activation, **changes}, {}
    (network,) = train_together(part, part, 3, {**settings, "learning_rate": 1e6}, [7], None, told.__setitem__)
    assert told == {7: 0} and same(network, trained(part, settings, iterations=0, seed=7)[0])
    train_together(part, part, 3, {**settings, "learning_rate": 0.01}, [7], None, told.__setitem__)
    assert told == {7: 0}  # nothing to tell


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("precision", ["float32", "float64"])
@pytest.mark.parametrize("form", ["plain", "blocks"])
def test_features_of_any_size_end_in_finite_networks(part, settings, form, precision):
    for size in (1e12, 1e30):
        large, told = Partition(part.X * size, part.y), {}
        settings = {**settings, "form": form, "precision": precision, "activation": "relu"}
        (network,) = train_together(large, large, 3, settings, [1], None, told.__setitem__)
        assert 1 in told and all(np.isfinite(array).all() for array in network.parameters)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"form": "blocks"},
        {"form": "blocks", "batch_size": 16},
        {"form": "blocks", "batch_size": 16, "precision": "float32", "optimizer": "adam", "learning_rate": 0.02},
        {"form": "blocks", "batch_size": 7, "dropout": 0.3, "input_noise": 0.2, "l1": 0.01, "l2": 0.01},
        {"form": "blocks", "batch_size": 16, "schedule": "cosine", "class_weights": "balanced", "generator": "legacy"},
        {"form": "blocks", "batch_size": 16, "early_stopping": 2, "iterations": 40, "label_smoothing": 0.1},
        {"form": "blocks", "batch_size": 16, "activation": "relu", "learning_rate": 0.8, "l2": 2.5, "iterations": 60,
         "precision": "float32"},
        {"form": "plain", "batch_size": 16, "optimizer": "momentum", "generator": "legacy"},
        {"form": "plain", "update_order": "during_backward"},
    ],
)  # fmt: skip
def test_seeds_trained_together_are_those_trained_alone(part, settings, changes):
    """Networks and records, to the last bit, whether watched or not; with the strong L2 term, all diverge."""
    settings, seeds, told = {**settings, **changes}, [5, 1, 8, 2], {5: [], 1: [], 8: [], 2: []}
    networks = train_together(part, part, 3, settings, seeds, lambda seed, record: told[seed].append(record))
    unwatched = train_together(part, part, 3, settings, seeds)
    for seed, network, other in zip(seeds, networks, unwatched, strict=True):
        alone, records = trained(part, settings, seed=seed)
        assert same(network, alone) and same(other, alone) and told[seed] == records
    assert not same(networks[0], networks[1])
    if "early_stopping" in changes or changes.get("l2") == 2.5:
        assert len({len(records) for records in told.values()}) > 1  # they did not all end at the same iteration
