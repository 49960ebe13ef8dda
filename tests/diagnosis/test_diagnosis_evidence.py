"""The pieces of evidence: against scikit-learn and scipy, by hand, and on columns broken in known ways."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2_contingency
from sklearn.metrics import balanced_accuracy_score, f1_score, log_loss, roc_auc_score

from gapscope.data import parquet
from gapscope.data.rows import Held, Listed
from gapscope.diagnosis.context import Case, other_gaps
from gapscope.diagnosis.estimates import Estimate
from gapscope.diagnosis.evidence.bins import all_binned, binned, class_scores, favour, held
from gapscope.diagnosis.evidence.column_maps import ColumnPair, column_maps
from gapscope.diagnosis.evidence.column_swaps import swapped
from gapscope.diagnosis.evidence.counterfactuals import classes_explained, split_by_x
from gapscope.diagnosis.evidence.domain_classifier import Domains, area
from gapscope.diagnosis.evidence.drift import (
    change_given_class,
    drifted,
    homogeneity,
    homogeneity_over_strata,
    joint_drift,
    p_value,
)
from gapscope.diagnosis.evidence.duplicates import (
    among,
    counted,
    excess_where_unchanged,
    known_keys,
    repetition,
    row_keys,
    shuffled,
)
from gapscope.evaluation.metrics import confusion


@pytest.fixture
def rng():
    return np.random.default_rng(5)


def test_homogeneity_equals_scipy():
    a, b = np.array([40, 60, 30]), np.array([50, 20, 35])
    expected = chi2_contingency([a, b], correction=False)
    assert homogeneity(a, b) == pytest.approx((expected.statistic, expected.dof))
    assert p_value([homogeneity(a, b)]) == pytest.approx(expected.pvalue)
    # rare cells are pooled
    assert homogeneity(np.array([500, 300, 1, 1]), np.array([500, 300, 2, 0]))[1] == 2


def test_homogeneity_over_strata_equals_known_formulas(rng):
    """Pearson's chi-squared times (n - 1) / n for one stratum; Mantel and Haenszel (1959) for two bins."""
    a, b = np.array([[40, 60, 30]]), np.array([[50, 20, 35]])
    pearson, freedom = homogeneity(a[0], b[0])
    assert homogeneity_over_strata(a, b, np.ones(1)) == pytest.approx((pearson * 234 / 235, freedom))
    known, test = rng.integers(5, 60, (2, 6, 2))
    sides, bins = np.stack([known, test]).sum(axis=2), known + test
    n = bins.sum(axis=1)
    off = (test[:, 0] - sides[1] * bins[:, 0] / n).sum()
    expected = off**2 / (sides.prod(axis=0) * bins.prod(axis=1) / (n**2 * (n - 1))).sum()
    assert homogeneity_over_strata(known, test, np.ones(6)) == pytest.approx((expected, 1))
    assert homogeneity_over_strata(known, test, np.full(6, 4.0)) == pytest.approx((expected / 4, 1))
    rare = np.tile([[1, 1]], (6, 1))  # cells that are pooled
    assert homogeneity_over_strata(np.hstack([known, rare]), np.hstack([test, rare]), np.ones(6))[1] == 2


def test_a_change_that_goes_the_same_way_in_many_small_classes_is_seen(rng):
    y = np.arange(2000) % 20, np.arange(200) % 20
    tables = [pd.DataFrame(rng.standard_normal((len(own), 2)), columns=["a", "b"]) for own in y]
    tables[1]["b"] += 0.4
    both = all_binned(*tables, ["a", "b"], 20)
    p = {name: change_given_class(one, y, np.ones(21))["p_given_class"] for name, one in both.items()}
    assert p["b"] < 1e-4 and p["a"] > 0.01


def test_area_equals_scikit_learn(rng):
    score, positive = rng.normal(size=300).round(1), rng.random(300) < 0.3
    assert area(score, positive, 0.95).value == pytest.approx(roc_auc_score(positive, score))


