"""Two runs, and jobs that outlive their run."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from gapscope import locks

SCRIPTS = Path(locks.__file__).resolve().parent.parent
HOLD = "import sys, time; from gapscope import locks\nwith locks.{}(): print('held', flush=True); time.sleep(60)"


@pytest.fixture
def holder(tmp_path, monkeypatch):
    """Starts a process that holds a lock, and waits until it does."""
    monkeypatch.chdir(tmp_path)
    started = []

    def start(name):
        program = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(SCRIPTS)!r}); {HOLD.format(name)}"]
        started.append(subprocess.Popen(program, stdout=subprocess.PIPE, text=True))
        assert started[-1].stdout.readline() == "held\n"
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def test_a_second_run_stops_with_one_line(holder):
    first = holder("only_run")
    with pytest.raises(SystemExit, match="^error: another run"), locks.only_run():
        pytest.fail("entered")
    first.kill()
    first.wait()
    with locks.only_run():
        pass


def test_a_run_waits_for_a_job_that_outlived_its_run(holder, capsys):
    orphan = holder("job")
    subprocess.Popen(["sh", "-c", f"sleep 1; kill -9 {orphan.pid}"])
    start = time.monotonic()
    with locks.only_run():
        assert time.monotonic() - start > 0.5
    assert capsys.readouterr().err.startswith("note: a job of an earlier run")


def test_jobs_run_side_by_side_under_their_run(holder):
    with locks.only_run():
        holder("job")
        holder("job")
