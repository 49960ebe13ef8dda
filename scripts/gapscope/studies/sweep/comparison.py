"""Comparison of a sweep's points: the winner on held-out rows, the points as good as it, the effect of each setting.

Tables are lists of records with equal keys, without pandas: its import takes longer than a small sweep.
"""

import json

import numpy as np
from scipy.special import stdtrit  # Student's t: quantile

METRICS = ("accuracy", "macro_f1", "log_loss")


def networks_table(results: list[dict], points: list[dict]) -> list[dict]:
    """One record per network: its point and settings, fold, seed, and metrics on the held-out rows."""
    cells = _cells(points)
    return [
        {
            "point": result["number"],
            **cells[result["number"] - 1],
            **{f"validation_{key}" if key in METRICS else key: value for key, value in record.items()},
        }
        for result in results
        for record in result["networks"]
    ]


def ranked(results: list[dict], points: list[dict], confidence: float) -> list[dict]:
    """One record per point, by falling validation accuracy; equal ones by rising cost, then by number.

    Confidence intervals follow Nadeau and Bengio (Machine Learning 52, 2003): over the folds, each with the mean of its
    seeds, or over the seeds if there are no folds. The difference from the winner is paired by fold if both points were
    evaluated on the same rows.
    """
    order = sorted(results, key=lambda result: (-_means(result).mean(), result["gigaflop"], result["number"]))
    rows, cells = [], _cells(points)
    for rank, result in enumerate(order, 1):
        accuracy = _means(result)
        low, high = interval(accuracy, _folds(result), confidence)
        behind, behind_low, behind_high = difference(order[0], result, confidence)
        as_good = "unknown" if behind_low is None else "yes" if behind_low <= 0 else "no"
        rows.append(
            {
                "rank": rank,
                "point": result["number"],
                **cells[result["number"] - 1],
                **{f"validation_{name}": float(_means(result, name).mean()) for name in METRICS},
                "validation_accuracy_sd": float(accuracy.std(ddof=1)) if len(accuracy) > 1 else None,
                "validation_accuracy_low": low,
                "validation_accuracy_high": high,
                "behind_winner": behind,
                "behind_winner_low": behind_low,
                "behind_winner_high": behind_high,
                "as_good_as_winner": "winner" if rank == 1 else as_good,
                "parameters": result["parameters"],
                "gigaflop": result["gigaflop"],
                "networks": len(result["networks"]),
                "diverged": result["diverged"],
                "file": result["file"],
            }
        )
    return rows


def interval(values: np.ndarray, folds: int, confidence: float, less: np.ndarray | None = None) -> tuple:
    """Ends of the confidence interval of the mean of `values` (k,), one per fold, or one per seed if `folds` is 0.

    With `less`, that of the difference of the two means, as of different rows. None where there is a single value.
    """
    if len(values) < 2:
        return None, None
    parts = [values] if less is None else [values, less]
    overlap = 1 / (folds - 1) if folds else 0.0  # of the folds' training rows (the paper's equation 9)
    error = np.sqrt(sum(part.var(ddof=1) * (1 / len(part) + overlap) for part in parts))
    half = stdtrit(len(values) - 1, 0.5 + confidence / 2) * error
    mean = values.mean() - (0.0 if less is None else less.mean())
    return float(mean - half), float(mean + half)


def difference(winner: dict, other: dict, confidence: float) -> tuple[float, float | None, float | None]:
    """How much lower the accuracy of `other` is, with the ends of its confidence interval."""
    first, second, folds = _means(winner), _means(other), _folds(winner)
    paired = winner["held_out"] == other["held_out"]
    ends = interval(first - second, folds, confidence) if paired else interval(first, folds, confidence, second)
    return float(first.mean() - second.mean()), *ends


def luck(results: list[dict]) -> float | None:
    """Estimate how much of the winner's accuracy comes from choosing it; None without folds.

    It is the mean over the folds of the best accuracy in the fold minus the winner's (Tibshirani and Tibshirani,
    Annals of Applied Statistics 3, 2009).
    """
    if not _folds(results[0]):
        return None
    accuracy = np.array([_means(result) for result in results])
    return float((accuracy.max(axis=0) - accuracy[accuracy.mean(axis=1).argmax()]).mean())


def effects(table: list[dict], knobs: list[str]) -> list[dict]:
    """For each value of each setting: number of points, mean and best accuracy, and the setting's share of variance.

    The share is that of a one-way analysis of variance. In a full grid the shares add up to at most 1; the rest is
    interaction between settings.
    """
    accuracy, rows = np.array([row["validation_accuracy"] for row in table]), []
    mean = accuracy.mean()
    total = float(((accuracy - mean) ** 2).sum())
    for knob in knobs:
        groups: dict[str, list[dict]] = {}
        for row in table:
            if row[knob] is not None:
                groups.setdefault(row[knob], []).append(row)
        by_value = {value: np.array([row["validation_accuracy"] for row in group]) for value, group in groups.items()}
        between = sum(len(group) * (group.mean() - mean) ** 2 for group in by_value.values())
        share = float(between / total) if total else 0.0
        for value in sorted(groups, key=lambda value: _order(value, groups[value])):
            group = by_value[value]
            figures = {"points": len(group), "mean_accuracy": float(group.mean()), "best_accuracy": float(group.max())}
            rows.append({"setting": knob, "value": value, **figures, "share": share})
    return rows


def _order(value: str, group: list[dict]) -> tuple[int, float]:
    """Sort key: numbers by size; then other values in the order of their first points."""
    try:
        return 0, float(value)
    except ValueError:
        return 1, min(row["point"] for row in group)


def _cells(points: list[dict]) -> list[dict]:
    """Each point's settings as text, in the form of `sweep.table`; None for those that only other points have."""
    keys = list(dict.fromkeys(key for point in points for key in point))
    texts = [
        {key: value if isinstance(value, str) else json.dumps(value) for key, value in point.items()}
        for point in points
    ]
    return [{key: text.get(key) for key in keys} for text in texts]


def _means(result: dict, metric: str = "accuracy") -> np.ndarray:
    """Mean of a metric in each fold, over the seeds; its value for each seed if there are no folds."""
    unit = "fold" if _folds(result) else "seed"
    groups: dict[int, list[float]] = {}
    for record in result["networks"]:
        groups.setdefault(record[unit], []).append(record[metric])
    return np.array([np.mean(groups[key]) for key in sorted(groups)])


def _folds(result: dict) -> int:
    """Number of folds; 0 for the one split."""
    folds = len({record["fold"] for record in result["networks"]})
    return folds if folds > 1 else 0
