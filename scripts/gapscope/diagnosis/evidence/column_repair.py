"""Repairs of test columns before the rest of the gap is examined: fitted on tables, not on accuracy."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from gapscope.data.encode import encoded
from gapscope.data.rows import replaced
from gapscope.diagnosis.context import Case
from gapscope.diagnosis.estimates import NOTHING, Estimate
from gapscope.diagnosis.evidence.bins import Binned, all_binned, binned, bins_for, class_scores, favour, held, kept
from gapscope.diagnosis.evidence.column_maps import ColumnMap, ColumnPair, column_maps
from gapscope.diagnosis.evidence.column_swaps import swapped
from gapscope.diagnosis.evidence.column_ties import Ties
from gapscope.diagnosis.evidence.drift import change_given_class, homogeneity, joint_drift, p_value

DONORS = 5  # nearest known rows that a value to fill in is drawn from
DONOR_ROWS = 4000  # known rows of a class that are looked at
CERTAIN = 0.3  # distance given the class from which a straight map that fits cannot be chance
CHANCE = 0.6  # of the distance of two samples: what is left of a change by chance
TIED = 0.95  # share of its relation to other features that a column keeps on another scale; noise takes more
MERGED = 0.05  # share of the pairs of different values that a straight map may make equal
BENT = 0.64  # share of that interval's half-width that a curve is granted, since curves fit mixtures of columns too
EITHER_WAY = {"rescaled", "sign_flipped"}  # kinds that a column of few values may fit alike
FAR = 3.0  # standard deviations beyond which a column tells no more about how near two rows are


@dataclass(frozen=True)
class ColumnRepair:
    """One change with the features whose columns undoing it puts right."""

    kind: str
    features: tuple[str, ...]
    how: dict[str, str]  # per feature, in words
    certain: bool = False  # whether the tables alone leave no doubt
    gain: Estimate = NOTHING  # test accuracy that undoing it brings: mean of undoing it alone, and of undoing it last
    needed: Estimate = NOTHING  # test accuracy that is lost if all but it is undone
    maps: dict[str, dict] = field(default_factory=dict)  # per feature, as `ColumnMap` has it

    @property
    def helps(self) -> Estimate:
        """Test accuracy that undoing it brings, by the surer of the two comparisons."""
        return max(self.gain, self.needed, key=lambda figure: figure.low)


def repair_preparation(X: np.ndarray, test: pd.DataFrame, case: Case) -> tuple[list[ColumnRepair], np.ndarray]:
    """Test rows as the network should have been fed, and what was done otherwise: never scaled, or columns in another
    order. `X` (n, d) is what it was fed."""
    proper = case.encode(test)
    if np.allclose(X, proper, rtol=1e-4, atol=1e-5):
        return [], X
    raw, groups = encoded(test, list(case.encode.columns)), case.encode.groups
    scaled, misplaced = (
        [name for name, at in groups.items() if not np.allclose(fed[:, at], proper[:, at], rtol=1e-4, atol=1e-5)]
        for fed in (raw, X)
    )
    kind, names, how = "columns_swapped", misplaced, "fed in another order"
    if np.allclose(np.sort(X.sum(axis=0)), np.sort(raw.sum(axis=0)), rtol=1e-4, atol=1e-3) and scaled:
        kind, names, how = "rescaled", scaled, "never scaled as the training rows"
    return [ColumnRepair(kind, tuple(names), dict.fromkeys(names, how))], proper


def repair_columns(
    known: pd.DataFrame, test: pd.DataFrame, case: Case, repeats: np.ndarray
) -> tuple[pd.DataFrame, list[ColumnRepair]]:
    """The test table with every change undone that a map fits, and these changes.

    Only columns that drifted are tried, and columns exchanged with one of these: where the features' own distribution
    is as it was, no column was changed.
    """
    names, most_left = case.features, case.settings["most_left"]
    y, level = (known[case.target].to_numpy(), test[case.target].to_numpy()), case.alpha / len(names)
    both = all_binned(known, test, names, case.n_classes)
    drifted = joint_drift(both, repeats[-1], case.alpha)
    columns = {
        name: ColumnPair(known[name], y[0], test[name], y[1], case.n_classes)
        for name in names
        if drifted and change_given_class(both[name], y, repeats)["p_given_class"] < level
    }
    columns = {name: column for name, column in columns.items() if column.before > 0}
    trial = MapTrial(case, Ties(known, test, tuple(name for name in names if name not in columns), case))
    undos = swapped(columns, drifted, most_left)
    exchanged = {name for undo in undos for name in undo.columns}
    fitting = {
        name: trial.fitting(columns[name], name) for name in drifted if name in columns and name not in exchanged
    }
    unexplained = [both[name] for name in columns if name not in exchanged and not fitting.get(name)]
    undos += [undo for undo in chosen(list(fitting.values())) if not broken_elsewhere(undo, unexplained, level)]
    changed = {}
    for undo in undos:
        for name, values in undo.columns.items():
            filled = values if undo.unknown is None else filled_in(values, undo.unknown, known, test, name, case)
            changed[name] = filled.to_numpy()
    repairs = [
        ColumnRepair(
            undo.kind, tuple(undo.columns), dict.fromkeys(undo.columns, undo.how),
            all(columns[name].before >= CERTAIN for name in undo.columns) and "rank" not in undo.how,
            maps=undo.maps,
        )
        for undo in undos
    ]  # fmt: skip
    return replaced(test, changed), repairs


def filled_in(
    values: pd.Series, unknown: np.ndarray, known: pd.DataFrame, test: pd.DataFrame, name: str, case: Case
) -> pd.Series:
    """`values` of a column, the `unknown` ones (n,) drawn from known rows of the same class that are much alike in the
    other features (a hot deck: Andridge and Little 2010), so that their relation to these is kept."""
    others = np.setdiff1d(np.arange(len(case.encode.columns)), case.encode.groups[name])
    y_known, y = known[case.target].to_numpy(), test[case.target].to_numpy()
    filled = values.to_numpy(copy=True)
    for c in np.unique(y[unknown]):
        rows, pool = np.flatnonzero(unknown & (y == c)), np.flatnonzero(y_known == c)
        pool = case.rng.permutation(pool if len(pool) else np.arange(len(y_known)))[:DONOR_ROWS]
        near, far = (np.clip(case.encode(part)[:, others], -FAR, FAR) for part in (known.iloc[pool], test.iloc[rows]))
        for block in np.array_split(np.arange(len(rows)), -(-len(rows) // 1000)):
            distance = (near**2).sum(axis=1) - 2.0 * far[block] @ near.T
            nearest = np.argsort(distance, axis=1)[:, :DONORS]
            chosen = nearest[np.arange(len(block)), case.rng.integers(nearest.shape[1], size=len(block))]
            filled[rows[block]] = known[name].to_numpy()[pool[chosen]]
    return pd.Series(filled)


def chosen(fitting: list[list[ColumnMap]]) -> list[ColumnMap]:
    """The plainest undoing of each column. A column that may as well be scaled as reversed is undone like the
    others, if these are all scaled or all reversed: one cause is likelier than two."""
    kinds = [{undo.kind for undo in alike} & EITHER_WAY for alike in fitting]
    ways = set().union(*(own for own in kinds if own != EITHER_WAY))
    found = []
    for alike, own in zip(fitting, kinds):
        if own == EITHER_WAY:
            alike = [undo for undo in alike if ways == {undo.kind}]
        found += alike[:1]
    return found


def broken_elsewhere(undo: ColumnMap, others: list[Binned], level: float) -> bool:
    """Whether another column is broken in the rows that have the marker, as when columns were exchanged in these rows.

    `others` are columns that changed and that no map repairs. The marker then does not stand for missing values.
    """
    if undo.unknown is None:
        return False
    rows = (undo.unknown, ~undo.unknown)
    counts = ([np.bincount(other.test[part], minlength=other.bins) for part in rows] for other in others)
    return any(p_value([homogeneity(*pair)]) < level for pair in counts)


def merged(values: pd.Series, mapped: pd.Series) -> bool:
    """Whether many of these values become equal to others as they are mapped."""
    equal, before = ((column.value_counts(normalize=True) ** 2).sum() for column in (mapped, values))
    return equal - before > MERGED * (1.0 - before)


@dataclass(frozen=True)
class MapTrial:
    """Choice among the maps of a single column."""

    case: Case
    ties: Ties

    def fitting(self, column: ColumnPair, name: str) -> list[ColumnMap]:
        """The undoings that fit alike, the plainest first.

        They must leave next to nothing of the change, and the feature must be tied to the class and to the other
        features as in the known rows.
        """
        most_left = self.case.settings["most_left"]
        small = [undo for undo in column_maps(column, name) if undo.left <= column.allowed(most_left)]
        fits = [undo for undo in small if self.holds(column, undo, name)]
        if not fits and column.before >= CERTAIN:  # wrong labels blur what holds within the classes
            fits = [
                undo
                for undo in column_maps(column, name)
                if "line" in undo.maps[name]
                and column.fits_alone(undo.columns[name], most_left)
                and self.kept(column, undo, name).low > 0
                and not self.ties.kept(name, undo.columns[name], within_classes=False).high < TIED
            ]
        best = min((undo.left for undo in fits), default=0.0)
        return [undo for undo in fits if undo.left <= best + 0.01 + 0.3 * column.noise]

    def holds(self, column: ColumnPair, undo: ColumnMap, name: str) -> bool:
        """Whether the undone column is tied to the class, and a number to the features that did not change, as before:
        noise takes from that, a scale does not. One of them must surely show a number's map, unless a straight line
        leaves no more than chance: a curve of any shape fits, and so does one value for all."""
        kept = self.kept(column, undo, name)
        if kept.high < self.case.settings["least_kept"]:
            return False
        if undo.kind not in ("rescaled", "sign_flipped"):
            return True
        ties, exact = self.ties.kept(name, undo.columns[name]), "line" in undo.maps[name]
        plain = exact and undo.left <= CHANCE * column.noise and not merged(column.test, undo.columns[name])
        shown = plain or max(kept.low, ties.low) > 0
        return shown and not ties.value + (1.0 if exact else BENT) * (ties.high - ties.value) < TIED

    def kept(self, column: ColumnPair, undo: ColumnMap, name: str) -> Estimate:
        """How far the undone column's relation to the class holds, test / known rows.

        The relation is learnt from every second known row and held against the others and the test rows.
        """
        n_classes = self.case.n_classes
        bins = bins_for(min(len(column.known), len(column.test)), n_classes)
        both = binned(column.known, undo.columns[name], bins)
        shares = np.bincount(column.y_known, minlength=n_classes) / len(column.y_known)
        learnt, y_learnt = both.known[::2], column.y_known[::2]
        given = slice(None) if undo.unknown is None else ~undo.unknown
        sides = []
        for codes, y in ((both.known[1::2], column.y_known[1::2]), (both.test[given], column.y_test[given])):
            scores = class_scores(learnt, y_learnt, codes, both.bins, n_classes)
            sides.append(held(favour(scores, y, shares), y, shares))
        return kept(*sides, self.case.confidence)
