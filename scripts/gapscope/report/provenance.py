"""Where a page's figures come from: the input files' checksums, the packages' versions, the settings."""

import hashlib
import platform
from importlib import metadata
from pathlib import Path

import yaml

PACKAGES = ("numpy", "pandas", "scipy", "matplotlib", "snakemake")


def checksums(paths: dict[str, str]) -> list[dict]:
    """One record per file: what it is, its name without folders, and its sha256."""
    records = []
    for role, path in paths.items():
        with open(path, "rb") as file:
            checksum = hashlib.file_digest(file, "sha256").hexdigest()
        records.append({"role": role, "name": Path(path).name, "sha256": checksum})
    return records


def versions() -> dict[str, str]:
    """Of Python and of the packages that shape results."""
    return {"Python": platform.python_version(), **{name: metadata.version(name) for name in PACKAGES}}


def settings_text(settings: dict) -> str:
    """The settings as YAML; those of the simulation only where the data is simulated."""
    simulated = settings["data"]["source"] == "simulated"
    own = {block: value for block, value in settings.items() if block != "simulate" or simulated}
    return yaml.safe_dump(own, sort_keys=True, allow_unicode=True, default_flow_style=None, width=88)
