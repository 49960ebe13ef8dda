"""The same inputs, settings and versions give the same bytes, whatever the machine around them is like."""

import pytest

from runs import SMALL, Workspace, result_bytes

THREADS = {"OPENBLAS_NUM_THREADS": "2", "OMP_NUM_THREADS": "2"}


@pytest.mark.parametrize("cores, environment", [
    ("-c1", {"OPENBLAS_NUM_THREADS": "1", "PYTHONHASHSEED": "1"}),
    ("-c4", {**THREADS, "PYTHONHASHSEED": "2", "TZ": "Asia/Tokyo", "LC_ALL": "C"}),
])  # fmt: skip
def test_the_same_bytes_everywhere(small_run, tmp_path, cores, environment):
    """Every result but the logs, beside a run in another folder."""
    workspace = Workspace(tmp_path / "another folder")
    workspace.snakemake(overlay=SMALL, cores=cores, **environment)
    here, there = (result_bytes(run.folder / "results") for run in (small_run, workspace))
    assert set(here) == set(there)
    assert [name for name in here if here[name] != there[name]] == []
