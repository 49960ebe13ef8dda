"""The shared bias: both paths of its derivative, training on the block form against network.mlp, and the study."""

import json

import numpy as np
import pandas as pd
import pytest

from gapscope.common.errors import UserError
from gapscope.studies.shared_bias import study as shared_bias
from gapscope.studies.shared_bias.plots import convergence, paths
from gapscope.studies.shared_bias.study import bias_paths, iterations_to, networks, numeric_check, study, trained
from networks import plain

SETTINGS = {
    "data": {"source": "simulated", "classes": ["a", "b", "c"]},
    "shared_bias": {"activation": "tanh", "learning_rate": 0.5, "iterations": 12, "rows": 100, "seeds": [1, 2, 3],
                    "loss_levels": [1.0, 0.01], "curvature_up_to": 100},
}  # fmt: skip


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((120, 5))
    return X, np.argmax(X[:, :3] + 0.3 * rng.standard_normal((120, 3)), axis=1)


def moved(network, seed=5):
    """Away from zero biases."""
    for b in network.biases:
        b += np.random.default_rng(seed).standard_normal(b.shape)
    return network


def test_both_networks_start_alike_and_only_one_shares_its_bias():
    shared, independent = networks(5, 3, "tanh", 7)
    assert [W.shape for W in shared.weights] == [(5, 3), (3, 3)]
    assert all((a == b).all() for a, b in zip(shared.weights, independent.weights))
    assert not np.shares_memory(shared.weights[0], independent.weights[0])
    assert (shared.bias_of, len(shared.biases)) == ((0, 0), 1)
    assert (independent.bias_of, len(independent.biases)) == ((0, 1), 2)


@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "relu"])
def test_the_paths_add_up_to_the_derivative_by_the_shared_bias_and_neither_is_enough(data, activation):
    network = moved(networks(5, 3, activation, 7)[0])
    hidden_path, output_path = bias_paths(network, *data)
    derivative = plain(network, *data)[2].biases[0]  # equals autograd's: tests/network/test_mlp_oracles.py
    np.testing.assert_allclose(hidden_path + output_path, derivative, atol=1e-15)
    assert np.abs(hidden_path - derivative).max() > 1e-2 and np.abs(output_path - derivative).max() > 1e-2


def test_numeric_check_passes_the_sum_and_catches_a_forgotten_path(data):
    check = numeric_check(moved(networks(5, 3, "tanh", 7)[0]), *data, np.random.default_rng(1))
    assert check["all_parameters"] < 1e-7
    assert check["hidden_path_only"] > 0.05 and check["output_path_only"] > 0.05


@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "relu"])
@pytest.mark.parametrize("which", [0, 1], ids=["shared", "independent"])
def test_training_records_every_state_and_leaves_its_start_alone(data, activation, which):
    start = moved(networks(5, 3, activation, 7)[which])
    before = [array.copy() for array in start.parameters]
    ((end, curve),) = trained([start], *data, learning_rate=0.5, iterations=3)
    assert all((a == b).all() for a, b in zip(start.parameters, before))
    by_hand, states = start.copy(), []
    for iteration in range(4):
        loss, accuracy, gradient = plain(by_hand, *data)
        hidden, output = bias_paths(by_hand, *data)
        sizes = np.linalg.norm(hidden), np.linalg.norm(output)
        length = np.linalg.norm(np.concatenate([array.ravel() for array in gradient.parameters]))
        states.append([iteration, loss, accuracy, length, *sizes, hidden @ output / np.prod(sizes)])
        last = by_hand.copy()
        for array, derivative in zip(by_hand.parameters, gradient.parameters):
            array -= 0.5 * derivative
    norms = ["gradient_norm", "hidden_path_norm", "output_path_norm", "path_cosine"]
    assert list(curve[0]) == ["iteration", "loss", "accuracy", *norms]
    np.testing.assert_allclose(pd.DataFrame(curve), states, rtol=1e-11)
    for ours, theirs in zip(end.parameters, last.parameters, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-15)


