"""Copies of the workflow in folders of their own, and one finished small run that tests share and do not change."""

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
def small_run(finished) -> Workspace:
    """A finished run of a few seconds: the `small` preset in the folder results."""
    return finished(overlay=SMALL)
