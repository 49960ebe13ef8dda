"""The places where the same run is made, each once for all tests; skipped without GAPSCOPE_CLUSTER (`make cluster`)."""

import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[1] / "helpers"))

from places import RUN, STORE, Slurm, absent, no_slurm  # noqa: E402
from runs import Workspace  # noqa: E402


@pytest.fixture(scope="session")
def local(tmp_path_factory):
    """The whole run on this machine."""
    if absent():
        pytest.skip(absent())
    workspace = Workspace(tmp_path_factory.mktemp("local") / "gapscope")
    workspace.snakemake(overlay=RUN, cores="-c2")
    return workspace


@pytest.fixture(scope="session")
def slurm(tmp_path_factory):
    """A running Slurm of two nodes."""
    if no_slurm():
        pytest.skip(no_slurm())
    slurm = Slurm(tmp_path_factory.mktemp("slurm"))
    try:
        slurm.do("up")
        yield slurm
    finally:
        slurm.do("down")


@pytest.fixture(scope="session")
def bucket():
    """A client of a store with an empty bucket, and the environment in which Snakemake finds it."""
    why = absent("moto", "boto3", "snakemake_storage_plugin_s3")
    if why:
        pytest.skip(why)
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


@pytest.fixture(scope="session")
def stored(tmp_path_factory, bucket):
    """The sweep with its results in the bucket."""
    workspace = Workspace(tmp_path_factory.mktemp("stored") / "gapscope")
    workspace.snakemake("sweep", *STORE, overlay=RUN, cores="-c2", **bucket[1])
    return workspace
