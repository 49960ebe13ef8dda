"""Where a page's figures come from: the input files' checksums, the packages' versions, the settings."""

import platform
from pathlib import Path

import yaml

from gapscope.memory import sha256
from gapscope.tracking import SHAPING, version


def checksums(paths: dict[str, str]) -> list[dict]:
    """One record per file: what it is, its name without folders, and its sha256."""
    records = []
    for role, path in paths.items():
        records.append({"role": role, "name": Path(path).name, "sha256": sha256(path)})
    return records


def versions() -> dict[str, str]:
    """Of Python and of the packages that shape results."""
    return {"Python": platform.python_version(), **{name: version(name) for name in SHAPING}}


def settings_text(settings: dict) -> str:
    """The settings as YAML; those of the simulation only where the data is simulated."""
    simulated = settings["data"]["source"] == "simulated"
    own = {block: value for block, value in settings.items() if block != "simulate" or simulated}
    return yaml.safe_dump(own, sort_keys=True, allow_unicode=True, default_flow_style=None, width=88)
