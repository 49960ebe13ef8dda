"""The whole workflow, with a sweep, on a real Slurm on this machine: the same bytes as without, and a job cancelled.

Takes a minute or more and starts daemons as root, so it runs only where GAPSCOPE_CLUSTER is set: `make cluster`.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from runs import SMALL, Workspace, overlaid, result_bytes

SCRIPT = Path(__file__).with_name("slurm.sh")
PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue")


def missing() -> str:
    """Why there is no Slurm to test with; empty if there is."""
    if not os.environ.get("GAPSCOPE_CLUSTER"):
        return "GAPSCOPE_CLUSTER is not set (the test starts a Slurm on this machine, as root)"
    absent = [name for name in PROGRAMS if shutil.which(name) is None]
    if absent:
        return f"not installed: {', '.join(absent)} (apt-get install slurm-wlm munge)"
    if importlib.util.find_spec("snakemake_executor_plugin_slurm") is None:
        return "not installed: snakemake-executor-plugin-slurm (pip install -r requirements/cluster.in)"
    return "" if os.geteuid() == 0 else "Slurm's daemons need root here"


pytestmark = pytest.mark.skipif(bool(missing()), reason=missing())

QUICK = overlaid(
    SMALL,
    {
        "simulate": {"train_rows": 1000, "test_rows": 400},
        "sweep": {
            "grid": {"train.learning_rate": [0.002 * place for place in range(1, 16)], "train.l2": [0.0, 0.01]},
            "seeds": [1],
            "folds": 2,
            "points_per_job": 15,
        },
    },
)
FAST = ["--slurm-init-seconds-before-status-checks", "2", "--slurm-status-command", "squeue", "--latency-wait", "5"]
TARGETS = ["sweep", "results/metrics.json"]


@pytest.fixture
def slurm(tmp_path):
    """The environment of a running Slurm, which ends with the test."""
    folder = tmp_path / "slurm"
    subprocess.run([SCRIPT, "up", folder], check=True, timeout=60)
    yield {**os.environ, "SLURM_CONF": str(folder / "slurm.conf"), "PATH": f"{folder / 'bin'}:{os.environ['PATH']}"}
    subprocess.run([SCRIPT, "down", folder], check=True, timeout=60)


def cancelled(rule: str, environment: dict, run: subprocess.Popen) -> str:
    """Cancels the first job of a rule whose name starts so, as soon as it is there; its number."""
    while run.poll() is None:
        queue = subprocess.run(["squeue", "-h", "-o", "%i %k"], env=environment, capture_output=True, text=True).stdout
        for number, comment in (line.split(maxsplit=1) for line in queue.splitlines()):
            if rule in comment:
                subprocess.run(["scancel", number], env=environment, check=True)
                return number
        time.sleep(0.1)
    raise AssertionError(f"no job of {rule}: {run.communicate()}")


def test_the_same_bytes_on_slurm_after_a_cancelled_job(tmp_path, slurm):
    local, remote = Workspace(tmp_path / "local"), Workspace(tmp_path / "remote")
    (remote.folder / "overlay.yaml").write_text(yaml.safe_dump(QUICK), encoding="utf-8")
    command = [sys.executable, "-m", "snakemake", "--profile", "profiles/slurm", "--configfile", "overlay.yaml", *FAST]
    run = subprocess.Popen(
        [*command, "-j", "8", *TARGETS], cwd=remote.folder, env=slurm, text=True, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )  # fmt: skip
    try:
        number = cancelled("sweep_points_1", slurm, run)
        words = run.communicate(timeout=600)[0]
    finally:
        run.kill()
    assert run.returncode == 0, words
    log = max((remote.folder / ".snakemake/log").glob("*.log")).read_text()
    assert number in log and "Trying to restart job" in log
    local.snakemake(*TARGETS, overlay=QUICK, cores="-c2")
    expected, found = (result_bytes(workspace.folder / "results") for workspace in (local, remote))
    assert set(found) == set(expected)
    assert [name for name in expected if found[name] != expected[name]] == []
    assert len([name for name in found if name.startswith("sweep/points/")]) == 30
