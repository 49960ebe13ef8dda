"""Compare the remedies: means and deviations over seeds, and the change from the baseline."""

import numpy as np

from gapscope.common.weights import thinned, variance_of_mean
from gapscope.config.settings import ALONE, RECOMMENDED
from gapscope.evaluation.metrics import difference_interval
from gapscope.remedies.recommendation import addresses, because, words

FIGURES = ("validation_accuracy", "test_accuracy", "test_macro_f1", "cross_validated_accuracy")
BASELINE = "baseline"


def judged_rows(number: int, limit: int, seed: int) -> np.ndarray:
    """At most `limit` random test rows, on which remedies and the ceiling are evaluated."""
    return thinned(number, limit, np.random.default_rng([seed, 2]))


def comparison(
    trials: list[tuple[dict, np.ndarray]],
    verdict: dict,
    confidence: float,
    weights: np.ndarray | None = None,
    train: dict | None = None,
) -> list[dict]:
    """The rows of mitigations.csv, one per remedy that was tried.

    Remedies are compared with the baseline. The one that follows from the verdict is compared with its change of
    training alone, if it has one, so that the difference shows the effect of the remedy. It is recommended if it helps.

    `trials` has for each remedy, baseline included, its record (`mitigation`, `change`, and the lists FIGURES) and the
    share of seeds that classify each test row correctly (n_test,), both empty without test classes. `train` are changed
    training settings of all remedies.
    """
    by_name, rows = {trial[0]["mitigation"]: trial for trial in trials}, []
    for name, trial in by_name.items():
        record, against = trial[0], ALONE if name == RECOMMENDED and ALONE in by_name else BASELINE
        change = change_against(trial, by_name[against], confidence, weights)
        row = {
            "mitigation": name,
            **{figure: _mean(record[figure]) for figure in FIGURES},
            **{f"{figure}_sd": _deviation(record[figure]) for figure in FIGURES},
            **dict(zip(("test_change", "test_change_low", "test_change_high"), change)),
            "against": "" if name == BASELINE else against,
            "remedy": words({"train": train or {}} if name == BASELINE else record["change"]),
            "addresses_cause": addresses(record["change"], verdict),
            "recommended": "yes" if name == RECOMMENDED and helps(record["change"], change[1]) else "no",
            "dropped": ", ".join(record["change"].get("drop", [])),
            "seeds": len(record["validation_accuracy"]),
            "folds": len(record["cross_validated_accuracy"]),
            "diverged": record["diverged"],
        }
        rows.append(row)
    return rows


def helps(change: dict, low: float) -> bool:
    """Whether test accuracy surely rises with the remedy, by the `low` end of its change (NaN without test classes).
    What leaves out copies changes the rows that judge, not the accuracy."""
    return not low <= 0 or change == {"duplicates": "drop"}


def change_against(
    trial: tuple[dict, np.ndarray], other: tuple[dict, np.ndarray], confidence: float, weights: np.ndarray | None = None
) -> tuple[float, float, float]:
    """Difference of mean test accuracies of two remedies, with its interval: change, low, high.

    The variance has two parts: the sampling of test rows, which are paired because both remedies classify the same
    rows, and the choice of seeds, which is left out for a remedy with a single seed.
    """
    (record, right), (other_record, other_right) = trial, other
    if not record["test_accuracy"]:
        return float("nan"), float("nan"), float("nan")
    if record is other_record:
        return 0.0, 0.0, 0.0
    difference = right - other_right
    by_seed = [np.array(accuracies) for accuracies in (record["test_accuracy"], other_record["test_accuracy"])]
    seeds = sum(variance_of_mean(accuracies, None) for accuracies in by_seed if len(accuracies) > 1)
    return difference_interval(difference, weights, confidence, added=seeds)


def _mean(values: list[float]) -> float:
    return float(np.mean(values)) if values else float("nan")


def _deviation(values: list[float]) -> float:
    """Sample standard deviation; NaN for fewer than two values."""
    return float(np.std(values, ddof=1)) if len(values) > 1 else float("nan")


def summary(records: list[dict], rows: list[dict], diagnosis: dict, ceiling: list[float] | None) -> dict:
    """Content of the stage's JSON file: the recommendation and its reason, remedies not tried, and the ceiling.

    `rows` are those of `comparison`. `not_recommended` says why what follows from the verdict is not recommended.
    `ceiling` has an accuracy per fold; it is None if the test classes are unknown, and empty if the test rows cannot be
    split into folds. The result has a `sample` with the numbers of rows if not all rows were used.
    """
    recommended = next(record for record in records if record["mitigation"] == RECOMMENDED)
    row, reason = next((row for row in rows if row["mitigation"] == RECOMMENDED), {}), recommended.get("untried")
    if row and row["recommended"] == "no":
        reason = (
            f"test accuracy does not surely rise with what follows from the verdict ({because(diagnosis['verdict'])}): "
            f"{row['test_change']:+z.3f} (interval {row['test_change_low']:+z.3f} to {row['test_change_high']:+z.3f})"
        )
    return {
        **({"sample": recommended["sample"]} if "sample" in recommended else {}),
        "recommended": None if reason else row["remedy"],
        "not_recommended": reason,
        "because": because(diagnosis["verdict"]),
        "untried": {record["mitigation"]: record["untried"] for record in records if "untried" in record},
        "ceiling": {"accuracy": _mean(ceiling), "sd": _deviation(ceiling), "folds": len(ceiling)} if ceiling else None,
        "majority": diagnosis["gap"]["majority_test"],
    }
