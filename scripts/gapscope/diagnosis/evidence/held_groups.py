"""Rows that belong together, in the training and the validation part: of one person, site or session, or copied with
noise. What they add to the validation accuracy is told by training again, with rows that belong together held out
together."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from gapscope.common.weights import thinned
from gapscope.data.split import grouped_parts
from gapscope.diagnosis.context import Case
from gapscope.diagnosis.estimates import Estimate
from gapscope.diagnosis.evidence.gather import Gathered
from gapscope.diagnosis.evidence.near_rows import Space, clusters, distances_within, nearness, to_other_clusters

ROWS = 6000  # known rows that are trained on and held out, at most
CELLS = 1_000_000  # of the training rows among which the nearest one is looked for, at most
ASKED = 1000  # validation rows and test rows whose nearest training row is looked for, at most
FOLDS = 3  # each costs two trainings; of three near copies of a row one is then mostly among the other folds
LEAST_GROUPS = 5
LEAST_APART = 0.5  # by how much more often validation rows' groups stand in the training part than test rows' do
LEAST_APART_OF_FEATURE = 0.8  # of a feature; levels that are new in half of the test rows may as well be renamed
BROKEN = 2  # up to so many features that moved may be broken columns
USUAL = 0.95  # quantile of the known rows' distances to another cluster, beyond which a row is far
LEAST_FAR = 0.4  # share of the test rows that are so far from training rows, if their values are broken
LEAST_NEARER = 0.2  # share of the validation rows that are nearer to training rows than test rows are
SURE = 2.5  # times the error of that share, before the costly part begins: Smirnov's p is then below 0.00001


@dataclass(frozen=True)
class Grouping:
    """Groups of `rows` among the known rows: rows that belong together."""

    column: str | None  # whose values tell the groups; None: they stand near each other
    rows: np.ndarray  # (n,) places among the known rows, rising
    groups: np.ndarray  # (n,)
    shared: float  # share of validation rows that belong together with training rows
    shared_test: float  # the same of test rows
    kind: str = "group_leak"  # near_copies: test rows do not hang together, as training rows were made from others

    @property
    def apart(self) -> float:
        """By how much more often validation rows belong together with training rows."""
        return self.shared - self.shared_test


def held_groups(g: Gathered) -> tuple[Grouping | None, Estimate | None]:
    """The first grouping of the known rows, by a column or by nearness, that surely adds to the validation accuracy,
    and what it adds: validation accuracy - accuracy of rows held out together with those that belong to them.

    Where too few groups show that, the first one that most validation rows, and few test rows, have with training rows.
    """
    unsure = None, None
    for search in (by_column, by_nearness):
        for grouping in search(g):
            flattery = flattered(g.case, grouping, g.evidence.test_gap.value)
            if flattery.low > 0:
                return grouping, flattery
            if unsure[0] is None and grouping.apart >= LEAST_APART:
                unsure = grouping, flattery
    return unsure


def by_column(g: Gathered) -> list[Grouping]:
    """Columns whose values validation rows share with training rows, and test rows do not; without renamed ones."""
    case, found = g.case, []
    n_train, renamed = len(case.sets.train.y), {name for one in g.repaired.repairs for name in one.features}
    for name, (known, test) in columns_of(case).items():
        if name in renamed:
            continue
        training = np.unique(known[:n_train])
        shared, shared_test = (float(np.isin(part, training).mean()) for part in (known[n_train:], test))
        least = LEAST_APART_OF_FEATURE if name in case.features else LEAST_APART
        if len(training) >= LEAST_GROUPS and shared - shared_test >= least:
            some = thinned_groups(known, case.rng)
            found.append(Grouping(name, some, known[some], shared, shared_test))
    return sorted(found, key=lambda one: one.shared_test - one.shared)


def columns_of(case: Case) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Codes of known and of test rows in each column that may tell groups: left out as no feature, or categorical."""
    sets = case.sets
    names = list(dict.fromkeys(column.feature for column in case.encode.columns if column.level is not None))
    tables = [sets.left_out] if sets.left_out else []
    if names:
        tables = [tuple(table.take(np.arange(len(table)), names) for table in (sets.known, sets.test_table)), *tables]
    codes = {}
    for known, test in tables:
        for name in known:
            both = pd.factorize(pd.concat([known[name], test[name]]))[0]
            codes[name] = both[: len(known)], both[len(known) :]
    return codes


