"""A file appears under its final name only when it is whole. Without NumPy, which the Snakefile need not load."""

import os
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole(path: str):
    """Yields a temporary name in the folder of `path`; renames it to `path` if the block succeeds."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.part")
    temporary.unlink(missing_ok=True)  # of a killed run, or a link that would lead elsewhere
    try:
        yield temporary
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: str, text: str) -> None:
    with whole(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
