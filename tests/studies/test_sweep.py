"""Points of a sweep against the stages that they stand for, and figures worked out by hand."""

from dataclasses import replace

import numpy as np
import pytest

from gapscope.data.split import fit_scaling, split_rows
from gapscope.evaluation.metrics import evaluate
from gapscope.network.partition import Partition
from gapscope.network.stored import StoredRows
from gapscope.network.training import train
from gapscope.studies.sweep.comparison import difference, effects, interval, luck, networks_table, ranked
from gapscope.studies.sweep.plots import best, cost, frontier, sensitivity
from gapscope.studies.sweep.points import Table, judged
from gapscope.studies.sweep.store import Store, key_of

SCALE = {"columns": "numeric", "fit_on": "training", "deviation": "population", "epsilon": 0.0}
SPLIT = {
    "validation_share": 0.25, "stratify": True, "seed": 3, "generator": "pcg64", "validation_first": False,
    "scale": SCALE,
}  # fmt: skip
TRAIN = {
    "activation": "relu", "hidden": [5], "initialisation": "he", "weight_scale": 0.1, "optimizer": "adam",
    "learning_rate": 0.05, "schedule": "cosine", "momentum": 0.9, "batch_size": 16, "iterations": 3,
    "early_stopping": 0, "l1": 0.0, "l2": 0.0, "dropout": 0.0, "input_noise": 0.0, "label_smoothing": 0.0,
    "class_weights": "none", "generator": "pcg64", "form": "blocks", "precision": "float32",
    "update_order": "after_backward", "blas_threads": 1, "members": 1,
}  # fmt: skip


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    rng = np.random.default_rng(5)
    X = np.column_stack([rng.normal(40, 9, (90, 2)), rng.integers(0, 2, 90)])
    path = str(tmp_path_factory.mktemp("encode") / "X.npy")
    np.save(path, X)
    return StoredRows(path), (X[:, 0] > 40).astype(int) + X[:, 2].astype(int)


def table(data, **split) -> Table:
    return Table(*data, np.array([True, True, False]), {**SPLIT, **split})


@pytest.mark.parametrize("weights", [None, 1.0 + np.arange(90) % 4])
def test_without_folds_a_point_is_the_split_and_the_training(data, weights):
    """What `split` and `train` do, done here by hand, gives the same figures to the last bit."""
    X, y = data
    own = replace(table(data), weights=weights)
    parts = split_rows(y, SPLIT)
    scaling = fit_scaling(X[parts[0]], np.array([True, True, False]), SCALE)
    parts = (Partition(scaling(X[rows]), y[rows], None if weights is None else weights[rows]) for rows in parts)
    training, validation = parts
    network = train(training, validation, 3, {**TRAIN, "seed": 8})
    expected = evaluate(network, validation.X, validation.y, 0.95, validation.weights)
    (found,) = judged(own, TRAIN, [8], 0, 3)["networks"]
    assert found == {"fold": 1, "seed": 8} | {name: expected[name] for name in ("accuracy", "macro_f1", "log_loss")}


def test_each_row_is_held_out_once_and_classes_keep_their_shares(data):
    own, y = table(data), data[1]
    held_out = [own.rows(fold, 3)[1] for fold in range(3)]
    assert sorted(np.concatenate(held_out)) == list(range(90))
    for rows in held_out:
        assert np.abs(np.bincount(y[rows], minlength=3) - np.bincount(y, minlength=3) / 3).max() < 1.5


def test_folds_are_scaled_by_their_own_training_rows(data):
    own = table(data)
    for fold in range(3):
        training, held_out = own.parts(fold, 3)
        assert np.allclose(training.X[:][:, :2].mean(axis=0), 0) and np.allclose(training.X[:][:, :2].std(axis=0), 1)
        assert not np.allclose(held_out.X[:][:, :2].mean(axis=0), 0)


