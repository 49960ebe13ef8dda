"""Which distributions differ between known and test rows, and how far what training taught about them still holds."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from gapscope.analysis.case import Case
from gapscope.analysis.peel import Peeled
from gapscope.analysis.relation import class_scores, favour, held, information, kept
from gapscope.analysis.rows import NOTHING, Figure
from gapscope.analysis.shift import (
    Binned,
    all_binned,
    binned,
    bins_for,
    change,
    homogeneity,
    movers,
    over,
    p_value,
    shifted,
)  # fmt: skip


@dataclass(frozen=True)
class Moves:
    """Tests of change, with everything undone and, per feature, before (`came`)."""

    binned: dict[str, Binned]
    change: dict[str, dict]
    came: dict[str, dict]
    movers: tuple[str, ...]  # the fewest features without which the others' own distribution is as it was
    p_classes: float
    shifted: tuple[str, ...]  # features that moved by themselves, before

    def changed(self, name: str, alpha: float) -> bool:
        """Whether the feature's distribution given the class differs."""
        return self.change[name]["p_given_class"] * len(self.change) < alpha


def moves(case: Case, peeled: Peeled) -> Moves:
    known, n_classes = peeled.known, case.n_classes
    y_known, y = known[case.target].to_numpy(), peeled.test[case.target].to_numpy()
    bins = bins_for(min(len(known), len(peeled.test)), n_classes)

    def changes(test: pd.DataFrame) -> tuple[dict[str, Binned], dict[str, dict]]:
        both, y_test = all_binned(known, test, case.features, bins), test[case.target].to_numpy()
        return both, {
            name: change(known[name], test[name], one, y_known, y_test, peeled.repeats) for name, one in both.items()
        }

    both, after = changes(peeled.test)
    at_first, came = changes(peeled.came) if peeled.undone else (both, after)
    counts = [np.bincount(part, minlength=n_classes) for part in (y_known, y)]
    repeats = peeled.repeats[-1]
    return Moves(
        both,
        after,
        came,
        tuple(movers(known, peeled.test, case.features, bins, repeats, case.alpha)),
        p_value([over(homogeneity(*counts), repeats)]),
        tuple(shifted(at_first, case.settings["least_shift"], case.alpha, repeats)),
    )


@dataclass(frozen=True)
class Relations:
    """What each feature tells of the class, and the scores (n, classes) that it gives by what training rows taught."""

    information: dict[str, tuple[Figure, Figure]]  # in validation, in test with everything undone
    scores: dict[str, tuple[np.ndarray, np.ndarray]]
    y: tuple[np.ndarray, np.ndarray]
    shares: np.ndarray  # of the classes in training
    repeats: float
    confidence: float

    def kept(self, names) -> Figure:
        """How far the relation of these features together to the class holds, test / validation."""
        if not names:
            return NOTHING
        sides = []
        for place, y in enumerate(self.y):
            scores = sum(self.scores[name][place] for name in names)
            value, error = held(favour(scores, y, self.shares), y, self.shares)
            sides.append((value, error * np.sqrt(self.repeats if place else 1.0)))
        return kept(*sides, self.confidence)

    def information_kept(self, name: str) -> Figure:
        """The feature's information about the class, test / validation; nothing where it may have had none."""
        before, after = self.information[name]
        if not before.low > 0:
            return NOTHING
        value = after.value / before.value
        half = np.hypot(after.high - after.value, value * (before.high - before.value)) / before.value
        return Figure(float(value), float(value - half), float(value + half))


def relations(case: Case, peeled: Peeled, test: pd.DataFrame) -> Relations:
    """What each feature tells about the class in validation rows and in the rows of `test`."""
    train, validation = case.sets.train_table, case.sets.validation_table
    y_train, y = case.sets.train.y, (case.sets.validation.y, test[case.target].to_numpy())
    bins, found, scores = bins_for(min(map(len, y)), case.n_classes), {}, {}
    for name in case.features:
        both = binned(train[name], pd.concat([validation[name], test[name]]), bins)
        codes = both.test[: len(validation)], both.test[len(validation) :]
        found[name] = tuple(
            information(part, own, both.bins, case.n_classes, case.confidence) for part, own in zip(codes, y)
        )
        scores[name] = tuple(class_scores(both.known, y_train, part, both.bins, case.n_classes) for part in codes)
    shares = np.bincount(y_train, minlength=case.n_classes) / len(y_train)
    return Relations(found, scores, y, shares, float(peeled.repeats[-1]), case.confidence)
