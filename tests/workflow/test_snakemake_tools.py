"""What Snakemake offers around a finished run: graphs, summary, its own report, unit tests, another folder."""

import json
import re
import shutil
import subprocess
import sys
import zipfile

from runs import ROOT, SMALL

STAGES = [
    "clean", "encode", "split", "train_relu", "train_sigmoid", "gradients", "saliency", "test_eval", "diagnose",
    "report",
]  # fmt: skip


def test_a_graph_is_all_that_standard_output_has(small_run):
    """`make docs` draws docs/rules.svg from it."""
    graph = small_run.snakemake("--rulegraph", overlay=SMALL).stdout
    assert graph.startswith("digraph snakemake_dag {") and [name for name in STAGES if name not in graph] == []
    if shutil.which("dot"):
        subprocess.run(["dot", "-Tsvg"], input=graph, capture_output=True, text=True, check=True)
    picture = (ROOT / "docs/rules.svg").read_text(encoding="utf-8")
    assert set(re.findall(r">(\w+)</text>", picture)) == set(re.findall(r'label = "(\w+)"', graph))


def test_summary(small_run):
    heading, *lines = small_run.snakemake("--summary", overlay=SMALL).stdout.splitlines()
    assert heading.split("\t")[:3] == ["output_file", "date", "rule"]
    assert {line.split("\t")[2] for line in lines} >= set(STAGES)
    assert {line.split("\t")[-2] for line in lines} == {"ok"}


def test_no_result_is_untracked(small_run):
    untracked = small_run.snakemake("--list-untracked", overlay=SMALL).stdout.split()
    assert [name for name in untracked if name.startswith("results/") and "/logs/" not in name] == []
    assert "config.yaml" in untracked


def shown(page: str, name: str) -> dict:
    """The value of the variable `name` in the page of Snakemake's report."""
    start = page.index(f'var {name} = {{"')
    return json.JSONDecoder().raw_decode(page, page.index("{", start))[0]


def test_report_has_figures_and_tables_with_categories_labels_and_captions(small_run, tmp_path):
    """The same as one page and as an archive."""
    small_run.snakemake("--report", str(tmp_path / "all.html"), overlay=SMALL)
    page = (tmp_path / "all.html").read_text(encoding="utf-8")
    results = shown(page, "results").values()
    found = {(result["labels"]["name"], result["labels"]["kind"]) for result in results}
    assert found >= {("report", "page"), ("gap", "figure"), ("mitigations", "table"), ("counterfactual", "figure")}
    assert len(results) > 20 and all(len(result["caption"]) > 80 for result in results)
    categories = {"1 Data", "2 Networks", "3 Attribution", "4 Test set", "5 Diagnosis", "6 Remedies", "Page"}
    assert shown(page, "categories").keys() == categories
    small_run.snakemake("--report", str(tmp_path / "all.zip"), overlay=SMALL)
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        files = {name.rsplit("/", 1)[-1]: archive.read(name) for name in archive.namelist()}
    assert files["mitigations.csv"] == (small_run.folder / "results/mitigations.csv").read_bytes()
    assert b"Why does the model fail on the test set?" in files["report.html"]


def test_generated_unit_tests(small_run):
    """Snakemake writes one for each rule; the test of `split` runs its job alone and compares every byte."""
    small_run.snakemake("--generate-unit-tests", overlay=SMALL)
    tests = small_run.folder / ".tests/unit"
    assert {path.name for path in tests.glob("test_*.py")} >= {f"test_{rule}.py" for rule in STAGES}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tests / "test_split.py")]
    run = subprocess.run(command, cwd=small_run.folder, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout


def test_another_folder_another_database_and_metadata(workspace, tmp_path):
    """The first part of a run in the folder that --directory names."""

    def said(*arguments):
        run = workspace.snakemake(*arguments, "--directory", str(tmp_path / "place"), overlay=SMALL)
        return run.stdout + run.stderr

    target, database = "results/clean/summary.json", ("--persistence-backend", "db")
    said(target, *database)
    assert (tmp_path / "place" / target).is_file() and not (workspace.folder / "results").exists()
    assert "Nothing to be done" in said(target, "-n", *database)
    said(target, "--touch")
    said("--cleanup-metadata", target, *database)
    assert "Nothing to be done" in said(target, "-n")
