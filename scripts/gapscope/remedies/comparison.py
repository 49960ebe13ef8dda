"""The remedies beside each other: means and deviations over seeds, and the change against the baseline."""

from statistics import NormalDist

import numpy as np

from gapscope.common.weights import mean as mean_of_rows
from gapscope.common.weights import variance_of_mean
from gapscope.remedies.recommendation import addresses, because, words

FIGURES = ("validation_accuracy", "test_accuracy", "test_macro_f1", "cross_validated_accuracy")
BASELINE, RECOMMENDED = "baseline", "recommended"


def comparison(
    tried: list[tuple[dict, np.ndarray]], verdict: dict, confidence: float, weights: np.ndarray | None = None
) -> list[dict]:
    """mitigations.csv: a record per remedy that was tried.

    Args:
        tried: each remedy's record (`mitigation`, `change`, and FIGURES as lists) and for each test row the share of
            seeds that classify it right; the baseline among them. Without test classes, test figures are lists of none.
        verdict: diagnosis.json's; it decides which remedies address the cause. weights: of the test rows.
    """
    baseline = next(one for one in tried if one[0]["mitigation"] == BASELINE)
    rows = []
    for record, right in tried:
        row = {"mitigation": record["mitigation"]}
        row |= {name: mean(record[name]) for name in FIGURES}
        row |= {f"{name}_sd": deviation(record[name]) for name in FIGURES}
        row |= dict(zip(CHANGE, change_against((record, right), baseline, confidence, weights)))
        row |= {
            "remedy": words(record["change"]),
            "addresses_cause": addresses(record["change"], verdict),
            "recommended": "yes" if record["mitigation"] == RECOMMENDED else "no",
            "dropped": ", ".join(record["change"].get("drop", [])),
            "seeds": len(record["validation_accuracy"]),
            "folds": len(record["cross_validated_accuracy"]),
            "diverged": record["diverged"],
        }
        rows.append(row)
    return rows


CHANGE = ("test_change", "test_change_low", "test_change_high")


def change_against(
    one: tuple[dict, np.ndarray], other: tuple[dict, np.ndarray], confidence: float, weights: np.ndarray | None = None
) -> tuple:
    """Mean test accuracy of one remedy less another's, with a normal interval: (change, low, high).

    Two things vary: which rows the test set holds (both remedies classify the same ones, so rows are paired) and which
    seeds are drawn. Their variances are added; the second is left out for a remedy with a single seed.
    """
    (first, right), (second, baseline_right) = one, other
    if not first["test_accuracy"]:
        return float("nan"), float("nan"), float("nan")
    if first is second:
        return 0.0, 0.0, 0.0
    difference = right - baseline_right
    variance = variance_of_mean(difference, weights)
    variance += sum(seeds_variance(record["test_accuracy"]) for record in (first, second))
    half = NormalDist().inv_cdf(0.5 + confidence / 2) * float(np.sqrt(variance))
    change = mean_of_rows(difference, weights)
    return change, change - half, change + half


def seeds_variance(values: list[float]) -> float:
    """Variance of a mean over seeds; 0 for a single one."""
    return float(np.var(values, ddof=1)) / len(values) if len(values) > 1 else 0.0


def mean(values: list[float]) -> float:
    return float(np.mean(values)) if values else float("nan")


def deviation(values: list[float]) -> float:
    """Standard deviation of a sample; NaN for fewer than two values."""
    return float(np.std(values, ddof=1)) if len(values) > 1 else float("nan")


def summary(records: list[dict], diagnosis: dict, ceiling: list[float] | None) -> dict:
    """What the table does not say: what is recommended and why, what was not tried and why, and the ceiling; `sample`,
    on how many rows of each part, if not on all.

    `ceiling` is None where the test set's classes are not known.
    """
    following = next(record for record in records if record["mitigation"] == RECOMMENDED)
    return {
        **({"sample": following["sample"]} if "sample" in following else {}),
        "recommended": words(following["change"]) if "change" in following else None,
        "because": because(diagnosis["verdict"]),
        "untried": {record["mitigation"]: record["untried"] for record in records if "untried" in record},
        "ceiling": {"accuracy": mean(ceiling), "sd": deviation(ceiling), "folds": len(ceiling)} if ceiling else None,
        "majority": diagnosis["gap"]["majority_test"],
    }
