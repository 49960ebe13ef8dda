"""Timing in turns and in CPU time: what else the machine does meets all alike, and nobody's waiting counts."""

from collections.abc import Callable
from statistics import median
from time import process_time


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


def rows(work: str, seconds: dict[str, list[float]]) -> list[dict]:
    """One row of benchmark.csv per contender; `ratio` is its median over the first contender's, which is ours."""
    ours = median(next(iter(seconds.values())))
    return [
        {
            "work": work,
            "contender": name,
            "median_ms": 1e3 * median(taken),
            "ratio": median(taken) / ours,
            "lowest_ms": 1e3 * min(taken),
            "repeats": len(taken),
        }
        for name, taken in seconds.items()
    ]
