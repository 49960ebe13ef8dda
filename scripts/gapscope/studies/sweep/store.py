"""Results of single points, each in a file of its own that is called by all that determines it.

A file is right or it is not read: its name is a hash of settings, code and the data's content, and it holds a checksum
of itself. So nothing in the folder is ever out of date; files that no sweep asks for any more only take room.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from gapscope.common.whole import write_text

SEAL = "sha256"


@dataclass(frozen=True)
class Store:
    folder: Path

    def read(self, key: str) -> dict | None:
        """What was written under `key`; None if nothing was, or it is damaged."""
        path = self.folder / f"{key}.json"
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return None
        seal = found.pop(SEAL, None) if isinstance(found, dict) else None
        return found if seal and seal == _digest(found) else None

    def write(self, key: str, result: dict) -> None:
        text = json.dumps({**result, SEAL: _digest(result)}, indent=1, ensure_ascii=False, allow_nan=False)
        write_text(self.folder / f"{key}.json", text + "\n")


def key_of(*parts) -> str:
    """One name for all that determines a point's result."""
    return _digest(parts)[:20]


def _digest(content) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
