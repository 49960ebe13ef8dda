"""Runs of the whole workflow in copies of the repository, so that no test touches the results of another."""

import operator
import os
import shutil
import subprocess
import sys
from functools import reduce
from pathlib import Path

import pytest
import yaml

from gapscope.config.defaults import SCHEMA, merged, read_yaml, shipped

ROOT = Path(__file__).resolve().parents[2]
LISTINGS = ROOT.parent / "shared" / "data"
PARTS = ["Snakefile", "config.yaml", "profiles", "scripts", "workflow"]

needs_listings = pytest.mark.skipif(
    not (LISTINGS / "train.csv").is_file(),
    reason="the real listings (train.csv, test.csv) are not beside the repository, in ../shared/data",
)


class Workspace:
    """A folder with a copy of the workflow, made unless it is there, and the means to run it there."""

    def __init__(self, folder: Path):
        self.folder = folder
        if not folder.exists():
            copy_parts(ROOT, folder)

    def snakemake(
        self, *arguments: str, overlay: dict | None = None, check: bool = True, cores: str = "-c4", **environment: str
    ):
        command = [sys.executable, "-m", "snakemake", *filter(None, [cores]), *arguments]
        if overlay is not None:
            (self.folder / "overlay.yaml").write_text(yaml.safe_dump(overlay), encoding="utf-8")
            command += ["--configfile", "overlay.yaml"]
        run = subprocess.run(
            command, cwd=self.folder, capture_output=True, text=True, env={**os.environ, **environment}, timeout=1200
        )
        assert not check or run.returncode == 0, run.stdout + run.stderr
        return run

    def listings(self) -> None:
        """Puts the real listings where `download` and the presets look for them."""
        target = self.folder / "data" / "airbnb"
        target.mkdir(parents=True)
        for name in ("train.csv", "test.csv"):
            shutil.copy(LISTINGS / name, target / name)


def copy_parts(source: Path, folder: Path) -> None:
    folder.mkdir(parents=True)
    for part in PARTS:
        if (source / part).is_dir():
            shutil.copytree(source / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source / part, folder / part)


def copy_of(run: Path, folder: Path) -> Path:
    """The workflow of a finished run in a folder of its own, its results seen through a link."""
    copy_parts(run, folder)
    for name in ("results", ".snakemake"):
        (folder / name).symlink_to(run / name)
    return folder


def result_bytes(results: Path) -> dict[str, bytes]:
    """Name -> content of every result; logs, which hold times, are left out."""
    files = (path for path in results.rglob("*") if path.is_file() and "logs" not in path.parts)
    return {str(path.relative_to(results)): path.read_bytes() for path in files}


def overlaid(*parts: dict) -> dict:
    """One overlay from several, where later ones win, block by block."""
    return reduce(merged, parts, {})


SMALL = read_yaml(ROOT / "workflow" / "presets" / "small.yaml") | {"results": "results"}
SHIPPED = shipped()


def schema_leaves(node: dict = SCHEMA, key: str = "") -> dict[str, dict]:
    """Key -> schema of every key that has no keys of its own in the schema."""
    if "properties" not in node:
        return {key: node}
    below = (schema_leaves(part, f"{key}.{name}".lstrip(".")) for name, part in node["properties"].items())
    return reduce(operator.or_, below, {})


def per_activation(**changes: dict) -> dict:
    """An overlay that changes settings of these activations: its own takes the shipped one's place."""
    return {"train": {"per_activation": overlaid(SHIPPED["train"]["per_activation"], changes)}}
