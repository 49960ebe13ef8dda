"""A file appears under its final name only when it is whole. Without NumPy, which the Snakefile need not load."""

import os
import shutil
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


@contextmanager
def scratch(path: str):
    """Yields a folder beside `path` for what is only needed while it is made: empty at first, removed at the end."""
    folder = Path(path).with_name(f".{Path(path).name}.work")
    shutil.rmtree(folder, ignore_errors=True)  # of a killed run
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def write_text(path: str, text: str) -> None:
    with whole(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
