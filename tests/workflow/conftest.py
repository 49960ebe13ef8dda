"""Copies of the workflow in folders of their own, and one finished small run that tests share and do not change."""

import fcntl
import os
import shutil

import pytest

from runs import SMALL, Workspace


@pytest.fixture
def workspace(tmp_path) -> Workspace:
    return Workspace(tmp_path / "gapscope")


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """finished(*arguments, **settings): a copy in which Snakemake has run with these, and what it said as `screen`."""

    def finished(*arguments: str, **settings) -> Workspace:
        workspace = Workspace(tmp_path_factory.mktemp("run") / "gapscope")
        workspace.screen = workspace.snakemake(*arguments, **settings).stderr
        return workspace

    return finished


@pytest.fixture(scope="session")
def small_run(tmp_path_factory) -> Workspace:
    """A finished run of a few seconds: the `small` preset in the folder results. Each process of pytest has a copy."""
    base = tmp_path_factory.getbasetemp()
    base = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    own, made, screen = tmp_path_factory.mktemp("run") / "gapscope", base / "small_run", base / "small_run.txt"
    with (base / "small_run.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # until the file is closed
        if not screen.exists():
            screen.write_text(Workspace(made).snakemake(overlay=SMALL).stderr, encoding="utf-8")
    shutil.copytree(made, own)
    workspace = Workspace(own)
    workspace.screen = screen.read_text(encoding="utf-8")
    return workspace
