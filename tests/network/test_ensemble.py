"""An ensemble: its answers are the mean of its members', wherever a network can stand."""

import numpy as np
import pytest
from sklearn.metrics import log_loss

from gapscope.evaluation.attribution import COLUMN_METHODS, column_saliency
from gapscope.evaluation.gradient_check import gradient_check
from gapscope.evaluation.gradients import saturation, start_network
from gapscope.evaluation.metrics import evaluate
from gapscope.network import model
from gapscope.network.mlp import Ensemble, Network, combined
from gapscope.network.training import member_seeds, train, train_together


@pytest.fixture
def trained(part, settings) -> Ensemble:
    return combined(train_together(part, part, 3, settings, [5, 6, 7]))


def test_probabilities_are_the_mean_of_the_members(trained, part):
    p = trained.probabilities(part.X)
    np.testing.assert_allclose(p, np.mean([one.probabilities(part.X) for one in trained.members], axis=0), rtol=1e-14)
    assert (trained.predict(part.X) == p.argmax(axis=1)).all()
    found = evaluate(trained, part, 0.95)
    assert found["accuracy"] == (p.argmax(axis=1) == part.y).mean() and found["log_loss"] == pytest.approx(
        log_loss(part.y, p), rel=1e-12
    )


def test_members_can_be_outvoted_by_one_that_is_sure():
    """Logits (1, 0), (1, 0) and (0, 9): two of three vote for class 0, but the mean probability is class 1's."""
    votes = [Network([np.array([logits])], [np.zeros(2)], (0,), None) for logits in ([1.0, 0], [1.0, 0], [0, 9.0])]
    assert Ensemble(tuple(votes)).predict(np.ones((1, 1))).tolist() == [1]


@pytest.mark.parametrize("members", [1, 3])
def test_a_saved_model_answers_as_before(part, settings, members, tmp_path):
    settings = {**settings, "members": members}
    trained = combined(train_together(part, part, 3, settings, member_seeds(settings)))
    description = {"classes": ["a", "b", "c"], "settings": settings}
    model.save(tmp_path / "tanh.npz", model.Model(trained, np.zeros(4), np.ones(4), description))
    loaded = model.load(str(tmp_path / "tanh.npz"))
    assert (loaded.network.probabilities(part.X) == trained.probabilities(part.X)).all()
    assert np.load(tmp_path / "tanh.npz", allow_pickle=False)["W1"].shape == ((4, 5) if members == 1 else (3, 4, 5))
    start = start_network(loaded, part.X, part.y)
    expected = [train(part, part, 3, {**settings, "seed": seed, "iterations": 0}) for seed in (5, 6, 7)[:members]]
    for one, other in zip(start.members, expected, strict=True):
        assert all((a == b).all() for a, b in zip(one.parameters, other.parameters, strict=True))


@pytest.mark.parametrize("method", COLUMN_METHODS)
def test_importance_is_the_mean_of_the_members(trained, part, method):
    found = [column_saliency(method, one, part.X, part.y) for one in trained.members]
    values, rows = column_saliency(method, trained, part.X, part.y)
    np.testing.assert_allclose(values, np.mean([own for own, _ in found], axis=0), rtol=1e-14)
    assert rows == round(sum(rows for _, rows in found) / 3)


def test_saturation_is_the_mean_of_the_members(trained, part):
    trained.members[1].weights[0][:, 0] = 1e3  # one unit of five that lets nothing through
    found = saturation(trained, part.X, 0.05)
    shares = [saturation(one, part.X, 0.05)["saturated"][0] for one in trained.members]
    assert found["saturated"] == [pytest.approx(sum(shares) / 3)] and found["dead"] == [pytest.approx(0.2 / 3)]


def test_the_gradient_check_tells_the_worst_member(trained, part):
    own = [gradient_check(one, part.X, part.y, 60, 3, 1e-6, 1) for one in trained.members]
    found = gradient_check(trained, part.X, part.y, 60, 3, 1e-6, 1)
    assert found == max(own, key=lambda check: check["largest_relative_difference"]) and found["agrees"]


def test_seeds_of_the_members():
    assert member_seeds({"seed": 42, "members": 3}) == [42, 43, 44]
    assert member_seeds({"seed": 2**32 - 1, "members": 2}) == [2**32 - 1, 0]
