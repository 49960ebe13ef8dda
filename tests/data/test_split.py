"""Splitting and scaling: published facts of the legacy permutation, stratification, and z-scores by hand."""

import warnings

import numpy as np
import pytest
from sklearn.model_selection import StratifiedGroupKFold

from gapscope.common.errors import UserError
from gapscope.data.split import fit_scaling, grouped_parts, split_rows

SPLIT = {"validation_share": 0.2, "stratify": True, "seed": 42, "generator": "pcg64", "validation_first": False}
LEGACY = SPLIT | {"stratify": False, "generator": "legacy"}
SCALE = {"columns": "numeric", "deviation": "population", "epsilon": 0.0}


def classes(sizes, seed=0):
    return np.random.default_rng(seed).permutation(np.repeat(np.arange(len(sizes)), sizes))


def test_legacy_splits_are_those_of_the_seeded_global_generator():
    """The published systems' sizes, with the validation part last and first."""
    for rows, held_out, first in ((36_234, 7_247, False), (41_348, 8_270, True)):
        training, validation = split_rows(np.zeros(rows, int), LEGACY | {"validation_first": first})
        before = np.random.get_state()
        np.random.seed(42)
        order = np.random.permutation(rows)
        np.random.set_state(before)
        cut = held_out if first else rows - held_out
        parts = [validation, training] if first else [training, validation]
        assert [part.tolist() for part in parts] == [order[:cut].tolist(), order[cut:].tolist()]


