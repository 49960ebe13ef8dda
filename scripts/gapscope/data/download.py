"""Fetching one file over http(s): it gets its name only when it is whole and its checksum is right."""

import http.client
import os
import re
import tempfile
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from gapscope.common import fingerprint
from gapscope.common.errors import UserError

TIMEOUT_S = 30.0
DEADLINE_S = 600.0
MAX_BYTES = 512 * 1024**2
BLOCK_BYTES = 64 * 1024


def fetch(
    url: str,
    target: Path,
    sha256: str,
    timeout_s: float = TIMEOUT_S,
    max_bytes: int = MAX_BYTES,
    deadline_s: float = DEADLINE_S,
) -> None:
    """Download `url` to `target` unless it is there already; its SHA-256 (64 hexadecimal digits) must be right anyhow.

    `timeout_s` (seconds) bounds connecting and each silence of the server, `deadline_s` (seconds) the whole answer.
    The target's folder is created if needed; after a failure nothing else is left in it. Raises UserError for every
    failure.
    """
    expected = sha256.lower()
    if not re.fullmatch("[0-9a-f]{64}", expected):
        raise UserError(f"the sha256 given for {target} must be 64 hexadecimal digits, got {sha256!r}: mend it")
    if os.path.lexists(target):
        return _check(target, expected)
    try:
        check_address(url)
        target.parent.mkdir(parents=True, exist_ok=True)
        # In a folder that only we may enter, the file is private yet gets the mode of any new file.
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".download-") as private:
            part = Path(private) / "part"
            _in_time(lambda: _receive(url, part, timeout_s, max_bytes), deadline_s)
            if (got := fingerprint.sha256(part)) != expected:
                received = part.stat().st_size
                raise Failure(f"it has the wrong checksum: expected sha256 {expected}, got {got} ({received} bytes)")
            os.replace(part, target)
        return
    except Failure as failure:
        reason = str(failure)
    except OSError as error:  # the network's have become Failure: this one is the disk's
        reason = f"the folder {target.parent} cannot be written to ({error.strerror or error})"
    remedy = f"put the file at {target} yourself, or set data.source to simulated"
    raise UserError(f"{_one_line(url)} could not be downloaded to {target}: {_one_line(reason)}; {remedy}")


def _check(path: Path, expected: str) -> None:
    """Raise UserError for a file that was there already, if it has another SHA-256 or cannot be read."""
    remedy = "move it away so that it is downloaded anew, or set data.source to files to use your own file"
    if path.exists() and not path.is_file():  # opening a pipe would wait for ever
        raise UserError(f"{path} is no file; {remedy}")
    try:
        found = fingerprint.sha256(path)
    except OSError as error:
        raise UserError(f"{path} cannot be read ({error.strerror or error}); {remedy}") from error
    if found != expected:
        raise UserError(f"{path} has the wrong checksum: expected sha256 {expected}, found {found}; {remedy}")


def _one_line(text: str) -> str:
    """Without the line breaks and control characters that a server's answer may hold."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


class Failure(Exception):
    """Why a download failed, as part of a sentence to which the caller adds the address and the remedy."""


class _WebRedirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects to http(s) only; urllib would go to ftp as well."""

    def redirect_request(self, req, fp, code, msg, headers, newurl):
        check_address(newurl, "it redirects to ")
        fp.close()  # urllib would read the redirect's body, which nothing bounds
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _in_time(action: Callable[[], None], deadline_s: float) -> None:
    """Run the action in a thread: a server can trickle its answer, so that every step is in time and the whole never
    ends. Raises what it raises, or Failure."""
    ended: list[Exception | None] = []

    def act():
        try:
            ended.append(action())
        except Exception as error:
            ended.append(error)

    thread = threading.Thread(target=act, daemon=True)
    thread.start()
    thread.join(deadline_s)
    if not ended:
        raise Failure(f"it was not complete within the deadline of {deadline_s:g} s")
    if ended[0]:
        raise ended[0]


def _receive(url: str, part: Path, timeout_s: float, max_bytes: int) -> None:
    """Write the answer's body to the new file `part`. Raises Failure if the network or the server fails."""
    with open(part, "xb") as file:
        try:
            with urllib.request.build_opener(_WebRedirects).open(url, timeout=timeout_s) as response:
                promised, received = response.length or 0, 0  # 0: not told
                while max(promised, received) <= max_bytes and (block := response.read(BLOCK_BYTES)):
                    received += len(block)
                    file.write(block)
        except urllib.error.HTTPError as error:
            error.close()
            raise Failure(f"the server answered {error.code} {error.reason}") from error
        except (OSError, http.client.HTTPException, ValueError) as error:  # ValueError: a malformed address
            raise Failure(_reason(error, timeout_s)) from error
    if max(promised, received) > max_bytes:
        raise Failure(f"it is larger than the allowed {max_bytes} bytes")
    if received < promised:
        raise Failure(f"the transfer was interrupted after {received} of {promised} bytes")


def _reason(error: Exception, timeout_s: float) -> str:
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(cause, TimeoutError):
        return f"the server was silent for {timeout_s:g} s (time-out)"
    if isinstance(cause, (ConnectionResetError, http.client.IncompleteRead)):
        return f"the transfer was interrupted ({cause})"
    return getattr(cause, "strerror", None) or str(cause) or type(cause).__name__


def check_address(url: str, prefix: str = "") -> None:
    """Raises Failure for an address that is neither http nor https."""
    try:
        scheme = urlsplit(url).scheme
    except ValueError as error:
        raise Failure(f"{prefix}{url}: {error}") from error
    if scheme not in ("http", "https"):
        raise Failure(f"{prefix}{url}, but only http and https are fetched, got {scheme or 'no scheme'}")
