"""feature_lost, feature_changed: a column whose relation to the class is gone, or weaker."""

from collections.abc import Iterable
from functools import partial

import numpy as np

from gapscope.diagnosis.causes import label_shift
from gapscope.diagnosis.causes.cause import SUSPECT, Cause, CauseKind, Row, part_of, share_of_gap
from gapscope.diagnosis.causes.labels_changed import labels_alone, others_keep_more
from gapscope.diagnosis.evidence.drift import tied
from gapscope.diagnosis.evidence.gather import Evidence, FeatureEvidence, Gathered
from gapscope.diagnosis.picture import relation_to_class


def judge(e: Evidence, t: dict, kinds: tuple[CauseKind, ...]) -> list[Cause]:
    """The story of the columns: each suspect changed given the class, all other features hold, and together with the
    class shares they explain most of what is left of the gap. `kinds` are asked in turn how a column changed."""
    blamed = [name for name in e.suspects if e.features[name].changed]
    if e.others_kept.high < t["others_hold"] or (blamed and labels_alone(e)):
        return []
    intact = [name for name in blamed if name not in e.joint_drift]
    several = len(intact) > 1 or (intact and e.joint_drift)
    if any(name in e.measured["tied"] for name in intact) or (several and not others_keep_more(e)):
        return []  # these columns did not change, or may not have: the labels would leave the same traces
    by_kind = {kind.name: tuple(name for name in blamed if kind_of(e, name, t, kinds) is kind) for kind in kinds}
    less = by_kind[FEATURE_CHANGED.name]
    if less and not all(tells_less(e.features[name]) for name in less):
        return []
    weaker = sum(part_of(e, e.features[name].share_left) for name in less if e.features[name].relation_kept.high < 1.0)
    if less and not e.left.relation_part.low > 0 and weaker < t["explained"] * part_of(e, e.gap_left):
        return []
    causes = [
        Cause(kind, names, sum(part_of(e, e.features[name].share_left) for name in names))
        for kind, names in by_kind.items()
        if names
    ]
    causes += label_shift.judge(e, t, blamed)
    explained = sum(cause.share for cause in causes)
    return causes if np.isnan(explained) or explained >= t["explained"] * part_of(e, e.gap_left) else []


def suspected(e: Evidence, t: dict, kinds: tuple[CauseKind, ...], names: Iterable[str]) -> list[Cause]:
    """Candidates where no story holds: the features of these `names`."""
    return [
        Cause(kind_of(e, name, t, kinds).name, (name,), part_of(e, feature.share_left))
        for name, feature in e.features.items()
        if name in names
    ]


def kind_of(e: Evidence, name: str, t: dict, kinds: tuple[CauseKind, ...]) -> CauseKind:
    return next(kind for kind in kinds if kind.fits(e, name, t))


def lost(feature: FeatureEvidence, t: dict) -> bool:
    """Whether next to nothing is left of its information about the class, nor half of its relation."""
    kept_half = feature.relation_kept.value >= 0.5
    return feature.information_kept.value <= t["lost_information"] and not kept_half


def tells_less(feature: FeatureEvidence) -> bool:
    """Whether its relation to the class is not as strong as before, nor reversed: a change that no map has undone."""
    return not (feature.relation_kept.value >= 1.0 or feature.relation_kept.high < 0.0)


def tied_suspects(g: Gathered) -> dict[str, tuple[str, ...]]:
    """The suspects whose loss would have shown in their relation to other features."""
    kept = g.evidence.suspects_kept.value
    lost = 1.0 - np.clip(kept, 0.0, 1.0) if np.isfinite(kept) else 1.0
    return {"tied": tuple(name for name in g.evidence.suspects if tied(g.change.binned, name, lost, g.case.alpha))}


def largest_share(g: Gathered) -> Row:
    """The share of its information that the feature with the largest share of the gap keeps."""
    name, unasked = foremost(g), g.evidence.unasked
    share = share_of_gap(g.evidence, g.evidence.features[name].share.value)
    before, after = g.in_validation[name].value, g.came.information[name][1].value
    lost, kept = g.case.settings["lost_information"], g.evidence.features[name].information_kept.value
    costs = (
        f"What repairing {name} brings needs the model."
        if unasked
        else f"Repairing {name} closes {share}, the most of all features."
    )
    return Row(
        f"share of its information about the class that {name} keeps",
        kept,
        f"{costs} Its information about the class goes from {before:z.3f} to {after:z.3f} of the entropy; lost "
        f"means that at most {lost:.0%} is kept.",
        needs_model=unasked,
    )


def strength_kept(g: Gathered) -> Row:
    """The strength that the relation of the same feature keeps, which tells weaker from unchanged."""
    name = foremost(g)
    kept, informs = g.evidence.features[name].relation_kept, g.evidence.features[name].information_kept.value
    least = g.case.settings["lost_information"]
    told = (
        f"{name} keeps {informs:z.0%} of its information: with at most {least:.0%}, the relation is lost, not weaker."
        if informs <= least
        else f"The relation of {name} to the class has {kept.value:z.0%} of its strength (interval {kept.low:z.0%} to "
        f"{kept.high:z.0%}); weaker means surely below 100%."
        if np.isfinite(kept.value)
        else f"{name} tells nothing of the class that could become weaker."
    )
    return Row(
        f"share of the strength of its relation that {name} keeps", kept.value, told, needs_model=g.evidence.unasked
    )


def foremost(g: Gathered) -> str:
    """The feature with the largest share of the gap; where the model cannot be asked, the one that keeps least."""
    features = g.evidence.features
    if g.evidence.unasked:
        return min(features, key=lambda name: np.nan_to_num(features[name].relation_kept.value, nan=np.inf))
    return max(features, key=lambda name: features[name].share.value)


def proof(cause: Cause, e: Evidence) -> str:
    closed = share_of_gap(e, sum(e.features[name].share_left.value for name in cause.features))
    return f" Restoring it recovers {closed}."


column_kind = partial(
    CauseKind,
    place="feature-by-feature",
    picture=relation_to_class,
    proof=proof,
    levers=("drop", "blur", "noise", "feature_dropout"),
)
FEATURE_LOST = column_kind(
    name="feature_lost",
    row=largest_share,
    hypothesis="a feature that lost its relation to the class",
    clause="{names} no longer {verb} to {target} in the test set",
    verb=("relates", "relate"),
    thresholds=("others_hold", "explained", "lost_information"),
    because="retrain without the feature, since in the test set it carries no information about the class",
    remedy={"drop": SUSPECT},
    unlabelled="A feature can lose its relation to the class and keep its values.",
    fits=lambda e, name, t: lost(e.features[name], t),
    defects=("stuck_value",),
    measure=tied_suspects,
)
FEATURE_CHANGED = column_kind(
    name="feature_changed",
    row=strength_kept,
    hypothesis="a feature whose relation to the class is weaker",
    clause="{names} {verb} less information about {target} in the test set than before",
    verb=("carries", "carry"),
    thresholds=("others_hold", "explained"),
    because="retrain with the feature blurred, so that it carries as little information as in the test set",
    remedy={"blur": SUSPECT},
    unlabelled="A feature can lose a part of its relation to the class and keep its values.",
    fits=lambda e, name, t: True,
    defects=("saturated",),
)
