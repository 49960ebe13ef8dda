"""no_gap, overfitting, harmless_shift: the verdicts where no gap between validation and test has to be explained."""

from dataclasses import replace

import numpy as np

from gapscope.diagnosis.causes.cause import CauseKind, Row, moved, real
from gapscope.diagnosis.estimates import Estimate
from gapscope.diagnosis.evidence.gather import Evidence, Gathered
from gapscope.diagnosis.evidence.unlabelled import UnlabelledEvidence
from gapscope.diagnosis.picture import distribution


def lost(e: Evidence, t: dict) -> bool:
    """Whether accuracy is surely lost: validation and test accuracy differ, or the same test rows say so repaired."""
    return any(real(estimate, t) for estimate in (e.test_gap, *e.paired))


def may_matter(loss: Estimate, t: dict) -> bool:
    """Whether this may cost as much as matters, though not surely."""
    return loss.value > 0 and loss.high >= t["most_harm"]


def judge(e: Evidence, t: dict) -> tuple[str, tuple[str, ...]]:
    """The kind, and the features that drifted without harm."""
    if e.train_gap.low >= t["overfitting_gap"]:
        return OVERFITTING.name, ()
    return (HARMLESS_SHIFT.name, e.drifted) if e.drifted else (NO_GAP.name, ())


def sampling_noise(g: Gathered) -> Row:
    gap = g.evidence.test_gap
    return Row(
        "lower end of the interval of validation - test accuracy",
        gap.low,
        f"The gap is {gap.value:z.3f}, with an interval from {gap.low:z.3f} to {gap.high:z.3f}.",
        not real(gap, g.case.settings),
    )


def train_gap(g: Gathered | UnlabelledEvidence) -> Row:
    gap, statistic = g.on.train_gap, "training - validation accuracy"
    if not g.case.network.can_predict:
        why = "Needs the model: its predictions for training rows are from folds without these rows."
        return Row(statistic, np.nan, why, needs_model=True)
    return Row(
        statistic,
        gap.value,
        f"Training and validation accuracy differ by {gap.value:z.3f} (interval {gap.low:z.3f} to {gap.high:z.3f}).",
        gap.low >= g.case.settings["overfitting_gap"],
    )


def overfitting(g: Gathered) -> Row:
    row = train_gap(g)
    if row.needs_model:
        return row
    not_all = (
        " The validation rows were not trained on either: overfitting alone cannot make the test set worse than they "
        "are."
    )
    return replace(row, sentence=row.sentence + not_all, kept=None)


def drift(g: Gathered) -> Row:
    drifted, gap, t = g.evidence.drifted, g.evidence.test_gap, g.case.settings
    if drifted and lost(g.evidence, t):
        interval = f"(interval {gap.low:z.3f} to {gap.high:z.3f})"
        costs = f"{moved(drifted)}. But accuracy is lost: validation - test is {gap.value:z.3f} {interval}."
        return Row("validation - test accuracy", gap.value, costs)
    largest = max(statistics["psi"] for statistics in g.change.came.values())
    return Row(
        "largest population stability index",
        largest,
        f"{moved(drifted)}. A shift needs at least {t['least_shift']:g} and a small p.",
    )


NO_GAP = CauseKind(
    name="no_gap",
    hypothesis="sampling noise",
    row=sampling_noise,
    place="gap",
    clause="Validation ({validation:z.3f}) and test accuracy ({test:z.3f}) do not differ by more than sampling noise "
    "explains; a drop of up to {possible:z.3f} is possible.",
    thresholds=("least_gap",),
    because="the test set confirms the validation accuracy, and nothing needs to change",
    defects=("none",),
)
OVERFITTING = CauseKind(
    name="overfitting",
    hypothesis="overfitting",
    row=overfitting,
    place="gap",
    clause="The network overfits: training accuracy {train:z.3f}, validation "
    "{validation:z.3f}; the test set ({test:z.3f}) adds nothing to the gap.",
    thresholds=("overfitting_gap",),
    because="weight decay, dropout and early stopping reduce overfitting",
    remedy={"train": {"l2": 0.003, "dropout": 0.2, "early_stopping": 5}},
    levers=("l1", "l2", "dropout", "early_stopping", "label_smoothing", "input_noise", "iterations", "hidden"),
    shown_by="training",
    unlabelled=train_gap,
)
HARMLESS_SHIFT = CauseKind(
    name="harmless_shift",
    picture=distribution,
    hypothesis="a shift that does not matter",
    row=drift,
    place="changes",
    clause="The distribution of {names} changed in the test set, without a loss of accuracy: validation "
    "{validation:z.3f}, test {test:z.3f}; a drop of up to {possible:z.3f} is possible.",
    thresholds=("least_shift", "alpha", "most_harm"),
    because="the shift costs no accuracy, and nothing needs to change",
)
