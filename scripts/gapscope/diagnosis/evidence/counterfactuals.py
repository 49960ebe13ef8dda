"""Counterfactuals on a trained network: what would its accuracy be, had these features come from the other set?

A row's features are replaced together by those of a donor, a random row *of the same class* in the other set. Repair
puts validation values into test rows; break puts test values into validation rows. The gap that repairs close is shared
out among the features by Shapley values (Shapley 1953), so that the shares sum to it.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations, islice
from math import factorial

import numpy as np

from gapscope.common.progress import Progress
from gapscope.common.weights import rows_of_equal_weight
from gapscope.diagnosis.estimates import Estimate, Pair
from gapscope.diagnosis.evidence.domain_classifier import Domains
from gapscope.network.classifier import Classifier
from gapscope.network.partition import Partition

EXACT_UP_TO = 6  # features; beyond, coalitions are those of random permutations, at no greater cost
LEAST_PAIRS, MOST_PAIRS = 10, 60  # of a permutation and its reverse
CELLS = 20_000_000  # of the rows that a model of the user's own gets in one call
ONE_MORE = 0.35  # chosen by how often the interval holds the truth with 30 to 300 rows (docs/diagnosis.md)
LEAST_ROWS = 5  # validation rows of a stratum below which its accuracy is not known
STANDARD_ERROR = 0.001  # of each feature's mean share, at which no further pairs are drawn


def donors(y: np.ndarray, pool: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """For each row a random row of `pool` with the same class, or -1 where the pool has none. (n,)

    Each donor of a class serves as often as the others, give or take one: less varies than if each were drawn anew.
    """
    chosen = np.full(len(y), -1)
    for code in np.unique(y):
        candidates, rows = np.flatnonzero(pool == code), np.flatnonzero(y == code)
        if len(candidates):
            rounds = -(-len(rows) // len(candidates))
            chosen[rows] = np.concatenate([rng.permutation(candidates) for _ in range(rounds)])[: len(rows)]
    return chosen


def predicted(classifier: Classifier, parts: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
    """The classes (n,) of each part's rows (n, d); parts of one size, of which a model of the user's own gets many at
    a time, since each of its calls is dear, and rows that repeat cost it nothing."""
    parts = iter(parts)
    for first in parts:
        some = [first, *islice(parts, 0 if classifier.is_network else CELLS // max(1, first.size))]
        yield from np.split(classifier.predict(np.concatenate(some)), len(some))


class Swap:
    """Rows of `target` with chosen features from donors in `source`; correctness averaged over `draws` donor sets."""

    def __init__(
        self,
        network: Classifier,
        target: Partition,
        source: Partition,
        groups: list[np.ndarray],
        draws: int,
        rng: np.random.Generator,
    ):
        self.network, self.groups, dtype = network, groups, network.dtype
        self.target, source = (Partition(np.asarray(part.X, dtype), part.y) for part in (target, source))
        self.picks = np.array([donors(target.y, source.y, rng) for _ in range(draws)])  # (draws, n)
        self.donated = [np.where((pick >= 0)[:, None], source.X[pick], self.target.X) for pick in self.picks]
        self.known: dict[frozenset, np.ndarray] = {}

    def right(self, features: frozenset[int]) -> np.ndarray:
        """Whether each row is classified right in each draw with these features donated: (draws, n)."""
        if features not in self.known:
            self.ask([features])
        return self.known[features]

    def ask(self, coalitions: list[frozenset[int]]) -> None:
        """Find what `right` says of all of these; one after the other would take more calls of a user's model."""
        found = np.empty((len(coalitions), *self.picks.shape), dtype=bool)
        for draw, donated in enumerate(self.donated if any(coalitions) else self.donated[:1]):
            swapped = (self.swapped(donated, features) for features in coalitions)
            for right, codes in zip(found, predicted(self.network, swapped)):
                right[draw:] = codes == self.target.y
        self.known |= dict(zip(coalitions, found))

    def swapped(self, donated: np.ndarray, features: Iterable[int]) -> np.ndarray:
        """The target's rows with these features' values from `donated`."""
        X = self.target.X.copy()
        for feature in features:
            X[:, self.groups[feature]] = donated[:, self.groups[feature]]
        return X

    def accuracy(self, features: frozenset[int]) -> float:
        return float(self.right(features).mean())

    def mean(self, gains: np.ndarray, confidence: float) -> Estimate:
        """Mean of each row's gain in each draw (draws, n). The interval also counts that donors are a sample.

        Gains with the same donor go together. What that adds to the variance is that of the donors' sums, less what
        these would have by the rows' own variance (two-way clusters: Cameron, Gelbach and Miller 2011). A few donors
        can agree by chance: ONE_MORE of a donor is added, with the rows it would serve beyond its first.
        """
        y, added = self.target.y, 0.0
        for code in np.unique(y[self.picks[0] >= 0]):
            of_class = gains[:, y == code].ravel()
            sums = np.bincount(np.unique(self.picks[:, y == code], return_inverse=True)[1].ravel(), of_class)
            spread = sums.var(ddof=1) * len(sums) if len(sums) > 1 else sums[0] ** 2
            spread += ONE_MORE * max(0.0, len(of_class) / len(sums) - len(gains)) ** 2
            added += max(0.0, spread - of_class.var() * len(of_class))
        return Estimate.change(gains.mean(axis=0), confidence, added / gains.size**2)


