"""One small run with a sweep, and where it can be made: on this machine, on a Slurm started on it, in a bucket."""

import importlib.util
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import yaml

from runs import SMALL, Workspace, overlaid

SCRIPT = Path(__file__).with_name("slurm.sh")
PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue")
STORE = ("--default-storage-provider", "s3", "--default-storage-prefix", "s3://results/run")
FAST = ("--slurm-init-seconds-before-status-checks", "2", "--slurm-status-command", "squeue", "--latency-wait", "5")

# One job of 20 points, which take seconds, so that it can be stopped half-way.
GRID = {"train.learning_rate": [0.002 * place for place in range(1, 11)], "train.l2": [0.0, 0.01]}
SWEEP = {"grid": {**GRID, "train.iterations": [300]}, "seeds": [1], "folds": 2, "points_per_job": 20}
RUN = overlaid(SMALL, {"simulate": {"train_rows": 1000, "test_rows": 400}, "sweep": SWEEP})
SWEPT = ("sweep.csv", "sweep/networks.csv", "sweep/knobs.csv", "sweep/winner.yaml", "sweep/best.svg")


def absent(*packages: str) -> str:
    """Why a test cannot be run; empty if it can."""
    if not os.environ.get("GAPSCOPE_CLUSTER"):
        return "GAPSCOPE_CLUSTER is not set (the test starts servers on this machine): make cluster"
    missing = [name for name in packages if importlib.util.find_spec(name) is None]
    return f"not installed: {missing} (pip install -r requirements/cluster.in)" if missing else ""


def no_slurm() -> str:
    """Why there is no Slurm to test with; empty if there is."""
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    if missing:
        return f"not installed: {', '.join(missing)} (apt-get install slurm-wlm munge)"
    return absent("snakemake_executor_plugin_slurm") or ("" if os.geteuid() == 0 else "Slurm's daemons need root here")


class Slurm:
    """The Slurm of slurm.sh in `folder`, and its environment."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.environment = {
            **os.environ, "SLURM_CONF": str(folder / "slurm.conf"), "PATH": f"{folder / 'bin'}:{os.environ['PATH']}"
        }  # fmt: skip

    def do(self, action: str, *node: str) -> None:
        subprocess.run([SCRIPT, action, self.folder, *node], check=True, timeout=60)

    def ask(self, *command: str) -> str:
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, check=True).stdout

    def job_of(self, rule: str) -> list[str]:
        """Number and node (empty if it waits) of the first job of a rule; nothing if there is none."""
        for line in self.ask("squeue", "-h", "-o", "%i|%N|%k").splitlines():
            number, node, comment = line.split("|", 2)
            if f"rule_{rule}_" in f"{comment}_":
                return [number, node]
        return []

    def start(self, workspace: Workspace, *arguments: str) -> subprocess.Popen:
        """The run in the workspace, its words in its file `words`."""
        (workspace.folder / "overlay.yaml").write_text(yaml.safe_dump(RUN), encoding="utf-8")
        profile = ("--profile", "profiles/slurm", "--configfile", "overlay.yaml", *FAST, "-j", "8")
        with (workspace.folder / "words").open("w") as words:
            return subprocess.Popen(
                [sys.executable, "-m", "snakemake", *profile, *arguments],
                cwd=workspace.folder, env=self.environment, stdout=words, stderr=subprocess.STDOUT,
            )  # fmt: skip


def awaited(what, run: subprocess.Popen, folder: Path):
    """What `what()` returns as soon as it is true; the run must not end before."""
    while run.poll() is None:
        found = what()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError((folder / "words").read_text())


def ended_well(run: subprocess.Popen, folder: Path) -> str:
    """Waits for the run; the log that Snakemake keeps of it."""
    try:
        run.wait(timeout=1200)
    finally:
        run.kill()
    assert run.returncode == 0, (folder / "words").read_text()
    return max((folder / ".snakemake/log").glob("*.log")).read_text()
