"""The same inputs, settings and versions give the same bytes, whatever the machine around them is like."""

from runs import SMALL, Workspace, result_bytes

ELSEWHERE = {
    "OPENBLAS_NUM_THREADS": "2", "OMP_NUM_THREADS": "2", "PYTHONHASHSEED": "2", "TZ": "Asia/Tokyo", "LC_ALL": "C"
}  # fmt: skip


def test_the_same_bytes_everywhere(small_run, tmp_path):
    """Every result but the logs, beside a run on four cores in another folder."""
    workspace = Workspace(tmp_path / "another folder")
    workspace.snakemake(overlay=SMALL, cores="-c1", **ELSEWHERE)
    here, there = (result_bytes(run.folder / "results") for run in (small_run, workspace))
    assert set(here) == set(there)
    assert [name for name in here if here[name] != there[name]] == []
