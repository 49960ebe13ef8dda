"""The simulated listings against published figures of the real ones."""

import numpy as np
import pandas as pd
import pytest

from gapscope.simulation import listings as sim
from gapscope.simulation.defects import Defect
from gapscope.simulation.listings import MISSING_SHARES, TARGET, simulate_pair, with_missing
from measures import changed, deciles, information

COLUMNS = ["neighbourhood_group", "room_type", "minimum_nights", "amenity_score", "number_of_reviews",
           "availability_365", "price_class"]  # fmt: skip
NUMERIC = COLUMNS[2:6]


@pytest.fixture(scope="module")
def pair():
    return simulate_pair(41_348, 7_297, 1, [Defect("feature_lost", "amenity_score")])


def test_same_seed_gives_the_same_bytes_and_another_seed_does_not():
    def texts(seed):
        tables = simulate_pair(500, 200, seed, [Defect("feature_lost", "amenity_score")])[:2]
        return [table.to_csv(index=False) for table in tables]

    first, second, other = texts(1), texts(1), texts(2)
    assert first == second
    assert first[0] != other[0] and first[1] != other[1]


@pytest.mark.parametrize("block", [100, 999, 5000])
def test_rows_drawn_in_stretches_are_the_same_rows(monkeypatch, block):
    expected = sim.simulate(2000, np.random.default_rng(4))
    monkeypatch.setattr(sim, "BLOCK", block)
    pd.testing.assert_frame_equal(sim.simulate(2000, np.random.default_rng(4)), expected)


def test_a_defect_of_the_test_set_and_its_rows_touch_nothing_else():
    train, sound, _ = simulate_pair(800, 2_000, 5, [Defect("none", "amenity_score")])
    again, broken, _ = simulate_pair(800, 2_000, 5, [Defect("feature_lost", "amenity_score")])
    other, longer, _ = simulate_pair(800, 2_450, 5, [Defect("sign_flipped", "availability_365")])
    for table in (again, other):
        pd.testing.assert_frame_equal(train, table)
    assert changed(sound, broken) == {"amenity_score"} and len(longer) == 2_450


def test_truth_names_a_feature_only_where_one_is_broken():
    truth = simulate_pair(100, 50, 9, [Defect("rescaled", "amenity_score")])[2]
    assert truth == {
        "source": "simulated", "kind": "rescaled", "feature": "amenity_score", "features": ["amenity_score"],
        "breaks": [{"kind": "rescaled", "features": ["amenity_score"], "strength": 1.0}],
        "seed": 9, "train_rows": 100, "test_rows": 50,
    }  # fmt: skip
    for kind in ("none", "labels_changed", "label_shift", "overfitting", "leak"):
        assert simulate_pair(100, 50, 9, [Defect(kind, "amenity_score")])[2]["feature"] is None


def test_columns_types_and_ranges(complete):
    assert list(complete) == COLUMNS
    assert not complete.isna().any().any()
    whole = ["minimum_nights", "number_of_reviews", "availability_365", "price_class"]
    assert (complete[whole].dtypes == np.int64).all()
    assert complete["minimum_nights"].min() == 1 and complete["number_of_reviews"].min() == 0
    assert complete["availability_365"].min() == 0 and complete["availability_365"].max() == 365
    np.testing.assert_array_equal(complete["amenity_score"], complete["amenity_score"].round(1))
    for label, (low, high) in enumerate([(10, 35), (28, 68), (55, 88), (75, 99)]):
        score = complete.loc[complete[TARGET] == label, "amenity_score"]
        assert low <= score.min() < low + 1 and high - 1 < score.max() <= high