def test_other_gaps_equal_scikit_learn(rng):
    y = rng.integers(3, size=400), rng.integers(3, size=300)
    p = tuple(rng.dirichlet(np.ones(3), size=len(part)) for part in y)
    predicted = [one.argmax(axis=1) for one in p]
    losses = [Estimate.mean(-np.log(one[np.arange(len(part)), part]), 0.95) for part, one in zip(y, p)]
    gaps = other_gaps([confusion(part, codes, 3) for part, codes in zip(y, predicted)], losses, 0.95, 300, rng)
    by_measure = {
        "balanced_accuracy": [balanced_accuracy_score(*pair) for pair in zip(y, predicted)],
        "macro_f1": [f1_score(*pair, average="macro") for pair in zip(y, predicted)],
        "log_loss": [-log_loss(*pair) for pair in zip(y, p)],
    }
    for name, (first, second) in by_measure.items():
        assert gaps[name].value == pytest.approx(first - second), name
        assert gaps[name].low < gaps[name].value < gaps[name].high


def interacting(rng, rows, flip):
    """x says nothing of y by itself, nor does the set it is in; together they do where `flip`."""
    y = rng.integers(2, size=rows)
    return pd.DataFrame({"x": rng.normal(size=rows) + (1 - y if flip else y), "z": rng.normal(size=rows)}), y


def test_a_classifier_of_rows_sees_interactions_of_x_with_y(rng):
    (known, y_known), (test, y_test) = interacting(rng, 4000, False), interacting(rng, 4000, True)
    domains = Domains(all_binned(known, test, ["x", "z"], 2), (y_known, y_test), 2, rng)
    assert domains.from_y(0.99).low < 0.5 < domains.from_y(0.99).high
    assert domains.from_x(0.99).low < 0.5
    assert domains.from_xy(0.99).low > 0.65
    assert domains.from_xy(0.99, without=("x",)).low < 0.5


def test_pairs_show_a_permuted_column_that_by_itself_is_as_before(rng):
    a = rng.normal(size=6000)
    table = pd.DataFrame({"a": a, "b": a + rng.normal(size=6000), "c": a + rng.normal(size=6000)})
    known, test = table[:3000], table[3000:].assign(b=rng.permutation(table["b"][3000:]))
    for came, drift in ((test, ["b"]), (table[3000:], [])):
        assert joint_drift(all_binned(known, came, ["a", "b", "c"], 2), 1.0, 0.001) == drift


def test_a_feature_that_moved_only_with_another_is_not_named(rng):
    a = rng.normal(size=20000)
    table = pd.DataFrame({"a": a, "b": a + rng.normal(size=20000)})
    test = table[rng.random(20000) < 1 / (1 + np.exp(-2 * a))]
    assert drifted(all_binned(table, test, ["a", "b"], 2), 0.1, 0.001, 1.0) == ["a"]


def test_relation_falls_with_the_share_of_wrong_labels(rng):
    y = rng.integers(3, size=60000)
    codes = np.where(rng.random(60000) < 0.7, y, rng.integers(3, size=60000))
    scores, shares = class_scores(codes, y, codes, 3, 3), np.full(3, 1 / 3)
    whole = held(favour(scores, y, shares), y, shares)[0]
    wrong = np.where(rng.random(60000) < 0.4, rng.permutation(y), y)
    assert held(favour(scores, wrong, shares), wrong, shares)[0] / whole == pytest.approx(0.6, abs=0.02)


def test_split_by_x_by_hand():
    """Validation: half in a stratum with accuracy 1, half in one with 0.5; test: 1/4 and 3/4, the second with 0."""
    strata = np.repeat([0, 1], 8), np.repeat([0, 1], [4, 12])
    right = np.array([1.0] * 8 + [1.0, 0.0] * 4), np.array([1.0] * 4 + [0.0] * 12)
    found = split_by_x(right, strata, strata, 2, 0.95)
    assert found.x_part.value == pytest.approx((0.5 - 0.25) * 1 + (0.5 - 0.75) * 0.5)
    assert found.relation_part.value == pytest.approx(0.75 * 0.5)
    assert found.x_part.value + found.relation_part.value == pytest.approx(right[0].mean() - right[1].mean())


