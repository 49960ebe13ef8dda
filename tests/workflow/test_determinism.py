"""The same inputs, settings and versions give the same bytes, whatever the machine around them is like."""

import pytest

from runs import SMALL, Workspace, result_bytes

WORLDS = {
    "one core": ("-c1", {"OPENBLAS_NUM_THREADS": "1", "PYTHONHASHSEED": "1"}),
    "four cores, two threads of BLAS": (
        "-c4",
        {"OPENBLAS_NUM_THREADS": "2", "OMP_NUM_THREADS": "2", "PYTHONHASHSEED": "2", "TZ": "Asia/Tokyo", "LC_ALL": "C"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("world", WORLDS)
def test_the_same_bytes_everywhere(small_run, tmp_path, world):
    """Every result but the logs, beside a run in another folder."""
    cores, environment = WORLDS[world]
    workspace = Workspace(tmp_path / "another folder")
    workspace.snakemake(overlay=SMALL, cores=cores, **environment)
    here, there = (result_bytes(run.folder / "results") for run in (small_run, workspace))
    assert set(here) == set(there)
    assert [name for name in here if here[name] != there[name]] == []