def by_nearness(g: Gathered) -> list[Grouping]:
    """Clusters of rows near each other, if validation rows are nearer to training rows than test rows are.

    If only a few features moved, their columns may be broken, so the other features must show the same.
    """
    case, sets = g.case, g.case.sets
    n_train = len(sets.train.y)
    most = max(ROWS, CELLS // sets.train.X.shape[1])
    places = thinned(n_train, most, case.rng), n_train + thinned(len(sets.validation.y), ASKED, case.rng)
    known = [sets.known.take(rows, case.features) for rows in places]
    asked = thinned(len(g.repaired.test), ASKED, case.rng)
    tables = (*known, g.repaired.test.iloc[asked])
    moved = g.evidence.joint_drift
    others = [name for name in case.features if name not in moved]
    found = nearer(tables, case.features, case.rng)
    if found and 0 < len(moved) <= BROKEN and others and not nearer(tables, others, case.rng):
        return []
    return [replace(one, rows=np.concatenate(places)[one.rows]) for one in found]


def nearer(tables: tuple[pd.DataFrame, ...], features: list[str], rng: np.random.Generator) -> list[Grouping]:
    """Clusters of training and validation rows near each other in these features, if test rows are not as near.

    Empty if many test rows are further from training rows than one cluster is from another: their values are broken.
    """
    found = []
    for ranked in (True, False):
        space = Space(tables[0], features, ranked)
        parts = [space.points(table) for table in tables]
        found.append((nearness(*parts), parts))
    near, parts = max(found, key=lambda one: one[0].excess)
    if near.excess < max(LEAST_NEARER, SURE * np.sqrt(sum(1 / len(part) for part in parts[1:]))):
        return []
    points = np.concatenate(parts[:2])
    groups = clusters(points, near.to_training[1])
    if groups is None:
        return []
    some = thinned_groups(groups, rng)
    usual = np.quantile(to_other_clusters(points[some], groups[some], ASKED), USUAL)
    if (near.to_training[1] > usual).mean() >= LEAST_FAR:
        return []
    shared, shared_test = ((distance <= near.radius).mean() for distance in near.to_training)
    among_test = (distances_within(parts[2]) <= near.radius).mean()
    copies = among_test - shared_test < near.excess / 2  # validation rows are near training rows, not test rows theirs
    kind = "near_copies" if copies else "group_leak"
    return [Grouping(None, some, groups[some], float(shared), float(shared_test), kind)]


def thinned_groups(groups: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Rows of whole groups drawn at random, ROWS at most (or of one group)."""
    number = int(groups.max()) + 1
    order = rng.permutation(number)
    kept = np.cumsum(np.bincount(groups, minlength=number)[order]) <= ROWS
    kept[0] = True
    return np.flatnonzero(np.isin(groups, order[kept]))


def flattered(case: Case, grouping: Grouping, gap: float) -> Estimate:
    """Validation accuracy owed to the grouping, of a `gap`: what rows lose without rows of their group, less what test
    rows owe to training rows in the same way."""
    own = grouping.apart / grouping.shared
    lost = held_out(case, grouping, gap / own)
    return Estimate(lost.value * own, lost.low * own, lost.high * own)


def held_out(case: Case, grouping: Grouping, gap: float) -> Estimate:
    """Accuracy lost if groups instead of rows are held out of training; fold by fold, until it is sure whether that is
    most of the `gap`. The interval counts groups, not rows."""
    X, y = known_rows(case, grouping.rows)
    groups, most = np.unique(grouping.groups, return_inverse=True)[1], case.settings["explained"] * gap
    parts = grouped_parts(groups, y, [1.0 / FOLDS] * FOLDS, case.rng), case.rng.permutation(len(y)) % FOLDS
    right = np.empty((2, len(y)))
    for fold in range(FOLDS):
        for found, part in zip(right, parts):
            found[part == fold] = trained_without(case, X, y, part == fold)
        whole, at_random = (
            clustered(found[part <= fold], groups[part <= fold], case.confidence) for found, part in zip(right, parts)
        )
        flattery = at_random.minus(whole)
        enough = len(np.unique(groups[parts[0] <= fold])) >= 2 * LEAST_GROUPS
        if fold < FOLDS - 1 and enough and (flattery.low >= most or flattery.high < most):
            return flattery
    return clustered(right[1] - right[0], groups, case.confidence)


def known_rows(case: Case, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """X (n, d) and y (n,) of these known rows."""
    train, validation = case.sets.train, case.sets.validation
    n_train = len(train.y)
    parts = train.at(rows[rows < n_train]), validation.at(rows[rows >= n_train] - n_train)
    return np.concatenate([part.X for part in parts]), np.concatenate([part.y for part in parts])


def trained_without(case: Case, X: np.ndarray, y: np.ndarray, out: np.ndarray) -> np.ndarray:
    """1 for each row in `out` (n,) that a model trained on the others classifies right, else 0."""
    return (case.trained_again(X[~out], y[~out]).predict(X[out]) == y[out]).astype(float)


def clustered(values: np.ndarray, groups: np.ndarray, confidence: float) -> Estimate:
    """Mean of one value per row (n,), whose rows of one group count as one draw."""
    sums = np.bincount(groups, values - values.mean())
    number = np.count_nonzero(np.bincount(groups))
    error = np.sqrt((sums**2).sum() * number / max(number - 1, 1)) / len(values)
    return Estimate.normal(values.mean(), error, confidence)
