"""Times gapscope's training step beside PyTorch, scikit-learn and others, in turns on one core.

make benchmark                                  install PyTorch and scikit-learn too, then run this
python benchmarks/network_step.py -o results    write benchmark.csv, benchmark.svg and benchmark/profile.csv there
"""

import argparse
import os
import platform
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_info, threadpool_limits

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scripts"))

from gapscope.common.files import whole  # noqa: E402
from gapscope.reporting.plots.style import write_figure  # noqa: E402
from numpy_steps import FullBatch, MiniBatchAdam, Notebook, OneByOne, OneProduct  # noqa: E402
from plots import comparison  # noqa: E402
from problem import BOUND, Problem, random_problem  # noqa: E402
from timing import in_turns, profile_rows, timing_rows  # noqa: E402

SETTINGS = {
    "rows": 28987,
    "units": [12, 64, 32, 4],
    "batch_size": 256,
    "networks": 5,
    "learning_rate": 0.1,
    "adam_learning_rate": 0.002,
    "repeats": 40,
    "warm_up": 5,
    "seed": 1,
}


@dataclass(frozen=True)
class Task:
    """A step to time; each contender has `step()`, the first is ours. `left_out`: contender -> why it cannot run."""

    name: str
    contenders: dict[str, object]
    left_out: dict[str, str]


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-o", "--output", type=Path, default=Path("results"), help="folder for the results")
    output = parser.parse_args(arguments).output
    missing = [name for name in ("torch", "sklearn") if find_spec(name) is None]
    if missing:
        sys.exit(
            f"error: {', '.join(missing)} missing: run `make benchmark`, which installs all packages and runs this."
        )
    write_results(output, SETTINGS)


def write_results(output: Path, settings: dict) -> None:
    """Writes the three files of results to the folder `output`."""
    table, profile = map(pd.DataFrame, measure(settings))
    for path, rows in ((output / "benchmark.csv", table), (output / "benchmark" / "profile.csv", profile)):
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole(path) as temporary:
            rows.round(4).to_csv(temporary, index=False, lineterminator="\n")
    write_figure(output / "benchmark.svg", comparison(table))


def measure(settings: dict) -> tuple[list[dict], list[dict]]:
    """The rows of benchmark.csv and of profile.csv; prints each result as it comes."""
    import torch

    print(surroundings())
    torch.set_num_threads(1)
    repeats, warm_up = settings["repeats"], settings["warm_up"]
    rows, parts = [], []
    with threadpool_limits(1):
        for task in tasks(settings):
            for name, why in task.left_out.items():
                print(f"{task.name}: {name} is left out: {why}")
            steps = {name: contender.step for name, contender in task.contenders.items()}
            timed = timing_rows(task.name, in_turns(steps, repeats, warm_up))
            print(*map(sentence, timed), sep="\n", flush=True)
            rows += timed
            parts += profile_rows(task.name, next(iter(steps.values())), repeats, warm_up)
    return rows, parts


def surroundings() -> str:
    """Versions, and what else the times depend on."""
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


def tasks(settings: dict) -> Iterator[Task]:
    """The tasks one after the other, so that only one task's contenders are in memory."""
    rows, units, seed = settings["rows"], settings["units"], settings["seed"]
    for activation in ("relu", "sigmoid"):
        yield full_batch(random_problem(rows, units, activation, settings["learning_rate"], seed))
    rng = np.random.default_rng(seed)
    problem = random_problem(rows, units, "relu", settings["adam_learning_rate"], seed)

    def order() -> np.ndarray:
        return rng.permutation(rows)

    yield mini_batch_adam(problem, settings["batch_size"], order)
    yield several_seeds(problem, settings["batch_size"], order, settings["networks"])


def full_batch(problem: Problem) -> Task:
    """One step of gradient descent on all rows, with loss, accuracy and mean absolute gradients recorded."""
    import pytorch_steps
    import sklearn_steps

    contenders = {
        "NumPy blocks float32": FullBatch(problem, "blocks", "float32"),
        "NumPy plain float64": FullBatch(problem, "plain", "float64"),
        "notebook style": Notebook(problem),
        "PyTorch eager float32": pytorch_steps.FullBatch(problem),
    }
    left_out = {}
    try:
        contenders["PyTorch compile float32"] = pytorch_steps.Compiled(problem)
    except pytorch_steps.CannotCompile as error:
        left_out["PyTorch compile float32"] = str(error)
    contenders["scikit-learn float32"] = sklearn_steps.FullBatch(problem)
    contenders[BOUND] = OneProduct(problem)
    return Task(f"full-batch step, {problem.network.activation.name}", contenders, left_out)


def mini_batch_adam(problem: Problem, batch_size: int, order: Callable[[], np.ndarray]) -> Task:
    """One pass of Adam over the rows in the order that `order()` gives."""
    import pytorch_steps
    import sklearn_steps

    contenders = {
        "NumPy blocks float32": MiniBatchAdam(problem, batch_size, order),
        "PyTorch eager float32": pytorch_steps.MiniBatchAdam(problem, batch_size, order, fused=False),
        "PyTorch fused Adam float32": pytorch_steps.MiniBatchAdam(problem, batch_size, order, fused=True),
        "scikit-learn float32": sklearn_steps.MiniBatchAdam(problem, batch_size),
    }
    return Task(f"mini-batch Adam {batch_size}, one pass, {problem.network.activation.name}", contenders, {})


def several_seeds(problem: Problem, batch_size: int, order: Callable[[], np.ndarray], networks: int) -> Task:
    """One pass of Adam for each of several networks: stacked as `train_together` does it, and one after the other."""
    contenders = {
        "NumPy together": MiniBatchAdam(problem, batch_size, order, networks),
        "NumPy one by one": OneByOne(problem, batch_size, order, networks),
    }
    return Task(f"{networks} networks, mini-batch Adam {batch_size}, one pass", contenders, {})


if __name__ == "__main__":
    main()
