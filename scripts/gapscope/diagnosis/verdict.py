"""From evidence to verdict: the rule.

Only a real gap is explained. Causes that settle it alone come first: groups of rows, values outside the training
range. Facts follow: copies, a test set prepared otherwise, columns whose change a map undoes. Three stories compete for
the rest of the gap. Each assumes that one part of the joint distribution of features x and class y is unchanged:

    columns     only some columns (and perhaps the class shares) changed: all other columns tell y as before
    covariates  other rows are seen: y given x is as before
    labels      only y changed, or what it means: x is as before

Each must account for the gap and must not be refuted. One story left is the verdict, several or none are `undecided`.
How each is judged stands in `causes/`. How sure a verdict is, redraws of all figures within their intervals tell.
"""

from collections import Counter
from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np

from gapscope.diagnosis.causes import (
    CAUSES,
    COLUMN_KINDS,
    FACTS,
    SETTLING,
    concept_drift,
    covariate_shift,
    feature_relation,
    group_leak,
    label_shift,
    labels_changed,
    leak,
    without_gap,
)
from gapscope.diagnosis.causes.cause import Cause, part_of, real
from gapscope.diagnosis.estimates import Estimate
from gapscope.diagnosis.evidence.gather import Evidence


@dataclass(frozen=True)
class Verdict:
    """`causes`: the cause or causes with their shares; `candidates`: those of an undecided verdict."""

    kind: str
    features: tuple[str, ...] = ()
    causes: tuple[Cause, ...] = ()
    candidates: tuple[Cause, ...] = ()


def verdict(e: Evidence, t: dict) -> Verdict:
    """The verdict on the evidence. `t` holds the thresholds of config.yaml's diagnose block.

    It is undecided where the model would have to tell what a cause costs, and there are only predictions of it.
    """
    found = established(e, t)
    return undecided(list(found.causes)) if any(np.isnan(cause.share) for cause in found.causes) else found


def established(e: Evidence, t: dict) -> Verdict:
    if not without_gap.lost(e, t):
        return quiet(e, t)
    for settles in SETTLING:
        if causes := settles(e, t):
            return combined(causes)
    facts = [cause for of_kind in FACTS for cause in of_kind(e, t)]
    leaked = any(cause.kind == leak.LEAK.name for cause in facts)
    other_rows = covariate_shift.judge(e, t)
    if facts and accounted(e, t, leaked):
        if other_rows:
            return undecided(facts + other_rows)
        too_small_for_what_is_left = [] if leaked else feature_relation.judge(e, t, COLUMN_KINDS)
        return combined(facts + too_small_for_what_is_left)
    learnable = concept_drift.judge(e, t)  # by another relation, which neither lost features nor wrong labels leave
    stories = [learnable] if learnable else [feature_relation.judge(e, t, COLUMN_KINDS), labels_changed.judge(e, t)]
    if other_rows:
        facts, stories = [], [*stories, other_rows]  # they explain the whole gap, the facts a part of it
    stories = [story for story in stories if story]
    groups = group_leak.suspected(e, t)
    undermined = group_leak.undermines(e, t)
    if len(stories) == 1 and not undermined:
        return combined(facts + stories[0])
    if undermined and groups and not stories:
        return combined(groups)
    suspects = feature_relation.suspected(e, t, COLUMN_KINDS, e.suspects) + labels_changed.suspected(e, t)
    candidates = sum(stories, []) or suspects
    shares = [] if any(cause.kind == "label_shift" for cause in candidates) else label_shift.suspected(e, t)
    return undecided(facts + candidates + shares + groups)


def quiet(e: Evidence, t: dict) -> Verdict:
    """The verdict where no loss is sure: undecided if what changed may cost more than a little."""
    maps = [one for one in e.repairs if without_gap.may_matter(one.helps, t)]
    columns = [name for name in e.moved if without_gap.may_matter(e.features[name].share, t)]
    candidates = [Cause(one.kind, one.features, part_of(e, one.helps)) for one in maps]
    candidates += feature_relation.suspected(e, t, COLUMN_KINDS, columns)
    return undecided(candidates) if candidates else Verdict(*without_gap.judge(e, t))


