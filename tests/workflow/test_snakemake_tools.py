"""What Snakemake offers around a finished run, each once: graphs, summary, its own report, unit tests."""

import json
import re
import subprocess
import sys
import zipfile

from runs import ROOT, SMALL

RULES = {
    "simulate",
    "clean",
    "encode",
    "split",
    "train_relu",
    "gradients",
    "saliency",
    "test_eval",
    "diagnose",
    "report",
}


def labels(graph: str) -> set[str]:
    return set(re.findall(r'label = "(\w+)"', graph))


def test_rule_graph_and_the_picture_of_it(small_run):
    """docs/rules.svg, which `make docs` draws, has the rules of a run with config.yaml."""
    found = labels(small_run.snakemake("--rulegraph", overlay=SMALL).stdout)
    assert found >= RULES
    picture = (ROOT / "docs/rules.svg").read_text(encoding="utf-8")
    assert set(re.findall(r"<title>(\d+)</title>", picture)) and set(re.findall(r">(\w+)</text>", picture)) == found


def test_file_graph(small_run):
    graph = small_run.snakemake("--filegraph", overlay=SMALL).stdout
    assert graph.startswith("digraph snakemake_dag") and "results/split/scaling.json" in graph


def test_summary(small_run):
    heading, *lines = small_run.snakemake("--summary", overlay=SMALL).stdout.splitlines()
    assert heading.split("\t")[:3] == ["output_file", "date", "rule"]
    assert {line.split("\t")[2] for line in lines} >= RULES
    assert {line.split("\t")[-2] for line in lines} == {"ok"}


def test_untracked_files_are_none_of_the_results(small_run):
    untracked = small_run.snakemake("--list-untracked", overlay=SMALL).stdout.split()
    assert [name for name in untracked if name.startswith("results/") and "/logs/" not in name] == []
    assert "config.yaml" in untracked


def shown(page: str, name: str) -> dict:
    """What the page of Snakemake's report holds as the variable `name`."""
    start = page.index(f'var {name} = {{"')
    return json.JSONDecoder().raw_decode(page, page.index("{", start))[0]


def test_report_has_figures_and_tables_with_categories_labels_and_captions(small_run, tmp_path):
    small_run.snakemake("--report", str(tmp_path / "all.html"), overlay=SMALL)
    page = (tmp_path / "all.html").read_text(encoding="utf-8")
    results = shown(page, "results").values()
    found = {(result["labels"]["name"], result["labels"]["kind"]) for result in results}
    assert found >= {("report", "page"), ("gap", "figure"), ("mitigations", "table"), ("counterfactual", "figure")}
    assert len(results) > 20 and all(len(result["caption"]) > 80 for result in results)
    categories = {"1 Data", "2 Networks", "3 Attribution", "4 Test set", "5 Diagnosis", "6 Remedies", "Page"}
    assert shown(page, "categories").keys() == categories


def test_report_as_an_archive(small_run, tmp_path):
    small_run.snakemake("--report", str(tmp_path / "all.zip"), overlay=SMALL)
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        files = {name.rsplit("/", 1)[-1]: archive.read(name) for name in archive.namelist()}
    assert files["mitigations.csv"] == (small_run.folder / "results/mitigations.csv").read_bytes()
    assert b"Why does the model fail on the test set?" in files["report.html"]


def test_generated_unit_tests(small_run):
    """Snakemake writes one per rule; that of `split` runs its job alone and compares every byte."""
    small_run.snakemake("--generate-unit-tests", overlay=SMALL)
    tests = small_run.folder / ".tests/unit"
    assert {path.name for path in tests.glob("test_*.py")} >= {f"test_{rule}.py" for rule in RULES}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tests / "test_split.py")]
    run = subprocess.run(command, cwd=small_run.folder, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout


def test_what_else_snakemake_offers(workspace):
    """On the first part of a run: another database, clean-up of what is known, time stamps, untouched results."""
    target = "results/split/scaling.json"
    workspace.snakemake(target, "--persistence-backend", "db", overlay=SMALL)
    again = workspace.snakemake(target, "-n", "--persistence-backend", "db", overlay=SMALL).stdout
    assert "Nothing to be done" in again
    workspace.snakemake(target, "--touch", overlay=SMALL)
    workspace.snakemake("--cleanup-metadata", target, "--persistence-backend", "db", overlay=SMALL)
    assert "Nothing to be done" in workspace.snakemake(target, "-n", overlay=SMALL).stdout


def test_from_another_folder(workspace, tmp_path):
    """--directory and -s: the settings are gapscope's, the results are there."""
    place = tmp_path / "place"
    workspace.snakemake("results/clean/summary.json", "--directory", str(place), overlay=SMALL)
    assert (place / "results/clean/summary.json").is_file() and not (workspace.folder / "results").exists()
