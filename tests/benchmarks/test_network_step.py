"""Every contender does the same steps as `mlp`, and the tables say what was timed."""

import importlib

import numpy as np
import pandas as pd
import pytest

import network_step
import timing
from gapscope.network import activations, core
from gapscope.network.mlp import backward, cross_entropy, forward, loss_by_logits, softmax
from numpy_steps import FullBatch, MiniBatchAdam, Notebook, OneProduct
from problem import StepRecord, random_problem

ROWS, BATCH, STEPS = 700, 256, 3  # two whole mini-batches and a part of one


@pytest.fixture(params=["relu", "sigmoid"])
def small(request):
    given = random_problem(ROWS, [6, 8, 5, 4], request.param, 0.1, seed=2)
    for b in given.network.biases:  # without biases a row whose units are all idle has tied logits
        b += np.random.default_rng(4).normal(0, 0.5, b.shape)
    return given


def reference(network, X, y):
    """StepRecord and the gradient's arrays, in float64 by the equations of `mlp`."""
    passed = forward(network, X)
    p = softmax(passed.logits)
    gradient = backward(network, passed, loss_by_logits(p, y))
    accuracy = float((passed.logits.argmax(axis=1) == y).mean())
    return StepRecord(
        cross_entropy(passed.logits, y), accuracy, tuple(np.abs(dW).mean() for dW in gradient.weights)
    ), gradient.parameters


def contenders(library):
    """The module of a library that may not be installed, or is slow to import."""
    pytest.importorskip(library, reason=f"{library} is not installed; `make benchmark` installs it")
    return importlib.import_module({"torch": "pytorch_steps", "sklearn": "sklearn_steps"}[library])


FULL_BATCH = {
    "blocks": (lambda given: FullBatch(given, "blocks", "float32"), 2e-5),
    "plain": (lambda given: FullBatch(given, "plain", "float64"), 1e-12),
    "notebook": (Notebook, 1e-12),
    "torch eager": (lambda given: contenders("torch").FullBatch(given), 2e-5),
    "torch compile": (lambda given: contenders("torch").Compiled(given), 2e-5),
    "scikit-learn": (lambda given: contenders("sklearn").FullBatch(given), 2e-5),
}

MINI_BATCH = {
    "blocks": lambda given: MiniBatchAdam(given, BATCH, in_order),
    "torch eager": lambda given: contenders("torch").MiniBatchAdam(given, BATCH, in_order, fused=False),
    "torch fused": lambda given: contenders("torch").MiniBatchAdam(given, BATCH, in_order, fused=True),
    "scikit-learn": lambda given: contenders("sklearn").MiniBatchAdam(given, BATCH),
}


def in_order():
    return np.arange(ROWS)


@pytest.mark.parametrize("name", FULL_BATCH)
def test_full_batch_contenders_do_the_same_work(small, name):
    """The update is the rate times the gradient: equal parameters after each step are equal gradients."""
    make, tolerance = FULL_BATCH[name]
    contender, network = make(small), small.network.copy()
    for _ in range(STEPS):
        seen = contender.step()
        expected, gradient = reference(network, small.X, small.y)
        assert seen.loss == pytest.approx(expected.loss, rel=tolerance)
        assert seen.accuracy == pytest.approx(expected.accuracy, abs=1e-6)
        loose = 1e-3 if name == "scikit-learn" else 10 * tolerance  # it has differences of float32 weights
        assert seen.gradients == pytest.approx(expected.gradients, rel=loose)
        for array, change, ours in zip(network.parameters, gradient, contender.parameters()):
            array -= small.learning_rate * change
            assert np.abs(ours - array).max() < 5 * tolerance * np.abs(array).max() + 1e-7


