"""Where a step's time goes: every NumPy call of the block form under a clock, by what it is for.

The clock itself takes time (some 0.3 µs a call), which counts as Python's: shares are of steps that it slows a little.
"""

from collections.abc import Callable
from contextlib import ExitStack, contextmanager
from time import perf_counter
from types import ModuleType
from unittest import mock

import numpy as np

from gapscope.network import kernels, stack

PRODUCTS, ACTIVATIONS, LOSS, REST = (
    "products",
    "activations and biases",
    "softmax, loss and accuracy",
    "Python and rest",
)


class Clocked:
    """In NumPy's place within a module: the same functions, whose seconds go to `spent` under what they are for."""

    def __init__(self, spent: dict[str, float], purposes: dict[str, str], otherwise: str):
        self.spent, self.purposes, self.otherwise = spent, purposes, otherwise

    def __getattr__(self, name: str):
        function = getattr(np, name)
        if isinstance(function, (np.ufunc, type(np.take))):
            return ClockedFunction(function, self.spent, self.purposes.get(name, self.otherwise))
        return function


class ClockedFunction:
    def __init__(self, function: Callable, spent: dict[str, float], purpose: str):
        self.function, self.spent, self.purpose = function, spent, purpose

    def __call__(self, *arguments, **more):
        start = perf_counter()
        result = self.function(*arguments, **more)
        self.spent[self.purpose] += perf_counter() - start
        return result

    @property
    def reduce(self) -> "ClockedFunction":
        return ClockedFunction(self.function.reduce, self.spent, LOSS)


@contextmanager
def clocked(spent: dict[str, float]):
    """Within it, the block form's calls are under the clock."""
    own = (stack, {"matmul": PRODUCTS, "add": ACTIVATIONS}, LOSS), (kernels, {}, ACTIVATIONS)
    with ExitStack() as patches:
        for module, purposes, otherwise in own:
            patches.enter_context(_in_place_of_numpy(module, Clocked(spent, purposes, otherwise)))
        yield


def _in_place_of_numpy(module: ModuleType, clock: Clocked):
    return mock.patch.object(module, "np", clock)


def rows(work: str, step: Callable[[], object], repeats: int, warm_up: int) -> list[dict]:
    """The rows of profile.csv for a work of ours: of each part the milliseconds of a mean step, and its share."""
    for _ in range(warm_up):
        step()
    spent = dict.fromkeys((PRODUCTS, ACTIVATIONS, LOSS), 0.0)
    start = perf_counter()
    with clocked(spent):
        for _ in range(repeats):
            step()
    whole = perf_counter() - start
    spent[REST] = whole - sum(spent.values())
    return [
        {"work": work, "part": part, "ms": 1e3 * seconds / repeats, "share": seconds / whole}
        for part, seconds in spent.items()
    ]
