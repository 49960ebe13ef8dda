"""A rule that changed in the test set is told from damaged labels and lost features, with the rows where it holds."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from test_column_repair import diagnosis_of

from gapscope.diagnosis.evidence.error_slopes import error_slopes
from gapscope.network.mlp import Network

NAMES = ["a", "b", "c"]


def tables(rng):
    for rows in (2000, 1000):
        X = rng.multivariate_normal(np.zeros(3), np.full((3, 3), 0.4) + 0.6 * np.eye(3), rows)
        yield pd.DataFrame(X, columns=NAMES).assign(y=(X[:, 0] + X[:, 2] > 0).astype(int))


@pytest.mark.parametrize(
    "changed, kind, features",
    [("everywhere", "concept_drift", []), ("b > 0.5", "concept_drift", ["b"]), ("at random", "labels_changed", [])],
)
def test_a_new_rule_is_told_from_damaged_labels(changed, kind, features):
    rng = np.random.default_rng(1)
    train, test = tables(rng)
    by_name = {"everywhere": test["a"] < 9, "b > 0.5": test["b"] > 0.5, "at random": rng.random(len(test)) < 0.5}
    test["y"] = np.where(by_name[changed], 1 - test["y"], test["y"])
    verdict = diagnosis_of(train, test)["verdict"]
    assert (verdict["kind"], verdict["features"]) == ("labels_changed", features)
    (part,) = verdict["parts"]
    assert part["kind"] == kind
    if features:
        cut, name = part["detail"].removeprefix(", where ").split(" < ")
        assert name == "b" and float(cut) == pytest.approx(0.5, abs=0.1)


def test_class_shares_that_models_learn_anew_are_no_new_rule():
    """The features hardly tell the rare class, so that models trained on test rows give all of them the other class."""
    rng = np.random.default_rng(2)
    train, test = (
        pd.DataFrame(rng.standard_normal((len(y), 3)) + 0.2 * y[:, None], columns=NAMES).assign(y=y)
        for y in ((rng.random(n) < share).astype(int) for n, share in ((3000, 0.15), (500, 0.85)))
    )
    assert diagnosis_of(train, test)["verdict"]["kind"] == "label_shift"


@pytest.mark.parametrize("changed, least", [(0.0, -2.0), (0.5, 5.0)])
def test_a_slope_that_the_network_does_not_know_is_seen(changed, least):
    """The network knows that a tells the class; in the test set c does, too."""
    rng = np.random.default_rng(3)
    network = Network([np.array([[0.0, 1.0], [0.0, 0.0], [0.0, 0.0]])], [np.zeros(2)], (0,), None)
    rows = []
    for slope in (0.0, changed):
        X = rng.standard_normal((1500, 3))
        rows.append((X, (rng.random(1500) < 1 / (1 + np.exp(-X[:, 0] - slope * X[:, 2]))).astype(int)))
    encode = SimpleNamespace(groups={name: np.array([place]) for place, name in enumerate(NAMES)})
    found = error_slopes(SimpleNamespace(network=network, encode=encode, n_classes=2), *rows)
    assert max(found["a"], found["b"]) < 4.0 and found["c"] > least
    assert (found["c"] > 5.0) == bool(changed)
