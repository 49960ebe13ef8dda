"""How sure a verdict is: how often the rule reaches it again when every number is resampled within its interval."""

from collections import Counter
from dataclasses import replace

import numpy as np

from gapscope.diagnosis.causes.cause import Cause
from gapscope.diagnosis.estimates import Estimate
from gapscope.diagnosis.evidence.summary import Evidence
from gapscope.diagnosis.verdict import Verdict, verdict


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


def redraws(e: Evidence, t: dict, draws: int, z: float, rng: np.random.Generator) -> list[Verdict]:
    """Verdicts on the evidence with every estimate resampled independently, from the normal distribution whose interval
    it has (`z` standard errors to either side)."""
    return [verdict(redrawn(e, z, rng), t) for _ in range(draws)]


def redrawn(e: Evidence, z: float, rng: np.random.Generator) -> Evidence:
    def drawn(figure: Estimate) -> Estimate:
        return figure.shifted(rng.standard_normal() / z)

    features = {
        name: replace(
            one,
            share=drawn(one.share),
            share_left=drawn(one.share_left),
            information_kept=drawn(one.information_kept),
        )
        for name, one in e.features.items()
    }
    figures = {name: drawn(value) for name, value in vars(e).items() if isinstance(value, Estimate)}
    repairs = tuple(replace(one, gain=drawn(one.gain), needed=drawn(one.needed)) for one in e.repairs)
    before, left = (
        replace(split, x_part=drawn(split.x_part), relation_part=drawn(split.relation_part))
        for split in (e.before, e.left)
    )
    measured = {name: drawn(value) if isinstance(value, Estimate) else value for name, value in e.measured.items()}
    return replace(e, measured=measured, features=features, repairs=repairs, before=before, left=left, **figures)
