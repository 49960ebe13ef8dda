"""label_shift: the classes come in other shares, and each class looks as before."""

from gapscope.diagnosis.causes.cause import Cause, CauseKind, Row, matters, part_of, share_of_gap
from gapscope.diagnosis.evidence.gather import Evidence, Gathered
from gapscope.diagnosis.picture import shares_of_classes


def judge(e: Evidence, t: dict, blamed: list[str]) -> list[Cause]:
    """The change of class shares beside the `blamed` columns: no other column may have changed given the class.

    Where features tell the class well, they move with the shares; where they do not, their relation to it must hold.
    """
    others_changed = any(feature.changed and name not in blamed for name, feature in e.features.items())
    if others_changed or not (e.joint_drift or e.unmoved_kept.high >= 1.0):
        return []
    return [Cause("label_shift", (), part_of(e, e.label_part))] if shares_matter(e, t) else []


def suspected(e: Evidence, t: dict) -> list[Cause]:
    """Candidate where no story holds: the class shares, if they explain the whole gap."""
    whole = shares_matter(e, t) and e.label_part.high >= e.gap_left.value
    return [Cause("label_shift", (), part_of(e, e.label_part))] if whole else []


def shares_matter(e: Evidence, t: dict) -> bool:
    return e.class_shares_changed and matters(e, e.label_part, t)


def class_shares(g: Gathered) -> Row:
    cost = g.evidence.label_part.value
    return Row(
        "part of the gap due to class shares",
        cost,
        "With each class classified as in validation, the test set's class shares alone would cost "
        f"{share_of_gap(g.evidence, cost)}.",
    )


LABEL_SHIFT = CauseKind(
    name="label_shift",
    picture=shares_of_classes,
    hypothesis="class imbalance or changed class shares",
    row=class_shares,
    place="gap",
    clause="the class shares changed in the test set, while each class looks as before",
    thresholds=("alpha", "least_part"),
    because="correct the predicted probabilities for the new class shares, since within each class the "
    "features are unchanged",
    remedy={"correct": "prior"},
    levers=("prior",),
    unlabelled="The class shares that the page estimates are those to expect if the class shares alone had changed.",
)
