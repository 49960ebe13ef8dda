"""Results of earlier settings, kept so that going back to them costs no computing. One folder per stage and key.

An entry appears whole or not at all, and is checked against its checksums each time it is used. The least recently used
ones go when all together exceed the limit. Deleting the folder, at any time, only costs time.
"""

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from gapscope.memory import Memory, sha256
from gapscope.records import read_record, recorded_key, write_record
from gapscope.whole import whole, write_text

ENTRY = "entry.json"


@dataclass(frozen=True)
class Cache:
    """`megabytes` = 0: nothing is kept or found."""

    folder: Path
    megabytes: float
    memory: Memory

    def find(self, key: str) -> dict | None:
        """{key, record, log, metadata}, if the entry is there and each of its files has the bytes that were stored."""
        folder = self.folder / key
        entry = read_record(folder / ENTRY) if self.megabytes else None
        if entry is None or entry["key"] != key:
            return None
        for number, content in enumerate(entry["record"]["outputs"].values()):
            file = folder / str(number)
            if not file.is_file() or self.memory.sha256(file) != content:
                return None
        return entry

    def restore(self, key: str, record_path: Path, log: Path) -> dict | None:
        """Puts the files of `key` in their places, the record last. None if the entry was found damaged on the way."""
        entry = self.find(key)
        if entry is None:
            return None
        record_path.unlink(missing_ok=True)
        for number, (name, content) in enumerate(entry["record"]["outputs"].items()):
            with whole(name) as temporary:
                shutil.copyfile(self.folder / key / str(number), temporary)
                if sha256(temporary) != content:
                    shutil.rmtree(self.folder / key)
                    return None
        write_text(log, entry["log"])
        write_record(record_path, entry["record"])
        os.utime(self.folder / key)
        return entry

    def keep(self, record: dict, log: str, metadata: dict) -> None:
        """Stores the outputs that `record` describes, unless they are there already or no longer what it says.

        Outputs that exceed the limit alone are not kept: all others would have to go for them.
        """
        key = recorded_key(record)
        if not self.megabytes or (self.folder / key).is_dir():
            return
        if sum(Path(name).stat().st_size for name in record["outputs"]) > self.megabytes * 1e6:
            return
        part = self.folder / f".{key}.part"
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        try:
            for number, (name, content) in enumerate(record["outputs"].items()):
                shutil.copyfile(name, part / str(number))
                if sha256(part / str(number)) != content:
                    return
            write_record(part / ENTRY, {"key": key, "record": record, "log": log, "metadata": metadata})
            os.replace(part, self.folder / key)
        except OSError as error:
            print(f"note: {record['rule']} is not kept in {self.folder}: {error.strerror}.", file=sys.stderr)
        finally:
            shutil.rmtree(part, ignore_errors=True)

    def shrink(self) -> None:
        """Removes the least recently used entries until the rest fits the limit."""
        if not self.folder.is_dir():
            return
        entries = [path for path in self.folder.iterdir() if path.is_dir()]
        left = sum(_size(path) for path in entries)
        for path in sorted(entries, key=lambda path: path.stat().st_mtime_ns):
            if left > self.megabytes * 1e6:
                left -= _size(path)
                shutil.rmtree(path)


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.iterdir())
