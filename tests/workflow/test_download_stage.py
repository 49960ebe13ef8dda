"""data.source: download, against a server of our own."""

import hashlib
import http.server
import threading

import pytest
from test_mistakes import GOOD, last_words

from runs import SMALL, overlaid

CHECKSUM = hashlib.sha256(GOOD.encode()).hexdigest()


@pytest.fixture
def server(tmp_path):
    """Serves train.csv and test.csv; `asked` counts its requests."""
    folder = tmp_path / "served"
    folder.mkdir()
    for name in ("train.csv", "test.csv"):
        (folder / name).write_text(GOOD)
    asked = []

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *arguments):
            super().__init__(*arguments, directory=str(folder))

        def log_message(self, *words):
            asked.append(self.path)

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever, daemon=True)
        thread.start()
        running.asked, running.url = asked, f"http://127.0.0.1:{running.server_address[1]}"
        yield running
        running.shutdown()


def overlay(server, **change):
    download = {"url": server.url, "train_sha256": CHECKSUM, "test_sha256": CHECKSUM, **change}
    return overlaid(SMALL, {"data": {"source": "download"}, "download": download})


def test_download_puts_the_files_in_place(workspace, server):
    workspace.snakemake("results/clean/summary.json", overlay=overlay(server))
    assert (workspace.folder / "data/airbnb/train.csv").read_text() == GOOD
    assert len(server.asked) == 2


def test_copies_already_there_are_used(workspace, server):
    folder = workspace.folder / "data/airbnb"
    folder.mkdir(parents=True)
    for name in ("train.csv", "test.csv"):
        (folder / name).write_text(GOOD)
    workspace.snakemake("results/clean/summary.json", overlay=overlay(server))
    assert server.asked == []


def test_wrong_checksum_leaves_nothing_behind(workspace, server):
    words = last_words(
        workspace.snakemake("results/clean/summary.json", overlay=overlay(server, train_sha256="0" * 64), check=False)
    )
    assert "train.csv" in words and CHECKSUM in words
    assert not (workspace.folder / "data/airbnb/train.csv").exists()
