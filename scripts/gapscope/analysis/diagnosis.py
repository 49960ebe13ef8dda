"""The diagnosis: evidence gathered from one trained network and three sets of rows, and the verdict on it."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from gapscope.analysis.counterfactual import Swap, label_part, shapley
from gapscope.analysis.evaluation import difference_interval, evaluate
from gapscope.analysis.shift import binned, feature_shift, information
from gapscope.analysis.verdict import Evidence, hypotheses, sentence, verdict
from gapscope.network.mlp import Ensemble, Network
from gapscope.network.steps import Part


@dataclass(frozen=True)
class Sets:
    """Scaled matrices with class codes, and the cleaned tables of validation and test, row by row the same."""

    train: Part
    validation: Part
    test: Part
    validation_table: pd.DataFrame
    test_table: pd.DataFrame


def diagnose(
    network: Network | Ensemble, sets: Sets, groups: dict[str, np.ndarray], target: str, settings: dict, other: dict
) -> dict:
    """diagnosis.json's content. `groups` maps a feature to its columns; `other` holds counts from earlier stages."""
    rng = np.random.default_rng(settings["seed"])
    n_classes = network.units[-1]
    results = {
        part: evaluate(network, rows.X, rows.y, settings["confidence"])
        for part, rows in (("train", sets.train), ("validation", sets.validation), ("test", sets.test))
    }
    columns = list(groups.values())
    repair = Swap(network, sets.test, sets.validation, columns, settings["draws"], rng)
    broken = Swap(network, sets.validation, sets.test, columns, settings["draws"], rng)
    by_row = shapley(repair, rng)
    validation_right = broken.right(frozenset())
    features = []
    for place, name in enumerate(groups):
        features.append(
            {
                **feature_shift(sets.validation_table, sets.test_table, name, target, n_classes),
                "gap_share": float(by_row[:, place].mean()),
                "gap_share_error": float(by_row[:, place].std() / np.sqrt(len(by_row))),
                "repaired_accuracy": repair.accuracy(frozenset([place])),
                "broken_accuracy": broken.accuracy(frozenset([place])),
            }
        )
    evidence = Evidence(
        *(results[part]["accuracy"] for part in ("train", "validation", "test")),
        difference_interval(results["train"], results["validation"]),
        difference_interval(results["validation"], results["test"]),
        label_part(validation_right, sets.validation.y, sets.test.y, n_classes),
        {record["feature"]: record["gap_share"] for record in features},
        {record["feature"]: (record["information_validation"], record["information_test"]) for record in features},
    )
    rule = settings["lost_information"], settings["blamed_share"]
    kind, blamed = verdict(evidence, *rule)
    confidence = stability(
        evidence, by_row, repair.right(frozenset()), sets, target, n_classes, settings, (kind, blamed), rng
    )
    return {
        "gap": {
            "train": evidence.train,
            "validation": evidence.validation,
            "test": evidence.test,
            "confidence": settings["confidence"],
            "train_validation": _interval(evidence.train_gap),
            "validation_test": _interval(evidence.test_gap),
            "label_part": evidence.label_part,
            "repaired_all": repair.accuracy(frozenset(range(len(groups)))),
            "majority_test": results["test"]["majority_accuracy"],
        },
        "verdict": {
            "kind": kind,
            "features": blamed,
            "sentence": sentence(kind, blamed, evidence, target),
            "confidence": confidence,
        },
        "features": sorted(features, key=lambda record: -record["gap_share"]),
        "hypotheses": hypotheses(evidence, *rule, other),
    }


def _interval(gap: tuple[float, float, float]) -> dict:
    return dict(zip(("difference", "low", "high"), gap))


def stability(
    evidence: Evidence,
    by_row: np.ndarray,
    test_right: np.ndarray,
    sets: Sets,
    target: str,
    n_classes: int,
    settings: dict,
    found: tuple[str, list[str]],
    rng: np.random.Generator,
) -> float:
    """Share of bootstrap resamples of the test rows in which the rule comes to the same verdict and features."""
    names = list(evidence.shares)
    bins = {name: binned(sets.validation_table[name], sets.test_table[name]) for name in names}
    half_width = evidence.test_gap[0] - evidence.test_gap[1]
    same = 0
    for _ in range(settings["resamples"]):
        rows = rng.integers(len(test_right), size=len(test_right))
        test = float(test_right[rows].mean())
        gap = evidence.validation - test
        again = Evidence(
            evidence.train,
            evidence.validation,
            test,
            evidence.train_gap,
            (gap, gap - half_width, gap + half_width),
            evidence.label_part,
            dict(zip(names, by_row[rows].mean(axis=0).tolist())),
            {
                name: (
                    evidence.information[name][0],
                    information(bins[name].other[rows], sets.test.y[rows], bins[name].bins, n_classes),
                )
                for name in names
            },
        )
        same += verdict(again, settings["lost_information"], settings["blamed_share"]) == found
    return same / settings["resamples"]
