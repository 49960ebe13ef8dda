"""Each defect of the simulated data against its promise, and the defects that cannot be."""

import numpy as np
import pandas as pd
import pytest

from gapscope.common.errors import UserError
from gapscope.simulation.defects import FEW_ROWS, SENTINEL, Defect
from gapscope.simulation.inject import inject, truth_of
from gapscope.simulation.listings import TARGET, simulate_pair
from measures import changed, information


def both_broken(train, test, *defects):
    before = train.copy(deep=True), test.copy(deep=True)
    result = inject(train, test, list(defects), TARGET, np.random.default_rng(1), np.random.default_rng(0))
    for given, kept in zip((train, test), before):
        pd.testing.assert_frame_equal(given, kept)  # the tables given are left as they are
    return result


def broken(table, kind, feature="amenity_score", other=None, strength=1.0):
    train, result = both_broken(table, table, Defect(kind, feature, other, strength))
    assert changed(train, table) == set()
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


@pytest.mark.parametrize("kind, column", [("feature_lost", "room_type"), ("labels_changed", TARGET)])
def test_what_is_permuted_keeps_its_counts_and_loses_the_relation(complete, kind, column):
    result = broken(complete, kind, "room_type")
    assert changed(complete, result) == {column}
    assert result[column].value_counts().to_dict() == complete[column].value_counts().to_dict()
    assert information(result["room_type"], result[TARGET]) < 0.002


@pytest.mark.parametrize(
    ("kind", "values", "expected"),
    [
        ("sign_flipped", [10.0, 12.3, 99.0], [99.0, 96.7, 10.0]),  # mirrored within the range
        ("sign_flipped", [0, 5, 365], [365, 360, 0]),
        ("sign_flipped", [0.125, 0.31, 0.5], [0.5, 0.315, 0.125]),
        ("rescaled", [0.125, 0.31, 0.5], [0.00125, 0.0031, 0.005]),  # divided by a hundred
        ("rescaled", [10.0, 28.9, 0.0], [0.1, 0.289, 0.0]),
        ("stuck_value", [1, 2, 9], [2, 2, 2]),
        ("saturated", [1.5, 2.0, 9.0], [1.5, 2.0, 2.0]),
    ],
)
def test_values_by_hand_keep_their_type_and_decimals(kind, values, expected):
    result = broken(pd.DataFrame({"x": values, TARGET: [0, 1, 2]}), kind, "x")["x"]
    assert result.tolist() == expected and result.dtype == np.array(values).dtype


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


def test_exchanged_columns_by_hand():
    table = pd.DataFrame({"a": [1.0, 2.0], "b": [300.0, 400.0], "c": [5.0, 6.0], TARGET: [0, 1]})
    swapped = broken(table, "columns_swapped", "a", "b")
    assert (swapped["a"].tolist(), swapped["b"].tolist()) == ([300.0, 400.0], [1.0, 2.0])
    other_units = broken(table, "swapped_units", "a", "b")
    assert (other_units["a"].tolist(), other_units["b"].tolist()) == ([3.0, 4.0], [0.01, 0.02])
    on = broken(table, "columns_shifted")
    assert [on[name].tolist() for name in "abc"] == [[5.0, 6.0], [1.0, 2.0], [300.0, 400.0]]


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
def test_a_defect_that_cannot_be_names_its_key(kind, feature, other, key):
    with pytest.raises(UserError, match=key):
        simulate_pair(50, 50, 1, [Defect(kind, feature, other)])


@pytest.mark.parametrize("strength", [0.0, 0.3])
@pytest.mark.parametrize(
    ("kind", "feature"),
    [
        ("feature_lost", "amenity_score"),
        ("sign_flipped", "amenity_score"),
        ("rescaled", "amenity_score"),
        ("category_renamed", "room_type"),
        ("columns_swapped", "amenity_score"),
        ("labels_changed", TARGET),
    ],
)
def test_strength_is_the_share_of_rows_that_a_defect_of_values_reaches(complete, kind, feature, strength):
    result = broken(complete, kind, feature, "availability_365", strength)
    same = {"labels_changed": (complete[TARGET].value_counts(normalize=True) ** 2).sum()}.get(kind, 0.0)
    assert (result[feature] != complete[feature]).mean() == pytest.approx(strength * (1 - same), abs=0.02)


@pytest.mark.parametrize("strength", [0.0, 0.5, 1.0])
def test_feature_changed_adds_noise_in_standard_deviations(complete, strength):
    result, deviation = broken(complete, "feature_changed", strength=strength), complete["amenity_score"].std()
    added = result["amenity_score"] - complete["amenity_score"]
    assert changed(complete, result) <= {"amenity_score"}
    assert added.std() == pytest.approx(strength * deviation, rel=0.05)
    assert abs(added.mean()) < 0.05 * deviation
    rooms = broken(complete, "feature_changed", "room_type", None, strength)["room_type"]
    assert (rooms != complete["room_type"]).mean() < strength / 2 + 1e-9


