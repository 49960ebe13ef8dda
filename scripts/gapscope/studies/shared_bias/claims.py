"""Claims about a shared bias, decided by the runs: is it slower, less stable, worse conditioned?

Both networks start from the same weights, so each seed gives one difference, shared minus independent, and Student's t
over these differences gives the confidence interval. For quantities that span orders of magnitude the differences are
those of their logarithms, and the result is a ratio.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtr, stdtrit  # Student's t: distribution and quantile

NAMES = ("shared", "independent")
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Claim:
    """A claim about the shared bias, and the quantity of a run that is larger if the claim is true."""

    name: str
    statistic: str
    quantity: str
    as_ratio: bool


CLAIMS = (
    Claim("slower", "iterations to a training loss of {level}", "iterations", False),
    Claim("less stable", "iterations in which the training loss rose", "loss_rises", False),
    Claim(
        "smaller learning rates only",
        "largest curvature of the loss at the trained point; gradient descent is "
        "stable up to a learning rate of 2 over it",
        "highest_curvature_end",
        True,
    ),
    Claim("worse conditioned", "condition number of the Hessian at the trained point", "condition_number_end", True),
)


def claims(runs: list[dict], levels: list[float]) -> list[dict]:
    """Decide each claim by the records of all runs; `levels` are those of the training loss in `iterations_to`."""
    level = lowest_common_level(runs, levels)
    place = None if level is None else levels.index(level)
    runs = [{**run, "iterations": None if place is None else run["iterations_to"][place]} for run in runs]
    return [_decided(claim, runs, level) for claim in CLAIMS]


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
    """Mean paired difference, or ratio of geometric means, with its 95 % t interval and two-sided p-value.

    All are None if a value is missing or has no logarithm; interval and p-value are None with a single seed.
    """
    nothing = {"estimate": None, "interval": None, "p_value": None}
    if _mean(shared, as_ratio) is None or _mean(independent, as_ratio) is None:
        return nothing
    pair = np.array([shared, independent], dtype=float)
    differences = np.subtract(*(np.log(pair) if as_ratio else pair))
    back, mean, freedom = _ratio if as_ratio else float, differences.mean(), len(differences) - 1
    if freedom == 0:
        return {**nothing, "estimate": back(mean)}
    error = differences.std(ddof=1) / np.sqrt(len(differences))
    half = stdtrit(freedom, (1 + CONFIDENCE) / 2) * error
    p_value = 2 * stdtr(freedom, -abs(mean) / error) if error > 0 else float(mean == 0)
    return {"estimate": back(mean), "interval": [back(mean - half), back(mean + half)], "p_value": float(p_value)}


def _decided(claim: Claim, runs: list[dict], level: float | None) -> dict:
    shared, independent = ([run[claim.quantity] for run in runs if run["network"] == name] for name in NAMES)
    comparison = paired(shared, independent, claim.as_ratio)
    entry = {
        "claim": claim.name,
        "statistic": claim.statistic.format(level="a level that every run reaches" if level is None else level),
        "comparison": "ratio" if claim.as_ratio else "difference",
        "shared": _mean(shared, claim.as_ratio),
        "independent": _mean(independent, claim.as_ratio),
        **comparison,
        "seeds": len(shared),
        "seeds_for": sum(a > b for a, b in zip(shared, independent) if None not in (a, b)),
        "decision": _decision(comparison["interval"], 1.0 if claim.as_ratio else 0.0),
    }
    return {**entry, "sentence": _sentence(entry)}


def _decision(interval: list[float] | None, no_effect: float) -> str:
    """A claim holds if the whole interval is above `no_effect`; no difference at all counts against it."""
    if interval is None:
        return "undecided"
    if interval[0] > no_effect:
        return "holds"
    identical = interval[0] == interval[1] == no_effect
    return "does not hold" if interval[1] < no_effect or identical else "undecided"


def _sentence(entry: dict) -> str:
    statistic = entry["statistic"][0].upper() + entry["statistic"][1:]
    if entry["estimate"] is None:
        return f"{statistic}: not comparable, since a run lacks this figure."
    text = (
        f"{statistic}: {entry['shared']:.4g} with the shared bias, {entry['independent']:.4g} with two; "
        f"{entry['comparison']} {entry['estimate']:.4g}"
    )
    if entry["interval"] is None:
        return f"{text}, from one seed."
    low, high = entry["interval"]
    return f"{text}, 95 % interval {low:.4g} to {high:.4g}; larger in {entry['seeds_for']} of {entry['seeds']} seeds."


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
