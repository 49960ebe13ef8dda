"""A rule that changed in the test set is told from damaged labels and lost features, with the rows where it holds."""

import numpy as np
import pandas as pd
import pytest

from gapscope.config.defaults import shipped
from gapscope.studies.suite.cases import diagnosed
from stage_scripts import stage_settings

CONFIG = shipped()
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
    reached = {"everywhere": test["a"] < 9, "b > 0.5": test["b"] > 0.5, "at random": rng.random(len(test)) < 0.5}[
        changed
    ]
    test["y"] = np.where(reached, 1 - test["y"], test["y"])
    settings = stage_settings(CONFIG, "suite_cases", "none")
    settings["data"] |= {"numeric": NAMES, "categorical": [], "target": "y", "classes": ["no", "yes"]}
    settings["encode"] |= {"transform": dict.fromkeys(NAMES, "identity")}
    verdict = diagnosed(train, test, settings)["verdict"]
    assert (verdict["kind"], verdict["features"]) == ("labels_changed", features)
    (part,) = verdict["parts"]
    assert part["kind"] == kind
    if features:
        cut, name = part["detail"].removeprefix(", where ").split(" < ")
        assert name == "b" and float(cut) == pytest.approx(0.5, abs=0.1)
