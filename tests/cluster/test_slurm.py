"""Runs on a real Slurm on this machine; jobs are cancelled, nodes lose their power: the same bytes as without.

Takes minutes and starts daemons as root, so it runs only where GAPSCOPE_CLUSTER is set: `make cluster`.
"""

import re

import pytest

from places import SWEPT, awaited, ended_well
from runs import Workspace, result_bytes

JOB = "sweep_points_1"


def half_way(slurm, run, folder, points: int) -> tuple[str, str]:
    """Waits until the sweep's job runs and so many points are done: the job's number, its node."""

    def found():
        job = slurm.job_of(JOB)
        done = len(list((folder / "results/sweep/points").glob("*.json")))
        return job if job and job[1] and done >= points else None

    return awaited(found, run, folder)


def power_cut(slurm, run, folder, points: int) -> str:
    """Takes the power from the node of the sweep's job when so many points are done; the job's number."""
    number, node = half_way(slurm, run, folder, points)
    slurm.do("off", node)
    awaited(lambda: "State=DOWN" in slurm.ask("scontrol", "show", "node", node), run, folder)
    slurm.do("on", node)
    return number


@pytest.fixture(scope="session")
def on_slurm(slurm, tmp_path_factory):
    """The sweep alone: its job is cancelled, the next one loses its node, and Slurm requeues nothing by itself."""
    workspace = Workspace(tmp_path_factory.mktemp("sweep") / "gapscope")
    run = slurm.start(workspace, "sweep", "--slurm-no-requeue")
    try:
        cancelled, _ = half_way(slurm, run, workspace.folder, points=2)
        slurm.ask("scancel", cancelled)
        awaited(lambda: slurm.job_of(JOB)[:1] not in ([], [cancelled]), run, workspace.folder)
        lost = power_cut(slurm, run, workspace.folder, points=6)
        workspace.log = ended_well(run, workspace.folder)
    finally:
        run.kill()
    workspace.stopped = cancelled, lost
    return workspace


def test_snakemake_tries_a_cancelled_job_and_one_of_a_lost_node_again(on_slurm):
    cancelled, lost = on_slurm.stopped
    assert cancelled != lost and f"'{cancelled}' failed" in on_slurm.log
    assert f"'{lost}' failed due to a node failure" in on_slurm.log
    last = (on_slurm.folder / f"results/logs/{JOB}.log").read_text()
    kept = int(re.search(r"(\d+) taken from earlier runs", last)[1])
    assert 6 <= kept < 20  # points that were done before the power went


def test_the_whole_run_ends_with_the_same_bytes_although_a_node_goes_down(local, slurm, tmp_path):
    remote = Workspace(tmp_path / "remote")
    run = slurm.start(remote)
    try:
        lost = power_cut(slurm, run, remote.folder, points=2)
        requeued = awaited(lambda: "Restarts=1" in slurm.ask("scontrol", "show", "job", lost), run, remote.folder)
        ended_well(run, remote.folder)
    finally:
        run.kill()
    expected, found = (result_bytes(workspace.folder / "results") for workspace in (local, remote))
    assert requeued and "report.html" in expected and "mitigations.csv" in expected
    assert set(found) == set(expected)
    assert [name for name in expected if found[name] != expected[name]] == []


def test_one_sweep_table_on_this_machine_on_slurm_and_in_a_bucket(local, on_slurm, stored, bucket):
    for name in SWEPT:
        expected = (local.folder / "results" / name).read_bytes()
        assert (on_slurm.folder / "results" / name).read_bytes() == expected, name
        assert bucket[0].get_object(Bucket="results", Key=f"run/results/{name}")["Body"].read() == expected, name
