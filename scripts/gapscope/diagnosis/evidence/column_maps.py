"""Undoing what may have happened to a test column: another unit, a reversed sign, a code for missing values, renamed
categories, columns under each other's header.

A map is fitted on tables alone, without the network: it fits if, given the class, the mapped test column looks like the
known one, and tells the class as it did. Whether undoing it brings the accuracy back is a second, independent question.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from gapscope.diagnosis.evidence.bins import is_numeric
from gapscope.diagnosis.evidence.drift import ks_distance, total_variation

LEVELS = np.linspace(0.01, 0.99, 50)  # quantiles that a straight line is fitted through
SPIKE = 0.05  # share of the rows that one value must have gained to count as a code for missing values
HEAPED = 20  # times as many rows as before have one value, which no other choice of rows brings about
SAME = 0.05  # mean change, in standard deviations, up to which a map leaves a column as it is
CONSTANT = 0.95  # share from which a column holds no other value worth comparing
CURVE_POINTS = 200  # of a monotone curve, as it is written down
FIT_ROWS = 4000  # known rows that a distance looks at: enough for +-0.02


@dataclass(frozen=True)
class ColumnMap:
    """One way to undo a change: the columns as they would have been, and how much of the change that undoes."""

    kind: str
    columns: dict[str, pd.Series]
    how: str
    left: float  # distance given the class after undoing; sampling noise taken off
    unknown: np.ndarray | None = None  # rows whose value is not known (n,); `columns` has them as they came
    maps: dict[str, dict] = field(default_factory=dict)  # per column, as remedies/column_repairs.py applies it


class ColumnPair:
    """A known column and its test counterpart, each with its rows' classes, and their distance given the class."""

    def __init__(self, known: pd.Series, y_known: np.ndarray, test: pd.Series, y_test: np.ndarray, n_classes: int):
        self.known, self.y_known, self.test, self.y_test = known, y_known, test, y_test
        self.numeric = is_numeric(known)
        self.n_classes = n_classes
        self.classes = [c for c in range(n_classes) if (y_known == c).any() and (y_test == c).any()]
        every = max(1, len(known) // FIT_ROWS)
        self.by_class = {c: np.sort(known.to_numpy()[y_known == c][::every]) for c in self.classes}
        self.before = self.excess(test.to_numpy())
        sizes = {c: (y_test == c).sum() for c in self.classes}
        self.noise = sum(
            size * self._noise(self.by_class[c], test.to_numpy()[y_test == c]) for c, size in sizes.items()
        ) / max(1, sum(sizes.values()))

    def excess(self, values: np.ndarray, rows: np.ndarray | None = None) -> float:
        """Distance of the classes' distributions, averaged over the test rows' classes, above what noise gives."""
        y = self.y_test if rows is None else self.y_test[rows]
        values = values if rows is None else values[rows]
        total, weight = 0.0, 0
        for c in self.classes:
            here, own = values[y == c], self.by_class[c]
            if len(here):
                total += len(here) * max(0.0, self._distance(own, here) - self._noise(own, here))
                weight += len(here)
        return total / weight if weight else 1.0

    def _distance(self, own: np.ndarray, here: np.ndarray) -> float:
        return ks_distance(own, here) if self.numeric else total_variation(*_level_counts(own, here))

    def _noise(self, own: np.ndarray, here: np.ndarray) -> float:
        """Mean distance of two samples of one distribution: Kolmogorov's 0.87, or the sum over levels."""
        scale = np.sqrt(1.0 / len(own) + 1.0 / len(here))
        if self.numeric:
            return 0.87 * scale
        counts = np.sum(_level_counts(own, here), axis=0)
        p = counts / counts.sum()
        return float(0.5 * np.sqrt(2.0 / np.pi) * np.sqrt(p * (1 - p)).sum() * scale)

    def allowed(self, most_left: float) -> float:
        """The distance that is next to nothing, as a share of that before, and of 1. That of two samples of one
        distribution varies by about a third of its mean."""
        return min(most_left * self.before + 0.3 * self.noise, most_left / 4 + 0.6 * self.noise)

    def fits_alone(self, mapped: pd.Series, most_left: float) -> bool:
        """Whether the mapped test column is as the known one, whatever the classes."""
        known, values = self.known.to_numpy(), mapped.to_numpy()
        return self._distance(known, values) - self._noise(known, values) <= self.allowed(most_left)

    def matched(self) -> tuple[np.ndarray, np.ndarray]:
        """Test values in order and, for each, the share of rows below its middle, with the known class shares."""
        shares = np.bincount(self.y_known, minlength=self.n_classes) / len(self.y_known)
        rows = np.bincount(self.y_test, minlength=self.n_classes)
        weight = (shares / np.maximum(rows, 1))[self.y_test]
        values, place = np.unique(self.test.to_numpy(np.float64), return_inverse=True)
        weight = np.bincount(place, weights=weight)
        return values, (np.cumsum(weight) - weight / 2) / weight.sum()


def _level_counts(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    _, codes = np.unique(np.concatenate([first, second]).astype(str), return_inverse=True)
    bins = codes.max() + 1
    return np.bincount(codes[: len(first)], minlength=bins), np.bincount(codes[len(first) :], minlength=bins)


def column_maps(column: ColumnPair, name: str) -> list[ColumnMap]:
    """Every way that is tried for one column, the plainest first; none that leaves it as it is."""
    spike = list(_spike(column, name))
    if not column.numeric:
        return spike + _renamed(column, name)
    test, spread = column.test.to_numpy(np.float64), column.known.std()
    curves = [*_straight(column, name), *_monotone(column, name)]
    return spike + [undo for undo in curves if np.abs(undo.columns[name].to_numpy() - test).mean() > SAME * spread]


def _straight(column: ColumnPair, name: str) -> Iterator[ColumnMap]:
    """Straight lines: a factor, then a factor and an offset, with either sign. The last line is exact where most rows
    are: it maps the commonest test value to the commonest known one."""
    values, below = column.matched()
    known = column.known.to_numpy(np.float64)
    wanted, given = np.quantile(known, LEVELS), np.interp(LEVELS, below, values)
    if np.ptp(given) == 0 or np.ptp(wanted) == 0:
        return
    for kind, goal, sign in (("rescaled", wanted, 1.0), ("sign_flipped", wanted[::-1], -1.0)):
        factor = float(goal @ given / (given @ given))
        power = sign * 10.0 ** np.round(np.log10(abs(factor) or 1.0))
        slope, offset = np.polyfit(given, goal, 1)
        heaps = slope, column.known.mode()[0] - slope * column.test.mode()[0]
        lines = [(power, 0.0), (factor, 0.0), (slope, offset), heaps]
        if sign < 0:  # reversed within the known range, or such that the largest test value becomes the least known one
            lines[:0] = [(-1.0, known.min() + high) for high in (known.max(), values.max())]
        for slope, offset in lines:
            if slope * sign > 0:
                mapped = nearest(column.known, slope * column.test.to_numpy(np.float64) + offset)
                how = f"{slope:.4g} times the value" + (f" {offset:+.4g}" if offset else "")
                left, line = column.excess(mapped.to_numpy()), {"line": [float(slope), float(offset)]}
                yield ColumnMap(kind, {name: mapped}, how, left, maps={name: line})


def _monotone(column: ColumnPair, name: str) -> Iterator[ColumnMap]:
    """Any rising or falling curve: each test value becomes the known value of the same, or of the mirrored, rank."""
    values, below = column.matched()
    known = np.sort(column.known.to_numpy(np.float64))
    ranks = np.interp(column.test.to_numpy(np.float64), values, below)
    places = np.unique(np.linspace(0, len(values) - 1, CURVE_POINTS).astype(int))
    same, mirrored = (ranks, below[places]), (1 - ranks, 1 - below[places])
    for kind, both, how in (("rescaled", same, "same rank"), ("sign_flipped", mirrored, "mirrored rank")):
        mapped, goal = (known[np.minimum((rank * len(known)).astype(int), len(known) - 1)] for rank in both)
        maps = {name: {"curve": [values[places].tolist(), goal.tolist()]}}
        yield ColumnMap(kind, {name: pd.Series(mapped)}, f"the value of the {how}", column.excess(mapped), maps=maps)


def nearest(known: pd.Series, values: np.ndarray) -> pd.Series:
    """Each value moved to the nearest one that the known column holds."""
    grid = np.unique(known.to_numpy(np.float64))
    right = np.clip(np.searchsorted(grid, values), 1, max(1, len(grid) - 1))
    left = right - 1
    right = np.minimum(right, len(grid) - 1)
    return pd.Series(np.where(values - grid[left] <= grid[right] - values, grid[left], grid[right]))


def _spike(column: ColumnPair, name: str) -> Iterator[ColumnMap]:
    """One value in place of missing ones: the rows that do not have it must fit."""
    shares = column.test.value_counts(normalize=True)
    gained = shares - column.known.value_counts(normalize=True).reindex(shares.index).fillna(0.0)
    value = gained.idxmax()
    if gained[value] < SPIKE or shares[value] > CONSTANT or clipped(column.known, column.test):
        return
    if column.numeric and _turned(column, value):
        return
    hit = (column.test == value).to_numpy()
    left = column.excess(column.test.to_numpy(), ~hit)
    maps = {name: {"missing": float(value) if column.numeric else value}}
    yield ColumnMap("sentinel_value", {name: column.test}, f"{value} stands for missing", left, hit, maps)


def _turned(column: ColumnPair, value: float) -> bool:
    """Whether the value may be the commonest one the other way round: as many rows as before have one of both."""
    known, test, both = column.known, column.test, [value, column.known.mode()[0]]
    mirrored = sum(both) == test.min() + test.max() and value <= known.max()
    return bool(mirrored and test.isin(both).mean() - known.isin(both).mean() < SPIKE)


def clipped(known: pd.Series, test: pd.Series) -> bool:
    """Whether a number's values beyond one end of the test column were moved to that end."""
    if not is_numeric(known):
        return False
    for end, beyond in ((test.min(), known < test.min()), (test.max(), known > test.max())):
        gained = (test == end).mean() - (known == end).mean()
        if gained >= SPIKE and gained / 2 < beyond.mean() < 2 * gained:
            return True
    return False


def heaped(known: pd.Series, test: pd.Series) -> bool:
    """Whether a number's test values heap at one that hardly any known row has."""
    share = test.value_counts(normalize=True)
    return is_numeric(known) and share.iloc[0] >= max(SPIKE, HEAPED * (known == share.index[0]).mean())


def _renamed(column: ColumnPair, name: str) -> list[ColumnMap]:
    """Test levels given known levels' names one for one, such that their shares within the classes agree best.

    The assignment with the least total distance is found exactly (Kuhn 1955, by scipy).
    """
    levels = [sorted(part.unique()) for part in (column.known, column.test)]
    profiles = [
        np.column_stack([pd.Index(values[y == c]).value_counts(normalize=True).reindex(names, fill_value=0.0)
                         for c in column.classes])
        for values, y, names in zip(
            (column.known.to_numpy(), column.test.to_numpy()), (column.y_known, column.y_test), levels
        )
    ]  # fmt: skip
    weights = np.array([(column.y_test == c).mean() for c in column.classes])
    cost = np.zeros((len(levels[1]), len(levels[0])))
    for place, weight in enumerate(weights):  # without an array of levels by levels by classes
        cost += weight * np.abs(np.subtract.outer(profiles[1][:, place], profiles[0][:, place]))
    same = np.equal.outer(*(np.array(names, object) for names in levels[::-1])).astype(float)
    names = {levels[1][row]: levels[0][place] for row, place in assigned(cost - 1e-9 * same)}
    mapped = column.test.map(lambda level: names.get(level, level))
    renamed = [f"{new} is {old}" for new, old in names.items() if new != old]
    if not renamed:
        return []
    left = column.excess(mapped.to_numpy())
    return [ColumnMap("category_renamed", {name: mapped}, ", ".join(renamed[:6]), left, maps={name: {"levels": names}})]


def assigned(cost: np.ndarray) -> list[tuple[int, int]]:
    """The pairs of a row and a column with the least total cost, each row and column in one at most."""
    from scipy.optimize import linear_sum_assignment  # here: half a second, for the few tables that come so far

    return list(zip(*(places.tolist() for places in linear_sum_assignment(cost))))