def test_class_shares_that_follow_x_are_explained_by_it():
    strata = np.repeat([0, 1], 100), np.repeat([0, 1], [40, 160])
    y = tuple(np.where(part == 1, 1, 0) for part in strata)
    assert classes_explained(strata, y, 2) == pytest.approx(1.0)
    assert classes_explained((strata[0], strata[0]), (y[0], 1 - y[0] * 0), 2) == pytest.approx(0.0)


def copies(table, of):
    return among(row_keys(table), np.sort(row_keys(of)))


def test_copies_are_found_across_the_blocks_of_a_stored_table(rng, tmp_path, monkeypatch):
    monkeypatch.setattr(parquet, "ROW_GROUP", 40)
    table = pd.DataFrame({"a": rng.integers(9, size=300) - 0.0, "b": rng.choice(list("xyz"), 300)})
    table["y"] = rng.integers(2, size=300)
    parquet.stored(tmp_path / "table.parquet", "simulated", [table])
    rows = rng.permutation(300)
    known, held = Listed(str(tmp_path / "table.parquet"), rows), table.iloc[rows].reset_index(drop=True)
    keys, chance = known_keys(known, ["a", "b", "y"], "y", 200, rng)
    assert (keys == row_keys(held)).all()
    expected = held[200:].merge(held[:200].drop_duplicates(), how="left", indicator=True)["_merge"] == "both"
    assert (among(keys[200:], np.sort(keys[:200])) == expected.to_numpy()).all()
    assert len(chance) == 200 and (np.diff(chance.astype(float)) >= 0).all()
    assert not among(keys, keys[:0]).any()


@pytest.mark.parametrize("broken, copied", [("", False), ("a", False), ("y", False), ("", True), ("a", True)])
def test_rows_that_are_equal_by_nature_are_no_copies_though_test_rows_are_broken(broken, copied, rng):
    """About a quarter of the other rows equal one of the 1200 training rows: a follows from b, y from all but f."""
    names = list("abcdef")
    known, test = (pd.DataFrame(rng.integers(5, size=(n, 6)), columns=names) for n in (1800, 600))
    for table in (known, test):
        table["a"] = table["b"] * 10
        table["y"] = (table[list("bcde")].sum(axis=1) > 8) * 1
    if copied:
        known.loc[1400:] = known[:400].to_numpy()
    if broken:
        test[broken] = rng.permutation(test[broken])
    settings = {"confidence": 0.99, "alpha": 0.01, "rows": 5000, "least_shift": 0.1}
    groups = SimpleNamespace(groups=dict.fromkeys(names))
    sets = SimpleNamespace(known=Held(known), test_table=Held(test), train=SimpleNamespace(y=known["y"][:1200]))
    case = Case(None, sets, groups, "y", 2, settings, rng)
    found = excess_where_unchanged(case, known.duplicated().to_numpy(), 1.0)
    assert (found.low > 0.2) == copied and (found.low > 0) == copied


def test_rows_that_stand_there_once_are_held_against_rows_without_a_copy():
    keys = np.concatenate([np.arange(60), np.arange(10)]).astype(np.uint64)
    assert counted(keys, np.sort(keys), np.arange(70) >= 60).nonzero()[0].tolist() == list(range(10, 60))
    twice = np.repeat(np.arange(40), 2).astype(np.uint64)  # none stands there once
    assert (counted(twice, np.sort(twice), np.arange(80) % 2 == 1) == (np.arange(80) % 2 == 0)).all()


def test_copies_and_repeats():
    table = pd.DataFrame({"a": [1, 2, 3, 3], "b": ["x", "y", "z", "z"]})
    assert copies(pd.DataFrame({"a": [2.0, 2.0], "b": ["y", "x"]}), table).tolist() == [True, False]
    once = pd.DataFrame({"a": np.arange(50.0)})
    assert repetition(row_keys(once), row_keys(once)) == 1.0
    twice = pd.concat([once, once], ignore_index=True)
    assert repetition(row_keys(twice), row_keys(once)) == pytest.approx(2.0)
    assert repetition(row_keys(twice), row_keys(twice)) == 1.0


