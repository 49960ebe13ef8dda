"""The diagnosis where no test classes are known, or where there is no test set: what can be said, and what cannot."""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from gapscope.common.weights import thinned
from gapscope.data.encode import unseen_levels
from gapscope.diagnosis.context import Accuracies, Case, accuracies
from gapscope.diagnosis.estimates import Estimate, Sample
from gapscope.diagnosis.evidence.bins import all_binned, bins_for, is_numeric
from gapscope.diagnosis.evidence.counterfactuals import strata_of
from gapscope.diagnosis.evidence.domain_classifier import Domains, area
from gapscope.diagnosis.evidence.drift import change_alone, drifted
from gapscope.diagnosis.evidence.duplicates import find_copies, repetition
from gapscope.diagnosis.evidence.expected import IfClassesChanged, IfRowsChanged, if_classes_moved, if_rows_moved
from gapscope.diagnosis.evidence.gaps import gap_between
from gapscope.diagnosis.evidence.gather import in_validation
from gapscope.diagnosis.unlabelled_words import NOT_SAID, hypotheses, sentence
from gapscope.network.mlp import probabilities


@dataclass(frozen=True)
class UnlabelledEvidence:
    """What test rows show without their classes, beside known rows (`features`) and validation rows (the rest)."""

    features: dict[str, dict]  # per feature: statistics of its change
    apart: Estimate  # area under the ROC curve of telling validation from test rows by all features
    drifted: tuple[str, ...]  # features that moved by themselves
    if_rows_moved: IfRowsChanged | None
    if_classes_moved: IfClassesChanged


def diagnose_unlabelled(case: Case) -> dict:
    """diagnosis.json's content, with None for what takes classes of test rows, and `without`, what is missing.

    The verdict is `overfitting` or `undecided`: only classes of test rows can show that a gap is there, or is not.
    """
    near = case.sets.validation_sample(case.features, case.settings["rows"], case.rng)
    on, seen = accuracies(case), look(case, near) if case.sets.test is not None else None
    copies, told = find_copies(case, on), in_validation(case, near)
    without = "test set" if seen is None else "test labels"
    kind = "overfitting" if on.train_gap.low >= case.settings["overfitting_gap"] else "undecided"
    records = [feature_record(name, is_numeric(near.table[name]), told[name], seen) for name in case.features]
    return {
        "gap": {
            **{
                part: on.accuracy[part].value if part in on.accuracy else None
                for part in ("train", "validation", "test")
            },
            "confidence": case.confidence,
            "train_validation": gap_between(case, on, "train", "validation", on.train_gap),
            "validation_test": None,
            "majority_test": None,
        },
        "verdict": {
            "kind": kind,
            "without": without,
            "features": [],
            "sentence": sentence(kind, without, on, seen),
            "confidence": confidence(case, on),
            "parts": [],
            "candidates": [],
        },
        "features": sorted(records, key=lambda record: -(record["psi"] or 0.0)),
        "hypotheses": hypotheses(case, on, copies, seen, without),
        "domains": {"y": None, "x": seen.apart.record if seen else None, "xy": None},
        "expected": expected_record(seen) if seen else None,
        "not_said": list(NOT_SAID[without]),
        "rows": {"validation_copied_from_training": float(copies.validation.mean())},
    }


def look(case: Case, near: Sample) -> UnlabelledEvidence:
    """The test rows, at most settings.rows of them, beside as many known ones, and the validation rows `near`."""
    sets, names, settings, c = case.sets, case.features, case.settings, case.confidence
    known = sets.known.take(thinned(len(sets.known), settings["rows"], case.rng, sets.known_weights), names)
    rows = thinned(len(sets.test_table), settings["rows"], case.rng, sets.test.weights)
    test = sets.test_table.take(rows, names)
    repeats = repetition(test, known)
    both = all_binned(known, test, names, bins_for(min(len(known), len(test)), case.n_classes))
    n, m = len(near.y), len(test)
    beside = all_binned(near.table, test, names, bins_for(min(n, m), case.n_classes))
    domains = Domains(beside, np.zeros(n, int), np.zeros(m, int), 1, case.rng)  # one class: none is known
    unseen = unseen_levels(test, list(case.encode.columns))
    features = {
        name: {
            **change_alone(known[name], test[name], one, repeats),
            "area": area(domains.x[name], domains.is_test, c),
            "unknown": sum(unseen.get(name, {}).values()) / m if not is_numeric(known[name]) else None,
            "beyond": float(((test[name] < known[name].min()) | (test[name] > known[name].max())).mean())
            if is_numeric(known[name])
            else None,
            "rows": {"known": len(known), "test": m},
        }
        for name, one in both.items()
    }
    p = probabilities(case.network, near.X), probabilities(case.network, sets.test.X[rows])
    right = (p[0].argmax(axis=1) == near.y).astype(float)
    certainty = np.concatenate([part.max(axis=1) for part in p])
    strata = strata_of([domains.score_x(), certainty], [int(np.clip(min(n, m) // 60, 2, 10)), 3])
    return UnlabelledEvidence(
        features,
        domains.from_x(c),
        tuple(drifted(both, settings["least_shift"], settings["alpha"], repeats)),
        if_rows_moved(right, (strata[:n], strata[n:]), c),
        if_classes_moved(p, near.y, c, settings["resamples"], case.rng),
    )


def confidence(case: Case, on: Accuracies) -> float:
    """How often the training gap, drawn anew within its uncertainty, says the same of overfitting."""
    gap, least = on.train_gap, case.settings["overfitting_gap"]
    z = NormalDist().inv_cdf(0.5 + case.confidence / 2)
    again = [gap.shifted(shift).low >= least for shift in case.rng.standard_normal(case.settings["resamples"]) / z]
    return float(np.mean(np.array(again) == (gap.low >= least)))


def feature_record(name: str, numeric: bool, told: Estimate, seen: UnlabelledEvidence | None) -> dict:
    own = seen.features[name] if seen else {}
    return {
        "feature": name,
        "kind": "numeric" if numeric else "categorical",
        **{key: own.get(key) for key in ("psi", "distance", "wasserstein", "p", "unknown", "beyond", "rows")},
        "area": own["area"].record if seen else None,
        "moved": name in seen.drifted if seen else None,
        "information_validation": told.value,
        "information_validation_interval": [told.low, told.high],
        "gap_share": None,
    }


def expected_record(seen: UnlabelledEvidence) -> dict:
    """What accuracy and which class shares to expect of the test set, if one thing alone has changed."""
    rows, classes = seen.if_rows_moved, seen.if_classes_moved
    return {
        "if_rows_moved": {
            "accuracy": rows.accuracy.record,
            "effective_rows": rows.effective_rows,
            "without_validation_rows_like_them": rows.apart,
        }
        if rows
        else None,
        "if_classes_moved": {
            "accuracy": classes.accuracy.record,
            "shares": [share.record for share in classes.shares],
        },
    }
