"""Fetching one file over http(s): it gets its name only when it is whole and its checksum is right."""

import contextlib
import hashlib
import http.client
import os
import queue
import re
import socket
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from gapscope.common import fingerprint
from gapscope.common.errors import UserError

TIMEOUT_S = 30.0
DEADLINE_S = 600.0
MAX_BYTES = 512 * 1024**2


def checked(path: str | os.PathLike, sha256: str) -> Path:
    """The path itself, if the file there has this SHA-256 (64 hexadecimal digits, in either case).

    Raises UserError if it has another one, if it cannot be read, or if `sha256` is no such checksum.
    """
    path = Path(path)
    expected = _expected(sha256, path)
    remedy = "move it away so that it is downloaded anew, or set data.source to files to use your own file"
    if path.exists() and not path.is_file():  # opening a pipe would wait for ever
        raise UserError(f"{path} is no file; {remedy}")
    try:
        found = fingerprint.sha256(path)
    except OSError as error:
        raise UserError(f"{path} cannot be read ({error.strerror or error}); {remedy}") from error
    if found != expected:
        raise UserError(f"{path} has the wrong checksum: expected sha256 {expected}, found {found}; {remedy}")
    return path


def fetch(
    url: str,
    target: str | os.PathLike,
    sha256: str,
    timeout_s: float = TIMEOUT_S,
    max_bytes: int = MAX_BYTES,
    deadline_s: float = DEADLINE_S,
) -> Path:
    """Downloads `url` to `target` unless it is there already, and returns it, its checksum right either way.

    `timeout_s` (seconds) bounds connecting and each silence of the server, `deadline_s` (seconds) the whole
    answer, redirects included; looking up the server's name is left to the system's own limit. Proxies come
    from the environment, as usual. The target's folder is created if needed; after a failure nothing else
    is left in it. Raises UserError for every failure, ValueError if a limit is not positive.
    """
    if min(timeout_s, max_bytes, deadline_s) <= 0:
        raise ValueError(f"limits must be positive, got {timeout_s=}, {max_bytes=}, {deadline_s=}")
    target = Path(target)
    expected = _expected(sha256, target)
    if os.path.lexists(target):
        return checked(target, sha256)
    try:
        check_address(url)
        target.parent.mkdir(parents=True, exist_ok=True)
        # In a folder that only we may enter, the file is private yet gets the mode of any new file.
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".download-") as private:
            part = Path(private) / "part"
            with contextlib.closing(blocks(url, timeout_s, deadline_s, max_bytes)) as body:
                _write(body, part, expected)
            os.replace(part, target)
        return target
    except Failure as failure:
        reason = str(failure)
    except OSError as error:  # the network's have become Failure: this one is the disk's
        reason = f"the folder {target.parent} cannot be written to ({error.strerror or error})"
    remedy = f"put the file at {target} yourself, or set data.source to simulated"
    raise UserError(f"{_one_line(url)} could not be downloaded to {target}: {_one_line(reason)}; {remedy}")


def _write(body: Iterator[bytes], part: Path, expected: str) -> None:
    digest, received = hashlib.sha256(), 0
    with open(part, "xb") as file:
        for block in body:
            file.write(block)
            digest.update(block)
            received += len(block)
    if (got := digest.hexdigest()) != expected:
        raise Failure(f"it has the wrong checksum: expected sha256 {expected}, got {got} ({received} bytes)")


def _expected(sha256: str, path: Path) -> str:
    if not re.fullmatch("[0-9a-fA-F]{64}", sha256):
        raise UserError(f"the sha256 given for {path} must be 64 hexadecimal digits, got {sha256!r}: mend it")
    return sha256.lower()


def _one_line(text: str) -> str:
    """Without the line breaks and control characters that a server's answer may hold."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


BLOCK_BYTES = 64 * 1024


class Failure(Exception):
    """Why a download failed, as part of a sentence to which the caller adds the address and the remedy."""


class _WebRedirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects to http(s) only; urllib would go to ftp as well."""

    def redirect_request(self, req, fp, code, msg, headers, newurl):
        check_address(newurl, "it redirects to ")
        fp.close()  # urllib would read the redirect's body, which nothing bounds
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def blocks(url: str, timeout_s: float, deadline_s: float, max_bytes: int) -> Iterator[bytes]:
    """The body's bytes as they come. Raises Failure if they do not all come in time and size."""
    received, end = queue.Queue(maxsize=16), time.monotonic() + deadline_s
    # A thread, as a server can trickle its answer, where every step is in time and the whole never ends.
    threading.Thread(target=_receive, args=(url, timeout_s, max_bytes, received), daemon=True).start()
    while True:
        try:
            block = received.get(timeout=max(end - time.monotonic(), 0.0))
        except queue.Empty:
            raise Failure(f"it was not complete within the deadline of {deadline_s:g} s") from None
        if isinstance(block, Failure):
            raise block
        if not block:
            return
        yield block


def _receive(url: str, timeout_s: float, max_bytes: int, received: queue.Queue) -> None:
    """Put the body's blocks into the queue, then b"" or a Failure; give up when nobody takes them."""
    with contextlib.suppress(queue.Full):
        try:
            for block in _body(url, timeout_s, max_bytes):
                received.put(block, timeout=timeout_s)
            received.put(b"", timeout=timeout_s)
        except Failure as failure:
            received.put(failure, timeout=timeout_s)


def _body(url: str, timeout_s: float, max_bytes: int) -> Iterator[bytes]:
    try:
        with urllib.request.build_opener(_WebRedirects).open(url, timeout=timeout_s) as response:
            promised, received = response.length or 0, 0  # 0: not told
            while max(promised, received) <= max_bytes and (block := response.read(BLOCK_BYTES)):
                received += len(block)
                yield block
            if max(promised, received) > max_bytes:
                raise Failure(f"it is larger than the allowed {max_bytes} bytes")
            if received < promised:
                raise Failure(f"the transfer was interrupted after {received} of {promised} bytes")
    except urllib.error.HTTPError as error:
        error.close()
        raise Failure(f"the server answered {error.code} {error.reason}") from error
    except (OSError, http.client.HTTPException, ValueError) as error:  # ValueError: a malformed address
        raise Failure(_reason(error, timeout_s)) from error


def _reason(error: Exception, timeout_s: float) -> str:
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(cause, TimeoutError):
        return f"the server was silent for {timeout_s:g} s (time-out)"
    if isinstance(cause, ConnectionRefusedError):
        return "the server refused the connection"
    if isinstance(cause, socket.gaierror):
        return f"the server's name was not found ({cause.strerror})"
    if isinstance(cause, (ConnectionError, http.client.IncompleteRead)):
        return f"the transfer was interrupted ({cause})"
    return str(cause) or type(cause).__name__


def check_address(url: str, prefix: str = "") -> None:
    """Raises Failure for an address that is neither http nor https."""
    try:
        scheme = urlsplit(url).scheme
    except ValueError as error:
        raise Failure(f"{prefix}{url}: {error}") from error
    if scheme not in ("http", "https"):
        raise Failure(f"{prefix}{url}, but only http and https are fetched, got {scheme or 'no scheme'}")
