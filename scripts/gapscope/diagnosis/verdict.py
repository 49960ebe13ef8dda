"""From evidence to verdict: the rule.

A story is told only about a gap that is real. What is known for a fact is named first: copies, a test set prepared
otherwise, columns whose change a map undoes. For what is left of the gap three stories compete, each of which holds one
part of the joint distribution of features x and class y to be as it was:

    columns     only some columns (and perhaps the class shares) changed: all other columns tell y as before
    covariates  other rows are seen: y given x is as before
    labels      only y changed: x is as before

Each must account for the gap and must not be refuted. One story left is the verdict, several or none are `undecided`.
"""

from dataclasses import dataclass

import numpy as np

from gapscope.diagnosis.estimates import Estimate
from gapscope.diagnosis.evidence.summary import Evidence, FeatureEvidence


@dataclass(frozen=True)
class Cause:
    """One cause, and the share of the gap that it accounts for."""

    kind: str
    features: tuple[str, ...]
    share: float


@dataclass(frozen=True)
class Verdict:
    """`parts`: the cause or causes with their shares; `candidates`: those of an undecided verdict."""

    kind: str
    features: tuple[str, ...] = ()
    parts: tuple[Cause, ...] = ()
    candidates: tuple[Cause, ...] = ()


def verdict(e: Evidence, t: dict) -> Verdict:
    """The rule. `t`: the thresholds of config.yaml's diagnose block."""
    if not real(e.test_gap, t):
        return without_gap(e, t)
    facts = [part for part in (leak(e, t), *column_maps(e, t)) if part]
    rivals = [Cause(rival.kind, (rival.feature,), part_of(e, one.gain)) for one in e.repairs for rival in one.rivals]
    if facts and rivals:
        return Verdict("undecided", candidates=(*facts, *rivals))
    other_rows = covariates(e, t)
    if facts and accounted(e, t):
        if other_rows:
            return Verdict("undecided", candidates=(*facts, *other_rows))
        too_small_for_what_is_left = [] if leak(e, t) else columns(e, t) or []
        return combined([*facts, *too_small_for_what_is_left])
    stories = [story for story in (columns(e, t), labels(e, t)) if story]
    if other_rows:
        facts, stories = [], [*stories, other_rows]  # they explain the whole gap, what was undone a part of it
    if len(stories) == 1:
        return combined([*facts, *stories[0]])
    return Verdict("undecided", candidates=tuple(facts + (sum(stories, []) or suspected(e, t))))


def real(gap: Estimate, t: dict) -> bool:
    """A gap that sampling noise does not explain, and that is large enough to matter."""
    return gap.low > 0 and gap.value >= t["least_gap"]


def without_gap(e: Evidence, t: dict) -> Verdict:
    if e.train_gap.low >= t["overfitting_gap"]:
        return Verdict("overfitting")
    if e.drifted:
        return Verdict("harmless_shift", e.drifted)
    return Verdict("no_gap")


def part_of(e: Evidence, figure: Estimate) -> float:
    return figure.value / e.test_gap.value


def matters(e: Evidence, figure: Estimate, t: dict) -> bool:
    """A part of the gap that is surely there and not negligible."""
    return figure.low > 0 and part_of(e, figure) >= t["least_part"]


def accounted(e: Evidence, t: dict) -> bool:
    """Nothing is left of the gap once the facts are taken off."""
    if nothing_else(e) and leak(e, t):
        return True
    return not real(e.gap_left, t) or part_of(e, e.gap_left) < t["least_part"]


def leak(e: Evidence, t: dict) -> Cause | None:
    """Validation rows are copies of training rows, more often than test rows are and than chance makes them, and that
    flatters the accuracy, since the network knows training rows by heart.

    Where fresh rows are too few to show that, nothing else may have changed: all that is left to differ between
    validation and test rows is that the network knows the former.
    """
    if e.copied.low <= 0 or e.copied.value < t["copied_rows"]:
        return None
    if matters(e, e.flattery, t) and e.memorised.low > 0:
        return Cause("leak", (), part_of(e, e.flattery))
    too_few = np.isnan(e.flattery.value) or e.flattery.high >= t["explained"] * e.test_gap.value
    return Cause("leak", (), 1.0) if too_few and nothing_else(e) else None


def nothing_else(e: Evidence) -> bool:
    """Neither class shares, features, nor their relation have changed."""
    changed = any(one.changed for one in e.features.values())
    return not (e.class_shares_changed or e.joint_drift or changed or e.repairs) and e.all_kept.high >= 1.0


def column_maps(e: Evidence, t: dict) -> list[Cause]:
    """Changes that a map undoes on the tables, and that the network confirms: undoing them helps in the test set, or,
    where another cause hides that, the same change harms in validation."""
    return [
        Cause(one.kind, one.features, part_of(e, one.gain))
        for one in e.repairs
        if matters(e, one.gain, t) or matters(e, one.needed, t) or real(one.cost, t)
    ]