def accounted(e: Evidence, t: dict, leaked: bool) -> bool:
    """Whether nothing is left of the gap once the facts are taken off."""
    if leaked and leak.nothing_else(e):
        return True
    return not real(e.gap_left, t) or part_of(e, e.gap_left) < t["least_part"]


def undecided(candidates: list[Cause]) -> Verdict:
    return Verdict("undecided", candidates=tuple(candidates))


def combined(causes: list[Cause]) -> Verdict:
    """The verdict of one kind of cause, or `mixed`; causes of one kind become one."""
    by_kind: dict[str, list[Cause]] = {}
    for cause in causes:
        by_kind.setdefault(cause.kind, []).append(cause)
    merged = [
        Cause(
            kind,
            tuple(name for one in alike for name in one.features),
            sum(one.share for one in alike),
            alike[0].detail,
        )
        for kind, alike in by_kind.items()
    ]
    merged.sort(key=lambda cause: -cause.share)
    if len(merged) == 1:
        (cause,) = merged
        return Verdict(CAUSES[cause.kind].family or cause.kind, cause.features, tuple(merged))
    return Verdict("mixed", tuple(dict.fromkeys(name for cause in merged for name in cause.features)), tuple(merged))


def unless_doubtful(found: Verdict, again: list[Verdict], t: dict) -> Verdict:
    """The verdict, if most redraws reach it `again`; else undecided, with its causes as candidates, or those that most
    redraws name."""
    sure = confidence(found, again)
    if not found.causes:  # all verdicts without a loss count as the same
        sure = sum(not (one.causes or one.candidates) for one in again) / len(again)
    if found.kind == "undecided" or sure >= t["least_confidence"]:
        return found
    return Verdict("undecided", candidates=found.causes or likeliest(again))


def likeliest(again: list[Verdict]) -> tuple[Cause, ...]:
    """The causes, or candidates, that the redraws name most often."""
    named = [one.causes or one.candidates for one in again]
    kinds = [tuple((cause.kind, cause.features) for cause in causes) for causes in named]
    most = Counter(kind for kind in kinds if kind).most_common(1)
    return named[kinds.index(most[0][0])] if most else ()


def confidence(found: Verdict, again: list[Verdict]) -> float:
    """Share of redraws that reach the same kind and features."""
    return sum((one.kind, set(one.features)) == (found.kind, set(found.features)) for one in again) / len(again)


def redraws(e: Evidence, t: dict, rng: np.random.Generator) -> list[Verdict]:
    """Verdicts on the evidence with every estimate drawn anew from the normal distribution whose interval it has."""
    z = NormalDist().inv_cdf(0.5 + t["confidence"] / 2)  # standard errors to either side
    return [verdict(redrawn(e, z, rng), t) for _ in range(t["resamples"])]


def redrawn(e: Evidence, z: float, rng: np.random.Generator) -> Evidence:
    def drawn(figures: dict) -> dict:
        """The estimates among these drawn anew, one after the other, and nothing else."""
        estimates = {name: value for name, value in figures.items() if isinstance(value, Estimate)}
        return {name: value.shifted(rng.standard_normal() / z) for name, value in estimates.items()}

    features = {name: replace(one, **drawn(vars(one))) for name, one in e.features.items()}
    figures = drawn(vars(e))
    repairs = tuple(replace(one, **drawn(vars(one))) for one in e.repairs)
    before, left = (replace(split, **drawn(vars(split))) for split in (e.before, e.left))
    measured = {**e.measured, **drawn(e.measured)}
    return replace(e, measured=measured, features=features, repairs=repairs, before=before, left=left, **figures)
