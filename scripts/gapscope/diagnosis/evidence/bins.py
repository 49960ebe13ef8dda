"""Two tables' features in common bins: ten of equally many known rows for a numeric feature (fewer in small tables) and
one on either side of the known range, one per level for another. And what such bins tell of the class: information, and
how well the relation learnt in training holds. "Known" are the rows of the training table.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from gapscope.diagnosis.context import Case
from gapscope.diagnosis.estimates import NOTHING, Estimate

BINS = 10
LEAST_ROWS = 5  # in each bin of each class, on average: what a chi-squared test must expect (Cochran 1954)


@dataclass(frozen=True)
class Binned:
    """A feature of two tables in common bins: whole numbers 0 .. bins - 1 for each row of either."""

    known: np.ndarray
    test: np.ndarray
    bins: int


def bins_for(rows: int, n_classes: int) -> int:
    """As many bins as leave some five rows to each bin and class: 2 to 10."""
    return int(np.clip(rows // (LEAST_ROWS * n_classes), 2, BINS))


def is_numeric(column: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(column)


def binned(known: pd.Series, test: pd.Series, bins: int) -> Binned:
    """Bins fitted on `known`; values outside its range and levels that it lacks get bins of their own."""
    if not is_numeric(known):
        codes, levels = pd.factorize(pd.concat([known, test], ignore_index=True), sort=True)
        return Binned(codes[: len(known)], codes[len(known) :], len(levels))
    values = known.to_numpy(np.float64)
    inner = np.unique(np.quantile(values, np.linspace(0, 1, bins + 1)[1:-1]))
    edges = np.unique(np.concatenate([[np.nextafter(values.min(), -np.inf)], inner, [values.max()]]))
    codes = [np.searchsorted(edges, part.to_numpy(np.float64), side="left") for part in (known, test)]
    return Binned(*codes, len(edges) + 1)


def all_binned(known: pd.DataFrame, test: pd.DataFrame, features: list[str], n_classes: int) -> dict[str, Binned]:
    """The features in as many bins as the smaller table has rows for."""
    bins = bins_for(min(len(known), len(test)), n_classes)
    return {name: binned(known[name], test[name], bins) for name in features}


def by_class(codes: np.ndarray, y: np.ndarray, bins: int, n_classes: int) -> np.ndarray:
    """Counts (n_classes, bins)."""
    return np.bincount(y * bins + codes, minlength=bins * n_classes).reshape(n_classes, bins)


def coarsened(both: Binned, most: int = 4) -> Binned:
    """Neighbouring bins joined until some `most` are left."""
    if both.bins <= most:
        return both
    counts = np.bincount(both.known, minlength=both.bins)
    middle = (np.cumsum(counts) - counts / 2) / counts.sum()
    place = np.minimum((middle * most).astype(int), most - 1)
    return Binned(place[both.known], place[both.test], most)


def joint(a: Binned, b: Binned) -> Binned:
    """Both features as one, with a bin for each pair of bins."""
    return Binned(a.known * b.bins + b.known, a.test * b.bins + b.test, a.bins * b.bins)


def counts_of(both: Binned) -> tuple[np.ndarray, np.ndarray]:
    return np.bincount(both.known, minlength=both.bins), np.bincount(both.test, minlength=both.bins)


def information(codes: np.ndarray, y: np.ndarray, bins: int, n_classes: int, confidence: float) -> Estimate:
    """Mutual information of a binned feature and the class as a share of the class's entropy.

    Less the bias that independent counts would show, (bins - 1)(classes - 1) / 2n nats (Miller 1955). Its standard
    error is that of the mean of the rows' pointwise information.
    """
    joint = by_class(codes, y, bins, n_classes)
    in_class, in_bin, rows = joint.sum(axis=1), joint.sum(axis=0), len(y)
    shares = in_class[in_class > 0] / rows
    entropy = float(-(shares * np.log(shares)).sum())
    if entropy == 0.0:
        return NOTHING
    pointwise = np.log(joint[y, codes] * rows / (in_class[y] * in_bin[codes]))
    bias = (np.count_nonzero(in_bin) - 1) * (len(shares) - 1) / (2 * rows)
    value = (pointwise.mean() - bias) / entropy
    return Estimate.normal(value, pointwise.std() / np.sqrt(rows) / entropy, confidence)


def class_scores(known: np.ndarray, y: np.ndarray, test: np.ndarray, bins: int, n_classes: int) -> np.ndarray:
    """log p(bin | class) (rows of `test`, classes), learnt from the known rows, one row spread over each class."""
    counts = by_class(known, y, bins, n_classes) + 1.0 / bins
    return np.log(counts / counts.sum(axis=1, keepdims=True)).T[test]


def favour(scores: np.ndarray, y: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """By how much each row's score favours its own class over the average class: (n,) nats, clipped at +-5 a row.

    `scores` (n, classes): a sum of class_scores over features. Averaged class by class (see `held`) it does not change
    with the class shares, falls in proportion to the share of labels or values that are wrong, and is negative for a
    relation that is reversed.
    """
    margin = scores[np.arange(len(y)), y] - scores @ shares
    return np.clip(margin, -5.0, 5.0)


def held(margin: np.ndarray, y: np.ndarray, shares: np.ndarray, repeats=1.0) -> tuple[float, float]:
    """Mean margin with each class weighted by `shares`, and its standard error; classes without rows are left out.

    `repeats`: the design effect of the rows of each class (classes,).
    """
    rows = np.bincount(y, minlength=len(shares))
    weights = np.where(rows > 0, shares, 0.0)
    weights = weights / weights.sum()
    means = np.bincount(y, weights=margin, minlength=len(shares)) / np.maximum(rows, 1)
    squares = np.bincount(y, weights=margin**2, minlength=len(shares)) / np.maximum(rows, 1)
    variance = np.maximum(squares - means**2, 0.0) / np.maximum(rows - 1, 1) * repeats
    return float(weights @ means), float(np.sqrt(weights**2 @ variance))


def kept(before: tuple[float, float], after: tuple[float, float], confidence: float) -> Estimate:
    """after / before, both (value, standard error), by the delta method; nothing where `before` may be 0."""
    if Estimate.normal(*before, confidence).low <= 0.0:
        return NOTHING
    ratio = after[0] / before[0]
    return Estimate.normal(ratio, np.hypot(after[1], ratio * before[1]) / before[0], confidence)


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


def relations(case: Case, known: pd.DataFrame, test: pd.DataFrame, repeats: np.ndarray) -> Relations:
    """Information of each feature about the class, in known rows and in the rows of `test`.

    Known rows, not validation rows alone: a validation part that is right by luck would shift both lines of evidence.
    """
    n, c = case.n_classes, case.confidence
    y = known[case.target].to_numpy(), test[case.target].to_numpy()
    half = np.arange(len(known)) % 2 == 0
    found, scores = {}, {}
    for name, both in all_binned(known, test, case.features, n).items():
        found[name] = tuple(information(codes, own, both.bins, n, c) for codes, own in zip((both.known, both.test), y))
        learnt = [(both.known[part], y[0][part]) for part in (half, ~half)]
        own = np.empty((len(known), n))
        for (codes, classes), rest in zip(learnt, (~half, half)):
            own[rest] = class_scores(codes, classes, both.known[rest], both.bins, n)
        scores[name] = own, *(class_scores(codes, classes, both.test, both.bins, n) for codes, classes in learnt)
    shares = np.bincount(y[0], minlength=n) / len(y[0])
    return Relations(found, scores, y, shares, repeats[:-1], c)
