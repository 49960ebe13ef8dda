"""Undoing changes of columns: what is told from what, and what the network confirms, on tables made by hand."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from gapscope.config.defaults import shipped
from gapscope.data.encode import Column
from gapscope.diagnosis.context import Case
from gapscope.diagnosis.estimates import Encoder, Estimate
from gapscope.diagnosis.evidence.column_maps import ColumnMap, ColumnPair, clipped, column_maps, heaped
from gapscope.diagnosis.evidence.column_repair import MapTrial, chosen, filled_in
from gapscope.diagnosis.evidence.column_swaps import swapped
from gapscope.diagnosis.evidence.column_ties import Ties
from gapscope.studies.suite.cases import Fitted
from stage_scripts import stage_settings

CONFIG = shipped()
NAMES = ["income", "age", "visits"]


def people(rows, seed):
    """Income and age tell the class and hang together within it; visits tell next to nothing."""
    rng = np.random.default_rng(seed)
    y, wealth = rng.integers(2, size=rows), rng.normal(size=rows)
    table = {"income": 10 + 2.2 * y + wealth + rng.normal(size=rows) / 2, "age": 40 + 6 * y + 5 * wealth}
    table["age"] = table["age"] + 2 * rng.normal(size=rows)
    return pd.DataFrame(table | {"visits": rng.normal(3.0, 1.0, rows), "y": y})


@pytest.fixture
def rng():
    return np.random.default_rng(7)


@pytest.fixture
def case(rng):
    table = people(2000, 1)
    encode = Encoder([Column(name) for name in NAMES], table[NAMES].mean().to_numpy(), table[NAMES].std().to_numpy())
    return Case(None, None, encode, "y", 2, CONFIG["diagnose"], rng)


def diagnosis_of(train, test):
    """Of two classes y, told by all other columns."""
    settings = stage_settings(CONFIG, "suite_cases", "none")
    names = [name for name in train if name != "y"]
    settings["data"] = settings["data"] | {"numeric": names, "categorical": [], "target": "y", "classes": ["a", "b"]}
    settings["encode"] = settings["encode"] | {"transform": dict.fromkeys(names, "identity")}
    return Fitted.on(train, settings).diagnosis(test)


def test_no_map_leaves_a_column_as_it_is(rng):
    known, test = people(1000, 1), people(1000, 2)
    column = ColumnPair(known["income"], known["y"].to_numpy(), test["income"], test["y"].to_numpy(), 2)
    for undo in column_maps(column, "income"):
        moved = np.abs(undo.columns["income"] - test["income"]).mean()
        assert moved > 0.05 * known["income"].std()


@pytest.mark.parametrize("change, low, high", [("scale", 0.95, 1.05), ("noise", 0.6, 0.8)])
def test_noise_takes_from_the_tie_to_other_features_and_a_scale_does_not(change, low, high, case, rng):
    """Noise as large as the spread within the class, taken back by the factor: correlations fall to 1 / sqrt(2)."""
    known, test = people(8000, 1), people(8000, 2)
    spread = test.groupby("y")["income"].std().mean()
    values = test["income"]
    if change == "noise":
        means = test.groupby("y")["income"].transform("mean")
        values = means + (values - means + spread * rng.normal(size=len(test))) / np.sqrt(2)
    kept = Ties(known, test, ("age", "visits"), case).kept("income", values)
    assert low < kept.value < high and kept.low < kept.value < kept.high


def test_filled_in_values_hang_together_with_the_other_features(case, rng):
    known, test = people(2000, 1), people(2000, 2)
    unknown = rng.random(len(test)) < 0.4
    filled = filled_in(test["income"].mask(unknown, 999.0), unknown, known, test, "income", case)
    assert (filled[~unknown] == test["income"][~unknown]).all()
    assert filled[unknown].isin(known["income"]).all()
    for table in (known, test.assign(income=filled)[unknown]):
        within = table[["income", "age"]] - table.groupby("y")[["income", "age"]].transform("mean")
        assert within.corr().iloc[0, 1] == pytest.approx(0.83, abs=0.06)


def test_a_marker_is_not_blamed_for_another_column_broken_in_its_rows(rng):
    train, test = people(3000, 1), people(1500, 2)
    hit = rng.random(len(test)) < 0.4
    test.loc[hit, "visits"] = 999.0
    test.loc[hit, "income"] = rng.permutation(test.loc[hit, "income"].to_numpy())
    found = diagnosis_of(train, test)["verdict"]
    causes = found["parts"] or found["candidates"]
    assert any("income" in one["features"] for one in causes)
    assert not any(one["kind"] == "sentinel_value" and one["share"] > 0.5 for one in causes)


def test_columns_exchanged_in_half_of_the_rows_are_no_marker(rng):
    """Visits are 0 in nearly all rows, so that half of the incomes become 0."""
    tables = people(3000, 1), people(1500, 2)
    for table in tables:
        table["visits"] = np.where(rng.random(len(table)) < 0.9, 0.0, table["visits"])
    train, test = tables
    hit = rng.random(len(test)) < 0.5
    both = ["income", "visits"]
    test.loc[hit, both] = test.loc[hit, both[::-1]].to_numpy()
    found = diagnosis_of(train, test)["verdict"]
    assert "sentinel_value" not in {one["kind"] for one in [found, *found["parts"], *found["candidates"]]}


def test_noise_is_not_called_another_scale(rng):
    train, test = people(3000, 1), people(1500, 2)
    test["income"] += 2.0 * rng.normal(size=len(test))
    found = diagnosis_of(train, test)["verdict"]
    assert found["kind"] == "feature_changed" and found["features"] == ["income"]


def test_what_is_undone_is_given_as_a_map_that_remedies_can_apply():
    train, test = people(3000, 1), people(1500, 2)
    test["income"], test["age"] = test["age"] * 2.54, test["income"] / 1000
    found = diagnosis_of(train, test)
    assert found["verdict"]["kind"] == "columns_swapped"
    maps = {one["feature"]: one["undone"]["map"] for one in found["features"] if one["undone"]}
    assert {name: fitted["from"] for name, fitted in maps.items()} == {"income": "age", "age": "income"}
    assert maps["income"]["line"][0] == pytest.approx(1000, rel=0.05)
    assert maps["age"]["line"][0] == pytest.approx(1 / 2.54, rel=0.05)


def test_another_scale_is_told_beside_wrong_labels(rng):
    train, test = people(3000, 1), people(1500, 2)
    test["income"] /= 1000
    test["y"] = np.where(rng.random(len(test)) < 0.3, rng.integers(2, size=len(test)), test["y"])
    parts = diagnosis_of(train, test)["verdict"]["parts"]
    assert {(one["kind"], *one["features"]) for one in parts} == {("rescaled", "income"), ("labels_changed",)}


def test_values_cut_off_at_one_end_stand_for_nothing():
    train, test = people(3000, 1), people(1500, 2)
    test["income"] = test["income"].clip(upper=train["income"].quantile(0.4))
    found = diagnosis_of(train, test)["verdict"]
    assert (found["kind"], found["features"]) == ("feature_changed", ["income"])
    known = pd.Series([1.0, 2.0, 3.0, 4.0])
    assert clipped(known, pd.Series([1.0, 2.0, 2.0, 2.0])) and not clipped(known, pd.Series([1.0, 2.0, 9.0, 9.0]))


def test_the_commonest_value_with_its_sign_reversed_stands_for_nothing(rng):
    """Nine rows in ten are 0 in a column of 0 to 9: turned round in half of the rows, 9 is no code for missing ones. It
    is one where few of these rows were 0."""
    (y_known, known), (y, test) = ((rng.integers(2, size=n), rng.integers(10, size=n) * 1.0) for n in (3000, 2000))
    rare, half = known.copy(), rng.random(2000) < 0.5
    for values in (rare, rarely := test.copy()):
        values[rng.random(len(values)) < 0.9] = 0.0
    for before, after, kinds in (
        (rare, np.where(half, 9 - rarely, rarely), set()),
        (known, np.where(half, 9.0, test), {"sentinel_value"}),
    ):
        column = ColumnPair(pd.Series(before), y_known, pd.Series(after), y, 2)
        assert {one.kind for one in column_maps(column, "x") if one.kind == "sentinel_value"} == kinds


def test_a_curve_of_any_shape_needs_a_witness(case, rng):
    """Visits tell neither the class for sure nor another feature: that ranks give back how they lie shows nothing."""
    known, test = (
        table.assign(visits=table["visits"] + 0.15 * table["y"]) for table in (people(3000, 1), people(2000, 2))
    )
    for name, changed, undone in (("visits", test["visits"] ** 3, []), ("income", test["income"] ** 3, ["rescaled"])):
        both = known[name], known["y"].to_numpy(), changed, test["y"].to_numpy()
        fitting = MapTrial(case, Ties(known, test, (), case)).fitting(ColumnPair(*both, 2), name)
        assert [one.kind for one in chosen([fitting])] == undone


def test_a_curve_is_given_less_leeway_than_a_line(case):
    """A curve fits a mixture of two columns too, which keeps a part of the ties."""
    known, test = people(3000, 1), people(2000, 2)
    column = ColumnPair(known["income"], known["y"].to_numpy(), test["income"] * 100, test["y"].to_numpy(), 2)
    trial = MapTrial(case, SimpleNamespace(kept=lambda *_: Estimate(0.76, 0.54, 0.98)))
    held = {undo.how: trial.holds(column, undo, "income") for undo in column_maps(column, "income")}
    assert held["0.01 times the value"] and not held["the value of the same rank"]


def test_a_line_that_gives_all_rows_one_value_shows_nothing(case):
    """Nearly all known rows are 0 in the first table, so that a factor of next to nothing fits any test column."""
    places = np.arange(3000)
    rare, counts, rows = pd.Series((places % 40 == 0) * 1.0), pd.Series(places % 10 * 1.0), places // 40 % 2
    trial = MapTrial(case, SimpleNamespace(kept=lambda *_: Estimate(1.0, -1.0, 3.0)))
    for known, test, shown in ((rare, counts, False), (counts, counts * 100, True)):
        column = ColumnPair(known, rows, test[:200], rows[:200], 2)
        lines = [undo for undo in column_maps(column, "x") if "line" in undo.maps["x"] and undo.kind == "rescaled"]
        assert any(undo.left <= column.allowed(0.2) for undo in lines)
        assert any(trial.holds(column, undo, "x") for undo in lines) == shown


def test_a_line_meets_the_value_that_most_rows_have():
    """A line fitted through quantiles of a column with a long tail misses it by a little, and with it most rows."""
    rng = np.random.default_rng(9)
    whole = np.where(rng.random(4000) < 0.6, 0.0, rng.lognormal(0.0, 1.0, 4000).round(2))
    known, test = pd.Series(whole[:3000]), pd.Series(whole[3000:])
    zeros = np.zeros(3000, int)
    column = ColumnPair(known, zeros, (test - 0.8) / 2.1, zeros[:1000], 1)
    best = min((undo for undo in column_maps(column, "x") if "line" in undo.maps["x"]), key=lambda undo: undo.left)
    assert best.left < 0.01 and (best.columns["x"][test == 0] == 0.0).all()


def test_a_column_that_fits_either_way_round_goes_with_the_others():
    scaled, reversed_, filled = (
        ColumnMap(kind, {}, "", 0.0) for kind in ("rescaled", "sign_flipped", "sentinel_value")
    )
    either = [scaled, reversed_]
    assert chosen([either, [reversed_], [filled], []]) == [reversed_, reversed_, filled]
    assert chosen([either, [filled]]) == [filled] and chosen([either, [scaled], [reversed_]]) == [scaled, reversed_]


def test_columns_are_put_back_though_one_of_them_hardly_varies(rng):
    """A factor of next to nothing makes any column as one that is 0 in nearly all rows: it is not in its place."""
    y = rng.integers(2, size=4000)
    known = {"a": pd.Series(np.rint(rng.gamma(2.0 + 3.0 * y))), "b": pd.Series((rng.random(4000) < 0.01) * 1.0)}
    test = {"a": known["b"] / 100, "b": known["a"] / 100}
    columns = {name: ColumnPair(known[name][:2000], y[:2000], test[name][2000:], y[2000:], 2) for name in known}
    (undo,) = swapped(columns, ["a", "b"], 0.2)
    assert set(undo.columns) == {"a", "b"} and (undo.columns["a"].to_numpy() == known["a"][2000:]).mean() > 0.95


def test_many_values_that_hardly_any_known_row_has_are_heaped():
    known, counts = pd.Series(np.arange(100.0)), pd.Series(np.repeat([0.0, 1.0, 2.0], [40, 30, 30]))
    assert heaped(known, known.where(known < 60, 3.0)) and not heaped(known, known.where(known < 95, 3.0))
    assert not heaped(counts, counts.where(counts != 1.0, 0.0)) and not heaped(known.map(str), pd.Series(["a"] * 100))
