"""`snakemake sweep`: each point is trained once, however it is batched or extended; the same bytes every time."""

import re

import pandas as pd
import pytest

from runs import SMALL, overlaid, result_bytes

QUICK = overlaid(SMALL, {"simulate": {"train_rows": 400, "test_rows": 200}, "train": {"hidden": [4], "iterations": 2}})
GRID = {"train.learning_rate": [0.01, 0.02, 0.03], "split.scale.columns": ["numeric", "all"]}


def swept(grid: dict, **more) -> dict:
    return overlaid(QUICK, {"sweep": {"grid": grid, "seeds": [1, 2], "folds": 2, "points_per_job": 4, **more}})


def files(workspace) -> dict[str, int]:
    """Each point's file and when it was written."""
    return {path.name: path.stat().st_mtime_ns for path in (workspace.folder / "results/sweep/points").iterdir()}


@pytest.fixture(scope="module")
def done(finished):
    return finished("sweep", overlay=swept(GRID), cores="-c2")


def test_one_row_per_point_and_one_per_network(done):
    results = done.folder / "results"
    table, networks = pd.read_csv(results / "sweep.csv"), pd.read_csv(results / "sweep/networks.csv")
    assert sorted(table["point"]) == [1, 2, 3, 4, 5, 6] and len(networks) == 6 * 2 * 2
    assert table["validation_accuracy"].is_monotonic_decreasing and set(table["data_source"]) == {"simulated"}
    means = networks.groupby("point")["validation_accuracy"].mean()
    assert table.set_index("point")["validation_accuracy"].sort_index().to_numpy() == pytest.approx(means.to_numpy())
    assert set(table["file"]) == set(files(done))


def test_nothing_beside_the_training_table_is_read_and_no_network_of_the_main_run_trained(done):
    results = done.folder / "results"
    assert not (results / "models").exists() and not (results / "metrics.json").exists()
    assert "rule split:" not in done.screen and done.screen.count("rule sweep_points:") == 2
    blocks = re.findall(r"rule sweep_(?:points|encode|clean):\n    input: (.*)", done.screen)
    assert blocks and not [block for block in blocks if "test" in block]


def test_a_second_run_does_nothing_and_another_batching_trains_nothing(done):
    before, bytes_before = files(done), result_bytes(done.folder / "results")
    assert "Nothing to be done" in done.snakemake("-n", "sweep", overlay=swept(GRID)).stdout
    done.snakemake("sweep", overlay=swept(GRID, points_per_job=5), cores="-c1")
    again = result_bytes(done.folder / "results")
    same = [name for name in bytes_before if not name.startswith("sweep/batches")]
    assert files(done) == before and [name for name in same if again[name] != bytes_before[name]] == []


def test_added_points_are_the_only_ones_trained_and_a_damaged_one_is_trained_again(done):
    before = files(done)
    lost, damaged, *_ = sorted(before)
    folder = done.folder / "results/sweep/points"
    damaged_bytes, lost_bytes = (folder / damaged).read_bytes(), (folder / lost).read_bytes()
    (folder / lost).unlink()
    (folder / damaged).write_text("{")
    grid = {"train.learning_rate": [0.005, *GRID["train.learning_rate"]], "split.scale.columns": ["numeric", "all"]}
    screen = done.snakemake("sweep", overlay=swept(grid), cores="-c1").stderr
    after = files(done)
    assert {name for name in after if after[name] != before.get(name)} - {lost, damaged} == set(after) - set(before)
    assert len(after) == 8 and "trained now" in screen
    assert ((folder / damaged).read_bytes(), (folder / lost).read_bytes()) == (damaged_bytes, lost_bytes)


def test_a_sweep_of_nothing_ends_with_one_line(workspace):
    failed = workspace.snakemake("sweep", overlay=swept({}), check=False)
    words = "error: config: sweep.grid and sweep.table are empty"
    assert failed.returncode == 1 and any(words in line for line in failed.stderr.splitlines()[-2:])
