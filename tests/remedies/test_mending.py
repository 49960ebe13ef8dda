"""Each mend undoes the break it is for, without a class of the test table."""

import numpy as np
import pandas as pd
import pytest

from gapscope.remedies.mending import MENDS, disturbed, names_back
from gapscope.simulation.defects import Break, break_test
from gapscope.simulation.listings import simulate

TARGET = "price_class"
PAIRS = {
    "quantile_match": "rescaled", "reverse": "sign_flipped", "swap": "columns_swapped", "missing": "sentinel_value",
    "rename": "category_renamed",
}  # fmt: skip


@pytest.fixture(scope="module")
def train():
    return simulate(20_000, np.random.default_rng(8))


def broken(test, kind, feature):
    return break_test(test, Break(kind, feature, "availability_365"), np.random.default_rng(1))


def features_of(how):
    return {"swap": ["amenity_score", "availability_365"], "rename": ["neighbourhood_group"]}.get(
        how, ["amenity_score"]
    )


@pytest.mark.parametrize("how", PAIRS)
def test_a_mend_undoes_its_break(train, complete, how):
    features = features_of(how)
    damaged = broken(complete, PAIRS[how], features[0])
    mended = MENDS[how](damaged.drop(columns=TARGET), train, features)
    for name in set(damaged) - {TARGET} - set(features):
        pd.testing.assert_series_equal(mended[name], complete[name])
    if how in ("swap", "rename"):
        assert mended[features].to_numpy().tolist() == complete[features].to_numpy().tolist()
    elif how == "missing":
        gone = damaged["amenity_score"] == 999
        assert (mended.loc[gone, "amenity_score"] == train["amenity_score"].median()).all()
        assert mended.loc[~gone, "amenity_score"].equals(complete.loc[~gone, "amenity_score"])
    else:
        difference = (mended["amenity_score"] - complete["amenity_score"]).abs()
        assert difference.median() < 0.1 * train["amenity_score"].std()
        assert difference.median() < 0.1 * (damaged["amenity_score"] - complete["amenity_score"]).abs().median()


def test_names_that_read_alike_and_are_as_frequent_belong_together():
    train = pd.Series(["north"] * 5 + ["south"] * 5 + ["east"] * 2 + ["west"])
    test = pd.Series(["South "] * 5 + ["North "] * 5 + ["east"] * 2 + ["far away"])
    assert names_back(test, train) == {"South ": "south", "North ": "north", "far away": "west"}
    assert names_back(train, train) == {}
    short, long = pd.Series(["S", "M", "L"]), pd.Series(["small", "medium", "large"])
    assert names_back(long, short) == {"small": "S", "medium": "M", "large": "L"}


def test_swap_takes_two(complete, train):
    with pytest.raises(ValueError, match="two features, got amenity_score"):
        MENDS["swap"](complete, train, ["amenity_score"])


def test_noise_is_as_wide_as_asked_and_only_on_its_feature(train):
    noisy = disturbed(train, ["amenity_score"], 0.5, np.random.default_rng(0))
    added = noisy["amenity_score"] - train["amenity_score"]
    assert added.std() == pytest.approx(0.5 * train["amenity_score"].std(), rel=0.03)
    pd.testing.assert_frame_equal(noisy.drop(columns="amenity_score"), train.drop(columns="amenity_score"))
