"""Metrics beside scikit-learn and SciPy, with rows of equal and of different weight."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest
from sklearn import metrics as sklearn
from sklearn.calibration import calibration_curve

from gapscope.common.files import write_json
from gapscope.common.weights import effective_rows
from gapscope.config.defaults import shipped
from gapscope.config.settings import training_settings
from gapscope.diagnosis.context import Case, accuracies
from gapscope.diagnosis.estimates import Sets
from gapscope.evaluation.baseline import beside_baseline, softmax_regression
from gapscope.evaluation.metrics import evaluate, ranking, wilson_interval
from gapscope.evaluation.trained import explained_model
from gapscope.network import model
from gapscope.network.mlp import initial_network
from gapscope.network.partition import Partition
from gapscope.network.steps import BlockStep, PlainStep
from networks import network as small_network
from remedy_rows import SETTINGS
from stage_scripts import Files


@pytest.fixture(scope="module")
def network():
    return initial_network([4, 5, 3], "tanh", "xavier", np.random.default_rng(1))


@pytest.fixture(scope="module")
def rows(network):
    """Rows that the network classifies partly right, with whole numbers for weights."""
    rng = np.random.default_rng(2)
    X = rng.normal(size=(200, 4))
    y = np.where(rng.random(200) < 0.6, network.probabilities(X).argmax(axis=1), rng.integers(3, size=200))
    return Partition(X, y, rng.integers(1, 7, size=200).astype(float))


def test_a_network_beside_a_baseline():
    """It is right in the rows 1, 2 and 3, the baseline in 3 and 4: the differences are 1, 1, 0, -1."""
    ours, other = np.array([[1, 1, 1, 0], [0, 0, 1, 1]], bool)
    found = beside_baseline(ours, other, None, 0.95)["ahead"]
    assert found["difference"] == 0.25
    reach = 1.959964 * np.sqrt((4 / 6 - 1 / 36) / 6)  # of 1, 1, 0, -1, 1/2 twice, as 3 + 1 of 6 squares and 1/6
    assert (found["low"], found["high"]) == pytest.approx((1 / 6 - reach, 1 / 6 + reach))
    alike = beside_baseline(ours, ours, None, 0.95)["ahead"]
    assert alike["difference"] == 0 and alike["high"] == -alike["low"] == pytest.approx(1.959964 / 6)
    weighted = beside_baseline(ours, other, np.array([1.0, 1, 1, 3]), 0.95)
    assert (weighted["accuracy"], weighted["ahead"]["difference"]) == pytest.approx((4 / 6, -1 / 6))


def test_softmax_regression_converges():
    """The gradient of its loss is close to zero, whatever the networks' own settings."""
    rng = np.random.default_rng(0)
    X, settings = rng.normal(size=(600, 3)), training_settings(shipped()["train"] | {"iterations": 1}, "relu")
    y = (X @ [1.0, -2.0, 0.5] + rng.logistic(size=600) > 0).astype(int)
    network = softmax_regression(Partition(X, y), 2, settings | {"l2": 0.0, "learning_rate": 1e-6})
    residual = network.probabilities(X) - np.eye(2)[y]
    assert np.abs(X.T @ residual / 600).max() < 0.002


@pytest.mark.parametrize("share", [None, 1 / 3])
def test_metrics_equal_scikit_learns(network, rows, share):
    y, w = rows.y, None if share is None else share * rows.weights
    result, p = evaluate(network, Partition(rows.X, y, w), 0.95), network.probabilities(rows.X)
    predicted = p.argmax(axis=1)

    def ranked(p):
        scores = {"roc_auc": sklearn.roc_auc_score, "average_precision": sklearn.average_precision_score}
        return {name: score(np.eye(3)[y], p, average="macro", sample_weight=w) for name, score in scores.items()}

    expected = ranked(p) | {
        "accuracy": sklearn.accuracy_score(y, predicted, sample_weight=w),
        "balanced_accuracy": sklearn.balanced_accuracy_score(y, predicted, sample_weight=w),
        "macro_f1": sklearn.f1_score(y, predicted, average="macro", sample_weight=w),
        "log_loss": sklearn.log_loss(y, p, sample_weight=w),
    }
    assert ranking(p.round(2), y, w) == pytest.approx(ranked(p.round(2)), abs=1e-12)  # many equal scores
    assert result["rows"] == 200 and result["per_class"]["rows"] == np.bincount(y).tolist()
    assert {name: result[name] for name in expected} == pytest.approx(expected, abs=1e-12)
    matrix = sklearn.confusion_matrix(y, predicted, sample_weight=w)
    np.testing.assert_allclose(result["confusion_matrix"], matrix)
    for name, score in (("precision", sklearn.precision_score), ("recall", sklearn.recall_score)):
        np.testing.assert_allclose(result["per_class"][name], score(y, predicted, average=None, sample_weight=w))


