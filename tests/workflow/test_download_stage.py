"""data.source: download, against a server on this machine."""

import hashlib
import shutil
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

from test_mistakes import GOOD, last_words

from runs import SMALL, overlaid

CHECKSUM = hashlib.sha256(GOOD.encode()).hexdigest()


def test_files_are_checked_put_in_place_and_used_again(workspace, tmp_path):
    for name in ("train.csv", "test.csv"):
        (tmp_path / name).write_text(GOOD)
    downloaded, summary = (workspace.folder / name for name in ("data/airbnb/train.csv", "results/clean/summary.json"))
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=tmp_path)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()

        def clean(sha256=CHECKSUM, **more):
            sums = {"train_sha256": sha256, "test_sha256": CHECKSUM}
            download = {"url": f"http://127.0.0.1:{server.server_port}", **sums}
            overlay = overlaid(SMALL, {"data": {"source": "download"}, "download": download})
            return workspace.snakemake("results/clean/summary.json", overlay=overlay, **more)

        words = last_words(clean("0" * 64, check=False))
        assert "train.csv" in words and CHECKSUM in words and not downloaded.exists()
        clean()
        assert downloaded.read_text() == GOOD
        server.shutdown()
    shutil.rmtree(workspace.folder / "results")
    clean()  # from the copies that are there
    assert summary.is_file()