@pytest.mark.parametrize("split", [SPLIT, LEGACY, SPLIT | {"stratify": False}, SPLIT | {"validation_first": True}])
@pytest.mark.parametrize("sizes", [[2, 1], [3, 2, 1], [400, 300, 200, 101], [997, 4]])
def test_disjoint_and_complete(split, sizes):
    y = classes(sizes)
    training, validation = split_rows(y, split)
    assert sorted([*training, *validation]) == list(range(len(y)))
    assert len(validation) == max(2, -(-len(y) // 5))  # a fifth, rounded up; one row has no standard error


@pytest.mark.parametrize("first", [False, True])
@pytest.mark.parametrize("share", [0.1, 0.2, 0.25, 0.5])
@pytest.mark.parametrize("sizes", [[250, 250, 250, 250], [10_101, 9_876, 10_555, 10_816], [700, 200, 70, 31], [90, 10]])
def test_stratified_shares_within_one_row_per_class(sizes, share, first):
    y = classes(sizes)
    _, validation = split_rows(y, SPLIT | {"validation_share": share, "validation_first": first})
    exact = np.array(sizes) * len(validation) / len(y)
    assert np.abs(np.bincount(y[validation], minlength=len(sizes)) - exact).max() <= 1


def test_stratified_rows_are_drawn_at_random():
    """Each row is held out by about a fifth of the seeds: 100 of 500, standard deviation 9."""
    y, held_out = classes([20, 30]), np.zeros(50)
    for seed in range(500):
        held_out[split_rows(y, SPLIT | {"seed": seed})[1]] += 1
    assert held_out.min() > 60 and held_out.max() < 140


@pytest.mark.parametrize("share, rows", [(0.07, 7), (0.55, 55), (0.071, 8), (1e-12, 2)])
def test_a_share_that_is_whole_is_not_rounded_up(share, rows):
    """0.07 * 100 is 7.000000000000001 and 0.55 * 100 is 55.00000000000001; two rows are the fewest."""
    assert len(split_rows(np.zeros(100, int), SPLIT | {"validation_share": share})[1]) == rows


def grouped(groups, most, n_classes, seed=0):
    """Group numbers of rows, 1 to `most` rows each, and classes, mostly the group's own."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers(1, most + 1, size=groups)
    numbers = np.repeat(np.arange(groups), sizes)
    own = rng.integers(n_classes, size=groups)[numbers]
    return numbers, np.where(rng.random(len(numbers)) < 0.8, own, rng.integers(n_classes, size=len(numbers)))


@pytest.mark.parametrize("groups, most, share", [(400, 8, 0.2), (60, 20, 0.25), (2000, 3, 0.1), (25, 40, 0.5)])
def test_groups_stay_on_one_side_with_class_shares_within_a_group(groups, most, share):
    numbers, y = grouped(groups, most, 4)
    training, validation = split_rows(y, SPLIT | {"validation_share": share}, numbers)
    assert not set(numbers[training]) & set(numbers[validation])
    assert sorted([*training, *validation]) == list(range(len(y)))
    assert np.abs(np.bincount(y[validation], minlength=4) - share * np.bincount(y, minlength=4)).max() <= most


@pytest.mark.parametrize("in_groups", [False, True])
def test_seeds_draw_other_rows_and_the_same_ones_again(in_groups):
    numbers, y = grouped(200, 5, 2)
    groups = numbers if in_groups else None
    one, same, other = (split_rows(y, SPLIT | {"seed": seed}, groups)[1].tolist() for seed in (1, 1, 2))
    assert one == same and set(one) != set(other)


def test_even_parts_by_hand():
    """Two groups of each of two classes, equal in size: half of the rows of each class is one group of each."""
    part = grouped_parts(np.array([0, 0, 1, 1, 2, 2, 3, 3]), np.array([0, 0, 0, 0, 1, 1, 1, 1]), [0.5, 0.5],
                         np.random.default_rng(0))  # fmt: skip
    assert sorted(part[[0, 2]]) == sorted(part[[4, 6]]) == [0, 1] and (part[::2] == part[1::2]).all()


def test_as_even_as_scikit_learns_folds():
    """The largest miss of a class count over five folds is StratifiedGroupKFold's within a row, over ten tables."""
    ours, theirs = [], []
    for seed in range(10):
        numbers, y = grouped(80, 15, 4, seed)
        part = grouped_parts(numbers, y, [0.2] * 5, np.random.default_rng(seed))
        kept = StratifiedGroupKFold(5, shuffle=True, random_state=seed).split(y, y, numbers)
        for misses, folds in (
            (ours, [np.flatnonzero(part == fold) for fold in range(5)]),
            (theirs, [f for _, f in kept]),
        ):
            counts = np.array([np.bincount(y[fold], minlength=4) for fold in folds])
            misses.append(np.abs(counts - counts.sum(axis=0) / 5).max())
    assert np.mean(ours) <= np.mean(theirs) + 1


def test_few_large_groups_leave_no_part_empty():
    numbers = np.repeat([0, 1], 50)
    training, validation = split_rows(np.zeros(100, int), SPLIT | {"validation_share": 0.01}, numbers)
    assert len(training) == len(validation) == 50
    assert set(grouped_parts(np.repeat([0, 1, 2], [900, 5, 5]), np.zeros(910, int), [0.4, 0.3, 0.3],
                             np.random.default_rng(0))) == {0, 1, 2}  # fmt: skip


def test_too_few_groups():
    with pytest.raises(UserError, match="data.group: 1 group cannot be parted into 2"):
        split_rows(np.zeros(10, int), SPLIT, np.zeros(10, int))


X = np.array([[1.0, 0, 5], [2, 1, 5], [3, 1, 5], [6, 0, 5]])
NUMERIC = np.array([True, False, True])


@pytest.mark.parametrize(
    "change, mean, deviation",
    [
        ({}, [3, 0, 5], [np.sqrt(14 / 4), 1, 1]),  # squares 4 + 1 + 0 + 9; one-hot alone, constant 1
        ({"deviation": "sample"}, [3, 0, 5], [np.sqrt(14 / 3), 1, 1]),
        ({"columns": "all"}, [3, 0.5, 5], [np.sqrt(14 / 4), 0.5, 1]),
        ({"epsilon": 0.5}, [3, 0, 5], [np.sqrt(14 / 4) + 0.5, 1, 1]),
    ],
)
def test_scaling_by_hand(change, mean, deviation):
    scaling = fit_scaling(X, NUMERIC, SCALE | change)
    assert scaling.mean.tolist() == mean
    np.testing.assert_allclose(scaling.deviation, deviation, rtol=1e-15)
    np.testing.assert_allclose(scaling(X), (X - mean) / deviation)


def test_a_constant_column_is_only_centred():
    constant = np.full((10_001, 1), 0.1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        scaling = fit_scaling(constant, np.array([True]), SCALE | {"epsilon": 1e-8})
        scaled = scaling(constant)
    assert scaling.deviation.tolist() == [1] and np.abs(scaled).max() < 1e-15


@pytest.mark.parametrize("rows", [1, 7, 129, 4099])
@pytest.mark.parametrize("deviation", ["population", "sample"])
def test_columns_one_by_one_give_the_bits_of_all_at_once(rows, deviation):
    X = np.random.default_rng(rows).lognormal(size=(rows, 5))
    with np.errstate(all="ignore"), warnings.catch_warnings(action="ignore"):
        found = fit_scaling(X, np.ones(5, bool), SCALE | {"deviation": deviation})
        columns = np.ascontiguousarray(X.T)
        expected = columns.std(axis=1, ddof=int(deviation == "sample"))
    assert found.mean.tobytes() == columns.mean(axis=1).tobytes()
    assert rows == 1 or found.deviation.tobytes() == expected.tobytes()


def test_too_few_rows_are_refused():
    """One validation row has no standard error: the diagnosis would divide by zero."""
    for rows, share in ((0, 0.2), (1, 0.2), (2, 0.2), (3, 0.9)):
        with pytest.raises(UserError, match=rf"split\.validation_share.*{share} of {rows} rows leaves none to"):
            split_rows(np.zeros(rows, int), SPLIT | {"validation_share": share})
    with pytest.raises(UserError, match="0.2 of 6 rows leaves one row to validate with"):
        split_rows(np.arange(6) % 2, SPLIT, groups=np.array([0, 0, 0, 0, 0, 1]))
