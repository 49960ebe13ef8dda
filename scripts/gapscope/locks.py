"""One run at a time in a folder, and none while a job of a killed run is still writing.

Both locks are the system's: they end with the process, however it ends, so none is left behind.
"""

import fcntl
import sys
from contextlib import contextmanager
from pathlib import Path

HOME = Path(".snakemake/gapscope")
BUSY = "error: another run of this workflow is at work in this folder; wait until it has ended."
ORPHAN = "note: a job of an earlier run, which was killed, is still at work here; waiting for it to end."


@contextmanager
def only_run():
    """Held by a run. Ends the program with one line if there is another; waits for jobs that outlived theirs."""
    with _file("run") as run, _file("jobs") as jobs:
        if not _taken(run, fcntl.LOCK_EX):
            sys.exit(BUSY)
        if not _taken(jobs, fcntl.LOCK_EX):
            print(ORPHAN, file=sys.stderr, flush=True)
            fcntl.flock(jobs, fcntl.LOCK_EX)
        fcntl.flock(jobs, fcntl.LOCK_UN)
        yield


@contextmanager
def job():
    """Held by each job, together with others."""
    with _file("jobs") as jobs:
        fcntl.flock(jobs, fcntl.LOCK_SH)
        yield


def _file(name: str):
    HOME.mkdir(parents=True, exist_ok=True)
    return (HOME / f"{name}.lock").open("w")


def _taken(file, kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
