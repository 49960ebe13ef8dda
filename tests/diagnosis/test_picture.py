"""The data of the picture on the first screen, against pandas, and each form drawn."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from gapscope.diagnosis import picture
from gapscope.reporting.plots.diagnosis import picture as drawn


@pytest.fixture(scope="module")
def evidence():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, 600)
    known = pd.DataFrame({"score": y * 10.0 + rng.random(600), "kind": np.array(["a", "b", "c"])[y], "y": y})
    came = known.assign(score=rng.permutation(known["score"]), kind="new " + known["kind"])
    return SimpleNamespace(
        repaired=SimpleNamespace(known=known, came=came),
        case=SimpleNamespace(target="y", n_classes=3),
        in_validation={"score": SimpleNamespace(value=0.9), "kind": SimpleNamespace(value=0.5)},
        change=SimpleNamespace(came={"score": {"psi": 0.0}, "kind": {"psi": 2.0}}),
    )


def touched(told):
    """What the points of the drawing say, before the colon."""
    return [words.split(":")[0] for *_, words, _ in drawn(told, list("xyz"), "files").touched]


def test_quantiles_of_each_class(evidence):
    told = picture.relation_to_class(evidence, ())  # the feature that tells most
    expected = evidence.repaired.known.groupby("y")["score"].quantile([0.05, 0.25, 0.5, 0.75, 0.95])
    np.testing.assert_allclose([row["train"] for row in told["rows"]], expected.unstack())
    assert told["feature"] == "score" and touched(told)[0] == "x, train"


def test_classes_within_each_level(evidence):
    told = picture.relation_to_class(evidence, ("kind",))
    assert {row["name"]: row["train"] for row in told["rows"]} == {"a": [1, 0, 0], "b": [0, 1, 0], "c": [0, 0, 1]}
    assert all(row["test"] is None for row in told["rows"])  # the test table has none of these levels


def test_levels_of_both_tables(evidence):
    rows = picture.distribution(evidence, ())["rows"]  # the feature that changed most
    assert {row["name"] for row in rows} == {"a", "b", "c", "new a", "new b", "new c"}
    assert sum(row["train"] for row in rows) == pytest.approx(1) == sum(row["test"] for row in rows)


def test_a_histogram_counts_every_row_once(evidence):
    told = picture.distribution(evidence, ("score",))
    assert sum(told["train"]) == pytest.approx(1) == sum(told["test"])
    assert len(touched(told)) == 2 * picture.BARS


def test_shares_of_classes(evidence):
    rows = picture.shares_of_classes(evidence, ())["rows"]
    expected = evidence.repaired.known["y"].value_counts(normalize=True).sort_index()
    np.testing.assert_allclose([row["train"] for row in rows], expected)
    assert touched({"form": "shares", "feature": None, "rows": rows})[:2] == ["x, train", "y, train"]
