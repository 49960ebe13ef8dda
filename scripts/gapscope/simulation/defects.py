"""Defects of a training or a test set, each as a small pure function on a table.

A defect has a strength from 0 (nothing happens) to 1. Three groups differ in what it means:

- defects of values reach that share of the test rows, at random;
- shifts are that far on their way: noise and offset in standard deviations, redrawing weights to that power, the new
  rule in a region;
- defects of the training table: see `overfitting`, `leak` and `never_standardised`.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gapscope.data.rows import replaced

SENTINEL, SENTINEL_SHARE = 999, 0.4
UNIT = 100  # `rescaled` divides by it
FEW_ROWS = 1500  # that a network can learn by heart
COPIES = 3  # of a leaked row, beside itself
BLUR = 0.05  # standard deviations by which near copies differ
GROUP = 10  # rows of a group


@dataclass(frozen=True)
class Defect:
    """`other` is the second column of `columns_swapped`; kinds that damage no single column ignore `feature`."""

    kind: str
    feature: str = ""
    other: str | None = None
    strength: float = 1.0


def feature_lost(test: pd.DataFrame, defect: Defect, rng: np.random.Generator) -> pd.DataFrame:
    """The values no longer relate to the class, as in the real test set's amenity_score.

    Numbers are redrawn uniformly over the column's range, on its grid. Categories are permuted.
    """
    values = test[defect.feature]
    if not pd.api.types.is_numeric_dtype(values):
        return replaced(test, {defect.feature: rng.permutation(values.to_numpy())})
    return replaced(test, {defect.feature: _on_grid(rng.uniform(values.min(), values.max(), len(test)), values)})


def sign_flipped(test: pd.DataFrame, defect: Defect, rng: np.random.Generator) -> pd.DataFrame:
    """The scale runs the other way: each value is mirrored within the column's range."""
    values = test[defect.feature]
    return replaced(test, {defect.feature: _on_grid(values.min() + values.max() - values, values)})


def rescaled(test: pd.DataFrame, defect: Defect, rng: np.random.Generator) -> pd.DataFrame:
    """The unit changed, as from per cent to fractions: every value is divided by 100."""
    return replaced(test, {defect.feature: (test[defect.feature] / UNIT).round(_decimals(test[defect.feature]) + 2)})


def sentinel_value(test: pd.DataFrame, defect: Defect, rng: np.random.Generator) -> pd.DataFrame:
    """Missing values were written as a number: 40% of the rows, at random, read 999."""
    return replaced(test, {defect.feature: test[defect.feature].mask(rng.random(len(test)) < SENTINEL_SHARE, SENTINEL)})


def category_renamed(test: pd.DataFrame, defect: Defect, rng: np.random.Generator) -> pd.DataFrame:
    """The code list changed: every level has a new name, one for one ("Queens" reads "Queens (new)")."""
    renamed = test[defect.feature].map("{} (new)".format, na_action="ignore").astype(object)
    return replaced(test, {defect.feature: renamed})


def columns_swapped(test: pd.DataFrame, defect: Defect, rng: np.random.Generator) -> pd.DataFrame:
    """Two numeric columns stand under each other's header, as when columns are read by position."""
    return replaced(test, {defect.feature: test[defect.other], defect.other: test[defect.feature]})


def labels_changed(test: pd.DataFrame, defect: Defect, rng: np.random.Generator) -> pd.DataFrame:
    """The labels belong to other rows, as after a misaligned join: permuted, class shares kept.

    At a strength below 1 they are noisy: that share of the rows has the label of another row.
    """
    return replaced(test, {defect.feature: rng.permutation(test[defect.feature].to_numpy())})


