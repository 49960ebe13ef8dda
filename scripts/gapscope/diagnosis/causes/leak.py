"""leak: validation rows are copies of training rows, which the network knows by heart."""

import numpy as np

from gapscope.diagnosis.causes.cause import Cause, CauseKind, Row, matters, part_of
from gapscope.diagnosis.evidence.gather import Evidence, Gathered
from gapscope.diagnosis.evidence.unlabelled import UnlabelledEvidence


def judge(e: Evidence, t: dict) -> list[Cause]:
    """The leak, if validation rows are copies more often than test rows are and than chance makes them, and the
    network knows training rows by heart, so that the copies flatter its validation accuracy.

    Where too few rows are no copies to show that, nothing else may have changed: the copies are then the only
    difference between validation and test rows.
    """
    if e.copied.low <= 0 or e.copied.value < t["copied_rows"]:
        return []
    if matters(e, e.flattery, t) and e.memorised.low > 0:
        return [Cause("leak", (), part_of(e, e.flattery))]
    too_few = np.isnan(e.flattery.value) or e.flattery.high >= t["explained"] * e.test_gap.value
    return [Cause("leak", (), 1.0)] if too_few and nothing_else(e) else []


def nothing_else(e: Evidence) -> bool:
    """Whether class shares, features and their relation are all as before."""
    changed = any(feature.changed for feature in e.features.values())
    return not (e.class_shares_changed or e.joint_drift or changed or e.repairs) and e.unmoved_kept.high >= 1.0


def copies(g: Gathered | UnlabelledEvidence) -> Row:
    """Where test classes are known, the verdict decides."""
    found, labelled = g.copies, isinstance(g, Gathered)
    least, of_test, why = g.case.settings["copied_rows"], "", ""
    if labelled:
        of_test = f" and {found.test.mean():z.1%} of the test rows"
        if found.validation.mean() - found.test.mean() >= least and not found.excess.low > 0:
            why = " Chance, or columns and classes that changed in the test set, explain the difference."
    return Row(
        "validation accuracy owed to copies",
        found.flattery.value,
        f"{found.validation.mean():z.1%} of the validation rows{of_test} are exact copies of training rows.{why}",
        None if labelled else found.leaky(least) and found.flattery.low > 0,
    )


def proof(cause: Cause, e: Evidence) -> str:
    if np.isnan(e.flattery.value):
        return ""
    return f" Without the copies validation accuracy is {e.accuracy['validation'].value - e.flattery.value:z.3f}."


LEAK = CauseKind(
    name="leak",
    hypothesis="training rows copied into validation",
    row=copies,
    place="copies",
    clause="validation rows were copied into the training part, which inflates the validation accuracy",
    proof=proof,
    thresholds=("copied_rows", "least_part"),
    because="remove the copies of training rows from the validation part and judge by its accuracy then",
    remedy={"duplicates": "drop"},
    levers=("duplicates",),
    shown_by="training",
    unlabelled=copies,
    fact=judge,
)
