"""The benchmark: every contender does the work of `mlp`, and the table says what was timed."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import benchmark
from gapscope.benchmark import profile, timing
from gapscope.benchmark.notebook import Notebook
from gapscope.benchmark.ours import FullBatch, MiniBatchAdam, OneByOne
from gapscope.benchmark.problem import Seen, problem
from gapscope.benchmark.products import BOUND, OneProduct
from gapscope.common.errors import UserError
from gapscope.network import kernels, stack
from gapscope.network.mlp import backward, cross_entropy, forward, loss_by_logits, softmax
from gapscope.reporting.plots.benchmark import comparison

ROWS, BATCH, STEPS = 700, 256, 3  # two whole mini-batches and a part of one


@pytest.fixture(params=["relu", "sigmoid"])
def small(request):
    given = problem(ROWS, [6, 8, 5, 4], request.param, 0.1, seed=2)
    for b in given.network.biases:  # without biases a row whose units are all idle has tied logits
        b += np.random.default_rng(4).normal(0, 0.5, b.shape)
    return given


def reference(network, X, y):
    """Seen and the gradient's arrays, in float64 by the equations of `mlp`."""
    passed = forward(network, X)
    p = softmax(passed.logits)
    gradient = backward(network, passed, loss_by_logits(p, y))
    accuracy = float((passed.logits.argmax(axis=1) == y).mean())
    return Seen(cross_entropy(p, y), accuracy, tuple(np.abs(dW).mean() for dW in gradient.weights)), gradient.parameters


def torch_contenders():
    pytest.importorskip("torch", reason="torch is not installed; `make benchmark` installs it")
    from gapscope.benchmark import pytorch

    return pytorch


def sklearn_contenders():
    from gapscope.benchmark import sklearn_mlp  # not at the top: it is slow to import

    return sklearn_mlp


FULL_BATCH = {
    "blocks": (lambda given: FullBatch(given, "blocks", "float32"), 2e-5),
    "plain": (lambda given: FullBatch(given, "plain", "float64"), 1e-12),
    "notebook": (Notebook, 1e-12),
    "torch eager": (lambda given: torch_contenders().FullBatch(given), 2e-5),
    "torch compile": (lambda given: torch_contenders().Compiled(given), 2e-5),
    "scikit-learn": (lambda given: sklearn_contenders().FullBatch(given), 2e-5),
}

MINI_BATCH = {
    "blocks": lambda given: MiniBatchAdam(given, BATCH, in_order),
    "torch eager": lambda given: torch_contenders().MiniBatchAdam(given, BATCH, in_order, fused=False),
    "torch fused": lambda given: torch_contenders().MiniBatchAdam(given, BATCH, in_order, fused=True),
    "scikit-learn": lambda given: without_shuffle(sklearn_contenders().MiniBatchAdam(given, BATCH)),
}


def in_order():
    return np.arange(ROWS)


def without_shuffle(contender):
    contender.model.set_params(shuffle=False)
    return contender


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
    means, squares = ([np.zeros_like(array) for array in network.parameters] for _ in range(2))
    total, steps = 0.0, 0
    for start in range(0, ROWS, BATCH):
        X, y = small.X[start : start + BATCH], small.y[start : start + BATCH]
        seen, gradient = reference(network, X, y)
        total, steps = total + seen.loss * len(y), steps + 1
        for array, g, mean, square in zip(network.parameters, gradient, means, squares):
            mean += 0.1 * (g - mean)
            square += 0.001 * (g * g - square)
            array -= small.learning_rate * (mean / (1 - 0.9**steps)) / (np.sqrt(square / (1 - 0.999**steps)) + 1e-8)
    # scikit-learn adds epsilon before the correction of the bias, which matters where gradients are tiny
    tolerance = 1e-2 if name == "scikit-learn" else 1e-4
    assert contender.step() == pytest.approx(total / ROWS, rel=tolerance)
    for array, ours in zip(network.parameters, contender.parameters()):
        assert np.abs(ours - array).max() < tolerance  # after three steps of 0.1 each


def test_networks_together_do_the_work_of_one_after_the_other(small):
    together, alone = MiniBatchAdam(small, BATCH, in_order, 3), OneByOne(small, BATCH, in_order, 3)
    assert together.step() == pytest.approx(alone.step(), rel=1e-12)
    for network, one in zip(together.form.networks, alone.each, strict=True):
        assert all((a == b).all() for a, b in zip(network.parameters, one.parameters(), strict=True))


def test_multiplications_of_a_step_and_of_the_bound():
    given = problem(100, [3, 5, 2], "relu", 0.1, seed=0)
    assert given.multiplications == 100 * ((15 + 10) + (15 + 10) + 10)  # forward, dW, dz of the hidden layer
    assert OneProduct(given).A.shape == (18, 18)  # 18^3 = 5832