@pytest.mark.filterwarnings("error")
def test_training_that_diverges_ends_with_the_last_state_before(data):
    start = networks(5, 3, "relu", 7)[0]
    for rate in (1e6, 1e200):
        ((end, curve),) = trained([start], *data, learning_rate=rate, iterations=5)
        assert [state["iteration"] for state in curve] == [0] and np.isfinite(list(curve[0].values())).all()
        assert all(np.array_equal(a, b) for a, b in zip(end.parameters, start.parameters, strict=True))
    with pytest.raises(UserError, match="not finite before the first iteration"):
        trained([start], data[0] * 1e300, data[1], learning_rate=0.1, iterations=5)


def test_networks_side_by_side_train_as_each_alone(data, monkeypatch):
    """Over several pieces of the rows; some grow too large and end early, which the others do not notice."""
    monkeypatch.setattr(shared_bias, "EXPLODED", 1.05)
    X, y = (np.concatenate([array] * 5) for array in data)
    starts = [moved(network, seed) for seed in (1, 2) for network in networks(5, 3, "relu", seed)]
    together = trained(starts, X, y, learning_rate=1.0, iterations=12)
    assert {13} < {len(curve) for _, curve in together}
    for start, (end, curve) in zip(starts, together):
        ((own_end, own_curve),) = trained([start], X, y, learning_rate=1.0, iterations=12)
        assert curve == own_curve
        assert all(np.array_equal(a, b) for a, b in zip(end.parameters, own_end.parameters, strict=True))


def test_iterations_to():
    curve = [{"iteration": place, "loss": loss} for place, loss in enumerate([2.0, 1.0, 1.5, 0.5])]
    assert [iterations_to(curve, level) for level in (3.0, 1.0, 0.9, 0.1)] == [0, 1, 3, None]


def test_study_tells_every_run_and_gives_the_same_every_time(data):
    seen = []
    summary, curves = study(*data, SETTINGS, seen.append)
    again, curves_again = study(*data, SETTINGS)
    assert json.dumps(summary, default=float) == json.dumps(again, default=float)
    assert curves == curves_again
    curves = pd.DataFrame(curves)
    assert [(run["seed"], run["network"]) for run in seen] == [
        (seed, name) for seed in (1, 2, 3) for name in ("shared", "independent")
    ]
    assert len(curves) == 6 * 13 and list(curves.columns[:3]) == ["network", "seed", "iteration"]
    losses = curves.query("network == 'shared' and iteration == 12")["loss"]
    assert summary["rows"] == 100
    assert summary["networks"]["shared"]["final_loss"]["mean"] == pytest.approx(losses.mean())
    assert summary["levels"][1]["shared"] == [None] * 3 and summary["levels"][1]["estimate"] is None
    assert [claim["statistic"] for claim in summary["claims"]][0] == "iterations to a training loss of 1.0"


def test_figures_show_every_seed_and_the_mean_and_mark_simulated_data(data):
    curves = study(*data, SETTINGS)[1]
    loss, accuracy = convergence(curves, "simulated").axes
    assert len(loss.lines) == len(accuracy.lines) == 2 * (3 + 1)
    mean = next(line for line in loss.lines if line.get_label() == "One shared bias")
    table = pd.DataFrame(curves)
    shared = table[table["network"] == "shared"]
    np.testing.assert_allclose(mean.get_ydata(), shared.groupby("iteration")["loss"].mean())
    figure = paths(curves, "files")
    assert len(figure.axes) == 3 and not figure.texts
    assert paths(curves, "simulated").texts[0].get_text() == "simulated data"


def test_without_curvature_the_other_claims_are_decided_all_the_same(data):
    full, _ = study(*data, SETTINGS)
    less, _ = study(*data, SETTINGS | {"shared_bias": SETTINGS["shared_bias"] | {"curvature_up_to": 29}})
    assert [run["parameters"] for run in less["runs"][:2]] == [27, 30]  # shared, and two biases
    for run in less["runs"]:
        assert run["highest_curvature_end"] is run["condition_number_end"] is None
    assert full["claims"][:2] == less["claims"][:2]
    for claim in less["claims"][2:]:
        assert claim["decision"] == "undecided" and claim["estimate"] is None
