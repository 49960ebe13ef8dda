"""What Snakemake's users expect of any workflow: lint, layout, documented targets, environments, a screen to read."""

import re
import subprocess
import sys

import yaml
from packaging.requirements import Requirement

from runs import ROOT, SMALL

CONDA_NAMES = {"matplotlib-base": "matplotlib"}
NOT_OF_STAGES = {"snakemake", "jsonschema"}  # what reads the Snakefile and the config


def run(*command) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True)


def test_lint_finds_nothing():
    linted = run("snakemake", "--lint")
    assert "in a good condition" in linted.stderr + linted.stdout and linted.returncode == 0


def test_snakefmt_would_change_nothing():
    formatted = run("snakefmt", "--check", "Snakefile", "workflow")
    assert formatted.returncode == 0, formatted.stderr


def test_every_rule_is_documented():
    listed = run("snakemake", "--list").stdout
    assert [line for line in listed.splitlines() if not re.fullmatch(r"\w+ \(.+\)", line)] == []
    rules = {line.split()[0] for line in listed.splitlines()}
    assert {"eda", "models", "diagnose", "mitigate", "reproduce", "diagnosis_suite", "timings"} <= rules


def locked(file: str, python: str) -> dict[str, str]:
    """Package -> version, for this version of Python."""
    found = {}
    for line in (ROOT / "requirements" / file).read_text().splitlines():
        if re.match(r"[a-z]\S*==", line):
            wanted = Requirement(line.rstrip(" \\"))
            if not wanted.marker or wanted.marker.evaluate({"python_full_version": f"{python}.0"}):
                found[wanted.name] = str(wanted.specifier).removeprefix("==")
    return found


def test_the_conda_environment_has_the_versions_of_the_lock():
    entries = yaml.safe_load((ROOT / "workflow/envs/gapscope.yaml").read_text())["dependencies"]
    versions = dict(entry.split(" =") for entry in entries)
    lock = locked("main.txt", versions["python"])
    found = {CONDA_NAMES.get(package, package): version for package, version in versions.items() if package != "python"}
    assert found == {package: lock[package] for package in found}


def test_the_stages_environment_has_what_the_stages_import():
    entries = yaml.safe_load((ROOT / "workflow/envs/gapscope.yaml").read_text())["dependencies"]
    project = (ROOT / "pyproject.toml").read_text().split("dependencies = [")[1].split("]")[0]
    wanted = {re.match(r"[\w-]+", name)[0] for name in re.findall(r'"(.+?)"', project)} - NOT_OF_STAGES
    assert {CONDA_NAMES.get(entry.split(" =")[0], entry.split(" =")[0]) for entry in entries} == wanted | {"python"}


def test_a_run_is_readable(small_run):
    """What ran, how far, and the verdict and the report at the end; none of Snakemake's provenance."""
    lines = small_run.screen.splitlines()
    assert lines[-2].startswith("Verdict: ") and lines[-1] == "Results: results/report.html"
    assert "rule train_relu:" in lines and "23 of 24 steps (96%) done" in lines
    assert len(lines) < 110
    for wall in ("Job stats", "input:", "jobid:", "reason:", "resources:", "Select jobs", "Provided cores"):
        assert wall not in small_run.screen
    log = max((small_run.folder / ".snakemake/log").iterdir()).read_text()
    assert "Job stats" in log and "localrule train_relu:" in log  # Snakemake's own log has it all


def test_a_dry_run_tells_which_jobs_and_why(small_run):
    words = small_run.snakemake("-n", overlay={**SMALL, "eda": {"dominant_correlation": 0.5}}).stdout
    assert "  eda, report: eda.dominant_correlation 0.7 -> 0.5\n" in words
    assert re.search(r"^rule eda:\n    reason: .+\n", words, re.M) and re.search(r"^total +3$", words, re.M)
    assert "provenance" not in words and len(words.splitlines()) < 25


def test_a_screen_that_is_closed_early_is_no_failure(small_run):
    command = f"{sys.executable} -m snakemake -n -F | head -3"
    run = subprocess.run(["bash", "-c", command], cwd=small_run.folder, capture_output=True, text=True)
    assert "Traceback" not in run.stderr and "Exception" not in run.stderr


def test_snakemakes_own_words_come_back_when_asked_for(small_run):
    words = small_run.snakemake("-n", "--forcerun", "eda", "--quiet", "reason", overlay=SMALL).stdout
    assert "    jobid: " in words and "    input: " in words


def test_the_last_words_of_a_failure_are_its_message_and_log(workspace):
    (workspace.folder / "scripts/eda.py").write_text("import gapscope.stage\nraise RuntimeError('at import')\n")
    failed = workspace.snakemake("eda", overlay=SMALL, check=False)
    assert failed.returncode == 1
    assert failed.stderr.splitlines()[-2:] == ["error: eda: RuntimeError: at import", "(log: results/logs/eda.log)"]
    assert "Traceback" not in failed.stderr
