"""One run of the whole benchmark."""

import os
import platform
from collections.abc import Callable
from importlib.metadata import version

import torch
from threadpoolctl import threadpool_info, threadpool_limits

from gapscope.benchmark import profile, timing
from gapscope.benchmark.products import BOUND
from gapscope.benchmark.works import works


def measured(settings: dict, say: Callable[[str], None]) -> tuple[list[dict], list[dict]]:
    """The rows of benchmark.csv and of profile.csv; `say` is told of the surroundings and of each work's result."""
    say(surroundings())
    torch.set_num_threads(1)
    rows, parts = [], []
    with threadpool_limits(1):
        for work in works(settings):
            for name, why in work.left_out.items():
                say(f"{work.name}: {name} is left out: {why}")
            steps = {name: contender.step for name, contender in work.contenders.items()}
            own = timing.rows(work.name, timing.in_turns(steps, settings["repeats"], settings["warm_up"]))
            for row in own:
                say(sentence(row))
            rows += own
            parts += profile.rows(work.name, next(iter(steps.values())), settings["repeats"], settings["warm_up"])
    return rows, parts


def surroundings() -> str:
    """Versions, and what the timings depend on besides."""
    packages = [f"{name} {version(name)}" for name in ("numpy", "torch", "scikit-learn")]
    blas = {
        f"{pool['internal_api']} {pool['version']} for {pool.get('architecture', 'any processor')}"
        for pool in threadpool_info()
        if pool["user_api"] == "blas"
    }
    load = [f"load {os.getloadavg()[0]:.1f} at the start"] if hasattr(os, "getloadavg") else []
    return ", ".join([f"Python {platform.python_version()}", *packages, *sorted(blas), platform.machine(), *load])


def sentence(row: dict) -> str:
    text = f"{row['work']}: {row['contender']}: median {row['median_ms']:.2f} ms, {row['ratio']:.2f} times ours"
    return text + (f": ours reaches {row['ratio']:.0%} of the bound's rate" if row["contender"] == BOUND else "")