def test_a_point_does_not_depend_on_those_before_it(data):
    own = table(data)
    judged(own, {**TRAIN, "learning_rate": 0.5, "hidden": []}, [4], 2, 3)
    assert judged(own, TRAIN, [1, 2], 2, 3) == judged(table(data), TRAIN, [1, 2], 2, 3)


def test_seeds_do_not_depend_on_each_other_and_members_are_averaged(data):
    both = judged(table(data), TRAIN, [1, 2], 0, 3)["networks"]
    assert both[1:] == judged(table(data), TRAIN, [2], 0, 3)["networks"]
    ensemble = judged(table(data), {**TRAIN, "members": 2}, [1], 0, 3)
    assert len(ensemble["networks"]) == 1 and ensemble["parameters"] == 2 * (3 * 5 + 5 + 5 * 3 + 3)


def test_cost_is_operations(data):
    """3 inputs, 5 hidden units, 3 classes: 30 weights; 45 rows in half of 90; 3 passes; 6 operations each."""
    assert judged(table(data), TRAIN, [1], 2, 3)["gigaflop"] == pytest.approx(30 * 45 * 3 * 6 / 1e9)


def test_the_same_rows_have_the_same_fingerprint(data):
    assert table(data).fingerprint(3) == table(data, scale={**SCALE, "columns": "all"}).fingerprint(3)
    assert table(data).fingerprint(3) != table(data, seed=4).fingerprint(3)


def column(table: list[dict], name: str) -> list:
    return [row[name] for row in table]


def result(number, *accuracies, gigaflop=1.0, held_out="a"):
    """A point with these accuracies by fold."""
    networks = [
        {"fold": fold, "seed": 1, "accuracy": accuracy, "macro_f1": 0.5, "log_loss": 1.0}
        for fold, accuracy in enumerate(accuracies, 1)
    ]
    return {
        "number": number, "networks": networks, "parameters": 9, "gigaflop": gigaflop, "diverged": 0,
        "held_out": held_out, "file": f"{number}.json",
    }  # fmt: skip


def test_interval_by_hand():
    """0.8 and 0.9: variance 0.005; times (1/2 + 1/(2-1)) is 0.0075; t of one degree of freedom is 12.706."""
    low, high = interval(np.array([0.8, 0.9]), 2, 0.95)
    assert (low, high) == pytest.approx((0.85 - 12.7062 * 0.0866025, 0.85 + 12.7062 * 0.0866025), abs=1e-4)
    assert interval(np.array([0.8]), 0, 0.95) == (None, None)


def test_differences_are_paired_only_on_the_same_rows():
    first, same, other = (
        result(1, 0.8, 0.9, 0.7),
        result(2, 0.79, 0.89, 0.69),
        result(3, 0.79, 0.89, 0.69, held_out="b"),
    )
    paired, unpaired = difference(first, same, 0.95), difference(first, other, 0.95)
    assert paired == pytest.approx((0.01, 0.01, 0.01))
    assert unpaired[0] == pytest.approx(0.01) and unpaired[1] < -0.3


def test_the_winner_is_the_most_accurate_and_of_equals_the_cheapest():
    points = [{"train.l2": 0.1}, {"train.l2": 0.2}, {"train.l2": 0.3}]
    results = [result(1, 0.8, 0.8), result(2, 0.9, 0.7, gigaflop=0.5), result(3, 0.1, 0.2)]
    found = ranked(results, points, 0.95)
    assert column(found, "point") == [2, 1, 3] and column(found, "as_good_as_winner") == ["winner", "yes", "yes"]
    assert column(found, "train.l2") == ["0.2", "0.1", "0.3"]
    assert column(networks_table(results, points), "validation_accuracy") == [0.8, 0.8, 0.9, 0.7, 0.1, 0.2]


