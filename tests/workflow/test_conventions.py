"""What Snakemake's users expect of any workflow: lint, layout, documented targets, environments, a screen to read."""

import re
import subprocess
import sys
import tomllib

import pytest
import yaml
from packaging.requirements import Requirement

from runs import ROOT, SMALL

CONDA_NAMES = {"matplotlib-base": "matplotlib"}
NOT_OF_STAGES = {"snakemake", "jsonschema", "pygments"}  # what reads the Snakefile and the config


def run(*command) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True)


@pytest.mark.parametrize("command", [["snakemake", "--lint"], ["snakefmt", "--check", "Snakefile", "workflow"]])
def test_linters_find_nothing(command):
    checked = run(*command)
    assert checked.returncode == 0, checked.stdout + checked.stderr


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


def test_the_stages_environment_has_what_they_import_in_the_versions_of_the_lock():
    entries = yaml.safe_load((ROOT / "workflow/envs/gapscope.yaml").read_text())["dependencies"]
    versions = dict(entry.split(" =") for entry in entries)
    lock = locked("main.txt", versions.pop("python"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    wanted = {Requirement(line).name for line in project} - NOT_OF_STAGES
    installed = {CONDA_NAMES.get(name, name): version for name, version in versions.items()}
    assert installed == {name: lock[name] for name in wanted}


def test_the_last_words_of_a_run_are_the_verdict_and_the_page(small_run):
    lines = small_run.screen.splitlines()
    assert lines[-2].startswith("Verdict: ") and lines[-1] == "Page: results/report.html"
    assert "23 of 24 steps (96%) done" in lines
    assert re.search(r"^ *train_relu  iteration 10 of 10: loss", small_run.screen, re.M)


def test_the_last_words_of_a_failure_are_its_message_and_log(workspace):
    (workspace.folder / "scripts/gapscope/evaluation/exploration.py").write_text("raise RuntimeError('at import')\n")
    text = (workspace.folder / "scripts/encode.py").read_text().replace("def main(", "def unused(")
    (workspace.folder / "scripts/encode.py").write_text(text.replace("run(main,", "run(lambda *_: 1 / 0,"))
    failed = workspace.snakemake("--keep-going", "eda", "encode", overlay=SMALL, check=False)
    assert failed.returncode == 1 and "RuntimeError: at import" in failed.stderr  # before the script could take it
    words = "error: unexpected failure, a defect in gapscope: ZeroDivisionError: division by zero"
    assert failed.stderr.splitlines()[-2:] == [words, "(log: results/logs/encode.log)"]
    assert "Traceback" in (workspace.folder / "results/logs/encode.log").read_text()


SNAKEMAKES = [*ROOT.glob("workflow/**/*.smk"), ROOT / "Snakefile", *ROOT.glob("profiles/*/*.yaml")]
OURS = [*ROOT.glob("scripts/**/*.py"), *SNAKEMAKES]


@pytest.mark.parametrize("pattern, files", [
    (r"\b(workflow|snakemake|job|rule|dag|persistence)\._[a-z]", OURS),  # private attributes
    (r"\bworkflow\.[a-z_.]+ *= ", OURS),  # replaced methods
    (r"sys\.modules", OURS),
    (r"__use_yte__|__definitions__", SNAKEMAKES),  # Python in a profile
    (r"from snakemake(?!\.utils import min_version)|import snakemake", OURS),
])  # fmt: skip
def test_snakemake_is_used_by_its_public_interfaces(pattern, files):
    for path in files:
        assert [line for line in path.read_text().splitlines() if re.search(pattern, line)] == [], path