def shapley(swap: Swap, rng: np.random.Generator, tell: Callable[[str], None] = lambda words: None) -> np.ndarray:
    """Each row's gain in each draw, shared out among the features: (draws, n, features). Means are Shapley values.

    Of more than EXACT_UP_TO features by antithetic permutations: each is followed by its reverse (Mitchell, Cooper,
    Frank and Holmes 2022).
    """
    n_features = len(swap.groups)
    values = np.zeros((*swap.picks.shape, n_features))
    if n_features <= EXACT_UP_TO:
        swap.ask([frozenset(one) for size in range(n_features + 1) for one in combinations(range(n_features), size)])
        for size in range(n_features):
            weight = factorial(size) * factorial(n_features - size - 1) / factorial(n_features)
            for coalition in map(frozenset, combinations(range(n_features), size)):
                before = swap.right(coalition).astype(float)
                for feature in set(range(n_features)) - coalition:
                    values[..., feature] += weight * (swap.right(coalition | {feature}) - before)
        return values
    means, progress, draws = [], Progress(MOST_PAIRS, tell), len(swap.picks)
    while len(means) < MOST_PAIRS and not _settled(means, draws):
        order, draw = rng.permutation(n_features), len(means) % draws
        pair = sum(gains_in_order(swap, features.tolist(), swap.donated[draw]) for features in (order, order[::-1])) / 2
        values[draw] += pair
        means.append(pair.mean(axis=0))
        progress(f"counterfactuals: {len(means)} of at most {MOST_PAIRS} rounds")
    return values / np.bincount(np.arange(len(means)) % draws)[:, None, None]


def gains_in_order(swap: Swap, order: list[int], donated: np.ndarray) -> np.ndarray:
    """Gain of each row by each feature, when features are donated one after the other: (n, features)."""
    before, gains = swap.right(frozenset())[0].astype(float), np.zeros((len(donated), len(order)))
    swapped = (swap.swapped(donated, order[: number + 1]) for number in range(len(order)))
    for feature, codes in zip(order, predicted(swap.network, swapped)):
        after = (codes == swap.target.y).astype(float)
        gains[:, feature], before = after - before, after
    return gains


def _settled(means: list[np.ndarray], draws: int) -> bool:
    """Whether the pairs' means agree to STANDARD_ERROR; asked after whole rounds of donors, which sum to the gap."""
    if len(means) < LEAST_PAIRS or len(means) % draws:
        return False
    return bool((np.std(means, axis=0, ddof=1) / np.sqrt(len(means))).max() <= STANDARD_ERROR)


def label_part(
    right: np.ndarray, validation: Partition, y_test: np.ndarray, n_classes: int, confidence: float
) -> Estimate:
    """The part of accuracy(validation) - accuracy(test) due to class shares.

    It is the sum over the classes y of (P - Q)(y) recall_validation(y). `right` (n,): of validation rows.
    """
    y, weights = validation.y, validation.weights
    each = np.ones(len(y)) if weights is None else rows_of_equal_weight(weights)
    rows = np.bincount(y, each, n_classes), np.bincount(y_test, minlength=n_classes)
    recall = np.bincount(y, right * each, n_classes) / np.where(rows[0] > 0, rows[0], 1)
    return part_of_shares(recall, rows, confidence)


