"""Data of the diagnosis: rows as tables and as inputs of the network, and estimates with their intervals."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import pandas as pd

from gapscope.common.weights import as_rows, deviation, mean, thinned
from gapscope.data.encode import Column, encoded, feature_groups
from gapscope.data.rows import Held, Listed
from gapscope.evaluation.metrics import difference_interval
from gapscope.network.partition import Partition

Pair = tuple[np.ndarray, np.ndarray]  # of known or validation rows, of test rows


@dataclass(frozen=True)
class Sets:
    """Rows of each set as the network is fed (X scaled, y codes), and as cleaned tables, row by row the same.

    `known` are the training rows, then the validation rows. Without a test set `test` and `test_table` are None;
    without its labels `test.y` is, and the table has no target. `left_out` are the columns of both tables that are no
    features, as hashes of their values.
    """

    train: Partition
    validation: Partition
    test: Partition | None
    known: Held | Listed
    test_table: Held | Listed | None
    left_out: tuple[pd.DataFrame, pd.DataFrame] | None = None

    @property
    def labelled(self) -> bool:
        """Whether there is a test set whose classes are known."""
        return self.test is not None and self.test.y is not None

    @property
    def known_weights(self) -> np.ndarray | None:
        """Weights of the rows `known`; None if all count the same."""
        if self.train.weights is None:
            return None
        return np.concatenate([self.train.weights, self.validation.weights])

    def validation_sample(self, columns: list[str], limit: int, rng: np.random.Generator) -> "Sample":
        """At most `limit` validation rows, drawn at random."""
        rows = thinned(len(self.validation.y), limit, rng, self.validation.weights)
        table = self.known.take(len(self.train.y) + rows, columns)
        return Sample(rows, table, self.validation.X[rows], self.validation.y[rows])


@dataclass(frozen=True)
class Sample:
    """Rows of a part: their places in it, as a table of features, as the network is fed, and their classes."""

    rows: np.ndarray
    table: pd.DataFrame
    X: np.ndarray
    y: np.ndarray


@dataclass(frozen=True)
class Encoder:
    """A cleaned table as the network was trained to read it: encoded columns, z-scored with the training's figures."""

    columns: Sequence[Column]
    mean: np.ndarray  # (d,)
    deviation: np.ndarray  # (d,)

    def __call__(self, table: pd.DataFrame) -> np.ndarray:
        """X (rows, d)."""
        return (encoded(table, list(self.columns)) - self.mean) / self.deviation

    @property
    def groups(self) -> dict[str, np.ndarray]:
        """Per original feature: the places of its columns in X."""
        return feature_groups(list(self.columns))


@dataclass(frozen=True)
class Estimate:
    """A figure with its interval; (nan, -inf, inf) where the rows at hand say nothing."""

    value: float
    low: float
    high: float

    @classmethod
    def normal(cls, value: float, error: float, confidence: float) -> "Estimate":
        """The interval of a normal estimate with standard error `error`."""
        half = NormalDist().inv_cdf(0.5 + confidence / 2) * error
        return cls(float(value), float(value - half), float(value + half))

    def share(self) -> "Estimate":
        """The estimate as a share: no end beyond 0 and 1."""
        return Estimate(*(min(max(end, 0.0), 1.0) for end in (self.value, self.low, self.high)))

    @classmethod
    def mean(cls, rows: np.ndarray, confidence: float, weights: np.ndarray | None = None) -> "Estimate":
        """Mean of one figure per row (n,), each by its weight."""
        error = deviation(rows, weights) / np.sqrt(as_rows(len(rows), weights))
        return cls.normal(mean(rows, weights), error, confidence)

    @classmethod
    def change(cls, rows: np.ndarray, confidence: float, added: float = 0.0) -> "Estimate":
        """Mean of one difference between -1 and 1 per row (n,), as `difference_interval` has it."""
        return cls(*difference_interval(rows, None, confidence, added))

    def minus(self, other: "Estimate") -> "Estimate":
        """Difference of two independent figures; the half-widths add as in Newcombe (1998), method 10."""
        value = self.value - other.value
        below = np.hypot(self.value - self.low, other.high - other.value)
        above = np.hypot(self.high - self.value, other.value - other.low)
        return Estimate(float(value), float(value - below), float(value + above))

    def shifted(self, half_widths: float) -> "Estimate":
        """The same estimate, `half_widths` of its interval further up."""
        if not np.isfinite(self.value):
            return self
        step = half_widths * (self.high - self.low) / 2
        return Estimate(self.value + step, self.low + step, self.high + step)

    @property
    def record(self) -> dict:
        """Value, low and high by name."""
        return dict(vars(self))


NOTHING = Estimate(float("nan"), -float("inf"), float("inf"))


def without_nan(content):
    """JSON content in which numbers that say nothing, NaN and the infinities, are null."""
    if isinstance(content, dict):
        return {key: without_nan(value) for key, value in content.items()}
    if isinstance(content, list):
        return [without_nan(value) for value in content]
    return None if isinstance(content, float) and not np.isfinite(content) else content