@pytest.mark.parametrize("name", MINI_BATCH)
def test_mini_batch_contenders_do_the_same_work(small, name):
    """Adam (Kingma and Ba 2015, algorithm 1) written out, on the rows in order."""
    contender, network = MINI_BATCH[name](small), small.network.copy()
    if name == "scikit-learn":
        contender.model.set_params(shuffle=False)
    means, squares = ([np.zeros_like(array) for array in network.parameters] for _ in range(2))
    for steps, start in enumerate(range(0, ROWS, BATCH), 1):
        X, y = small.X[start : start + BATCH], small.y[start : start + BATCH]
        _, gradient = reference(network, X, y)
        for array, g, mean, square in zip(network.parameters, gradient, means, squares):
            mean += 0.1 * (g - mean)
            square += 0.001 * (g * g - square)
            array -= small.learning_rate * (mean / (1 - 0.9**steps)) / (np.sqrt(square / (1 - 0.999**steps)) + 1e-8)
    # scikit-learn adds epsilon before the correction of the bias, which matters where gradients are tiny
    tolerance = 1e-2 if name == "scikit-learn" else 1e-4
    contender.step()
    for array, ours in zip(network.parameters, contender.parameters()):
        assert np.abs(ours - array).max() < tolerance  # after three steps of 0.1 each


def test_multiplications_of_a_step_and_of_the_bound():
    given = random_problem(100, [3, 5, 2], "relu", 0.1, seed=0)
    assert given.multiplications == 100 * ((15 + 10) + (15 + 10) + 10)  # forward, dW, dz of the hidden layer
    assert OneProduct(given).A.shape == (18, 18)  # 18^3 = 5832


def test_contenders_take_turns_and_warm_up_does_not_count():
    turns = []
    seconds = timing.in_turns({name: lambda name=name: turns.append(name) for name in "abc"}, repeats=4, warm_up=2)
    assert "".join(turns) == "abc" * 6
    assert {name: len(taken) for name, taken in seconds.items()} == {"a": 4, "b": 4, "c": 4}


def test_ratios_are_of_medians_to_the_first_contender():
    ours, other = timing.timing_rows("work", {"ours": [0.004, 0.002, 0.009], "other": [0.010, 0.002, 0.070]})
    assert list(ours)[:4] == ["work", "contender", "median_ms", "ratio"]
    assert (ours["median_ms"], ours["ratio"], ours["lowest_ms"], ours["repeats"]) == (4.0, 1.0, 2.0, 3)
    assert (other["median_ms"], other["ratio"]) == (10.0, 2.5)


@pytest.mark.parametrize("contender", [FullBatch, MiniBatchAdam])
def test_the_parts_of_a_step_make_it_up_and_the_clock_changes_nothing(small, contender):
    kind = ("blocks", "float32") if contender is FullBatch else (16, lambda: np.arange(len(small.y)))
    under_the_clock, alone = contender(small, *kind), contender(small, *kind)
    rows = timing.profile_rows("step", under_the_clock.step, repeats=2, warm_up=1)
    for _ in range(3):
        alone.step()
    assert all((a == b).all() for a, b in zip(under_the_clock.parameters(), alone.parameters()))
    assert [row["part"] for row in rows] == [timing.PRODUCTS, timing.ACTIVATIONS, timing.LOSS, timing.REST]
    assert sum(row["share"] for row in rows) == pytest.approx(1.0) and all(row["ms"] > 0 for row in rows)
    assert core.np is activations.np is np


def test_a_missing_package_is_one_clear_message(monkeypatch):
    monkeypatch.setattr(network_step, "find_spec", lambda name: None if name == "torch" else object())
    with pytest.raises(SystemExit, match="error: torch missing.*make benchmark"):
        network_step.main([])


def test_a_whole_run_at_small_size(tmp_path):
    contenders("torch")
    small = {"rows": 300, "units": [4, 6, 3], "batch_size": 64, "networks": 3, "repeats": 2, "warm_up": 1}
    network_step.write_results(tmp_path, {**network_step.SETTINGS, **small})
    table = pd.read_csv(tmp_path / "benchmark.csv")
    assert list(table.columns[:4]) == ["work", "contender", "median_ms", "ratio"]
    assert list(table["work"].unique()) == [
        "full-batch step, relu",
        "full-batch step, sigmoid",
        "mini-batch Adam 64, one pass, relu",
        "3 networks, mini-batch Adam 64, one pass",
    ]
    assert (table.groupby("work").first()["ratio"] == 1).all()
    parts = pd.read_csv(tmp_path / "benchmark/profile.csv").groupby("work", sort=False)
    assert list(parts.groups) == list(table["work"].unique()) and parts["share"].sum().round(2).eq(1).all()
    assert (tmp_path / "benchmark.svg").read_text().startswith("<?xml")