def concept_drift(test: pd.DataFrame, defect: Defect, rng: np.random.Generator) -> pd.DataFrame:
    """Another rule holds: each row has the next class, and the last class becomes the first.

    At a lower strength the new rule holds for that share of the rows, those with the least values of the first number.
    """
    target, classes = test[defect.feature], np.sort(test[defect.feature].dropna().unique())
    following = target.map(dict(zip(classes, np.roll(classes, -1))))
    reached = test[numeric_columns(test, defect.feature)[0]].rank(pct=True) <= defect.strength
    return replaced(test, {defect.feature: following.where(reached | (defect.strength == 1), target)})


def feature_changed(test: pd.DataFrame, defect: Defect, rng: np.random.Generator) -> pd.DataFrame:
    """The feature is measured less exactly: normal noise of one standard deviation, or half the categories permuted."""
    values = test[defect.feature]
    if not pd.api.types.is_numeric_dtype(values):
        half = rng.random(len(test)) < 0.5 * defect.strength
        return replaced(test, {defect.feature: values.mask(half, rng.permutation(values.to_numpy()))})
    noise = defect.strength * values.std() * rng.standard_normal(len(test))
    return replaced(test, {defect.feature: _on_grid(values + noise, values)})


def harmless_shift(test: pd.DataFrame, defect: Defect, rng: np.random.Generator) -> pd.DataFrame:
    """The feature moves up by one standard deviation: harmless where the network hardly uses it."""
    values = test[defect.feature]
    return replaced(test, {defect.feature: _on_grid(values + defect.strength * values.std(), values)})


def label_shift(test: pd.DataFrame, defect: Defect, rng: np.random.Generator) -> pd.DataFrame:
    """Class shares change while each class looks as before.

    Rows are drawn again, the rarest class as often as the most frequent was, the second rarest as the second, …
    """
    target = test[defect.feature]
    shares = target.value_counts(normalize=True)  # most frequent first
    factor = pd.Series(shares.to_numpy()[::-1] / shares.to_numpy(), index=shares.index)
    return _drawn_again(test, target.map(factor) ** defect.strength, rng)


def covariate_shift(test: pd.DataFrame, defect: Defect, rng: np.random.Generator) -> pd.DataFrame:
    """Other rows are seen, and y given x is kept.

    Rows are drawn again in proportion to the squared rank of the feature's value, or of a category's name.
    """
    return _drawn_again(test, test[defect.feature].rank() ** (2 * defect.strength), rng)


def overfitting(train: pd.DataFrame, defect: Defect, rng: np.random.Generator) -> pd.DataFrame:
    """Too few rows to learn from: 1500 are left. At a strength s below 1 more are: n (1500 / n)^s."""
    return train.head(round(len(train) * min(1.0, FEW_ROWS / len(train)) ** defect.strength))


def leak(train: pd.DataFrame, defect: Defect, rng: np.random.Generator) -> pd.DataFrame:
    """1500 rows are left, and a share of them as large as the strength is there four times.

    The split then puts copies of one row into both the training and the validation part.
    """
    few = train.head(FEW_ROWS)
    copied = few[rng.random(len(few)) < defect.strength]
    return pd.concat([few, *[copied] * COPIES], ignore_index=True)


def no_overlap(test: pd.DataFrame, defect: Defect, rng: np.random.Generator) -> pd.DataFrame:
    """The values lie beyond all that were seen before, and tell nothing there: uniform over as wide a range above."""
    values = test[defect.feature]
    width = values.max() - values.min()
    above = values.max() + width * (0.05 + rng.random(len(test)))
    return replaced(test, {defect.feature: _on_grid(above, values)})


def near_copies(train: pd.DataFrame, defect: Defect, rng: np.random.Generator) -> pd.DataFrame:
    """1500 rows are left, and a share of them as large as the strength has three near copies.

    The numbers of a copy have noise of 0.05 standard deviations, as where a table is made larger before it is split.
    """
    few = train.head(FEW_ROWS)
    copied = few[rng.random(len(few)) < defect.strength]
    return pd.concat([few, *(_blurred(copied, train, defect, rng) for _ in range(COPIES))], ignore_index=True)


