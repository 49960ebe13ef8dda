"""Points of a sweep: the same figures as the stages give, each trained once, whatever job asks for it."""

import copy
from dataclasses import replace

import numpy as np
import pytest

from gapscope.common.files import read_json, write_array, write_json
from gapscope.config.defaults import shipped
from gapscope.data.split import fit_scaling, split_rows
from gapscope.evaluation.metrics import evaluate
from gapscope.network.partition import Partition
from gapscope.network.row_storage import StoredRows
from gapscope.network.training import train
from gapscope.studies.sweep.plan import points, sweep_of
from gapscope.studies.sweep.points import EncodedTable, evaluate_point, read_result, write_result
from gapscope.studies.sweep.settings import training_of
from stage_scripts import Files, stage, stage_settings

SPLIT = shipped()["split"] | {"validation_share": 0.25, "seed": 3}
SCALE = SPLIT["scale"]
NUMERIC = np.array([True, True, False])


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    rng = np.random.default_rng(5)
    X = np.column_stack([rng.normal(40, 9, (90, 2)), rng.integers(0, 2, 90)])
    path = str(tmp_path_factory.mktemp("encode") / "X.npy")
    np.save(path, X)
    return StoredRows(path), (X[:, 0] > 40).astype(int) + X[:, 2].astype(int)


@pytest.fixture
def training(config) -> dict:
    """Flat settings of a small network on mini-batches."""
    changes = {"hidden": [5], "iterations": 3, "batch_size": 16, "learning_rate": 0.05, "early_stopping": 0}
    return training_of({"train": {**config["train"], **changes}}, {})


def table(data, folds: int, **split) -> EncodedTable:
    return EncodedTable(*data, NUMERIC, {**SPLIT, **split}, folds)


@pytest.mark.parametrize("weights", [None, 1.0 + np.arange(90) % 4])
def test_without_folds_a_point_is_the_split_and_the_training(data, training, weights):
    X, y = data
    chosen_rows = split_rows(y, SPLIT)
    scaling = fit_scaling(X[chosen_rows[0]], NUMERIC, SCALE)
    first, second = (
        Partition(scaling(X[rows]), y[rows], None if weights is None else weights[rows]) for rows in chosen_rows
    )
    expected = evaluate(train(first, second, 3, {**training, "seed": 8}), second, 0.95)
    (network,) = evaluate_point(replace(table(data, 0), weights=weights), training, [8], 3)["networks"]
    assert network == {"fold": 1, "seed": 8} | {name: expected[name] for name in ("accuracy", "macro_f1", "log_loss")}


def test_each_row_is_held_out_once_and_classes_keep_their_shares(data):
    y, folds = data[1], [table(data, 3).rows(fold)[1] for fold in range(3)]
    assert sorted(np.concatenate(folds)) == list(range(90))
    for rows in folds:
        assert np.abs(np.bincount(y[rows], minlength=3) - np.bincount(y, minlength=3) / 3).max() < 1.5


def test_groups_stay_together_in_folds_and_in_the_split(data):
    groups = np.arange(90) // 5
    for folds in (0, 3):
        grouped = replace(table(data, folds), groups=groups)
        parts = [grouped.rows(fold) for fold in grouped.fold_numbers]
        assert all(not set(groups[fitted]) & set(groups[held_out]) for fitted, held_out in parts)
    assert sorted(np.concatenate([held_out for _, held_out in parts])) == list(range(90))


def test_folds_are_scaled_by_their_own_training_rows(data):
    for fold in range(3):
        fitted, held_out = (partition.X[:][:, :2] for partition in table(data, 3).partitions(fold))
        assert np.allclose(fitted.mean(axis=0), 0) and np.allclose(fitted.std(axis=0), 1)
        assert not np.allclose(held_out.mean(axis=0), 0)


