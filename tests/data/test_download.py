"""Downloads against a real server on this machine: what arrives, what is refused, and what is left behind."""

import hashlib
import os
import socket
import time

import pytest

from answers import BODY
from gapscope.common.errors import UserError
from gapscope.data.download import fetch

SHA256 = hashlib.sha256(BODY).hexdigest()
LIMITS = {"timeout_s": 2.0, "deadline_s": 4.0}  # far above what a good answer takes here


def refused(url, folder, *words, sha256=SHA256, **limits):
    """The one-line message of a download that must fail and leave an empty folder; seconds it took."""
    target, start = folder / "train.csv", time.monotonic()
    with pytest.raises(UserError) as caught:
        fetch(url, target, sha256, **(LIMITS | limits))
    message = str(caught.value)
    for word in (url, str(target), "data.source", *words):
        assert word in message
    assert message.isprintable()  # no line break, no control character
    assert list(folder.iterdir()) == []
    return time.monotonic() - start


@pytest.mark.parametrize("path", ["good", "unsized", "moved", "moved_with_endless_body"])
def test_whole_file_arrives_in_a_new_folder(server, tmp_path, path):
    target = tmp_path / "new" / "folder" / "train.csv"
    before = os.umask(0o027)
    try:
        fetch(f"{server.url}/{path}", target, SHA256.upper(), **LIMITS)
    finally:
        os.umask(before)
    assert target.read_bytes() == BODY
    assert target.stat().st_mode & 0o777 == 0o640  # as any new file's, not a temporary file's 600
    assert list(target.parent.iterdir()) == [target]


def test_size_limit_is_inclusive(server, tmp_path):
    fetch(f"{server.url}/good", tmp_path / "train.csv", SHA256, **LIMITS, max_bytes=len(BODY))
    (tmp_path / "train.csv").unlink()
    for path in "good", "unsized":
        limit = len(BODY) - 1
        refused(f"{server.url}/{path}", tmp_path, "larger", str(limit), max_bytes=limit)


def test_too_large_body_is_not_received_to_its_end(server, tmp_path):
    refused(f"{server.url}/flood", tmp_path, "larger than the allowed 99 bytes", max_bytes=99)
    took = refused(f"{server.url}/trickled_body", tmp_path, "larger than the allowed 99 bytes", max_bytes=99)
    assert took < 1  # its announced size is enough


def test_wrong_checksum(server, tmp_path):
    wrong = "0" * 64
    refused(f"{server.url}/good", tmp_path, wrong, SHA256, f"{len(BODY)} bytes", sha256=wrong)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("missing", "404 Not Found"),
        ("rude", "403"),
        ("cut", f"interrupted after {len(BODY)} of {len(BODY) + 1} bytes"),
        ("cut_chunk", "interrupted"),
        ("to_file", "file:///etc/hostname"),
        ("to_ftp", "redirects to ftp://127.0.0.1/good"),
        ("loop", "302"),
    ],
)
def test_bad_answers(server, tmp_path, path, words):
    refused(f"{server.url}/{path}", tmp_path, words)


@pytest.mark.parametrize(
    "path, words, limit",
    [("silent", "silent for 0.2 s", {"timeout_s": 0.2})]
    + [(f"trickled_{part}", "deadline of 0.2 s", {"deadline_s": 0.2}) for part in ("body", "header", "chunk_size")],
)
def test_a_server_that_does_not_end_meets_its_limit(server, tmp_path, path, words, limit):
    assert 0.2 <= refused(f"{server.url}/{path}", tmp_path, words, **limit) < 1


def test_refused_connection(tmp_path, monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with socket.socket() as unheard:  # bound, so that nobody else takes the port, but not listening
        unheard.bind(("127.0.0.1", 0))
        refused(f"http://127.0.0.1:{unheard.getsockname()[1]}/", tmp_path, "Connection refused")


def test_unknown_host(tmp_path, monkeypatch):
    def unknown(*args, **kwargs):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    refused("http://host.invalid/train.csv", tmp_path, "Name or service not known")


@pytest.mark.parametrize("url", ["file://{}", "{}", "ftp://127.0.0.1/x", "http://[bad", "http://a b"])
def test_addresses_that_are_not_fetched(tmp_path, url):
    source, folder = tmp_path / "source.csv", tmp_path / "folder"
    source.write_bytes(BODY)
    folder.mkdir()
    refused(url.format(source), folder)


def test_malformed_checksum_costs_no_download(server, tmp_path):
    with pytest.raises(UserError, match="train.csv must be 64 hexadecimal digits, got 'abc'"):
        fetch(f"{server.url}/good", tmp_path / "train.csv", "abc")
    assert server.requests == [] and list(tmp_path.iterdir()) == []


def test_folder_that_is_a_file(server, tmp_path):
    (tmp_path / "data").write_text("mine")
    with pytest.raises(UserError, match="data cannot be written to"):
        fetch(f"{server.url}/good", tmp_path / "data" / "train.csv", SHA256)
    assert (tmp_path / "data").read_text() == "mine" and server.requests == []


def test_right_copy_is_used_without_a_request(server, tmp_path):
    target = tmp_path / "train.csv"
    target.write_bytes(BODY)
    before = target.stat()
    for sha256 in (SHA256, SHA256.upper()):
        fetch(f"{server.url}/good", target, sha256)
    assert target.stat().st_mtime_ns == before.st_mtime_ns
    assert server.requests == []
    target.unlink()
    fetch(f"{server.url}/good", target, SHA256)
    assert server.requests == ["/good"]  # so the count above could have been something else


def test_wrong_copy_is_refused_and_kept(server, tmp_path):
    target = tmp_path / "train.csv"
    target.write_bytes(b"abc")
    with pytest.raises(UserError) as caught:
        fetch(f"{server.url}/good", target, SHA256)
    for word in (str(target), SHA256, hashlib.sha256(b"abc").hexdigest(), "move it away", "data.source"):
        assert word in str(caught.value)
    assert target.read_bytes() == b"abc"
    assert server.requests == []


def test_a_pipe_or_folder_in_the_files_place_is_refused_at_once(server, tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")
    for path in (tmp_path / "pipe.csv", tmp_path):
        with pytest.raises(UserError, match="is no file"):
            fetch(f"{server.url}/good", path, SHA256)
    assert server.requests == []
