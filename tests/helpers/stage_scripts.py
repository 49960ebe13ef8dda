"""The scripts of the stages, called in this process with files named as Snakemake names them."""

import importlib.util
from collections.abc import Callable
from functools import cache
from pathlib import Path

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"


class Files(dict):
    """Paths by name: by key and as attributes."""

    __getattr__ = dict.__getitem__


@cache
def stage(name: str) -> Callable:
    """`main` of scripts/<name>.py."""
    spec = importlib.util.spec_from_file_location(f"stage_{name}", SCRIPTS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.main
