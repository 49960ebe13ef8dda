"""How a column hangs together with the other features: on another scale it does as before, with noise on it less."""

import numpy as np
import pandas as pd

from gapscope.diagnosis.context import Case
from gapscope.diagnosis.estimates import NOTHING, Estimate
from gapscope.diagnosis.evidence.bins import kept

RIDGE = 1e-3  # of the mean square of the other features: some are sums of others
FAR = 5.0  # standard deviations to which the other features are held


class Ties:
    """The relation of single columns to the `others`, features that did not change, within the classes or not."""

    def __init__(self, known: pd.DataFrame, test: pd.DataFrame, others: tuple[str, ...], case: Case):
        self.known, self.tables, self.case = known, (known, test), case
        self.places = np.concatenate([np.array([], dtype=int), *(case.encode.groups[name] for name in others)])
        self.centred: dict[bool, list[np.ndarray]] = {}

    def X(self, within_classes: bool) -> list[np.ndarray]:
        """The other features of known and of test rows, less the mean of each class, or of all rows."""
        if within_classes not in self.centred:
            self.centred[within_classes] = [
                centred(np.clip(self.case.encode(table)[:, self.places], -FAR, FAR), y)
                for table, y in zip(self.tables, self.y(within_classes))
            ]
        return self.centred[within_classes]

    def y(self, within_classes: bool) -> list[np.ndarray]:
        return [table[self.case.target].to_numpy() * within_classes for table in self.tables]

    def kept(self, name: str, values: pd.Series, within_classes: bool = True) -> Estimate:
        """Share of its relation to the other features that the column `name` keeps with these values in the test rows.

        The column's ranks are predicted from the other features by a line learnt from every second known row. In the
        other known rows and in the test rows the ranks rise with the prediction by some slope; the share is the second
        slope over the first. Nothing where the column has no relation to the others.
        """
        if not len(self.places):
            return NOTHING
        rising = np.sort(self.known[name].to_numpy(np.float64))
        ranks = [
            centred(rank_among(rising, column.to_numpy(np.float64))[:, None], y)[:, 0]
            for column, y in zip((self.known[name], values), self.y(within_classes))
        ]
        X = self.X(within_classes)
        learnt = X[0][::2]
        square = learnt.T @ learnt
        square += (RIDGE * np.trace(square) / len(square) + 1e-12) * np.eye(len(square))
        line = np.linalg.solve(square, learnt.T @ ranks[0][::2])
        before, after = slope(X[0][1::2] @ line, ranks[0][1::2]), slope(X[1] @ line, ranks[1])
        return kept(before, after, self.case.confidence)


def rank_among(rising: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Share of `rising` that lies below each value, equal ones counting half."""
    return (np.searchsorted(rising, values, "left") + np.searchsorted(rising, values, "right")) / 2 / len(rising)


def centred(X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """X (n, d) less the mean of each row's class."""
    rows = np.bincount(y)
    sums = np.array([np.bincount(y, weights=column) for column in X.T]).reshape(X.shape[1], len(rows)).T
    return X - (sums / np.maximum(rows, 1)[:, None])[y]


def slope(x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """Slope of the line through the origin, and its standard error, errors varying from row to row (White 1980)."""
    square = max(float(x @ x), np.finfo(float).tiny)
    value = float(x @ y) / square
    return value, float(np.sqrt(x**2 @ (y - value * x) ** 2)) / square
