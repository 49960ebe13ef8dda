"""Simulated listings similar to those of Airbnb in New York, with known defects.

All columns are drawn conditional on the price class, with rounded shares of the real training set. A "cell" combines
the class with whether the entire home is rented. Its index is `2 * class + entire`, so tables by cell have eight rows.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtr

from gapscope.data.rows import replaced
from gapscope.simulation.defects import Defect, numeric_columns
from gapscope.simulation.inject import inject, truth_of

BLOCK = 1 << 17  # rows to draw at a time
TARGET = "price_class"
CLASS_SHARES = (0.1346, 0.5632, 0.2381, 0.0641)

ROOMS = ("Private room", "Shared room", "Entire home/apt")
ENTIRE = ROOMS.index("Entire home/apt")
ROOM_SHARES = (  # % of each room, by class
    (86.9, 10.2, 2.9),
    (55.5, 1.5, 43.0),
    (9.0, 0.4, 90.6),
    (9.1, 0.5, 90.4),
)

BOROUGHS = ("Bronx", "Brooklyn", "Manhattan", "Queens", "Staten Island")
BOROUGH_SHARES = (  # % of each borough, by cell
    (5.7, 54.3, 15.7, 22.7, 1.6), (8.6, 47.1, 16.4, 25.8, 2.1),
    (2.2, 42.4, 41.7, 13.1, 0.6), (2.6, 47.3, 36.3, 12.7, 1.1),
    (0.9, 24.2, 68.1, 6.6, 0.2), (0.4, 31.1, 63.3, 4.9, 0.3),
    (1.3, 19.5, 70.8, 8.4, 0.0), (0.6, 23.2, 73.4, 2.6, 0.2),
)  # fmt: skip

MISSING_SHARES = {
    "neighbourhood_group": 0.0203, "room_type": 0.0148, "minimum_nights": 0.0320,
    "amenity_score": 0.0222, "number_of_reviews": 0.0272, "availability_365": 0.0144,
}  # fmt: skip


@dataclass(frozen=True)
class Numeric:
    """Distribution of a numeric column in each cell: `below[cell][k]` % of the values are at most `nodes[class][k]`.

    Values between two nodes are uniform. Whole numbers are rounded up, so the nodes v - 1 and v give the share of v.
    """

    nodes: tuple[tuple[float, ...], ...]
    below: tuple[tuple[float, ...], ...]
    whole: bool = True


MINIMUM_NIGHTS = Numeric(  # days; spikes at 1, 2, 3 and 30
    nodes=((0, 1, 2, 3, 4, 5, 7, 14, 29, 30, 90, 365),) * 4,
    below=(
        (0, 33, 53, 64, 69, 75, 81, 85, 89.5, 98.5, 99.6, 100),
        (0, 31, 51, 67, 73, 78, 84, 87, 94, 98.5, 99.6, 100),
        (0, 37, 62, 76, 82, 87, 92, 94, 96.0, 99.3, 99.8, 100),
        (0, 17, 41, 59, 68, 75, 82, 86, 89, 97.6, 99.4, 100),
        (0, 45, 68, 84, 89, 93, 96, 97, 98.0, 99.7, 99.9, 100),
        (0, 15, 42, 62, 70, 77, 82, 84, 87, 98.4, 99.6, 100),
        (0, 44, 62, 83, 89, 91, 94, 96, 97.0, 98.5, 99.6, 100),
        (0, 17, 39, 61, 70, 78, 83, 85, 88, 98.8, 99.8, 100),
    ),
)  # fmt: skip
AMENITY_SCORE = Numeric(  # points; the ranges of the classes overlap, and entire homes have higher scores in class 1
    nodes=((10, 20, 30, 35), (28, 45, 55, 68), (55, 65, 76.5, 88), (75, 85, 95, 99)),
    below=(
        (0, 40, 80, 100), (0, 40, 80, 100),
        (0, 53, 90, 100), (0, 24, 65, 100),
        (0, 26, 80, 100), (0, 25, 74, 100),
        (0, 34, 93, 100), (0, 35, 93, 100),
    ),
    whole=False,
)  # fmt: skip
NUMBER_OF_REVIEWS = Numeric(  # a fifth have none; the tail is long
    nodes=((-1, 0, 1, 3, 7, 15, 30, 60, 120, 240, 600),) * 4,
    below=(
        (0, 19, 32, 45, 58, 71, 81, 90, 97, 99.4, 100), (0, 16, 27, 40, 49, 65, 76, 87, 96, 98.6, 100),
        (0, 19, 29, 40, 52, 64, 75, 86, 94, 99.1, 100), (0, 14, 24, 36, 51, 65, 75, 86, 95, 99.4, 100),
        (0, 32, 44, 56, 66, 77, 86, 92, 96, 99.6, 100), (0, 20, 30, 42, 56, 69, 79, 88, 95, 99.6, 100),
        (0, 47, 61, 71, 83, 91, 94, 98, 99, 99.8, 100), (0, 30, 40, 51, 64, 76, 85, 93, 98, 99.6, 100),
    ),
)  # fmt: skip
AVAILABILITY_365 = Numeric(  # days a year; a spike at 0, a second hump towards 365
    nodes=((-1, 0, 30, 90, 180, 270, 340, 364, 365),) * 4,
    below=(
        (0, 38, 47, 61, 71, 79, 90, 97.5, 100), (0, 47, 60, 75, 83, 89, 97, 99.3, 100),
        (0, 35, 45, 60, 72, 79, 89, 96.8, 100), (0, 39, 53, 65, 75, 86, 96, 99.1, 100),
        (0, 30, 37, 53, 66, 72, 80, 91.0, 100), (0, 31, 44, 55, 66, 78, 91, 97.8, 100),
        (0, 21, 24, 41, 52, 61, 70, 85.4, 100), (0, 21, 30, 42, 56, 70, 86, 95.8, 100),
    ),
)  # fmt: skip
COPULA = (  # correlations given the cell of nights, reviews and availability, as normal scores
    (1.00, -0.20, 0.05),
    (-0.20, 1.00, 0.30),
    (0.05, 0.30, 1.00),
)


def simulate(rows: int, rng: np.random.Generator) -> pd.DataFrame:
    """Draw `rows` listings without missing values, with the columns of the real files.

    The class shares are exact, because the real files are a stratified split. The three skewed counts depend on each
    other through a Gaussian copula (Nelsen 2006, An Introduction to Copulas, section 2.3). Columns are drawn one after
    the other; BLOCK does not change the values.
    """
    last = np.rint(np.cumsum(CLASS_SHARES) * rows)  # end of each class's rows, before shuffling
    price_class = np.searchsorted(last, rng.permutation(rows), side="right")
    (room,) = _in_blocks(lambda given: [_draw_level(ROOM_SHARES, given, rng)], price_class, np.int8)
    cell = (2 * price_class + (room == ENTIRE)).astype(np.int8)
    (borough,) = _in_blocks(lambda given: [_draw_level(BOROUGH_SHARES, given, rng)], cell, np.int8)
    nights, reviews, availability = _in_blocks(lambda given: _counts(given, rng), cell, np.int64, columns=3)
    (amenities,) = _in_blocks(lambda given: [_inverse(AMENITY_SCORE, given, rng.random(len(given)))], cell, np.float64)
    return pd.DataFrame({
        "neighbourhood_group": pd.Categorical.from_codes(borough, list(BOROUGHS)),
        "room_type": pd.Categorical.from_codes(room, list(ROOMS)),
        "minimum_nights": nights,
        "amenity_score": amenities,
        "number_of_reviews": reviews,
        "availability_365": availability,
        TARGET: price_class,
    }, copy=False)  # fmt: skip


def simulate_pair(
    train_rows: int, test_rows: int, seed: int, defects: list[Defect]
) -> tuple[pd.DataFrame, pd.DataFrame, dict]:
    """Training table (with missing values) and test table (without), both with `defects`, and a description of these.

    Each step has a separate random generator, so that defects of the test set and `test_rows` do not change the
    training rows. Raises UserError for a defect that is unknown or cannot be applied to its column.
    """
    streams = np.random.SeedSequence(seed).spawn(5)
    for_train, for_missing, for_test, for_defect, for_train_defect = map(np.random.default_rng, streams)
    train = with_missing(simulate(train_rows, for_train), MISSING_SHARES, for_missing)
    test = simulate(test_rows, for_test)
    truth = {"source": "simulated", **truth_of(defects, numeric_columns(test, TARGET)), "seed": seed,
             "train_rows": train_rows, "test_rows": test_rows}  # fmt: skip
    return *inject(train, test, defects, TARGET, for_train_defect, for_defect), truth


def with_missing(table: pd.DataFrame, shares: dict[str, float], rng: np.random.Generator) -> pd.DataFrame:
    """A copy with values missing at random; `shares` gives the share (0 to 1) for each column.

    Integer columns become float, as when a file with missing values is read.
    """
    for column, share in shares.items():  # column by column, so that a large table is not in memory twice
        table = replaced(table, {column: table[column].mask(rng.random(len(table)) < share)})
    return table


def _in_blocks(draw: Callable, given: np.ndarray, dtype: type, columns: int = 1) -> list[np.ndarray]:
    """Arrays (rows,) from `draw(given)`, which returns `columns` arrays, called for BLOCK rows at a time."""
    whole = [np.empty(len(given), dtype) for _ in range(columns)]
    for first in range(0, len(given), BLOCK):
        here = slice(first, first + BLOCK)
        for column, values in zip(whole, draw(given[here])):
            column[here] = values
    return whole


def _counts(cell: np.ndarray, rng: np.random.Generator) -> list[np.ndarray]:
    """Nights, reviews and availability, each (rows,), for rows of these cells."""
    scores = rng.standard_normal((len(cell), len(COPULA))) @ np.linalg.cholesky(np.array(COPULA)).T  # (rows, 3)
    return [
        _inverse(column, cell, shares)
        for column, shares in zip((MINIMUM_NIGHTS, NUMBER_OF_REVIEWS, AVAILABILITY_365), ndtr(scores).T)
    ]


def _draw_level(shares: tuple, given: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A random level for each row (rows,), with the shares (% per level) in row `given` (rows,) of `shares`."""
    upper = np.cumsum(shares, axis=1)[given, :-1]  # (rows, levels - 1)
    return (100 * rng.random(len(given))[:, None] >= upper).sum(axis=1)


def _inverse(column: Numeric, cell: np.ndarray, uniform: np.ndarray) -> np.ndarray:
    """Quantiles of the column (rows,) at the probabilities `uniform` (rows,), in each row's cell."""
    values = np.empty(len(cell))
    for index, below in enumerate(column.below):
        here = cell == index
        values[here] = np.interp(100 * uniform[here], below, column.nodes[index // 2])
    return np.ceil(values).astype(np.int64) if column.whole else np.round(values, 1)