def test_reliability_equals_scikit_learns(network, rows):
    p = network.probabilities(rows.X)
    right, copies = p.argmax(axis=1) == rows.y, rows.weights.astype(int)
    for times, weights in ((np.ones(200, int), None), (copies, rows.weights)):
        found = evaluate(network, Partition(rows.X, rows.y, weights), 0.95)
        curve = calibration_curve(np.repeat(right, times), np.repeat(p.max(axis=1), times), n_bins=10)
        table = pd.DataFrame(found["reliability"])
        accuracy, probability, counts = (table[key].to_numpy() for key in ("accuracy", "probability", "rows"))
        np.testing.assert_allclose((accuracy, probability), curve)
        error = np.abs(accuracy - probability) @ counts / times.sum()
        assert counts.sum() == times.sum() and found["calibration_error"] == pytest.approx(error)


def test_rows_of_one_class_have_no_ranking(network, rows):
    found = evaluate(network, Partition(rows.X, np.ones(200, int)), 0.95)
    assert found["roc_auc"] is None and found["average_precision"] is None and found["accuracy"] > 0


def test_a_class_without_rows_has_no_part_in_the_means():
    network = small_network("relu", (np.eye(3), [0, 0, 0]))  # the class is the place of the 1 in a row
    predicted, y = np.array([0, 1, 1, 2]), np.array([0, 0, 1, 1])
    result = evaluate(network, Partition(np.eye(3)[predicted], y), 0.95)
    assert result["macro_f1"] == sklearn.f1_score(y, predicted, average="macro", labels=[0, 1])
    assert result["balanced_accuracy"] == 0.5


def test_equal_weights_change_nothing(network, rows):
    equal, plain = (evaluate(network, Partition(rows.X, rows.y, weights), 0.95) for weights in (np.ones(200), None))
    assert equal.pop("effective_rows") == 200
    assert equal == plain


@pytest.mark.parametrize("right, rows", [(0, 10), (3, 10), (391, 1000), (10, 10)])
def test_wilson_interval_equals_scipy(right, rows):
    expected = binomtest(right, rows).proportion_ci(0.95, method="wilson")
    assert wilson_interval(right, rows, 0.95) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_intervals_cover_the_population():
    """Of weighted draws, intervals by effective rows hold the population's accuracy as often as they say."""
    rng, inside, n = np.random.default_rng(2), 0, 400
    for _ in range(1000):
        w = rng.lognormal(0, 0.8, n)
        right = rng.random(n) < 0.7
        rows = effective_rows(w)
        low, high = wilson_interval((w * right).sum() / w.sum() * rows, rows, 0.95)
        inside += low <= 0.7 <= high
    assert 930 <= inside <= 970


@pytest.mark.parametrize("wanted, expected", [("best", "tanh"), ("relu", "relu")])
def test_the_model_to_explain(tmp_path, network, wanted, expected):
    paths = [str(tmp_path / f"{name}.npz") for name in ("leaky_relu", "relu", "tanh")]
    for path in paths:
        model.save(path, model.Model(network, np.zeros(4), np.ones(4), {"path": path}))
    metrics = {name: {"validation": {"accuracy": accuracy}} for name, accuracy in (("relu", 0.5), ("tanh", 0.6))}
    write_json(str(tmp_path / "metrics.json"), metrics)
    name, trained = explained_model(Files({"metrics": str(tmp_path / "metrics.json"), "models": paths}), wanted)
    assert name == expected and trained.description["path"].endswith(f"/{expected}.npz")


@pytest.mark.parametrize("form", ["plain", "blocks"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_training_evaluation_and_diagnosis_have_one_log_loss(dtype, form):
    """One row, sure of the wrong class by 40: the loss is 40 whatever the network's type."""
    sure = small_network("relu", ([[40.0, 0.0]], [0.0, 0.0])).astype(dtype)
    part = Partition(np.ones((6, 1)), np.ones(6, int))
    step = {"plain": PlainStep, "blocks": BlockStep}[form]([sure], part, None, 2, {**SETTINGS, "precision": dtype}, [0])
    case = Case(sure, Sets(part, part, part, None, None), None, "y", 2, {"confidence": 0.99}, None)
    losses = [step.measure()[0].loss, evaluate(sure, part, 0.99)["log_loss"]]
    losses += [one.value for one in accuracies(case).loss.values()]
    assert losses == pytest.approx([40.0] * 5, rel=1e-6)
