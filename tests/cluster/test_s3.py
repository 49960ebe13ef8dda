"""A sweep whose results lie in an object store (moto's server on this machine): the same bytes, and no second run."""

import importlib.util
import os
import socket
import subprocess
import sys
import time

import pytest

from runs import SMALL, Workspace, overlaid

PACKAGES = ("moto", "boto3", "snakemake_storage_plugin_s3")
ABSENT = [name for name in PACKAGES if importlib.util.find_spec(name) is None]
pytestmark = [
    pytest.mark.skipif(not os.environ.get("GAPSCOPE_CLUSTER"), reason="GAPSCOPE_CLUSTER is not set (starts a server)"),
    pytest.mark.skipif(bool(ABSENT), reason=f"not installed: {ABSENT} (pip install -r requirements/cluster.in)"),
]
QUICK = overlaid(SMALL, {"simulate": {"train_rows": 400, "test_rows": 200}, "train": {"iterations": 2}})
QUICK["sweep"] = {"grid": {"train.l2": [0.0, 0.1]}, "folds": 2, "seeds": [1]}
FIGURES = ("sweep.csv", "sweep/networks.csv", "sweep/winner.yaml", "sweep/best.svg", "encode/train_X.npy")


@pytest.fixture
def bucket():
    """A client of a store with an empty bucket, and the environment in which Snakemake finds it."""
    import boto3

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)], stderr=subprocess.DEVNULL
    )
    url = f"http://127.0.0.1:{port}"
    keys = {"ENDPOINT_URL": url, "ACCESS_KEY": "name", "SECRET_KEY": "word"}
    try:
        for _ in range(300):
            with socket.socket() as probe:
                if not probe.connect_ex(("127.0.0.1", port)):
                    break
            time.sleep(0.1)
        client = boto3.client(
            "s3", endpoint_url=url, aws_access_key_id="name", aws_secret_access_key="word", region_name="us-east-1"
        )
        client.create_bucket(Bucket="results")
        yield client, {f"SNAKEMAKE_STORAGE_S3_{name}": value for name, value in keys.items()}
    finally:
        server.kill()
        server.wait()


def test_a_sweep_in_an_object_store(tmp_path, bucket):
    client, keys = bucket
    stored, local = Workspace(tmp_path / "stored"), Workspace(tmp_path / "local")
    store = ("--default-storage-provider", "s3", "--default-storage-prefix", "s3://results/run")
    stored.snakemake("sweep", *store, overlay=QUICK, cores="-c2", **keys)
    local.snakemake("sweep", overlay=QUICK, cores="-c2")
    for name in FIGURES:
        found = client.get_object(Bucket="results", Key=f"run/results/{name}")["Body"].read()
        assert found == (local.folder / "results" / name).read_bytes(), name
    assert not (stored.folder / "results").exists()
    again = stored.snakemake("-n", "sweep", *store, overlay=QUICK, **keys)
    assert "Nothing to be done" in again.stdout + again.stderr
