"""The diagnosis where test classes are not known, or where there is no test set: what can be said, and what cannot."""

from statistics import NormalDist

import numpy as np

from gapscope.diagnosis.context import Case, gap_between
from gapscope.diagnosis.evidence.unlabelled import UnlabelledEvidence, gather_unlabelled
from gapscope.diagnosis.words import NOT_SAID, unlabelled_hypotheses, unlabelled_sentence


def diagnose_unlabelled(case: Case) -> dict:
    """diagnosis.json's content, with None for what takes classes of test rows, and `without`, what is missing.

    The verdict is `overfitting` or `undecided`: only classes of test rows can show whether there is a gap.
    """
    u = gather_unlabelled(case)
    overfitted = case.network.can_predict and u.on.train_gap.low >= case.settings["overfitting_gap"]
    kind = "overfitting" if overfitted else "undecided"
    accuracies = {name: u.on.accuracy[name].value for name in ("train", "validation")}
    return {
        "gap": {
            **accuracies,
            "test": None,
            "confidence": case.confidence,
            "train_validation": gap_between(case, u.on, "train", "validation"),
            "validation_test": None,
            "majority_test": None,
        },
        "verdict": {
            "kind": kind,
            "without": u.without,
            "features": [],
            "sentence": unlabelled_sentence(kind, u),
            "confidence": confidence(u, overfitted),
            "parts": [],
            "candidates": [],
        },
        "features": sorted((feature_record(name, u) for name in case.features), key=lambda one: -(one["psi"] or 0.0)),
        "picture": None,
        "hypotheses": unlabelled_hypotheses(u),
        "domains": {"y": None, "x": u.rows.apart.record if u.rows else None, "xy": None},
        "expected": u.rows and u.rows.expected,
        "not_said": list(NOT_SAID[u.without]),
        "rows": {"validation_copied_from_training": float(u.copies.validation.mean())},
    }


def confidence(u: UnlabelledEvidence, overfitted: bool) -> float:
    """Share of redraws of the training gap, within its confidence interval, that say the same of overfitting."""
    case = u.case
    z = NormalDist().inv_cdf(0.5 + case.confidence / 2)
    steps = case.rng.standard_normal(case.settings["resamples"]) / z
    again = [u.on.train_gap.shifted(step).low >= case.settings["overfitting_gap"] for step in steps]
    return float(np.mean(np.array(again) == overfitted))


CHANGE = ("shares", "psi", "distance", "wasserstein", "p", "unknown", "beyond", "rows")


def feature_record(name: str, u: UnlabelledEvidence) -> dict:
    statistics = u.rows.features[name] if u.rows else {}
    information = u.in_validation[name]
    return {
        "feature": name,
        "kind": "numeric" if u.numeric[name] else "categorical",
        **{key: statistics.get(key) for key in CHANGE},
        "area": statistics["area"].record if u.rows else None,
        "moved": name in u.rows.drifted if u.rows else None,
        "information_validation": information.value,
        "information_validation_interval": [information.low, information.high],
        "gap_share": None,
    }
