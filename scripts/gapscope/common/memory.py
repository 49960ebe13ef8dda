"""What is already known of a file's content, kept between runs so that an unchanged file is not read again.

A file counts as unchanged while its size, its inode and both its times are; the time of the last change of status
(ctime) cannot be set back, so a file whose modification time was set back is read again.
"""

import atexit
import hashlib
import json
import os
import sys
import time
from functools import cache
from pathlib import Path

from gapscope.common.whole import write_text

SETTLED_NS = 2_000_000_000  # a file changed less than 2 s ago may change again within the same tick of the clock
KEPT = 3000  # entries, the latest used


class Memory:
    """Values by text key, in one file that is written whole and ignored when damaged."""

    def __init__(self, path: str | os.PathLike, version: str = ""):
        self.path, self.version = Path(path), version
        self.known = self._read()
        self.asked: dict[tuple[str, str], object] = {}
        self.changed = False

    def value(self, key: str, compute):
        """What `compute()` gave when `key` was asked for first."""
        if key not in self.known:
            self.known[key] = compute()
            self.changed = True
        else:
            self.known[key] = self.known.pop(key)  # to the end: the latest used
        return self.known[key]

    def of_file(self, kind: str, path: str | os.PathLike, compute):
        """`compute(path)`, remembered under `kind` while the file is unchanged."""
        before = signature(path)
        key = f"{kind} {os.path.abspath(path)} {before}"
        if key in self.known:
            return self.value(key, None)
        found = compute(path)
        if signature(path) == before and time.time_ns() - max(before[1:3]) > SETTLED_NS:
            self.value(key, lambda: found)
        return found

    def once(self, kind: str, path: str | os.PathLike, compute):
        """`of_file`, asked once in this process, which sees a file that changes meanwhile as it was.

        In a clone that is seconds old no file is remembered yet, and rules share most of their modules.
        """
        key = kind, os.path.abspath(path)
        if key not in self.asked:
            self.asked[key] = self.of_file(kind, path, compute)
        return self.asked[key]

    def sha256(self, path: str | os.PathLike) -> str:
        return self.of_file("sha256", path, sha256)

    def save(self) -> None:
        if not self.changed:
            return
        text, self.changed = json.dumps(dict(list(self.known.items())[-KEPT:])), False
        try:
            write_text(self.path, f"{self._seal(text)}\n{text}")
        except OSError as error:  # a full disk, a folder of somebody else: only time is lost
            print(
                f"note: {self.path} could not be written ({error.strerror}); the next start reads again.",
                file=sys.stderr,
            )

    def _read(self) -> dict:
        if not self.path.is_file():
            return {}
        seal, _, text = self.path.read_bytes().decode("utf-8", errors="replace").partition("\n")
        return json.loads(text) if seal == self._seal(text) else {}

    def _seal(self, text: str) -> str:
        return hashlib.sha256(f"{self.version}\n{text}".encode()).hexdigest()


@cache
def memory_of(path: str, version: str) -> Memory:
    """The one Memory of this process at `path`, saved when the process ends."""
    memory = Memory(path, version)
    atexit.register(memory.save)
    return memory


def signature(path: str | os.PathLike) -> list[int]:
    """Size, times of modification and of status change, inode: what differs once the file has been written to."""
    status = os.stat(path)
    return [status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino]


def sha256(path: str | os.PathLike) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
