"""Around a run: what changed is told, earlier results come back, damage is mended, the same bytes come out."""

import os
import re
import shutil

import pytest
import yaml

from runs import ROOT, SMALL, Workspace, overlaid, per_activation
from test_mistakes import FILES, GOOD
from test_reruns import DOWN_FROM_TRAIN_RELU

BEHIND_TRAIN_RELU = DOWN_FROM_TRAIN_RELU - {"train_relu", "all"}
OTHER_RATE = overlaid(SMALL, per_activation(relu={"learning_rate": 0.05}))
OTHER_DRAWS = overlaid(SMALL, {"saliency": {"draws": 3}})  # of two stages


@pytest.fixture
def finished(small_run, tmp_path) -> Workspace:
    """A copy of the finished small run, to be spoilt."""
    workspace = object.__new__(Workspace)
    workspace.folder = tmp_path / "gapscope"
    shutil.copytree(small_run.folder, workspace.folder, copy_function=shutil.copy2)
    return workspace


def results(workspace, folder="results") -> dict[str, bytes]:
    """Every result with its bytes; logs and timings left out."""
    paths = [path for path in (workspace.folder / folder).rglob("*") if path.is_file() and "logs" not in path.parts]
    return {str(path.relative_to(workspace.folder)): path.read_bytes() for path in paths}


def ran(run) -> set[str]:
    """Names of the jobs that Snakemake started."""
    return set(re.findall(r"^(?:local)?rule (\w+):", run.stdout + run.stderr, re.M)) - {"all"}


def told(run) -> set[str]:
    """Names of the stages that our lines say will run."""
    names = re.search(r"^Stages to run: (.*)$", run.stdout + run.stderr, re.M)
    return set(names.group(1).split(", ")) - {"none"} if names else set()


def dry(workspace, overlay=SMALL):
    run = workspace.snakemake("-n", overlay=overlay)
    assert ran(run) == told(run)
    return run


def mended(workspace, small_run):
    """Runs again, and holds everything against the undisturbed run."""
    run = workspace.snakemake(overlay=SMALL)
    assert results(workspace) == results(small_run)
    assert ran(workspace.snakemake(overlay=SMALL)) == set()
    return run


# Telling


def test_the_reason_is_told_with_the_old_and_the_new_value(finished):
    run = dry(finished, OTHER_RATE)
    assert "  train_relu: train.learning_rate 0.02 -> 0.05\n" in run.stdout
    assert told(run) == {"train_relu"} | BEHIND_TRAIN_RELU
    lines = run.stdout.splitlines()
    first = lines.index("What changed:")
    last = next(number for number, line in enumerate(lines) if line.startswith("Stages to run: "))
    assert last - first < 5


def test_nothing_to_run_is_told(finished):
    assert "every result is up to date" in dry(finished).stdout


@pytest.mark.parametrize("file, stages", [
    ("scripts/gapscope/plots/eda.py", {"eda", "report"}),
    ("workflow/report/style.css", {"report"}),
])  # fmt: skip
def test_changed_code_is_told_by_its_file(finished, file, stages):
    with (finished.folder / file).open("a") as text:
        text.write("\nx = 1\n" if file.endswith(".py") else "\np {}\n")
    run = dry(finished)
    assert f"{file} changed" in run.stdout and told(run) == stages


def test_an_upgraded_package_is_told(finished):
    common = finished.folder / "workflow/rules/common.smk"
    fake = "lambda name, real=tracking.version: '99.0' if name == 'jinja2' else real(name)"
    common.write_text(f"{common.read_text()}\ntracking.version = {fake}\n")
    run = dry(finished)
    assert re.search(r"report: jinja2 [\d.]+ -> 99\.0", run.stdout)
    assert told(run) == {"report"}


# Data by content


def own_tables(workspace):
    for name in ("my_train.csv", "my_test.csv"):
        (workspace.folder / name).write_text(GOOD)
    return overlaid(SMALL, FILES)


def test_data_counts_by_its_content(workspace):
    overlay = own_tables(workspace)
    target, table = "results/clean/summary.json", workspace.folder / "my_test.csv"
    assert ran(workspace.snakemake(target, overlay=overlay)) == {"clean"}
    table.write_text(GOOD)  # the same bytes, a new time
    assert ran(workspace.snakemake(target, overlay=overlay)) == set()
    status = table.stat()
    table.write_text(GOOD.replace("50.5", "50.4", 1))  # as long as before
    os.utime(table, ns=(status.st_atime_ns, status.st_mtime_ns))
    run = workspace.snakemake(target, overlay=overlay)
    assert ran(run) == {"clean"} and "clean: my_test.csv changed" in run.stderr
    table.write_text(GOOD)
    os.utime(table, (1, 1))  # older than everything
    run = workspace.snakemake(target, overlay=overlay)
    assert ran(run) == set() and "Taken from the cache, without running: clean" in run.stderr


