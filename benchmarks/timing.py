"""Times steps in CPU seconds, and the NumPy calls inside a step by their purpose.

Contenders take turns, so that other load on the machine affects all of them alike.
"""

from collections.abc import Callable
from statistics import median
from time import perf_counter, process_time
from unittest import mock

import numpy as np

from gapscope.network import activations, core

PRODUCTS, ACTIVATIONS = "products", "activations and biases"
LOSS, REST = "softmax, loss and accuracy", "Python and rest"


def in_turns(steps: dict[str, Callable[[], object]], repeats: int, warm_up: int) -> dict[str, list[float]]:
    """CPU seconds of each contender's steps, `repeats` of each in the order A B C A B C ...

    The first `warm_up` rounds do not count.
    """
    seconds: dict[str, list[float]] = {name: [] for name in steps}
    for turn in range(warm_up + repeats):
        for name, step in steps.items():
            start = process_time()
            step()
            taken = process_time() - start
            if turn >= warm_up:
                seconds[name].append(taken)
    return seconds


def timing_rows(task: str, seconds: dict[str, list[float]]) -> list[dict]:
    """One row of benchmark.csv per contender; `ratio` is its median over the first contender's, which is ours."""
    ours = median(next(iter(seconds.values())))
    return [
        {
            "work": task,
            "contender": name,
            "median_ms": 1e3 * median(taken),
            "ratio": median(taken) / ours,
            "lowest_ms": 1e3 * min(taken),
            "repeats": len(taken),
        }
        for name, taken in seconds.items()
    ]


def profile_rows(task: str, step: Callable[[], object], repeats: int, warm_up: int) -> list[dict]:
    """One row of profile.csv per purpose of a NumPy call: milliseconds of a mean step, and their share.

    The clock takes some 0.3 µs a call, which counts as Python's: the step is a little slower than without it.
    """
    for _ in range(warm_up):
        step()
    spent = dict.fromkeys((PRODUCTS, ACTIVATIONS, LOSS), 0.0)
    of_core = ClockedNumPy(spent, {"matmul": PRODUCTS, "add": ACTIVATIONS}, LOSS)
    of_activations = ClockedNumPy(spent, {}, ACTIVATIONS)
    start = perf_counter()
    with mock.patch.object(core, "np", of_core), mock.patch.object(activations, "np", of_activations):
        for _ in range(repeats):
            step()
    whole = perf_counter() - start
    spent[REST] = whole - sum(spent.values())
    return [
        {"work": task, "part": purpose, "ms": 1e3 * seconds / repeats, "share": seconds / whole}
        for purpose, seconds in spent.items()
    ]


class ClockedNumPy:
    """Stands for NumPy in a module: the same functions, each under a clock; `spent` has their seconds by purpose."""

    def __init__(self, spent: dict[str, float], purposes: dict[str, str], default: str):
        self.spent, self.purposes, self.default = spent, purposes, default

    def __getattr__(self, name: str):
        function = getattr(np, name)
        if isinstance(function, (np.ufunc, type(np.take))):
            return ClockedFunction(function, self.spent, self.purposes.get(name, self.default))
        return function


class ClockedFunction:
    def __init__(self, function: Callable, spent: dict[str, float], purpose: str):
        self.function, self.spent, self.purpose = function, spent, purpose

    def __call__(self, *arguments, **options):
        start = perf_counter()
        result = self.function(*arguments, **options)
        self.spent[self.purpose] += perf_counter() - start
        return result

    @property
    def reduce(self) -> "ClockedFunction":
        return ClockedFunction(self.function.reduce, self.spent, LOSS)