def test_shuffling_keeps_each_feature_within_its_class(rng):
    table = pd.DataFrame({"a": rng.integers(4, size=200), "b": list("wxyz") * 50, "y": rng.integers(2, size=200)})
    mixed = shuffled(table, "y", rng)
    for name in ("a", "b"):
        assert mixed.groupby("y")[name].value_counts().equals(table.groupby("y")[name].value_counts())
    assert copies(mixed, table).mean() < 1.0 or len(table.drop_duplicates()) == 32


@pytest.fixture
def known(rng):
    y = rng.integers(3, size=6000)
    return rng.gamma(2.0 + 2.0 * y, 3.0).round(1), y


BROKEN = {
    "rescaled": lambda x, rng: x / 100,
    "sign_flipped": lambda x, rng: -x,
    "sentinel_value": lambda x, rng: np.where(rng.random(len(x)) < 0.3, 999.0, x),
    "lost": lambda x, rng: rng.permutation(x) * 2,
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_known_change_is_undone_no_other_kind_fits_and_nothing_undoes_a_lost_column(kind, known, rng):
    x, y = known
    column = ColumnPair(pd.Series(x[:3000]), y[:3000], pd.Series(BROKEN[kind](x[3000:], rng)), y[3000:], 3)
    fitting = {undo.kind for undo in column_maps(column, "x") if undo.left <= column.allowed(0.2)}
    assert fitting == {kind} - {"lost"}


def test_renamed_categories_are_matched_by_what_they_tell(rng):
    y = rng.integers(2, size=4000)
    levels = np.array(["low", "middle", "high"])[np.minimum(y + (rng.random(4000) < 0.4), 2)]
    test = pd.Series(levels[2000:]).map({"low": "1", "middle": "2", "high": "3"})
    column = ColumnPair(pd.Series(levels[:2000]), y[:2000], test, y[2000:], 2)
    renamed = next(undo for undo in column_maps(column, "x") if undo.kind == "category_renamed")
    assert renamed.left <= column.allowed(0.2)
    assert (renamed.columns["x"].to_numpy() == levels[2000:]).all()


def test_columns_in_a_circle_are_put_back(rng):
    y = rng.integers(2, size=4000)
    known = {
        name: pd.Series(rng.normal(shift + y, scale)) for name, shift, scale in (("a", 0, 1), ("b", 3, 2), ("c", 9, 1))
    }
    test = {"a": known["c"], "b": known["a"], "c": known["b"]}
    columns = {name: ColumnPair(known[name][:2000], y[:2000], test[name][2000:], y[2000:], 2) for name in known}
    (undo,) = swapped(columns, ["a"], 0.2)
    for name in known:
        pd.testing.assert_series_equal(undo.columns[name], known[name][2000:])


def test_columns_exchanged_and_in_another_unit_are_put_back(rng):
    """Each column tells the class in its own way: a map of the column by itself would have it the other way round."""
    y = rng.integers(3, size=6000)
    known = {"a": pd.Series(rng.gamma(2.0 + 3.0 * y, 1.0)), "b": pd.Series(rng.gamma(9.0 - 3.0 * (y == 1), 50.0))}
    test = {"a": known["b"] * 2.54, "b": known["a"] / 1000}
    columns = {name: ColumnPair(known[name][:3000], y[:3000], test[name][3000:], y[3000:], 3) for name in known}
    (undo,) = swapped(columns, ["a", "b"], 0.2)
    assert undo.how == "columns exchanged, in another unit"
    for name in known:
        spread = known[name].std()
        np.testing.assert_allclose(undo.columns[name], known[name][3000:], atol=0.1 * spread, rtol=0.05)


def test_values_outside_the_known_range_have_bins_of_their_own():
    both = binned(pd.Series(np.arange(100.0)), pd.Series([-5.0, 0.0, 99.0, 500.0]), 4)
    assert both.test.tolist() == [0, 1, both.bins - 2, both.bins - 1]
    assert both.known.min() == 1 and both.known.max() == both.bins - 2