def group_leak(table: pd.DataFrame, defect: Defect, rng: np.random.Generator) -> pd.DataFrame:
    """Rows come in groups of ten that hardly differ, others in each table, as of one person measured ten times.

    At a lower strength as large a share of the table is such groups. The number of rows is kept.
    """
    grouped = round(len(table) * defect.strength) // GROUP
    first = table.head(grouped)
    rows = [first, *(_blurred(first, table, defect, rng) for _ in range(GROUP - 1))]
    return pd.concat([*rows, table.iloc[grouped * GROUP :]], ignore_index=True)


def _blurred(rows: pd.DataFrame, table: pd.DataFrame, defect: Defect, rng: np.random.Generator) -> pd.DataFrame:
    """The rows with noise of BLUR standard deviations of the table's columns on their numbers."""
    names = numeric_columns(table, defect.feature)
    return rows.assign(**{
        name: rows[name] + BLUR * table[name].std() * rng.standard_normal(len(rows)) for name in names
    })  # fmt: skip


def never_standardised(train: pd.DataFrame, defect: Defect, rng: np.random.Generator) -> pd.DataFrame:
    """The training table arrives as z-scores, the test table as it was measured.

    At a lower strength the training table is only on its way to z-scores, geometrically.
    """
    for name in numeric_columns(train, defect.feature):
        column = train[name]
        scored = (column - defect.strength * column.mean()) / column.std() ** defect.strength
        train = replaced(train, {name: scored})
    return train


def _by_name(*functions: Callable[..., pd.DataFrame]) -> dict[str, Callable[..., pd.DataFrame]]:
    return {function.__name__: function for function in functions}


OF_VALUES = _by_name(
    feature_lost, sign_flipped, rescaled, sentinel_value, category_renamed, columns_swapped, no_overlap, labels_changed
)
SHIFTS = _by_name(feature_changed, harmless_shift, label_shift, covariate_shift, concept_drift)
OF_TRAINING = _by_name(overfitting, leak, near_copies, never_standardised)
OF_BOTH = _by_name(group_leak)
FUNCTIONS = {**OF_VALUES, **SHIFTS, **OF_TRAINING, **OF_BOTH}
KINDS = ("none", *FUNCTIONS)
NUMERIC_ONLY = frozenset(
    {"sign_flipped", "rescaled", "sentinel_value", "columns_swapped", "harmless_shift", "no_overlap"}
)
CATEGORICAL_ONLY = frozenset({"category_renamed"})
ON_TARGET = frozenset({"labels_changed", "label_shift", "concept_drift"})
ON_NO_COLUMN = frozenset({"none", *ON_TARGET, *OF_TRAINING, *OF_BOTH})


def numeric_columns(table: pd.DataFrame, target: str) -> list[str]:
    """The numeric features of a table: all numeric columns but the target."""
    return [name for name, dtype in table.dtypes.items() if name != target and pd.api.types.is_numeric_dtype(dtype)]


def _on_grid(values: np.ndarray | pd.Series, like: pd.Series) -> np.ndarray | pd.Series:
    """Values as the column holds them: whole numbers, or as many decimals."""
    if pd.api.types.is_integer_dtype(like):
        return np.rint(values).astype(like.dtype)
    return np.round(values, _decimals(like))


def _decimals(column: pd.Series) -> int:
    """The number of decimals that the column's values are written with, at most 12."""
    known = column.dropna()
    return next((places for places in range(12) if known.round(places).equals(known)), 12)


def _drawn_again(test: pd.DataFrame, weight: pd.Series, rng: np.random.Generator) -> pd.DataFrame:
    """As many rows, drawn with replacement in proportion to `weight`."""
    chosen = rng.choice(len(test), size=len(test), p=(weight / weight.sum()).to_numpy())
    return test.iloc[chosen].reset_index(drop=True)