def test_seeds_do_not_depend_on_each_other_and_members_are_averaged(data, training):
    both = evaluate_point(table(data, 0), training, [1, 2], 3)["networks"]
    assert both[1:] == evaluate_point(table(data, 0), training, [2], 3)["networks"]
    ensemble = evaluate_point(table(data, 0), {**training, "members": 2}, [1], 3)
    assert len(ensemble["networks"]) == 1 and ensemble["parameters"] == 2 * (3 * 5 + 5 + 5 * 3 + 3)


def test_cost_is_operations(data, training):
    """3 inputs, 5 hidden units, 3 classes: 30 weights; 45 rows in half of 90; 3 passes; 6 operations each."""
    assert evaluate_point(table(data, 2), training, [1], 3)["gigaflop"] == pytest.approx(30 * 45 * 3 * 6 / 1e9)


def test_the_same_rows_have_the_same_fingerprint(data):
    assert table(data, 3).fingerprint() == table(data, 3, scale={**SCALE, "columns": "all"}).fingerprint()
    assert table(data, 3).fingerprint() != table(data, 3, seed=4).fingerprint()


def test_a_stored_result_is_read_only_if_it_is_whole(tmp_path):
    path = tmp_path / "points" / "a.json"
    assert read_result(path) is None
    write_result(path, {"accuracy": 0.8})
    assert read_result(path) == {"accuracy": 0.8}
    text = path.read_text()
    for damaged in (text.replace("0.8", "0.9"), text[:-9], "", "[]", "{}", "1", "\0"):
        path.write_text(damaged)
        assert read_result(path) is None


@pytest.fixture
def job(tmp_path):
    """job(settings): names of the points' files in their order, and of those that the job wrote."""
    rng = np.random.default_rng(1)
    X, y = rng.normal(size=(60, 2)), rng.integers(0, 4, 60)
    paths = {name: str(tmp_path / name) for name in ("X", "y", "encoding")}
    column = {"feature": "a", "level": None, "transform": None, "others": [], "name": "a"}
    write_json(paths["encoding"], {"columns": [column, {**column, "feature": "b", "name": "b"}]})
    write_array(paths["y"], y)
    output = Files(results=str(tmp_path / "batches" / "1.json"))

    def job(settings: dict, disturbed: float = 0.0):
        write_array(paths["X"], X + disturbed)
        points = tmp_path / "points"
        before = {path: path.stat().st_mtime_ns for path in points.glob("*")}
        stage("sweep_points")(InputFiles(paths), output, settings)
        written = {path.name for path in points.glob("*") if before.get(path) != path.stat().st_mtime_ns}
        return [point["file"] for point in read_json(output.results)["points"]], written

    return job


class InputFiles(Files):
    """Iterated as Snakemake's lists are."""

    def __iter__(self):
        return iter(self.values())


@pytest.fixture
def settings(config):
    """settings(*learning rates, **other keys of the sweep): those of the first job."""
    config["train"] |= {"hidden": [3], "iterations": 1}

    def settings(*rates, code="a", **sweep):
        swept = copy.deepcopy(config)
        swept["sweep"] |= {"grid": {"train.learning_rate": list(rates)}, "seeds": [1], "folds": 2, **sweep}
        return stage_settings(swept, "sweep_points") | sweep_of(swept, points(swept), code).batches["1"]

    return settings


def test_only_new_points_are_trained(job, settings):
    first, written = job(settings(0.1, 0.2))
    assert len(set(first)) == 2 and written == set(first)
    assert job(settings(0.1, 0.2)) == (first, set())
    more, written = job(settings(0.05, 0.2, 0.1))
    assert more[1:] == [first[1], first[0]] and written == {more[0]}


def test_other_data_code_seeds_or_folds_make_other_points(job, settings):
    (point,), _ = job(settings(0.1))
    changes = [job(settings(0.1), disturbed=1e-9)]
    changes += [job(settings(0.1, **change)) for change in ({"code": "b"}, {"seeds": [2]}, {"folds": 3})]
    assert len({point, *(names[0] for names, _ in changes)}) == 5
    assert all(written == set(names) for names, written in changes)
    assert job(settings(0.1)) == ([point], set())