def test_a_setting_that_only_some_points_have_is_empty_in_the_others():
    points = [{"train.l2": 0.1}, {"train.l2": 0.2, "train.momentum": 0.5}]
    found = ranked([result(1, 0.8, 0.8), result(2, 0.9, 0.7)], points, 0.95)
    assert column(found, "train.momentum") == [None, "0.5"] and len({tuple(row) for row in found}) == 1
    assert [row["points"] for row in effects(found, ["train.momentum"])] == [1]
    sensitivity(found, effects(found, ["train.l2", "train.momentum"]), "x").canvas.draw()


def test_luck_by_hand():
    """Bests by fold 0.9 and 0.9, the winner's there 0.9 and 0.8: half of 0 + 0.1. One part to judge by: unknown."""
    assert luck([result(1, 0.9, 0.8), result(2, 0.7, 0.9)]) == pytest.approx(0.05)
    assert luck([result(1, 0.9), result(2, 0.7)]) is None


def test_effects_of_a_full_grid_add_up():
    """Accuracy = 0.6 + 0.1 a + 0.2 b without interaction: a has 1/5 of the variance, b 4/5."""
    rows = [(str(a), str(b), 0.6 + 0.1 * a + 0.2 * b) for a in (0, 1) for b in (0, 1)]
    table = [dict(zip(("a", "b", "validation_accuracy"), row), point=place) for place, row in enumerate(rows)]
    found = effects(table, ["a", "b"])
    assert {row["setting"]: row["share"] for row in found} == pytest.approx({"a": 0.2, "b": 0.8})
    assert column(found, "mean_accuracy") == pytest.approx([0.7, 0.8, 0.65, 0.85])


def test_the_frontier_has_no_point_that_a_cheaper_one_equals():
    costs, accuracies = [4.0, 1.0, 2.0, 2.0, 3.0], [0.9, 0.5, 0.7, 0.6, 0.7]
    found = frontier([{"gigaflop": cost, "validation_accuracy": one} for cost, one in zip(costs, accuracies)])
    assert column(found, "gigaflop") == [1.0, 2.0, 4.0]


@pytest.mark.parametrize("number", [1, 40])
def test_figures_of_one_point_and_of_many(number):
    points = [{"train.l2": place, "train.hidden": [64] * 20} for place in range(number)]
    found = ranked([result(place + 1, 0.5 + place / 100, 0.5) for place in range(number)], points, 0.95)
    knobs = ["train.l2", "train.hidden"]
    for figure in (best(found, knobs, "simulated"), cost(found, "x"), sensitivity(found, effects(found, knobs), "x")):
        figure.canvas.draw()


def test_a_stored_point_is_read_only_if_it_is_whole(tmp_path):
    store = Store(tmp_path / "points")
    key = key_of({"l2": 0.1}, ["data"])
    assert store.read(key) is None and key != key_of({"l2": 0.2}, ["data"])
    store.write(key, {"accuracy": 0.8})
    assert store.read(key) == {"accuracy": 0.8}
    path = tmp_path / "points" / f"{key}.json"
    for damaged in (path.read_text().replace("0.8", "0.9"), path.read_text()[:-9], "", "[]", "\0"):
        path.write_text(damaged)
        assert store.read(key) is None


def test_groups_stay_together_in_folds_and_in_the_split(data):
    groups = np.arange(90) // 5
    own = Table(*data, np.array([True, True, False]), SPLIT, groups)
    for folds in (0, 3):
        parts = [own.rows(fold, folds) for fold in range(max(folds, 1))]
        assert all(not set(groups[training]) & set(groups[held_out]) for training, held_out in parts)
    assert sorted(np.concatenate([held_out for _, held_out in parts])) == list(range(90))


def test_values_stand_in_the_order_of_their_size_or_of_the_config():
    values = ["[8]", "[16, 8]", "0.1", "0.02", "[8]"]
    table = [{"k": value, "validation_accuracy": 0.5, "point": point} for value, point in zip(values, [2, 1, 4, 5, 3])]
    assert column(effects(table, ["k"]), "value") == ["0.02", "0.1", "[16, 8]", "[8]"]