def part_of_shares(a: np.ndarray, rows: Pair, confidence: float) -> Estimate:
    """sum_s (v_s - t_s) a_s: what other shares of the rows change, where a_s is a share of the s-th of rows[0]."""
    v, t = (part / max(1, part.sum()) for part in rows)
    by_shares = sum(share_variance(a, share, part) for share, part in zip((v, t), rows))
    chance = sum(share * (1 - share) / max(1, part.sum()) for share, part in zip((v, t), rows))
    by_a = max(0.0, ((v - t) ** 2 - chance) @ share_spread(a, rows[0]))  # by_shares counts the chance in v - t already
    return Estimate.normal((v - t) @ a, np.sqrt(by_a + by_shares), confidence)


@dataclass(frozen=True)
class ByX:
    """A gap as what other x contribute where y given x is as it was, and what another relation of y to x does."""

    x_part: Estimate
    relation_part: Estimate
    classes_explained: float  # share of the change of the class shares that other x explain
    apart: float  # share of test rows without validation rows like them, which neither part can count


def split_by_x(right: Pair, strata: Pair, y: Pair, n_classes: int, confidence: float) -> ByX:
    """Validation accuracy - test accuracy = sum_s (v_s - t_s) a_s + sum_s t_s (a_s - b_s) over strata s of like x.

    v, t: shares of validation and test rows in s; a, b: their accuracies there (Cai, Namkoong and Yadlowsky 2023, with
    strata in place of weights). Where y given x is unchanged, and rows of a stratum are alike, a_s = b_s. Strata with
    fewer than LEAST_ROWS validation rows are not compared.
    """
    number = int(max(part.max() for part in strata)) + 1
    rows = [np.bincount(part, minlength=number) for part in strata]
    sums = [np.bincount(part, weights=one, minlength=number) for part, one in zip(strata, right)]
    known = rows[0] >= LEAST_ROWS
    t = np.where(known, rows[1], 0) / max(1, rows[1][known].sum())
    a, b = (total / np.maximum(part, 1) for total, part in zip(sums, rows))
    variance = t**2 @ sum(share_spread(share, part) for share, part in zip((a, b), rows))
    return ByX(
        part_of_shares(a, [np.where(known, part, 0) for part in rows], confidence),
        Estimate.normal(t @ (a - b), np.sqrt(variance), confidence),
        classes_explained(strata, y, n_classes),
        float(rows[1][~known].sum() / rows[1].sum()),
    )


def classes_explained(strata: Pair, y: Pair, n_classes: int) -> float:
    """Share of the change of class shares from validation to test that other x explain.

    Were y given x unchanged, the test rows' class shares would be those of validation rows in the same strata.
    """
    number = int(max(part.max() for part in strata)) + 1
    joint = [
        np.bincount(part * n_classes + codes, minlength=number * n_classes).reshape(number, n_classes)
        for part, codes in zip(strata, y)
    ]
    rows, rows_test = (table.sum(axis=1, keepdims=True) for table in joint)
    expected = (joint[0] / np.maximum(rows, 1) * rows_test).sum(axis=0) / max(1, rows_test[rows > 0].sum())
    p, q = (table.sum(axis=0) / table.sum() for table in joint)
    change = np.abs(p - q).sum()
    return float(1.0 - np.abs(expected - q).sum() / change) if change else 1.0


def share_spread(share: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Variances of shares of `rows`, with two rows more on either side: all of a few rows is not beyond doubt.

    Source: Agresti and Coull 1998.
    """
    smooth = (share * rows + 2) / (rows + 4)
    return smooth * (1 - smooth) / np.maximum(rows, 1)


def share_variance(a: np.ndarray, share: np.ndarray, rows: np.ndarray) -> float:
    """Variance of sum_s share_s a_s by the draw of the shares."""
    return float(share @ (a - share @ a) ** 2 / max(1, rows.sum()))


def strata_of(domains: Domains, p: Pair) -> Pair:
    """Strata of validation (n,) and test rows (m,) that are alike in x, and in the network's certainty about them.

    `p` are its probabilities of the classes.
    """
    scores = domains.score_x(), np.concatenate([part.max(axis=1) for part in p])
    numbers = np.zeros(len(scores[0]), dtype=int)
    for score, cut in zip(scores, (int(np.clip(min(map(len, p)) // 60, 2, 10)), 3)):
        edges = np.unique(np.quantile(score, np.linspace(0, 1, cut + 1)[1:-1]))
        numbers = numbers * (len(edges) + 1) + np.searchsorted(edges, score, side="right")
    return numbers[: len(p[0])], numbers[len(p[0]) :]
