"""Where a page's figures come from: the input files' checksums, the packages' versions, the settings."""

import platform
from pathlib import Path

import yaml

from gapscope.common.fingerprint import SHAPING, sha256, version


def checksums(paths: dict[str, str]) -> list[dict]:
    """One record per file: what it is, its name without folders, and its sha256."""
    records = []
    for role, path in paths.items():
        records.append({"role": role, "name": Path(path).name, "sha256": sha256(path)})
    return records


def versions() -> dict[str, str]:
    """Of Python and of the packages that shape results."""
    return {"Python": platform.python_version(), **{name: version(name) for name in SHAPING}}


def seeds(settings: dict, before: str = "") -> dict[str, int | list[int]]:
    """Every seed of the settings, by its key."""
    found = {}
    for key, value in settings.items():
        if isinstance(value, dict):
            found |= seeds(value, f"{before}{key}.")
        elif key in ("seed", "seeds"):
            found[before + key] = value
    return found


def shown(settings: dict) -> dict:
    """The settings less those of the simulation where the data is not simulated."""
    simulated = settings["data"]["source"] == "simulated"
    return {block: value for block, value in settings.items() if block != "simulate" or simulated}


def settings_text(settings: dict) -> str:
    """The settings as YAML."""
    return yaml.safe_dump(settings, sort_keys=True, allow_unicode=True, default_flow_style=None, width=88)
