"""How sure a verdict is: how often the rule comes to it again from figures drawn anew within their uncertainty."""

from dataclasses import replace

import numpy as np

from gapscope.diagnosis.estimates import Estimate
from gapscope.diagnosis.evidence.summary import Evidence
from gapscope.diagnosis.verdict import Verdict, verdict


def unless_doubtful(found: Verdict, sure: float, t: dict) -> Verdict:
    """A cause is named only if the rule comes to it again in most redraws of its figures; `sure`: in what share."""
    return found if sure >= t["least_confidence"] else Verdict("undecided", candidates=found.causes)


def confidence(e: Evidence, t: dict, found: Verdict, draws: int, z: float, rng: np.random.Generator) -> float:
    """Share of redraws in which the rule comes to the same kind and features.

    Every estimate is resampled independently, from the normal distribution that its interval stands for (`z` standard
    errors to either side).
    """
    same = 0
    for _ in range(draws):
        again = verdict(redrawn(e, z, rng), t)
        same += (again.kind, set(again.features)) == (found.kind, set(found.features))
    return same / draws


def redrawn(e: Evidence, z: float, rng: np.random.Generator) -> Evidence:
    def drawn(figure: Estimate) -> Estimate:
        return figure.shifted(rng.standard_normal() / z)

    features = {
        name: replace(one, share=drawn(one.share), information_kept=drawn(one.information_kept))
        for name, one in e.features.items()
    }
    figures = {name: drawn(value) for name, value in vars(e).items() if isinstance(value, Estimate)}
    repairs = tuple(replace(one, gain=drawn(one.gain), needed=drawn(one.needed)) for one in e.repairs)
    before, left = (
        replace(split, x_part=drawn(split.x_part), relation_part=drawn(split.relation_part))
        for split in (e.before, e.left)
    )
    return replace(e, features=features, repairs=repairs, before=before, left=left, **figures)
