"""Each repair undoes the defect it is for, and training columns are blurred as test columns are."""

import json

import numpy as np
import pandas as pd
import pytest

from gapscope.data.rows import replaced
from gapscope.diagnosis.evidence.column_maps import ColumnPair, column_maps
from gapscope.remedies.column_repairs import REPAIRS, blurred, former_names, missing_values, noisy, repaired
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


@pytest.mark.parametrize("kind, name", [
    ("rescaled", "amenity_score"), ("sign_flipped", "amenity_score"), ("bent", "amenity_score"),
    ("category_renamed", "neighbourhood_group"),
])  # fmt: skip
def test_a_map_of_the_diagnosis_undoes_the_change_on_new_rows(train, complete, kind, name):
    """Fitted on every second test row, and written to JSON; applied to the others, which have come in other shares."""

    if kind == "bent":
        damaged = replaced(complete, {name: np.exp(complete[name] / 50)})
    else:
        damaged = with_defect(complete, Defect(kind, name), np.random.default_rng(1))
    seen, rows = damaged[::2].reset_index(drop=True), complete[1::2].sort_values(TARGET)[:1000].index
    classes = [table[TARGET].to_numpy() for table in (train, seen)]
    pair = ColumnPair(train[name], classes[0], seen[name], classes[1], 4)
    wanted = "rescaled" if kind == "bent" else kind
    maps = [found for found in column_maps(pair, name) if found.kind == wanted]
    fitted = json.loads(json.dumps(min(maps, key=lambda found: found.left).maps))
    entry = {"how": "undo", "features": [name], "maps": fitted}
    new, table = (part.loc[rows].reset_index(drop=True) for part in (complete, repaired(damaged, train, [entry])))
    pd.testing.assert_frame_equal(table.drop(columns=name), new.drop(columns=name))
    if kind == "category_renamed":
        assert table[name].tolist() == new[name].tolist()
    else:
        assert (table[name] - new[name]).abs().max() < 0.1 * train[name].std()


def test_columns_that_changed_places_go_back_and_codes_for_missing_values_are_found():
    test = pd.DataFrame({"a": [1.0, 2.0], "b": [3.0, -1.0], "c": [5.0, 6.0]})
    entry = {"how": "undo", "maps": {"a": {"from": "b"}, "b": {"from": "c", "line": [2.0, 1.0]}, "c": {"from": "a"}}}
    entry["features"] = list(entry["maps"])
    assert repaired(test, test, [entry]).to_dict("list") == {"a": [3.0, -1.0], "b": [11.0, 13.0], "c": [1.0, 2.0]}
    entries = [entry, {"how": "undo", "features": ["b"], "maps": {"b": {"missing": -1.0}}}, {"how": "swap"}]
    assert {name: rows.tolist() for name, rows in missing_values(test, entries).items()} == {"b": [False, True]}


@pytest.mark.parametrize("kind, kept", [("noise", 1 / (1 + 0.7**2)), ("moved", 0.4)])
def test_a_column_is_blurred_as_in_the_test_table(kind, kept):
    """By the correlation with the exact values: noise leaves 1 / sqrt(1 + d^2) of it, moved values their share."""
    rng = np.random.default_rng(3)
    exact, train = (pd.DataFrame({"a": rng.normal(5, 2, 20_000)}) for _ in range(2))
    damaged = exact["a"] + 1.4 * rng.standard_normal(20_000)
    if kind == "moved":
        damaged = exact["a"].mask(rng.random(20_000) < 0.6, rng.permutation(exact["a"].to_numpy()))
    table = blurred(train, pd.DataFrame({"a": damaged}), {"a": kept}, rng)
    correlations = [np.corrcoef(*pair)[0, 1] for pair in ((exact["a"], damaged), (train["a"], table["a"]))]
    assert correlations[0] == pytest.approx(correlations[1], abs=0.03)
    assert table["a"].std() == pytest.approx(damaged.std(), rel=0.03)


def test_values_of_another_scale_in_half_of_the_rows_are_no_noise():
    rng = np.random.default_rng(3)
    train = pd.DataFrame({"a": rng.normal(0, 1, 20_000)})
    damaged = train["a"].mask(rng.random(20_000) < 0.5, rng.normal(70, 10, 20_000))
    table = blurred(train, pd.DataFrame({"a": damaged}), {"a": 0.5}, rng)
    assert (table["a"] == train["a"]).mean() == pytest.approx(0.5, abs=0.03)
    assert (table["a"] > 20).mean() == pytest.approx(0.5, abs=0.03)


def test_a_blurred_category_has_its_level_in_the_share_that_is_kept():
    train = pd.DataFrame({"a": [f"level {place}" for place in range(5000)]})
    table = blurred(train, train, {"a": 0.3}, np.random.default_rng(0))
    assert (table["a"] == train["a"]).mean() == pytest.approx(0.3, abs=0.03)


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
