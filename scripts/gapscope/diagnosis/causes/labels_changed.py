"""labels_changed: the test labels are wrong or belong to other rows; the features are as they were."""

import numpy as np

from gapscope.diagnosis.causes.cause import Cause, CauseKind, Row, listed, part_of
from gapscope.diagnosis.evidence.gather import Evidence, Gathered
from gapscope.diagnosis.picture import relation_to_class


def judge(e: Evidence, t: dict) -> list[Cause]:
    """Changed labels, if x is as it was, its relation to y is certainly weaker, and no feature has certainly kept more
    of it than others."""
    if not e.unmoved_kept.high < 1.0 or (others_keep_more(e) and not labels_alone(e)):
        return []
    return suspected(e, t)


def suspected(e: Evidence, t: dict) -> list[Cause]:
    """Candidate where no story holds: the labels, if x is as it was."""
    if not x_unchanged(e, t) or e.left.relation_part.low <= 0:
        return []
    return [Cause("labels_changed", (), part_of(e, e.gap_left))]


def x_unchanged(e: Evidence, t: dict) -> bool:
    """Whether x is as it was, or moved only in features that cannot explain the loss: those that did not move, and
    those beside the suspects, have surely lost their relation to the class too."""
    others_lost = max(e.unmoved_kept.high, e.others_kept.high) < t["others_hold"] and not others_keep_more(e)
    return not e.joint_drift or others_lost


def labels_alone(e: Evidence) -> bool:
    """Whether class shares changed while x did not: rows have got another class. These may be rows of one class only,
    so that the features that tell this class lose more than others."""
    return e.class_shares_changed and not e.joint_drift


def others_keep_more(e: Evidence) -> bool:
    """Whether features beside the suspects certainly keep more of their relation to the class: damaged labels take
    from all alike, down to nothing."""
    apart = e.others_kept.minus(e.suspects_kept.share())
    return bool(np.isfinite(apart.value)) and apart.low > 0


def relation_kept(g: Gathered) -> Row:
    e = g.evidence
    beside = f"beside {listed(e.suspects)} " if e.suspects else ""
    kept = e.others_kept
    rest = (
        f"The features {beside}keep {kept.value:z.0%} of their relation to the class (interval {kept.low:z.0%} to "
        f"{kept.high:z.0%}); damaged labels would take from all alike."
        if np.isfinite(kept.value)
        else "No other feature tells the class, so none can witness for the labels."
    )
    own = "differs from" if e.joint_drift else "is that of"
    return Row(
        "share of their relation to the class that the other features keep",
        kept.value,
        f"The features' own distribution {own} the known rows. {rest}",
    )


LABELS_CHANGED = CauseKind(
    name="labels_changed",
    picture=relation_to_class,
    hypothesis="labels that are wrong or belong to other rows",
    row=relation_kept,
    place="feature-by-feature",
    clause="the test set's labels no longer match its rows: features that are unchanged no longer relate to {target}",
    thresholds=("alpha",),
    because="check the test labels before you retrain anything",
    unlabelled="Wrong classes leave the features as they were.",
)
