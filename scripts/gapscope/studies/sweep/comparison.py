"""A sweep's points beside each other: the winner by validation, which others are as good, what each setting does.

Tables are lists of records of equal keys, without pandas: its start takes longer than the rest of small sweeps.
"""

import json

import numpy as np
from scipy.special import stdtrit  # Student's t: quantile

FIGURES = ("accuracy", "macro_f1", "log_loss")


def networks_table(results: list[dict], points: list[dict]) -> list[dict]:
    """One record per network: point, its settings, fold, seed, and its figures on the rows held out."""
    cells = _cells(points)
    return [
        {"point": result["number"], **cells[result["number"] - 1], **renamed(record)}
        for result in results
        for record in result["networks"]
    ]


def ranked(results: list[dict], points: list[dict], confidence: float) -> list[dict]:
    """One record per point, the best validation accuracy first; of equal ones the cheaper, then the earlier.

    Intervals are those of Nadeau and Bengio (Machine Learning 52, 2003) over the folds, whose figures are means over
    the seeds; without folds they are of the seeds alone. The difference from the winner is paired by fold where both
    were judged on the same rows.
    """
    order = sorted(results, key=lambda one: (-_means(one).mean(), one["gigaflop"], one["number"]))
    rows, cells = [], _cells(points)
    for rank, result in enumerate(order, 1):
        own = _means(result)
        low, high = interval(own, _is_cut(result), confidence)
        behind = difference(order[0], result, confidence)
        rows.append(
            {
                "rank": rank,
                "point": result["number"],
                **cells[result["number"] - 1],
                **{f"validation_{name}": float(_means(result, name).mean()) for name in FIGURES},
                "validation_accuracy_sd": float(own.std(ddof=1)) if len(own) > 1 else None,
                "validation_accuracy_low": low,
                "validation_accuracy_high": high,
                "behind_winner": behind[0],
                "behind_winner_low": behind[1],
                "behind_winner_high": behind[2],
                "as_good_as_winner": _as_good(rank, behind),
                "parameters": result["parameters"],
                "gigaflop": result["gigaflop"],
                "networks": len(result["networks"]),
                "diverged": result["diverged"],
                "file": result["file"],
            }
        )
    return rows


def interval(units: np.ndarray, folds: int, confidence: float) -> tuple[float | None, float | None]:
    """Of the mean of `units` (k,), figures of the folds; None for a single one. folds: 0 where they are of seeds."""
    if len(units) < 2:
        return None, None
    half = stdtrit(len(units) - 1, 0.5 + confidence / 2) * np.sqrt(_variance_of_mean(units, folds))
    return float(units.mean() - half), float(units.mean() + half)


def difference(winner: dict, other: dict, confidence: float) -> tuple[float, float | None, float | None]:
    """How much less accurate `other` is, with its interval."""
    first, second = _means(winner), _means(other)
    behind = float(first.mean() - second.mean())
    if len(first) < 2:
        return behind, None, None
    folds = _is_cut(winner)
    if winner["held_out"] == other["held_out"]:
        variance = _variance_of_mean(first - second, folds)
    else:
        variance = _variance_of_mean(first, folds) + _variance_of_mean(second, folds)
    half = float(stdtrit(len(first) - 1, 0.5 + confidence / 2) * np.sqrt(variance))
    return behind, behind - half, behind + half


def luck(results: list[dict]) -> float | None:
    """How much of the winner's accuracy comes from having been chosen, as an estimate; None without folds.

    The mean over the folds of the best accuracy there less that of the winner there (Tibshirani and Tibshirani, Annals
    of Applied Statistics 3, 2009).
    """
    each = np.array([_means(result) for result in results])
    if not _is_cut(results[0]):
        return None
    return float((each.max(axis=0) - each[each.mean(axis=1).argmax()]).mean())


def effects(table: list[dict], knobs: list[str]) -> list[dict]:
    """Per setting and value: points, mean and best accuracy; and the share of the points' variance it accounts for.

    The share is that of a one-way analysis of variance: in a full grid those of several settings add up to at most 1,
    and what is missing lies in settings that depend on each other.
    """
    accuracy, rows = np.array([row["validation_accuracy"] for row in table]), []
    mean = accuracy.mean()
    total = float(((accuracy - mean) ** 2).sum())
    for knob in knobs:
        groups: dict[str, list[dict]] = {}
        for row in table:
            if row[knob] is not None:
                groups.setdefault(row[knob], []).append(row)
        first = {value: min(row["point"] for row in own) for value, own in groups.items()}
        found = {value: np.array([row["validation_accuracy"] for row in own]) for value, own in groups.items()}
        between = sum(len(own) * (own.mean() - mean) ** 2 for own in found.values())
        for value in sorted(found, key=lambda value: _in_order(value, first)):
            own = found[value]
            figures = {"points": len(own), "mean_accuracy": float(own.mean()), "best_accuracy": float(own.max())}
            rows.append({"setting": knob, "value": value, **figures, "share": float(between / total) if total else 0.0})
    return rows


def cell(value) -> str:
    """A value as sweep.table takes it."""
    return value if isinstance(value, str) else json.dumps(value)


def renamed(record: dict) -> dict:
    return {f"validation_{key}" if key in FIGURES else key: value for key, value in record.items()}


def _cells(points: list[dict]) -> list[dict]:
    """Each point's settings as texts; None for those that only other points have."""
    keys = list(dict.fromkeys(key for point in points for key in point))
    return [{key: cell(point[key]) if key in point else None for key in keys} for point in points]


def _in_order(value: str, first: dict[str, int]) -> tuple:
    """Numbers by size; after them other values, in the order of the points that have them first."""
    try:
        return 0, float(value)
    except ValueError:
        return 1, first[value]


def _means(result: dict, name: str = "accuracy") -> np.ndarray:
    """The figure of each fold, over the seeds; of each seed, if there is but one fold."""
    records = result["networks"]
    by = "fold" if _is_cut(result) else "seed"
    units = sorted({record[by] for record in records})
    return np.array([np.mean([record[name] for record in records if record[by] == unit]) for unit in units])


def _is_cut(result: dict) -> int:
    """Number of folds; 0 if there is but one part to judge by."""
    folds = len({record["fold"] for record in result["networks"]})
    return folds if folds > 1 else 0


def _variance_of_mean(units: np.ndarray, folds: int) -> float:
    """The training parts of folds overlap: 1 / k alone would be too small (Nadeau and Bengio, equation 9)."""
    return float(units.var(ddof=1) * (1 / len(units) + (1 / (folds - 1) if folds else 0.0)))


def _as_good(rank: int, behind: tuple) -> str:
    if rank == 1:
        return "winner"
    return "unknown" if behind[1] is None else "yes" if behind[1] <= 0 else "no"
