"""The scripts of the stages, called in this process with files named as Snakemake names them."""

import importlib.util
from collections.abc import Callable
from functools import cache
from pathlib import Path

from gapscope.common.stage import nested
from gapscope.config import settings
from gapscope.config.settings import canonical

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


def stage_settings(config: dict, script: str, name: str = "") -> dict:
    """Settings for scripts/<script>.py: the whole config, cut as the rules cut it for the network or remedy `name`.

    A rule hands over the keys that its script reads and no others; tests of the workflow see to that.
    """
    whole = canonical(config)
    if script == "train":
        return whole | nested(settings.training(config, name).values())
    if script == "train_model":
        return whole | {"models": whole["models"][name]}
    if script == "remedy":
        return whole | settings.remedy(config, name) | settings.remedy_networks(config, name)
    if script == "ceiling":
        return whole | settings.remedy_networks(config, "baseline")
    if script == "suite_cases":
        return whole | settings.suite_case(config, name)
    if script == "report":
        return {key: whole[key] for key in whole if key not in ("results", "download", "suite", "sweep")}
    return whole