def columns(e: Evidence, t: dict) -> list[Cause] | None:
    """Each suspect changed given the class, all other features hold, and together with the class shares they explain
    most of what is left of the gap."""
    blamed = [name for name in e.suspects if e.features[name].changed]
    if e.others_kept.high < t["others_hold"] or (blamed and labels_alone(e)):
        return None
    unseen = [name for name in blamed if name not in e.joint_drift]
    if any(name in e.tied for name in unseen) or (unseen and e.joint_drift and not others_keep_more(e)):
        return None  # these columns did not change, or may not have: the labels would leave the same traces
    lost = tuple(name for name in blamed if e.features[name].information_kept.value <= t["lost_information"])
    less = tuple(name for name in blamed if name not in lost)
    if less and not (e.left.relation_part.low > 0 and all(tells_less(e.features[name]) for name in less)):
        return None
    parts = [
        Cause(kind, names, sum(part_of(e, e.features[name].share) for name in names))
        for kind, names in (("feature_lost", lost), ("feature_changed", less))
        if names
    ]
    only_blamed = all(name in blamed for name, one in e.features.items() if one.changed)
    if e.class_shares_changed and e.joint_drift and only_blamed and matters(e, e.label_part, t):
        parts.append(Cause("label_shift", (), part_of(e, e.label_part)))
    explained = sum(part.share for part in parts) >= t["explained"] * part_of(e, e.gap_left)
    return parts if parts and explained else None


def tells_less(one: FeatureEvidence) -> bool:
    """Its relation to the class is weaker, and not reversed: that would be another break, which no map has undone."""
    return one.relation_kept.value < 1.0 and not one.relation_kept.high < 0.0


def covariates(e: Evidence, t: dict) -> list[Cause] | None:
    """Rows like those of the test set are classified as badly in validation: that there are more of them is the gap.

    Looked at before anything is undone: where y given x is as it was, there is nothing to undo.
    """
    split = e.before
    if not e.drifted or split.apart > 1.0 - t["explained"]:
        return None
    if e.class_shares_changed and split.classes_explained < t["explained"]:
        return None
    if split.relation_part.low > 0 or split.x_part.low <= 0 or part_of(e, split.x_part) < t["explained"]:
        return None
    if any(e.features[name].information_kept.high < t["explained"] for name in e.drifted):
        return None  # rows of another kind do not make a feature tell nothing
    return [Cause("covariate_shift", e.drifted, part_of(e, split.x_part))]


def labels(e: Evidence, t: dict) -> list[Cause] | None:
    """x is as it was, its relation to y is surely weaker, and no feature has surely kept more of it than others."""
    if e.joint_drift or e.left.relation_part.low <= 0 or not e.all_kept.high < 1.0:
        return None
    if others_keep_more(e) and not labels_alone(e):
        return None
    return [Cause("labels_changed", (), part_of(e, e.gap_left))]


def labels_alone(e: Evidence) -> bool:
    """Other class shares, and x as it was: rows have got another class. It may be those of one class only, so that the
    features that tell this class lose more than others."""
    return e.class_shares_changed and not e.joint_drift


def others_keep_more(e: Evidence) -> bool:
    """Whether features beside the suspects surely keep more of their relation to the class: damaged labels take from
    all alike."""
    apart = e.others_kept.minus(e.suspects_kept)
    return bool(np.isfinite(apart.value)) and apart.low > 0


def suspected(e: Evidence, t: dict) -> list[Cause]:
    """What to look at where no story holds: the suspects, and the labels where x is as it was."""
    parts = [
        Cause(
            "feature_lost" if one.information_kept.value <= t["lost_information"] else "feature_changed",
            (name,),
            part_of(e, one.share),
        )
        for name, one in e.features.items()
        if name in e.suspects
    ]
    if not e.joint_drift and e.left.relation_part.low > 0:
        parts.append(Cause("labels_changed", (), part_of(e, e.gap_left)))
    return parts


def combined(parts: list[Cause]) -> Verdict:
    """One kind of cause, or several."""
    kinds = {part.kind: [one for one in parts if one.kind == part.kind] for part in parts}
    merged = [
        Cause(kind, tuple(name for one in own for name in one.features), sum(one.share for one in own))
        for kind, own in kinds.items()
    ]
    merged.sort(key=lambda part: -part.share)
    if len(merged) == 1:
        return Verdict(merged[0].kind, merged[0].features, tuple(merged))
    features = tuple(dict.fromkeys(name for part in merged for name in part.features))
    return Verdict("mixed", features, tuple(merged))