def test_harmless_shift_moves_every_value_by_as_much(complete):
    result = broken(complete, "harmless_shift", "availability_365", None, 0.5)
    step = round(0.5 * complete["availability_365"].std())
    assert ((result["availability_365"] - complete["availability_365"] - step).abs() <= 1).all()


@pytest.mark.parametrize("kind", ["label_shift", "covariate_shift"])
def test_shifts_of_strength_nought_draw_every_row_as_often(complete, kind):
    result = broken(complete, kind, "amenity_score", None, 0.0)
    for column in (TARGET, "room_type"):
        shares = [table[column].value_counts(normalize=True).sort_index() for table in (complete, result)]
        np.testing.assert_allclose(*shares, atol=0.02)


def test_overfitting_leaves_few_rows_to_learn_from(complete):
    for strength, rows in ((1.0, FEW_ROWS), (0.0, len(complete)), (0.5, round((len(complete) * FEW_ROWS) ** 0.5))):
        train, test = both_broken(complete, complete, Defect("overfitting", "", strength=strength))
        assert len(train) == rows and changed(test, complete) == set()


def test_leak_lets_a_share_of_the_rows_stand_four_times(complete):
    complete = complete.astype({name: object for name in ("neighbourhood_group", "room_type")})  # to count by
    counts = both_broken(complete, complete, Defect("leak", "", strength=0.3))[0].value_counts()
    distinct = complete.head(FEW_ROWS).value_counts()
    assert len(counts) == len(distinct)
    assert set(counts / distinct.reindex(counts.index)) == {1, 4}
    assert (counts > distinct.reindex(counts.index)).mean() == pytest.approx(0.3, abs=0.05)


def test_never_standardised_leaves_the_test_set_as_measured(complete):
    train, test = both_broken(complete, complete, Defect("never_standardised", ""))
    numeric = ["minimum_nights", "amenity_score", "number_of_reviews", "availability_365"]
    assert changed(complete, train) == set(numeric) and changed(complete, test) == set()
    np.testing.assert_allclose(train[numeric].mean(), 0, atol=1e-9)
    np.testing.assert_allclose(train[numeric].std(), 1)
    untouched, _ = both_broken(complete, complete, Defect("never_standardised", "", strength=0.0))
    np.testing.assert_allclose(untouched[numeric], complete[numeric])


def test_defects_follow_one_another(complete):
    defects = Defect("rescaled", "amenity_score"), Defect("category_renamed", "room_type")
    _, test = both_broken(complete, complete, *defects)
    assert changed(complete, test) == {"amenity_score", "room_type"}


def test_the_truth_names_all_that_is_broken_and_nothing_else():
    numeric = ["score", "days"]
    assert truth_of([Defect("columns_swapped", "score", "days")], numeric)["features"] == numeric
    assert truth_of([Defect("never_standardised", "room")], numeric)["features"] == numeric
    idle = truth_of([Defect("none", "score"), Defect("rescaled", "score", strength=0.0)], numeric)
    assert idle == {"kind": "none", "feature": None, "features": [], "breaks": []}
    several = [Defect("label_shift", "score"), Defect("rescaled", "days"), Defect("sign_flipped", "days")]
    mixed = truth_of(several, numeric)
    assert (mixed["kind"], mixed["feature"], mixed["features"]) == ("mixed", "days", ["days"])


@pytest.mark.parametrize("kind", ["feature_lost", "category_renamed", "feature_changed", "covariate_shift"])
@pytest.mark.parametrize("strength", [1.0, 0.4])
def test_categories_break_as_texts_do(complete, kind, strength):
    texts = complete.astype({"room_type": object})
    wrong = Defect(kind, "room_type", strength=strength)
    one, two = (inject(texts, own, [wrong], TARGET, None, np.random.default_rng(1))[1] for own in (complete, texts))
    assert one["room_type"].tolist() == two["room_type"].tolist() != complete["room_type"].tolist()


def test_concept_drift_moves_classes_on_where_the_first_number_is_least():
    table = pd.DataFrame({"a": [5.0, 1.0, 3.0, 2.0], TARGET: [0, 1, 2, 2]})
    moved = {
        strength: both_broken(table, table, Defect("concept_drift", strength=strength))[1] for strength in (0.5, 1)
    }
    assert moved[0.5][TARGET].tolist() == [0, 2, 2, 0] and moved[1][TARGET].tolist() == [1, 2, 0, 0]
