"""Claims about a shared bias, decided by the runs: is it slower, less stable, worse conditioned?

Both networks start from the same weights, so each seed gives one difference, shared minus independent, and Student's t
over these differences gives the confidence interval. For quantities that span orders of magnitude the differences are
those of their logarithms, and the result is a ratio.
"""

import numpy as np
from scipy.special import stdtrit  # Student's t: quantile

NAMES = ("shared", "independent")
CONFIDENCE = 0.95


CLAIMS = (  # name, the quantity of a run that is larger if the claim is true, the same in words, whether as a ratio
    ("slower", "iterations", "iterations to a training loss of {level}", False),
    ("less stable", "loss_rises", "iterations in which the training loss rose", False),
    (
        "smaller learning rates only",
        "highest_curvature_end",
        "largest curvature of the loss at the trained point; gradient descent is stable up to a learning rate of 2 "
        "over it",
        True,
    ),
    ("worse conditioned", "condition_number_end", "condition number of the Hessian at the trained point", True),
)


def claims(runs: list[dict], levels: list[float]) -> list[dict]:
    """Decide each claim by the records of all runs; `levels` are those of the training loss in `iterations_to`."""
    level, decided = lowest_common_level(runs, levels), []
    place = None if level is None else levels.index(level)
    runs = [{**run, "iterations": None if place is None else run["iterations_to"][place]} for run in runs]
    for name, quantity, statistic, as_ratio in CLAIMS:
        shared, independent = ([run[quantity] for run in runs if run["network"] == network] for network in NAMES)
        comparison = paired(shared, independent, as_ratio)
        decided.append(
            {
                "claim": name,
                "statistic": statistic.format(level="a level that every run reaches" if level is None else level),
                "comparison": "ratio" if as_ratio else "difference",
                "shared": _mean(shared, as_ratio),
                "independent": _mean(independent, as_ratio),
                **comparison,
                "seeds": len(shared),
                "seeds_for": sum(a > b for a, b in zip(shared, independent) if None not in (a, b)),
                "decision": _decision(comparison["interval"], 1.0 if as_ratio else 0.0),
            }
        )
    return decided


def lowest_common_level(runs: list[dict], levels: list[float]) -> float | None:
    """The lowest loss level that every run reached: all runs compare over the longest stretch of training."""
    by_level = zip(levels, zip(*(run["iterations_to"] for run in runs)))
    return min((level for level, iterations in by_level if None not in iterations), default=None)


def compare(runs: list[dict], levels: list[float]) -> dict:
    """Mean, standard deviation and median over the seeds of every quantity, and iterations to each loss level."""
    by_network = {name: [run for run in runs if run["network"] == name] for name in NAMES}
    quantities = [name for name in runs[0] if name not in ("network", "seed", "iterations_to")]
    networks = {
        name: {quantity: _spread([run[quantity] for run in group]) for quantity in quantities}
        for name, group in by_network.items()
    }
    rows = []
    for place, level in enumerate(levels):
        needed = {name: [run["iterations_to"][place] for run in group] for name, group in by_network.items()}
        rows.append({"level": level, **needed, **paired(*needed.values(), False)})
    return {"networks": networks, "levels": rows}


def paired(shared: list, independent: list, as_ratio: bool) -> dict:
    """Mean paired difference, or ratio of geometric means, with its 95 % t interval.

    Both are None if a value is missing or has no logarithm; the interval is None with a single seed.
    """
    if _mean(shared, as_ratio) is None or _mean(independent, as_ratio) is None:
        return {"estimate": None, "interval": None}
    pair = np.array([shared, independent], dtype=float)
    differences = np.subtract(*(np.log(pair) if as_ratio else pair))
    back, mean, freedom = _ratio if as_ratio else float, differences.mean(), len(differences) - 1
    if freedom == 0:
        return {"estimate": back(mean), "interval": None}
    half = stdtrit(freedom, (1 + CONFIDENCE) / 2) * differences.std(ddof=1) / np.sqrt(len(differences))
    return {"estimate": back(mean), "interval": [back(mean - half), back(mean + half)]}


def _decision(interval: list[float] | None, no_effect: float) -> str:
    """A claim holds if the whole interval is above `no_effect`; no difference at all counts against it."""
    if interval is None:
        return "undecided"
    if interval[0] > no_effect:
        return "holds"
    identical = interval[0] == interval[1] == no_effect
    return "does not hold" if interval[1] < no_effect or identical else "undecided"


def _mean(values: list, as_ratio: bool) -> float | None:
    """Mean, or geometric mean for ratios; None if a value is missing or has no logarithm."""
    if None in values or (as_ratio and min(values) <= 0):
        return None
    return float(np.exp(np.log(values).mean()) if as_ratio else np.mean(values))


def _ratio(logarithm: float) -> float:
    """exp, kept finite for JSON: two seeds can give an interval wider than any floating-point number."""
    return float(np.exp(np.clip(logarithm, -700.0, 700.0)))


def _spread(values: list) -> dict:
    if None in values:
        return {"mean": None, "sd": None, "median": None}
    sd = float(np.std(values, ddof=1)) if len(values) > 1 else None
    return {"mean": float(np.mean(values)), "sd": sd, "median": float(np.median(values))}
