"""A workspace of its own for a test, and one finished small run that tests share and do not change."""

import pytest

from runs import SMALL, Workspace


@pytest.fixture
def workspace(tmp_path) -> Workspace:
    return Workspace(tmp_path / "gapscope")


@pytest.fixture(scope="session")
def small_run(tmp_path_factory) -> Workspace:
    """A finished run of a few seconds: the `small` preset in the folder results."""
    workspace = Workspace(tmp_path_factory.mktemp("small") / "gapscope")
    workspace.screen = workspace.snakemake(overlay=SMALL).stderr
    return workspace
