"""Runs killed at random moments, twelve times: started again, they end with the bytes of an undisturbed run."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time

import pytest
import yaml

from runs import SMALL, Workspace, overlaid, result_bytes

pytestmark = pytest.mark.long

TINY = overlaid(
    SMALL,
    {
        "simulate": {"train_rows": 800, "test_rows": 300},
        "train": {"hidden": [8], "iterations": 10},
        "gradients": {"check": {"rows": 100, "directions": 1}, "depth_sweep": {"depths": 2, "rows": 100}},
        "diagnose": {"draws": 1, "resamples": 20},
        "mitigate": {"seeds": [1], "train": {"iterations": 1}},
        "shared_bias": {"iterations": 10, "seeds": [1]},
    },
)
SIGNALS = [signal.SIGTERM, signal.SIGINT, signal.SIGKILL]
KILLS = 6  # per seed
PATIENCE = 20  # seconds for a run to end in after its signal


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """The results of a run in peace, and the seconds that it took."""
    workspace = Workspace(tmp_path_factory.mktemp("undisturbed") / "gapscope")
    start = time.monotonic()
    workspace.snakemake(overlay=TINY, cores="-c2")
    return result_bytes(workspace.folder / "results"), time.monotonic() - start


@pytest.mark.parametrize("seed", [1, 2])
def test_killed_runs_end_as_undisturbed_ones(workspace, undisturbed, seed):
    expected, seconds = undisturbed
    (workspace.folder / "tiny.yaml").write_text(yaml.safe_dump(TINY), encoding="utf-8")
    chance, kills = random.Random(seed), 0
    while kills < KILLS:
        if killed(workspace, chance.uniform(0, seconds / 3), chance.choice(SIGNALS)):
            kills += 1
        else:
            assert result_bytes(workspace.folder / "results") == expected
            for folder in ("results", ".snakemake"):
                shutil.rmtree(workspace.folder / folder)
    assert not killed(workspace, None, None)
    assert result_bytes(workspace.folder / "results") == expected


def as_in_a_terminal() -> None:
    """Where the tests run in the background, SIGINT is ignored, and processes inherit that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def end(run: subprocess.Popen) -> None:
    """Waits for the end of a run that was sent a signal.

    Snakemake 9.27 may wait for ever then: its handler wants the lock that it holds itself while it writes down that a
    job has finished. Who sits before it kills it.
    """
    try:
        run.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        os.killpg(run.pid, signal.SIGKILL)
        run.wait()


def killed(workspace, moment: float | None, kind: signal.Signals | None) -> bool:
    """Starts a run and sends `kind` to all of its processes after `moment` seconds; whether it was still at work."""
    screen = workspace.folder / "screen.txt"
    command = [sys.executable, "-m", "snakemake", "-c2", "--configfile", "tiny.yaml"]
    with screen.open("w") as file:
        run = subprocess.Popen(
            command, cwd=workspace.folder, stdout=file, stderr=file, start_new_session=True, preexec_fn=as_in_a_terminal
        )
    try:
        run.wait(moment)
    except subprocess.TimeoutExpired:
        os.killpg(run.pid, kind)
        end(run)
        return True
    words = screen.read_text(encoding="utf-8")
    if run.returncode and "--unlock" in words:
        workspace.snakemake("--unlock", "--configfile", "tiny.yaml")
        return killed(workspace, moment, kind)
    assert run.returncode == 0, words
    return False
