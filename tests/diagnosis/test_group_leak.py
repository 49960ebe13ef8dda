"""Rows that belong together on both sides of the split: found by a column or by nearness, told by training again."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import cdist

from gapscope.config.defaults import shipped
from gapscope.config.settings import training_settings
from gapscope.data.encode import Column
from gapscope.data.left_out import left_out_columns
from gapscope.data.rows import Held
from gapscope.diagnosis.diagnosis import diagnose
from gapscope.diagnosis.estimates import Encoder, Sets
from gapscope.diagnosis.evidence.held_groups import by_column, clustered
from gapscope.diagnosis.evidence.near_rows import (
    Space,
    groups_of_rows,
    linked,
    nearness,
    to_other_clusters,
    varying,
)
from gapscope.network.partition import Partition
from gapscope.network.training import train
from gapscope.simulation.defects import Defect
from gapscope.simulation.inject import inject
from gapscope.simulation.listings import TARGET, simulate

NAMES = [f"x{place}" for place in range(8)]
CONFIG = shipped()
FLAT = training_settings(
    {key: value for key, value in CONFIG["train"].items() if key != "members"}, "relu", {"hidden": [32], "seed": 1}
)


def people(number, first, rng, rows=25):
    """Each person has a place of its own and a class that the place hardly tells."""
    y = rng.integers(0, 2, number)
    place = rng.standard_normal((number, len(NAMES)))
    place[:, 0] += 0.3 * y
    who = rng.permutation(np.repeat(np.arange(number), rows))
    values = place[who] + 0.2 * rng.standard_normal((len(who), len(NAMES)))
    return pd.DataFrame(values, columns=NAMES).assign(y=y[who]), first + who


def diagnosed(table, test, groups=None):
    n = len(table) * 4 // 5
    parts = [Partition(some[NAMES].to_numpy(), some["y"].to_numpy()) for some in (table[:n], table[n:], test)]
    left_out = groups and tuple(pd.DataFrame({"person": who}) for who in groups)
    sets = Sets(*parts, Held(table), Held(test), left_out)
    encode = Encoder([Column(name) for name in NAMES], np.zeros(8), np.ones(8))
    settings = {**CONFIG["diagnose"], "resamples": 50, "draws": 1}
    return diagnose(train(*parts[:2], 2, FLAT), sets, encode, "y", settings, FLAT)


@pytest.mark.parametrize("named", [True, False])
def test_the_same_people_on_both_sides_are_a_leak(named):
    rng = np.random.default_rng(1)
    (table, who), (test, others) = people(60, 0, rng), people(60, 60, rng)
    found = diagnosed(table, test, (who, others) if named else None)
    verdict = found["verdict"]
    assert (verdict["kind"], verdict["features"], verdict["parts"][0]["kind"]) == ("leak", [], "group_leak")
    assert ("person" in verdict["sentence"]) == named
    kept = {row["kind"] for row in found["hypotheses"] if row["decision"] == "kept"}
    assert kept & {"leak", "group_leak", "near_copies"} == {"group_leak"}


def test_other_people_who_do_not_matter_are_no_leak():
    """A gap with another cause: half of the test classes are drawn anew."""
    rng = np.random.default_rng(2)
    tables = [pd.DataFrame(rng.standard_normal((n, 8)), columns=NAMES) for n in (1500, 800)]
    for table in tables:
        table["y"] = (table["x0"] + table["x1"] > 0).astype(int)
    tables[1].loc[:399, "y"] = rng.integers(0, 2, 400)
    found = diagnosed(*tables, (rng.integers(0, 60, 1500), 60 + rng.integers(0, 30, 800)))
    assert found["verdict"]["kind"] != "leak" and found["gap"]["validation"] - found["gap"]["test"] > 0.15


def test_a_column_tells_groups_if_validation_rows_alone_share_it():
    known = pd.DataFrame({"site": np.arange(100) % 10, "day": np.arange(100), "town": np.arange(100) % 2})
    test = pd.DataFrame({"site": 10 + np.arange(50) % 5, "day": 100 + np.arange(50), "town": np.arange(50) % 2})
    sets = SimpleNamespace(train=SimpleNamespace(y=np.zeros(80)), left_out=(known, test))
    encode, rng = SimpleNamespace(columns=[]), np.random.default_rng(0)
    case = SimpleNamespace(sets=sets, encode=encode, features=[], rng=rng)
    g = SimpleNamespace(case=case, repaired=SimpleNamespace(repairs=()))
    (found,) = by_column(g)
    assert (found.column, found.shared, found.shared_test) == ("site", 1.0, 0.0)
    test["site"] = np.where(np.arange(50) % 5 < 2, 1, test["site"])
    assert by_column(g)[0].shared_test == 0.4
    case.features = ["site"]  # levels that are new in some test rows may be new names
    assert by_column(g) == []
    test["site"] += 10
    assert by_column(g)[0].shared_test == 0.0
    g.repaired.repairs = (SimpleNamespace(features=("site",)),)  # other names for the same sites
    assert by_column(g) == []


def test_rows_of_a_group_count_as_one_draw():
    values, groups = np.random.default_rng(3).standard_normal(50), np.arange(50)
    repeated = clustered(np.repeat(values, 20), np.repeat(groups, 20), 0.95)
    alone = clustered(values, groups, 0.95)
    assert (repeated.low, repeated.high) == pytest.approx((alone.low, alone.high))


def test_test_rows_in_groups_count_as_one_draw_each():
    """The classes are drawn at random; ten rows of a person agree in them, so that they look like another source."""
    rng = np.random.default_rng(8)
    (known, _), (test, who) = people(1500, 0, rng, rows=1), people(60, 0, rng)
    groups = groups_of_rows(known, test, NAMES)[1]
    assert len(np.unique(groups)) == 60 and (pd.Series(groups).groupby(who).nunique() == 1).mean() > 0.9
    assert groups_of_rows(known, known, NAMES) is None
    still = known.assign(x0=0.0, x1=0.0)  # columns that stand still bring rows near
    assert groups_of_rows(known, still, varying(known, still, NAMES)) is None
    verdict = diagnosed(known, test)["verdict"]
    assert verdict["kind"] in ("no_gap", "harmless_shift", "undecided") and not verdict["features"]


def test_a_column_that_stands_still_makes_no_repeats():
    """Rows of few distinct values are equal the more often, the fewer columns tell them apart."""
    rng = np.random.default_rng(6)
    tables = [pd.DataFrame(rng.integers(3, size=(n, 5)).astype(float), columns=NAMES[:5]) for n in (2000, 1000)]
    known, test = (table.assign(**{name: 0.0 for name in NAMES[5:]}, y=(table["x0"] > 0) * 1) for table in tables)
    assert diagnosed(known, test.assign(x1=1.0))["rows"]["repeats_in_test"] < 1.5
    assert diagnosed(known, pd.concat([test[:250]] * 4, ignore_index=True))["rows"]["repeats_in_test"] > 2.5


def test_linked_rows_are_those_of_brute_force():
    points = np.random.default_rng(4).random((60, 2))
    found, near = linked(points, 0.08), cdist(points, points) <= 0.08
    reached = np.linalg.matrix_power(near.astype(float), 60) > 0
    np.testing.assert_array_equal(found[:, None] == found, reached)


@pytest.mark.parametrize("copied", [False, True])
def test_rows_with_a_broken_column_are_further_than_another_cluster_and_others_are_not(copied):
    rng = np.random.default_rng(7)
    tables = [pd.DataFrame(rng.integers(0, 10, (n, 8)).astype(float), columns=NAMES) for n in (2000, 500, 500)]
    if copied:
        tables[1] = tables[0].head(500) + 0.1 * rng.standard_normal((500, 8))
    else:
        tables[2]["x3"] += 15.0
    space = Space(tables[0], NAMES, ranked=False)
    parts = [space.points(table) for table in tables]
    found = nearness(*parts)
    gaps = [cdist(parts[0], part).min(axis=0) for part in parts[1:]]
    most = max((gaps[0] <= radius).mean() - (gaps[1] <= radius).mean() for radius in np.concatenate(gaps))
    assert found.excess == pytest.approx(most) and most > 0.5
    points = np.concatenate(parts[:2])
    groups = linked(points, 0.2)
    others = to_other_clusters(points, groups, 500)
    for row, distance in zip(range(0, 2500, 5), others):
        apart = points[groups != groups[row]] - points[row]
        assert distance == pytest.approx(np.linalg.norm(apart, axis=1).min())
    far = (found.to_training[1] > np.quantile(others, 0.95)).mean()
    assert far < 0.15 if copied else far == 1.0


@pytest.mark.parametrize("broken, by", [(["x0"], 2.0), (["x0", "x1", "x2"], 10.0)])
def test_broken_columns_of_the_same_people_are_no_leak(broken, by):
    table, _ = people(60, 0, np.random.default_rng(1))
    test = table[1000:].reset_index(drop=True)
    test[broken] = test[broken].to_numpy()[::-1] + by
    found = diagnosed(table[:1000], test)
    assert found["gap"]["validation"] - found["gap"]["test"] > 0.1 and found["verdict"]["kind"] != "leak"


def test_left_out_columns_are_those_whose_values_rows_share(tmp_path):
    for name, first in (("train", 0), ("test", 7)):
        rows = np.arange(40)
        table = pd.DataFrame(
            {"a": rows, "y": rows % 2, "id": rows + first, "site": [f" s{r % 8 + first}" for r in rows]}
        )
        table.to_csv(tmp_path / f"{name}.csv", index=False)
    data = {**CONFIG["data"], "numeric": ["a"], "categorical": [], "target": "y"}
    paths = {name: str(tmp_path / f"{name}.csv") for name in ("train", "test")}
    kept = {"train": np.arange(40) < 20, "test": np.ones(40, bool)}
    found = left_out_columns(paths, {"train": data, "test": {**data, "target": None}}, kept)
    assert {name: table.shape for name, table in found.items()} == {"train": (20, 1), "test": (40, 1)}
    assert set(found["train"]["site"]) & set(found["test"]["site"]) == {found["train"]["site"][7]}


@pytest.mark.parametrize("kind, rows", [("near_copies", 6000), ("group_leak", 4000)])
def test_defects_keep_classes_and_blur_numbers(kind, rows):
    table = simulate(4000, np.random.default_rng(6))
    changed, test = inject(table, table, [Defect(kind)], TARGET, *map(np.random.default_rng, (1, 2)))
    assert len(changed) == rows and len(test) == 4000
    first = table.head(1500 if kind == "near_copies" else 400)
    last = changed.tail(len(first)).reset_index(drop=True)
    assert (last[TARGET] == first[TARGET]).all()
    apart = (last["amenity_score"] - first["amenity_score"]).std()
    assert apart == pytest.approx(0.05 * table["amenity_score"].std(), rel=0.15)
