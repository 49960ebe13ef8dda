"""A changed setting, code or table reruns the rules that read it and those behind them, and Snakemake says why."""

import os
import re
import shutil
from collections import Counter

import pytest

from asking import graphs
from runs import SMALL, copy_of, overlaid, per_activation

BEHIND_DIAGNOSE = {"mitigate_remedy", "mitigate", "report", "all"}
BEHIND_TRAINING = {"gradients", "saliency", "test_eval", "diagnose", "mitigate_ceiling", *BEHIND_DIAGNOSE}
SUMMARY = "results/clean/summary.json"


def jobs(folder, overlay, *targets) -> dict[str, int]:
    """Rule -> number of jobs that would run."""
    (graph,) = graphs([(folder, overlay)], *targets)
    return Counter(job.rule for job in graph.values() if job.runs)


@pytest.mark.parametrize("change, expected", [
    ({"train": {"momentum": 0.90, "l1": 0, "iterations": 10.0}}, {}),  # equal numbers in another form
    ({"report": {"title": "Another title"}}, {"report": 1, "all": 1}),
    ({"saliency": {"methods": ["loss"]}}, {"saliency": 1, "report": 1, "all": 1}),
    ({"gradients": {"depth_sweep": {"depths": 3}}}, {"depth_sweep": 1, "report": 1, "all": 1}),
    ({"mitigate": {"remedies": {"l2": {"train": {"l2": 0.02}}}}},
     {"mitigate_remedy": 1, "mitigate": 1, "report": 1, "all": 1}),
    ({"diagnose": {"draws": 3}}, {"diagnose": 1, "mitigate_remedy": 2, "mitigate": 1, "report": 1, "all": 1}),
])  # fmt: skip
def test_a_changed_setting(small_run, change, expected):
    assert jobs(small_run.folder, overlaid(SMALL, change)) == expected


def test_the_reason_names_the_key_and_both_values(small_run):
    run = small_run.snakemake("-n", overlay=overlaid(SMALL, per_activation(relu={"learning_rate": 0.03})))
    table = re.search(r"^job +count\n-[- ]+\n(.*?)\ntotal", run.stdout + run.stderr, re.S | re.M)[1]
    assert {line.split()[0] for line in table.splitlines()} == {"train_relu", *BEHIND_TRAINING}
    reason = re.search(r"^rule train_relu:\n(?:    .*\n)*?    reason: (.*)$", run.stdout, re.M)[1]
    assert "Params have changed" in reason
    assert "before: {'train.learning_rate': 0.02}" in reason and "now: {'train.learning_rate': 0.03}" in reason
    other = overlaid(SMALL, {"eda": {"dominant_correlation": 0.5}})
    changed = small_run.snakemake("--list-changes", "params", overlay=other)
    assert "results/eda/summary.json" in changed.stdout + changed.stderr


def test_changed_code_and_nothing_but_comments(small_run, tmp_path):
    """A comment reruns nothing, a statement the rule that imports it."""
    folder = copy_of(small_run.folder, tmp_path / "edited")
    for module, line in (("data/encode", "# the end"), ("evaluation/exploration", "ADDED = 1")):
        with (folder / f"scripts/gapscope/{module}.py").open("a", encoding="utf-8") as file:
            file.write(f"\n{line}\n")
    assert jobs(folder, SMALL, "eda", "models") == {"eda": 1}


def test_own_tables_count_by_their_content(workspace, small_run):
    """A table replaced by one with an older time, behind a link, or of the same size and time, is read again."""
    tables = {name: workspace.folder / f"{name}.csv" for name in ("train", "test")}
    for name, path in tables.items():
        shutil.copy(small_run.folder / f"results/simulated/{name}.csv", path)
    own = overlaid(SMALL, {"data": {"source": "files", "train": "train.csv", "test": "test.csv"}})
    workspace.snakemake(SUMMARY, overlay=own)
    status, content = tables["train"].stat(), tables["train"].read_bytes()
    tables["train"].write_bytes(content.replace(b"Brooklyn", b"Brooklyx", 1))
    os.utime(tables["train"], ns=(status.st_atime_ns, status.st_mtime_ns))
    assert jobs(workspace.folder, own, SUMMARY) == {"clean": 1}
    tables["train"].rename(workspace.folder / "second.csv")
    (workspace.folder / "first.csv").write_bytes(content)
    os.utime(workspace.folder / "first.csv", (10**9, 10**9))
    tables["train"].symlink_to("first.csv")
    assert jobs(workspace.folder, own, SUMMARY) == {}
    tables["train"].unlink()
    os.utime(workspace.folder / "second.csv", (10**9, 10**9))
    tables["train"].symlink_to("second.csv")
    assert jobs(workspace.folder, own, SUMMARY) == {"clean": 1}


def test_earlier_settings_come_back_from_snakemakes_cache(workspace, tmp_path):
    cache = {"SNAKEMAKE_OUTPUT_CACHE": str(tmp_path)}
    first, other = (overlaid(SMALL, {"train": {"activations": ["relu"], "iterations": number}}) for number in (1, 2))
    for overlay in (first, other):
        workspace.snakemake("models", "--cache", overlay=overlay, **cache)
    again = workspace.snakemake("models", "--cache", overlay=first, **cache).stderr
    assert again.count("Symlinking output file") == 2
    assert "Nothing to be done" in workspace.snakemake("models", "-n", "--cache", overlay=first, **cache).stdout
