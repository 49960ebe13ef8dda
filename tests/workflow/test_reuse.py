"""This workflow as a part of others: a module with a config and a prefix of its own, run from another folder."""

import os
import subprocess
import sys

import yaml

from runs import ROOT, SMALL, result_bytes

ELSEWHERE = {
    "OPENBLAS_NUM_THREADS": "2", "OMP_NUM_THREADS": "2", "PYTHONHASHSEED": "2", "TZ": "Asia/Tokyo", "LC_ALL": "C"
}  # fmt: skip
MODULE = """
rule tables:
    output:
        "tables/{{name}}.csv",
    shell:
        "cp {tables}/{{wildcards.name}}.csv {{output}}"


module gapscope:
    snakefile: "{snakefile}"
    config: {config}
    prefix: "explained"

use rule * from gapscope as gapscope_*
"""


def snakemake(folder, text, *arguments, **environment):
    (folder / "Snakefile").write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "snakemake", "-c1", *arguments]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, env={**os.environ, **environment})
    assert run.returncode == 0, run.stdout + run.stderr


def test_a_module_with_its_own_config_and_prefix(small_run, tmp_path):
    """Keys that its config lacks are gapscope's. All is under the prefix, with the bytes of a run on its own.

    That one has four cores, another folder, and another environment.
    """
    little = {key: value for key, value in SMALL.items() if key != "results"}
    text = MODULE.format(snakefile=os.path.relpath(ROOT / "Snakefile", tmp_path), config=little, tables="")
    snakemake(tmp_path, text, "gapscope_report", **ELSEWHERE)
    results = tmp_path / "explained/results"
    here, there = result_bytes(results), result_bytes(small_run.folder / "results")
    assert set(here) == set(there)
    assert [name for name in here if here[name] != there[name]] == []
    assert (results / "logs/clean.log").is_file()
    assert sorted(path.name for path in tmp_path.iterdir()) == [".snakemake", "Snakefile", "explained"]


def test_a_module_reads_what_another_rule_writes(small_run, tmp_path):
    """The tables' paths are those of the folder, whatever the module's prefix."""
    data = {"data": {"source": "files", "train": "tables/train.csv", "test": "tables/test.csv"}}
    text = MODULE.format(snakefile=ROOT / "Snakefile", config=data, tables=small_run.folder / "results/simulated")
    snakemake(tmp_path, text, "gapscope_clean")
    assert (tmp_path / "explained/results/clean/summary.json").is_file() and (tmp_path / "tables/test.csv").is_file()


def test_the_catalogs_snakefile_is_the_same_workflow(small_run):
    jobs = small_run.snakemake("-s", "workflow/Snakefile", "-n", overlay=SMALL).stdout
    assert "Nothing to be done" in jobs
    usage = yaml.safe_load((ROOT / ".snakemake-workflow-catalog.yml").read_text())["usage"]
    assert usage["software-stack-deployment"]["conda"] and usage["report"]
