"""Test values beyond those of training: a cause of its own, not a feature that lost its relation."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from test_diagnosis_rule import ONE_LOST, SCALE, SETTINGS, figure

from gapscope.diagnosis.causes.no_overlap import outside
from gapscope.diagnosis.verdict import verdict
from gapscope.simulation.defects import Defect
from gapscope.simulation.inject import with_defect
from gapscope.simulation.listings import simulate


@pytest.mark.parametrize(
    "known, test, share",
    [
        ([1.0, 2, 3], [4.0, 5, 0, 6], 1.0),
        ([1.0, 2, 3], [4.0, 2, 3, 1], 0.25),
        ([1.0, 2, 3], [9.0, 9, 9, 9], 0.0),  # one value alone
        (["a", "b"], ["c", "d", "c", "a"], 0.75),
    ],
)
def test_share_outside_by_hand(known, test, share):
    found, words = outside(pd.Series(known), pd.Series(test, name="x"))
    assert found == share and (not words or words.startswith("x: "))


EXCHANGED = replace(SCALE, kind="columns_swapped", features=("b",), gain=figure(0.0), needed=figure(0.0))


def beyond(share, **change):
    measured = {**ONE_LOST.measured, "outside": {"a": (share, "a: 7 to 9; in training 0 to 6"), "b": (0.0, "")}}
    return replace(ONE_LOST, measured=measured, **change)


def test_a_suspect_beyond_the_range_is_no_lost_feature():
    found = verdict(beyond(1.0), SETTINGS)
    assert (found.kind, found.features) == ("no_overlap", ("a",))
    assert found.causes[0].detail == "a: 7 to 9; in training 0 to 6"
    assert verdict(beyond(0.6), SETTINGS).kind == "feature_lost"


@pytest.mark.parametrize("repair", [SCALE, EXCHANGED], ids=["a map that brings it back", "another column's values"])
def test_beside_a_repair_values_beyond_the_range_are_no_cause(repair):
    assert verdict(beyond(1.0, repairs=(repair,)), SETTINGS).kind != "no_overlap"


def test_the_defect_moves_every_value_beyond_the_range():
    table = simulate(500, np.random.default_rng(1))
    changed = with_defect(table, Defect("no_overlap", "amenity_score"), np.random.default_rng(2))
    assert changed["amenity_score"].min() > table["amenity_score"].max()
    assert changed.drop(columns="amenity_score").equals(table.drop(columns="amenity_score"))