def test_tables_are_distributions():
    assert sum(sim.CLASS_SHARES) == pytest.approx(1)
    np.testing.assert_allclose(np.sum(sim.ROOM_SHARES, axis=1), 100)
    np.testing.assert_allclose(np.sum(sim.BOROUGH_SHARES, axis=1), 100)
    for column in (sim.MINIMUM_NIGHTS, sim.AMENITY_SCORE, sim.NUMBER_OF_REVIEWS, sim.AVAILABILITY_365):
        assert len(column.nodes) == 4 and len(column.below) == 8
        for cell, below in enumerate(column.below):
            nodes = column.nodes[cell // 2]
            assert len(below) == len(nodes) and (below[0], below[-1]) == (0, 100)
            assert (np.diff(below) > 0).all() and (np.diff(nodes) > 0).all()


def test_a_value_between_nodes_worked_by_hand():
    column = sim.Numeric(nodes=((0, 1, 5),) * 4, below=((0, 50, 100),) * 8)
    probabilities = np.array([0.2, 0.5, 0.51, 0.75, 0.99])  # -> 0.4, 1, 1.08, 3, 4.92, rounded up
    values = sim._inverse(column, np.zeros(5, dtype=int), probabilities)
    np.testing.assert_array_equal(values, [1, 1, 2, 3, 5])


def test_class_shares_and_imbalance(pair):
    for table in pair[:2]:
        shares = table[TARGET].value_counts(normalize=True).sort_index()
        np.testing.assert_allclose(shares, [0.1346, 0.5632, 0.2381, 0.0641], atol=2e-4)
    counts = pair[0].dropna()[TARGET].value_counts()
    assert counts.max() / counts.min() == pytest.approx(8.72, abs=0.15)


def test_missing_shares(pair):
    train, test, _ = pair
    for column, share in MISSING_SHARES.items():
        assert train[column].isna().mean() == pytest.approx(share, abs=0.0025)
    assert not train[TARGET].isna().any() and not test.isna().any().any()
    assert len(train.dropna()) == pytest.approx(36_234, abs=200)


@pytest.mark.parametrize(("name", "tells", "correlation"), [
    ("neighbourhood_group", 0.057, None), ("room_type", 0.180, None), ("minimum_nights", 0.014, 0.015),
    ("amenity_score", 0.678, 0.875), ("number_of_reviews", 0.006, -0.035), ("availability_365", 0.007, 0.093),
])  # fmt: skip
def test_each_feature_tells_the_class_as_published(pair, name, tells, correlation):
    rows = pair[0].dropna()
    x = deciles(rows[name]) if name in NUMERIC else rows[name]
    assert information(x, rows[TARGET]) == pytest.approx(tells, abs=max(0.003, 0.05 * tells))
    if correlation is not None:
        near = 0.005 if correlation > 0.5 else 0.02
        assert rows[name].corr(rows[TARGET]) == pytest.approx(correlation, abs=near)
    assert abs(pair[1]["amenity_score"].corr(pair[1][TARGET])) < 0.05


def test_spikes_and_tails(pair):
    rows = pair[0].dropna()
    for value, share in {1: 0.259, 2: 0.243, 3: 0.165, 30: 0.074}.items():
        assert (rows["minimum_nights"] == value).mean() == pytest.approx(share, abs=0.01)
    assert (rows["number_of_reviews"] == 0).mean() == pytest.approx(0.192, abs=0.01)
    assert (rows["availability_365"] == 0).mean() == pytest.approx(0.346, abs=0.01)
    ranks = rows[NUMERIC].rank().corr()
    assert ranks.loc["minimum_nights", "number_of_reviews"] == pytest.approx(-0.18, abs=0.03)
    assert ranks.loc["number_of_reviews", "availability_365"] == pytest.approx(0.24, abs=0.03)


def test_a_lookup_by_score_and_room_learns_what_the_lost_feature_undoes(pair):
    """The majority class by whole point and room holds on unseen rows and falls to a third on test."""

    def key(table):
        return pd.MultiIndex.from_arrays([table["amenity_score"].round(), table["room_type"]])

    rows = pair[0].dropna()
    learnt, unseen = rows.iloc[:29_000], rows.iloc[29_000:]
    majority = learnt[TARGET].set_axis(key(learnt)).groupby(level=[0, 1]).agg(lambda y: y.mode()[0])
    held, broken = ((majority.reindex(key(t)).to_numpy() == t[TARGET]).mean() for t in (unseen, pair[1]))
    assert 0.82 < held < 0.86
    assert 0.28 < broken < 0.40


def test_with_missing_touches_only_the_named_columns(complete):
    shares = {"room_type": 1.0, "minimum_nights": 0.5, "amenity_score": 0.0}
    holed = with_missing(complete, shares, np.random.default_rng(0))
    assert holed["room_type"].isna().all() and not holed["amenity_score"].isna().any()
    assert holed["minimum_nights"].isna().mean() == pytest.approx(0.5, abs=0.03)
    assert changed(complete, holed) == {"room_type", "minimum_nights"}
    kept = holed["minimum_nights"].notna()
    assert (holed.loc[kept, "minimum_nights"] == complete.loc[kept, "minimum_nights"]).all()
