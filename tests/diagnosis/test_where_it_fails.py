"""Rows and conditions under which a network fails, where a part of the test rows has the other class."""

from types import SimpleNamespace

import numpy as np
import pytest

from gapscope.diagnosis.evidence.segments import failing_rows, named
from gapscope.network.partition import Partition
from networks import network
from sign_tables import diagnosed, rows


def spoilt(n, rng, where):
    """Test rows that have the other class where `where` says so of their table."""
    part, table = rows(n, rng)
    y = np.where(where(table), 1 - part.y, part.y)
    return Partition(part.X, y), table.assign(y=y)


@pytest.fixture(scope="module")
def sets():
    """Rows of z above 0.7 have the other class in the test set."""
    rng = np.random.default_rng(5)
    return rows(600, rng), rows(400, rng), spoilt(800, rng, lambda table: table["z"] > 0.7)


@pytest.fixture(scope="module")
def found(sets):
    return diagnosed(*sets)


def test_the_weak_segment_is_found_and_measured(sets, found):
    first, truly_weak = found["segments"]["found"][0], sets[2][1]["z"] > 0.7
    assert first["features"] == ["z"] and "< z" in first["condition"]
    assert first["accuracy"] < 0.2 and first["validation_accuracy"] == 1.0 and first["below_rest"]["low"] > 0.5
    assert (
        first["gap_share"] == pytest.approx(1.0, abs=0.25) and truly_weak.sum() / 4 < first["rows"] < truly_weak.sum()
    )
    assert 4 + 4 <= found["segments"]["looked_at"] <= 4 + 4 + 4 * 4  # quarters of either feature, and of both


def test_rows_that_fail_alike_everywhere_have_no_weak_segment():
    """In 15 tables whose wrong rows are drawn at random one segment at most is called weak."""
    rng, number = np.random.default_rng(6), 0
    for _ in range(15):
        test = spoilt(400, rng, lambda table: rng.random(len(table)) < 0.2)
        number += len(diagnosed(rows(200, rng), rows(100, rng), test)["segments"]["found"])
    assert number <= 1


def test_failing_rows_are_the_surest_of_the_wrong_ones(sets, found):
    part, table = sets[2]
    listed = named(found["failures"], np.arange(800) + 2, ["lo", "hi"])
    assert list(listed) == ["row", "true", "predicted", "predicted_repaired", "p_lo", "p_hi", "x", "z"]
    there = table.iloc[listed["row"] - 2]
    assert (listed[["x", "z"]].to_numpy() == there[["x", "z"]].to_numpy()).all()
    assert (listed["true"] == np.array(["lo", "hi"])[there["y"]]).all() and (
        listed["true"] != listed["predicted"]
    ).all()
    certainty = listed[["p_lo", "p_hi"]].max(axis=1)
    assert certainty.is_monotonic_decreasing and (listed["predicted"] == "hi").equals(listed["p_hi"] > 0.5)
    wrong = (part.X[:, 0] > 0) != part.y
    np.testing.assert_allclose(np.abs(listed["x"]), np.sort(np.abs(part.X[wrong, 0]))[::-1][: len(listed)])


def test_rows_of_a_repaired_column_show_what_is_predicted_then():
    """x is 3 more than it was, so that each row is called hi; once that is undone, each is right."""
    part, table = rows(60, np.random.default_rng(7))
    sure = network("relu", ([[-5.0, 5.0], [0.0, 0.0]], [0.0, 0.0]))
    repaired = SimpleNamespace(
        rows=np.arange(60), came=table, came_X=part.X + [3.0, 0.0], came_right=part.y, X=part.X, repairs=("shift",)
    )
    case = SimpleNamespace(network=sure, target="y", features=["x", "z"])
    listed = named(failing_rows(SimpleNamespace(repaired=repaired, case=case)), np.arange(60), ["lo", "hi"])
    assert len(listed) == 30 and (listed["predicted"] == "hi").all()
    assert (listed["predicted_repaired"] == listed["true"]).all()
