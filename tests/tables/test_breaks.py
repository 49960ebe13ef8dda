"""Each break of the simulated test set against its promise, and the breaks that cannot be."""

import numpy as np
import pandas as pd
import pytest
from measures import changed, information

from gapscope.errors import UserError
from gapscope.tables.breaks import BREAKS, SENTINEL, apply_break
from gapscope.tables.simulate import TARGET, simulate_pair


def broken(table, kind, feature="amenity_score", other=None, seed=0):
    before = table.copy(deep=True)
    result = apply_break(table, kind, feature, TARGET, np.random.default_rng(seed), other)
    pd.testing.assert_frame_equal(table, before)  # the table given is left as it is
    assert list(result) == list(table) and len(result) == len(table)
    return result


def test_none_changes_nothing(complete):
    assert changed(complete, broken(complete, "none", feature="no such column")) == set()


@pytest.mark.parametrize("feature", ["amenity_score", "availability_365"])
def test_feature_lost_is_uniform_and_unrelated(complete, feature):
    result = broken(complete, "feature_lost", feature)
    low, high = complete[feature].min(), complete[feature].max()
    assert changed(complete, result) == {feature}
    assert result[feature].dtype == complete[feature].dtype
    assert result[feature].between(low, high).all()
    assert abs(result[feature].corr(result[TARGET])) < 0.05
    expected = low + (high - low) * np.array([0.1, 0.5, 0.9])
    np.testing.assert_allclose(result[feature].quantile([0.1, 0.5, 0.9]), expected, atol=0.02 * (high - low))


def test_feature_lost_permutes_a_category(complete):
    result = broken(complete, "feature_lost", "room_type")
    assert changed(complete, result) == {"room_type"}
    assert result["room_type"].value_counts().to_dict() == complete["room_type"].value_counts().to_dict()
    assert information(result["room_type"], result[TARGET]) < 0.002


def test_sign_flipped_mirrors_within_the_range():
    table = pd.DataFrame({"score": [10.0, 12.3, 99.0], "days": [0, 5, 365], TARGET: [0, 1, 2]})
    assert broken(table, "sign_flipped", "score")["score"].tolist() == [99.0, 96.7, 10.0]
    flipped = broken(table, "sign_flipped", "days")["days"]
    assert flipped.tolist() == [365, 360, 0] and flipped.dtype == np.int64


def test_rescaled_divides_by_a_hundred():
    table = pd.DataFrame({"score": [10.0, 28.9], TARGET: [0, 1]})
    assert broken(table, "rescaled", "score")["score"].tolist() == [0.1, 0.289]


def test_sentinel_value_replaces_two_fifths(complete):
    result = broken(complete, "sentinel_value", "availability_365")
    hit = result["availability_365"] == SENTINEL
    assert changed(complete, result) == {"availability_365"}
    assert hit.mean() == pytest.approx(0.4, abs=0.02)
    assert (result.loc[~hit, "availability_365"] == complete.loc[~hit, "availability_365"]).all()
    assert result["availability_365"].dtype == np.int64


def test_category_renamed_renames_every_level_one_for_one(complete):
    result = broken(complete, "category_renamed", "room_type")
    pairs = set(zip(complete["room_type"], result["room_type"], strict=True))
    assert changed(complete, result) == {"room_type"}
    assert len(pairs) == 3 and not {old for old, _ in pairs} & {new for _, new in pairs}


def test_columns_swapped_exchanges_two_columns(complete):
    result = broken(complete, "columns_swapped", "amenity_score", other="availability_365")
    assert changed(complete, result) == {"amenity_score", "availability_365"}
    assert result["amenity_score"].tolist() == complete["availability_365"].tolist()
    assert result["availability_365"].tolist() == complete["amenity_score"].tolist()


def test_labels_changed_keeps_the_counts_and_loses_the_relation(complete):
    result = broken(complete, "labels_changed")
    assert changed(complete, result) == {TARGET}
    assert result[TARGET].value_counts().to_dict() == complete[TARGET].value_counts().to_dict()
    assert abs(result["amenity_score"].corr(result[TARGET])) < 0.05


def test_label_shift_reverses_the_ranking_and_keeps_each_class(complete):
    result = broken(complete, "label_shift")
    shares = result[TARGET].value_counts(normalize=True).sort_index()
    np.testing.assert_allclose(shares, [0.2381, 0.0641, 0.1346, 0.5632], atol=0.02)
    means = [t.groupby(TARGET)["amenity_score"].mean() for t in (complete, result)]
    np.testing.assert_allclose(*means, atol=1.5)


@pytest.mark.parametrize("levels", [[10, 20, 30, 40], ["a", "b", "c", "d"]])
def test_covariate_shift_draws_by_squared_rank_whatever_the_class(levels):
    table = pd.DataFrame({"x": np.repeat(levels, 5_000), TARGET: np.tile([0, 1, 1, 1, 1], 4_000)})
    result = broken(table, "covariate_shift", "x")
    shares = result["x"].value_counts(normalize=True)[levels]
    np.testing.assert_allclose(shares, np.array([1, 9, 25, 49]) / 84, atol=0.01)  # mean ranks: 1 : 3 : 5 : 7
    np.testing.assert_allclose(result.groupby("x")[TARGET].mean(), 0.8, atol=0.05)


@pytest.mark.parametrize(
    ("kind", "feature", "other", "key"),
    [
        ("feature_mislaid", "amenity_score", None, "simulate.break.kind"),
        ("feature_lost", "amenities", None, "simulate.break.feature"),
        ("feature_lost", TARGET, None, "simulate.break.feature"),
        ("sign_flipped", "room_type", None, "simulate.break.feature"),
        ("rescaled", "room_type", None, "simulate.break.feature"),
        ("sentinel_value", "room_type", None, "simulate.break.feature"),
        ("category_renamed", "amenity_score", None, "simulate.break.feature"),
        ("columns_swapped", "room_type", "amenity_score", "simulate.break.feature"),
        ("columns_swapped", "amenity_score", None, "simulate.break.other"),
        ("columns_swapped", "amenity_score", "room_type", "simulate.break.other"),
        ("columns_swapped", "amenity_score", "amenity_score", "simulate.break.other"),
    ],
)
def test_a_break_that_cannot_be_names_its_key(kind, feature, other, key):
    with pytest.raises(UserError, match=key):
        simulate_pair(50, 50, 1, kind, feature, other=other)


def test_the_breaks_on_offer():
    assert set(BREAKS) == {
        "none", "feature_lost", "sign_flipped", "rescaled", "sentinel_value", "category_renamed",
        "columns_swapped", "labels_changed", "label_shift", "covariate_shift",
    }  # fmt: skip
