"""Write files that only get their final name once complete. Without NumPy, so the Snakefile starts quickly."""

import os
import shutil
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole(path: str):
    """Yield a temporary path in the folder of `path`; rename it to `path` if the block succeeds."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.part")
    temporary.unlink(missing_ok=True)  # left by a killed run, or a link to somewhere else
    try:
        yield temporary
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def scratch(path: str):
    """Yield an empty temporary folder next to `path`; remove it at the end."""
    folder = Path(path).with_name(f".{Path(path).name}.work")
    shutil.rmtree(folder, ignore_errors=True)  # left by a killed run
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def write_text(path: str, text: str) -> None:
    with whole(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
