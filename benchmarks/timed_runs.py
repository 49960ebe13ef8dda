"""Runs of Snakemake in folders of their own, with the time that they take."""

import os
import shlex
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import yaml

from costs_page import ROOT

PARTS = ("Snakefile", "config.yaml", "profiles", "scripts", "workflow")
TRIVIAL = """rule all:
    input: expand("{{n}}", n=range({jobs}))
rule one:
    output: "{{n}}"
    params: n=1
    {body}
"""


@dataclass(frozen=True)
class Spent:
    wall: float  # seconds
    cpu: float  # seconds, of Snakemake and all its jobs on this machine


def trivial(folder: Path, jobs: int, body: str) -> Path:
    """A workflow of so many jobs that do nothing."""
    folder.mkdir(parents=True)
    (folder / "Snakefile").write_text(TRIVIAL.format(jobs=jobs, body=body))
    (folder / "nothing.py").write_text("open(snakemake.output[0], 'w').close()\n")
    return folder


def workspace(folder: Path) -> Path:
    """A copy of the workflow, so that the user's files are not locked, read or written."""
    folder.mkdir(parents=True)
    for part in PARTS:
        source = ROOT / part
        (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / part)
    return folder


def snakemake(folder: Path, *arguments: str, overlay: dict | None = None, preset: str = "") -> Spent:
    """Runs Snakemake in `folder`; its output goes to the file `words` there, and to the screen if it fails."""
    command = [sys.executable, "-m", "snakemake", *arguments]
    if overlay is not None:
        (folder / "overlay.yaml").write_text(yaml.safe_dump(overlay), encoding="utf-8")
        command += ["--configfile", *filter(None, [preset]), "overlay.yaml"]
    start = time.monotonic()
    with (folder / "words").open("w") as words:
        run = subprocess.Popen(command, cwd=folder, stdout=words, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(run.pid, 0)
        run.returncode = os.waitstatus_to_exitcode(status)
    if run.returncode:
        sys.exit(f"{shlex.join(command)}\n{(folder / 'words').read_text()}")
    return Spent(time.monotonic() - start, usage.ru_utime + usage.ru_stime)