# Going back


def test_going_back_runs_nothing(finished, small_run):
    assert ran(finished.snakemake(overlay=OTHER_RATE)) == {"train_relu"} | BEHIND_TRAIN_RELU
    assert results(finished) != results(small_run)
    assert told(dry(finished)) == set()
    run = mended(finished, small_run)
    assert ran(run) == set()
    assert "Taken from the cache, without running: train_relu" in run.stderr
    log = "results/logs/train_relu.log"
    assert (finished.folder / log).read_bytes() == (small_run.folder / log).read_bytes()


def test_a_damaged_cache_is_not_used(finished, small_run):
    finished.snakemake(overlay=OTHER_DRAWS)
    for path in (finished.folder / ".snakemake/gapscope/cache").rglob("0"):
        path.write_bytes(path.read_bytes()[:-1] + b"?")
    run = mended(finished, small_run)
    assert ran(run) == {"saliency", "report"}


def test_without_a_cache_going_back_computes(finished, small_run):
    off = {"cache": {"megabytes": 0}}
    finished.snakemake(overlay=overlaid(OTHER_DRAWS, off))
    run = finished.snakemake(overlay=overlaid(SMALL, off))
    assert ran(run) == {"saliency", "report"}
    assert results(finished) == results(small_run)
    assert not list((finished.folder / ".snakemake/gapscope/cache").glob("*"))


def test_deleted_results_are_computed_anew(finished, small_run):
    shutil.rmtree(finished.folder / "results")
    assert {"simulate", "train_relu", "report"} <= ran(mended(finished, small_run))


# Another set of activations


def test_an_activation_more_and_less(finished, small_run):
    more = overlaid(SMALL, {"train": {"activations": ["relu", "sigmoid", "tanh"]}})
    run = finished.snakemake(overlay=more)
    assert ran(run) == {"train_tanh"} | BEHIND_TRAIN_RELU
    run = finished.snakemake(overlay=SMALL)
    assert ran(run) == set()
    assert "note: train_tanh is not part of this config any more" in run.stderr
    assert "results/models/tanh.npz" in run.stderr
    own = {name: content for name, content in results(finished).items() if "tanh" not in name}
    assert own == results(small_run)


# Damage


@pytest.mark.parametrize("cached", [True, False])
def test_damaged_files_are_made_anew(finished, small_run, cached):
    """One cut, one with a flipped bit, both with their old times, and one deleted."""
    cut, flipped, deleted = (
        finished.folder / "results" / name for name in ("saliency.csv", "models/relu.npz", "encode/train_X.npy")
    )
    for file in (cut, flipped):
        status, content = file.stat(), bytearray(file.read_bytes())
        content[len(content) // 2] ^= 1
        file.write_bytes(content if file == flipped else content[: len(content) // 2])
        os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    deleted.unlink()
    if not cached:
        shutil.rmtree(finished.folder / ".snakemake/gapscope/cache")
    run = mended(finished, small_run)
    for text in ("saliency.csv is damaged", "models/relu.npz is damaged", "encode/train_X.npy is missing"):
        assert f"results/{text}" in run.stderr
    assert ({"encode", "train_relu", "saliency"} <= ran(run)) == (not cached)
    assert cached or not {"clean", "eda"} & ran(run)


def test_stale_results_do_not_look_fresh_without_snakemakes_folder(finished):
    shutil.rmtree(finished.folder / ".snakemake")
    assert told(dry(finished)) == set()
    assert told(dry(finished, OTHER_RATE)) == {"train_relu"} | BEHIND_TRAIN_RELU


def test_a_changed_config_that_was_touched_does_not_look_fresh(finished):
    finished.snakemake("--touch", overlay=OTHER_RATE)
    assert told(dry(finished, OTHER_RATE)) == {"train_relu"} | BEHIND_TRAIN_RELU


def test_the_shipped_cache_setting_keeps_a_whole_run(finished):
    shipped = yaml.safe_load((ROOT / "config.yaml").read_text())
    folder = finished.folder / ".snakemake/gapscope/cache"
    used = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    assert 0 < used < 1e6 * shipped["cache"]["megabytes"]
