"""Copies of the workflow in folders of their own, and one finished small run that tests share and do not change."""

import shutil

import pytest

from once import once
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

    def run(folder):
        return str(folder), Workspace(folder).snakemake(overlay=SMALL).stderr

    made, screen = once(tmp_path_factory, "small_run", run)
    workspace = Workspace(shutil.copytree(made, tmp_path_factory.mktemp("run") / "gapscope"))
    workspace.screen = screen
    return workspace