def test_rows_are_standardised_and_classes_depend_on_them():
    given = problem(5000, [3, 5, 4], "relu", 0.1, seed=0)
    assert np.allclose(given.X.mean(axis=0), 0) and np.allclose(given.X.std(axis=0), 1)
    assert set(given.y) == {0, 1, 2, 3}
    assert max(np.abs(given.X[given.y == code].mean(axis=0)).max() for code in range(4)) > 0.3


def test_contenders_take_turns_and_warm_up_does_not_count():
    turns = []
    seconds = timing.in_turns({name: lambda name=name: turns.append(name) for name in "abc"}, repeats=4, warm_up=2)
    assert "".join(turns) == "abc" * 6
    assert {name: len(taken) for name, taken in seconds.items()} == {"a": 4, "b": 4, "c": 4}


def test_ratios_are_of_medians_to_the_first_contender():
    ours, other = timing.rows("work", {"ours": [0.004, 0.002, 0.009], "other": [0.010, 0.002, 0.070]})
    assert list(ours)[:4] == ["work", "contender", "median_ms", "ratio"]
    assert (ours["median_ms"], ours["ratio"], ours["lowest_ms"], ours["repeats"]) == (4.0, 1.0, 2.0, 3)
    assert (other["median_ms"], other["ratio"]) == (10.0, 2.5)


@pytest.mark.parametrize("contender", [FullBatch, MiniBatchAdam])
def test_the_parts_of_a_step_make_it_up_and_the_clock_changes_nothing(small, contender):
    kind = ("blocks", "float32") if contender is FullBatch else (16, lambda: np.arange(len(small.y)))
    under_the_clock, alone = contender(small, *kind), contender(small, *kind)
    rows = profile.rows("step", under_the_clock.step, repeats=2, warm_up=1)
    for _ in range(3):
        alone.step()
    assert all((a == b).all() for a, b in zip(under_the_clock.parameters(), alone.parameters()))
    assert [row["part"] for row in rows] == [profile.PRODUCTS, profile.ACTIVATIONS, profile.LOSS, profile.REST]
    assert sum(row["share"] for row in rows) == pytest.approx(1.0) and all(row["ms"] > 0 for row in rows)
    assert stack.np is kernels.np is np


def test_a_missing_package_is_one_clear_message(monkeypatch):
    monkeypatch.setattr(benchmark, "find_spec", lambda name: None if name == "torch" else object())
    with pytest.raises(UserError, match="torch missing.*make benchmark"):
        benchmark.main(SimpleNamespace(), SimpleNamespace(), {})


def test_the_figure_says_who_is_how_fast():
    table = pd.DataFrame(
        {
            "work": ["step", "step", "step", "pass"],
            "contender": ["NumPy", "other", BOUND, "NumPy"],
            "median_ms": [8.0, 20.0, 4.0, 30.0],
            "ratio": [1.0, 2.5, 0.5, 1.0],
        }
    )
    figure = comparison(table)
    texts = [text.get_text() for ax in figure.axes for text in ax.texts]
    assert texts == ["8.0 ms", "20.0 ms, 2.5 times ours", "4.0 ms: the bound; ours reaches 50% of its rate", "30.0 ms"]
    assert [ax.get_title(loc="left") for ax in figure.axes] == ["step", "pass"]
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["NumPy", "other", BOUND]


def test_a_whole_run_at_small_size(tmp_path):
    torch_contenders()
    settings = {
        "rows": 300,
        "units": [4, 6, 3],
        "batch_size": 64,
        "networks": 3,
        "learning_rate": 0.1,
        "adam_learning_rate": 0.002,
        "repeats": 2,
        "warm_up": 1,
        "seed": 1,
    }
    output = SimpleNamespace(**{name: tmp_path / name for name in ("table", "profile", "figure")})
    benchmark.main(None, output, settings)
    table = pd.read_csv(output.table)
    assert list(table.columns[:4]) == ["work", "contender", "median_ms", "ratio"]
    assert list(table["work"].unique()) == [
        "full-batch step, relu",
        "full-batch step, sigmoid",
        "mini-batch Adam 64, one pass, relu",
        "3 networks, mini-batch Adam 64, one pass",
    ]
    assert (table.groupby("work").first()["ratio"] == 1).all()
    parts = pd.read_csv(output.profile).groupby("work", sort=False)
    assert list(parts.groups) == list(table["work"].unique()) and parts["share"].sum().round(2).eq(1).all()
    assert output.figure.read_text().startswith("<?xml")
