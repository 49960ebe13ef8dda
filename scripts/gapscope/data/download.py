"""Fetching one file over http(s): it gets its name only when it is whole and its checksum is right."""

import contextlib
import hashlib
import os
import re
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from gapscope.common.errors import UserError
from gapscope.data.web import Failure, Limit, blocks, check_address

TIMEOUT_S = 30.0
DEADLINE_S = 600.0
MAX_BYTES = 512 * 1024**2


def sha256_of(path: str | os.PathLike) -> str:
    """The file's SHA-256 as 64 lower-case hexadecimal digits. Raises OSError if it cannot be read."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


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
        found = sha256_of(path)
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
    limit = Limit(timeout_s, deadline_s, time.monotonic() + deadline_s)
    try:
        check_address(url)
        target.parent.mkdir(parents=True, exist_ok=True)
        # In a folder that only we may enter, the file is private yet gets the mode of any new file.
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".download-") as private:
            part = Path(private) / "part"
            with contextlib.closing(blocks(url, limit, max_bytes)) as body:
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
