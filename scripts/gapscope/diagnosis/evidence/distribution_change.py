"""Distributions that differ between known and test rows, and how far the relations learnt in training still hold."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from gapscope.diagnosis.context import Case
from gapscope.diagnosis.estimates import NOTHING, Estimate
from gapscope.diagnosis.evidence.bins import (
    Binned,
    all_binned,
    binned,
    bins_for,
    class_scores,
    favour,
    held,
    information,
    kept,
)
from gapscope.diagnosis.evidence.drift import change, drifted, homogeneity, joint_drift, p_value
from gapscope.diagnosis.evidence.repaired_test import RepairedTest


@dataclass(frozen=True)
class DistributionChange:
    """Tests of change, with everything undone and, per feature, before (`came`)."""

    binned: dict[str, Binned]
    change: dict[str, dict]
    came: dict[str, dict]
    joint_drift: tuple[str, ...]  # the fewest features without which the others' own distribution is as it was
    p_classes: float
    drifted: tuple[str, ...]  # features that moved by themselves, before

    def changed(self, name: str, alpha: float) -> bool:
        """Whether the feature's distribution given the class differs."""
        return self.change[name]["p_given_class"] * len(self.change) < alpha


def distribution_change(case: Case, repaired: RepairedTest) -> DistributionChange:
    known, n_classes = repaired.known, case.n_classes
    y_known, y = known[case.target].to_numpy(), repaired.test[case.target].to_numpy()
    bins = bins_for(min(len(known), len(repaired.test)), n_classes)

    def changes(test: pd.DataFrame) -> tuple[dict[str, Binned], dict[str, dict]]:
        both, y_test = all_binned(known, test, case.features, bins), test[case.target].to_numpy()
        return both, {
            name: change(known[name], test[name], one, y_known, y_test, repaired.repeats) for name, one in both.items()
        }

    both, after = changes(repaired.test)
    at_first, came = changes(repaired.came) if repaired.repairs else (both, after)
    counts = [np.bincount(part, minlength=n_classes) for part in (y_known, y)]
    repeats = repaired.repeats[-1]
    return DistributionChange(
        both,
        after,
        came,
        tuple(joint_drift(known, repaired.test, case.features, bins, repeats, case.alpha)),
        p_value([homogeneity(*counts, repeats)]),
        tuple(drifted(at_first, case.settings["least_shift"], case.alpha, repeats)),
    )


@dataclass(frozen=True)
class Relations:
    """Information of each feature about the class, and its scores (n, classes) as learnt from known rows.

    Known rows are scored by the half that they are not in, test rows by either half.
    """

    information: dict[str, tuple[Estimate, Estimate]]  # in known rows, in test rows
    scores: dict[str, tuple[np.ndarray, ...]]  # of known rows, and of test rows by the first and by the second half
    y: tuple[np.ndarray, np.ndarray]  # of known rows, of test rows
    shares: np.ndarray  # of the classes among known rows
    repeats: np.ndarray  # design effect of the test rows of each class
    confidence: float

    def kept(self, names) -> Estimate:
        """How far the relation of these features together to the class holds, test / known rows."""
        if not names:
            return NOTHING
        own, first, second = (sum(self.scores[name][place] for name in names) for place in range(3))
        before = held(favour(own, self.y[0], self.shares), self.y[0], self.shares)
        margin = sum(favour(scores, self.y[1], self.shares) for scores in (first, second)) / 2
        return kept(before, held(margin, self.y[1], self.shares, self.repeats), self.confidence)

    def information_kept(self, name: str) -> Estimate:
        """The feature's information about the class, test / known rows; nothing where it may have had none."""
        before, after = self.information[name]
        if not before.low > 0:
            return NOTHING
        value = after.value / before.value
        half = np.hypot(after.high - after.value, value * (before.high - before.value)) / before.value
        return Estimate(float(value), float(value - half), float(value + half))


def relations(case: Case, repaired: RepairedTest, test: pd.DataFrame) -> Relations:
    """Information of each feature about the class, in known rows and in the rows of `test`.

    Known rows, not validation rows alone: a validation part that is right by luck would shift both lines of evidence.
    """
    known, n, c = repaired.known, case.n_classes, case.confidence
    y = known[case.target].to_numpy(), test[case.target].to_numpy()
    half = np.arange(len(known)) % 2 == 0
    bins, found, scores = bins_for(min(map(len, y)), n), {}, {}
    for name in case.features:
        both = binned(known[name], test[name], bins)
        found[name] = tuple(information(codes, own, both.bins, n, c) for codes, own in zip((both.known, both.test), y))
        learnt = [(both.known[part], y[0][part]) for part in (half, ~half)]
        own = np.empty((len(known), n))
        for (codes, classes), rest in zip(learnt, (~half, half)):
            own[rest] = class_scores(codes, classes, both.known[rest], both.bins, n)
        scores[name] = own, *(class_scores(codes, classes, both.test, both.bins, n) for codes, classes in learnt)
    shares = np.bincount(y[0], minlength=n) / len(y[0])
    return Relations(found, scores, y, shares, repaired.repeats[:-1], c)
