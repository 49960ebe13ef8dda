"""Each repair undoes the defect it is for, without a class of the test table."""

import numpy as np
import pandas as pd
import pytest

from gapscope.remedies.column_repairs import REPAIRS, former_names, noisy, repaired
from gapscope.remedies.recommendation import Untried
from gapscope.simulation.defects import Defect
from gapscope.simulation.inject import with_defect
from gapscope.simulation.listings import simulate

TARGET = "price_class"
DEFECTS = {
    "quantile_match": ("rescaled", ["amenity_score"]),
    "reverse": ("sign_flipped", ["amenity_score"]),
    "swap": ("columns_swapped", ["amenity_score", "availability_365"]),
    "missing": ("sentinel_value", ["amenity_score"]),
    "rename": ("category_renamed", ["neighbourhood_group"]),
}


@pytest.fixture(scope="module")
def train():
    return simulate(20_000, np.random.default_rng(8))


@pytest.mark.parametrize("how", REPAIRS)
def test_a_repair_undoes_its_defect(train, complete, how):
    kind, features = DEFECTS[how]
    damaged = with_defect(complete, Defect(kind, features[0], "availability_365"), np.random.default_rng(1))
    table = repaired(damaged.drop(columns=TARGET), train, [{"how": how, "features": features}])
    for name in set(damaged) - {TARGET} - set(features):
        pd.testing.assert_series_equal(table[name], complete[name])
    if how in ("swap", "rename"):
        assert table[features].to_numpy().tolist() == complete[features].to_numpy().tolist()
    elif how == "missing":
        gone = damaged["amenity_score"] == 999
        assert (table.loc[gone, "amenity_score"] == train["amenity_score"].median()).all()
        assert table.loc[~gone, "amenity_score"].equals(complete.loc[~gone, "amenity_score"])
    else:
        difference = (table["amenity_score"] - complete["amenity_score"]).abs()
        assert difference.median() < 0.1 * train["amenity_score"].std()
        assert difference.median() < 0.1 * (damaged["amenity_score"] - complete["amenity_score"]).abs().median()


def test_names_that_read_alike_and_are_as_frequent_belong_together():
    train = pd.Series(["north"] * 5 + ["south"] * 5 + ["east"] * 2 + ["west"])
    test = pd.Series(["South "] * 5 + ["North "] * 5 + ["east"] * 2 + ["far away"])
    assert former_names(test, train) == {"South ": "south", "North ": "north", "far away": "west"}
    assert former_names(train, train) == {}
    short, long = pd.Series(["S", "M", "L"]), pd.Series(["small", "medium", "large"])
    assert former_names(long, short) == {"small": "S", "medium": "M", "large": "L"}


@pytest.mark.parametrize("how, features, reason", [
    ("swap", ["amenity_score"], "swap takes two features, and there are 1"),
    ("quantile_match", ["room_type"], "quantile match is for numeric features, which room_type is not"),
    ("rename", ["amenity_score"], "rename is for categorical features, which amenity_score is not"),
])  # fmt: skip
def test_a_repair_that_does_not_suit_its_features_is_not_tried(complete, train, how, features, reason):
    with pytest.raises(Untried, match=reason):
        repaired(complete, train, [{"how": how, "features": features}])


def test_noise_is_as_wide_as_asked_and_only_on_its_feature(train):
    table = noisy(train, ["amenity_score"], 0.5, np.random.default_rng(0))
    added = table["amenity_score"] - train["amenity_score"]
    assert added.std() == pytest.approx(0.5 * train["amenity_score"].std(), rel=0.03)
    pd.testing.assert_frame_equal(table.drop(columns="amenity_score"), train.drop(columns="amenity_score"))
