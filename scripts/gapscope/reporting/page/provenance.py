"""The section on provenance: checksums of the input files, versions of the packages, seeds, and the settings."""

import platform
from pathlib import Path

import yaml

from gapscope.common.fingerprint import SHAPING, sha256, version
from gapscope.reporting.page.downloads import uri


def section(settings: dict, input) -> dict:
    """Content of the section, by the names that its template uses.

    `settings`: of all stages, by block; those of the simulation are left out if the data is not simulated. `input`: the
    report's input files.
    """
    simulated = settings["data"]["source"] == "simulated"
    shown = {block: value for block, value in settings.items() if block != "simulate" or simulated}
    text = yaml.safe_dump(shown, sort_keys=True, allow_unicode=True, default_flow_style=None, width=88)
    roles = (("training table", input.train), ("test table", input.get("test")))
    return {
        "files": [{"role": role, "name": Path(path).name, "sha256": sha256(path)} for role, path in roles if path],
        "versions": versions(),
        "seeds": seeds(shown),
        "settings_text": text,
        "settings_uri": uri(text, "yaml"),
    }


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that shape results."""
    return {"Python": platform.python_version(), **{name: version(name) for name in SHAPING}}


def seeds(settings: dict, prefix: str = "") -> dict[str, int | list[int]]:
    """Every seed in the settings, by its full key."""
    by_key = {}
    for key, value in settings.items():
        if isinstance(value, dict):
            by_key |= seeds(value, f"{prefix}{key}.")
        elif key in ("seed", "seeds"):
            by_key[prefix + key] = value
    return by_key
