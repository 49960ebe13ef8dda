"""Defects of training and test sets, as pure functions on tables.

A defect has a strength from 0 (no change) to 1. Its meaning depends on the group of the defect:

- defects of values affect this share of the test rows, drawn at random;
- for shifts it scales the change: the width of the noise, the offset, the exponent of the sampling weights, or the
  share of rows with the new rule;
- for defects of the training table, see `overfitting`, `leak` and `never_standardised`.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gapscope.data.rows import replaced

SENTINEL, SENTINEL_SHARE = 999, 0.4
UNIT = 100  # divisor of `rescaled`
FEW_ROWS = 1500  # few enough for a network to memorise them
COPIES = 3  # additional copies of a leaked row
BLUR = 0.05  # noise of near copies, in standard deviations
GROUP = 10  # rows per group


@dataclass(frozen=True)
class Defect:
    """A defect of this kind. `feature` is ignored by kinds without a column; `other` is only for `columns_swapped`."""

    kind: str
    feature: str = ""
    other: str | None = None
    strength: float = 1.0


def feature_lost(test: pd.DataFrame, defect: Defect, rng: np.random.Generator) -> pd.DataFrame:
    """The values are unrelated to the class, as those of amenity_score in the real test set.

    Numbers are redrawn uniformly over the column's range, on its grid. Categories are permuted.
    """
    values = test[defect.feature]
    if not pd.api.types.is_numeric_dtype(values):
        return replaced(test, {defect.feature: rng.permutation(values.to_numpy())})
    return replaced(test, {defect.feature: _on_grid(rng.uniform(values.min(), values.max(), len(test)), values)})


def sign_flipped(test: pd.DataFrame, defect: Defect, rng: np.random.Generator) -> pd.DataFrame:
    """The scale is reversed: each value is mirrored within the column's range."""
    values = test[defect.feature]
    return replaced(test, {defect.feature: _on_grid(values.min() + values.max() - values, values)})


def rescaled(test: pd.DataFrame, defect: Defect, rng: np.random.Generator) -> pd.DataFrame:
    """The unit changed, for example from per cent to fractions: all values are divided by 100."""
    return replaced(test, {defect.feature: (test[defect.feature] / UNIT).round(_decimals(test[defect.feature]) + 2)})


def sentinel_value(test: pd.DataFrame, defect: Defect, rng: np.random.Generator) -> pd.DataFrame:
    """Missing values were written as a number: a random 40% of the rows are 999."""
    return replaced(test, {defect.feature: test[defect.feature].mask(rng.random(len(test)) < SENTINEL_SHARE, SENTINEL)})


def category_renamed(test: pd.DataFrame, defect: Defect, rng: np.random.Generator) -> pd.DataFrame:
    """The levels were renamed: "Queens" became "Queens (new)"."""
    renamed = test[defect.feature].map("{} (new)".format, na_action="ignore").astype(object)
    return replaced(test, {defect.feature: renamed})


def columns_swapped(test: pd.DataFrame, defect: Defect, rng: np.random.Generator) -> pd.DataFrame:
    """Two numeric columns are swapped, as when columns are read by position."""
    return replaced(test, {defect.feature: test[defect.other], defect.other: test[defect.feature]})


def swapped_units(test: pd.DataFrame, defect: Defect, rng: np.random.Generator) -> pd.DataFrame:
    """Two numeric columns are swapped, and both are in another unit: divided by 100."""
    swapped = columns_swapped(test, defect, rng)
    return replaced(swapped, {name: swapped[name] / UNIT for name in (defect.feature, defect.other)})


def columns_shifted(test: pd.DataFrame, defect: Defect, rng: np.random.Generator) -> pd.DataFrame:
    """Each numeric column is under the next one's header, as when a file has a header too few."""
    names = numeric_columns(test, defect.feature)
    return replaced(test, {name: test[before] for before, name in zip(names, [*names[1:], names[0]])})


def stuck_value(test: pd.DataFrame, defect: Defect, rng: np.random.Generator) -> pd.DataFrame:
    """A sensor is stuck: all values are the column's median."""
    values = test[defect.feature]
    return replaced(test, {defect.feature: _on_grid(pd.Series(values.median(), values.index), values)})


def saturated(test: pd.DataFrame, defect: Defect, rng: np.random.Generator) -> pd.DataFrame:
    """The scale ends too early: values above the column's median are the median."""
    values = test[defect.feature]
    return replaced(test, {defect.feature: _on_grid(values.clip(upper=values.median()), values)})


def labels_changed(test: pd.DataFrame, defect: Defect, rng: np.random.Generator) -> pd.DataFrame:
    """The labels are permuted, as after a misaligned join.

    At a strength below 1, only this share of the rows gets the label of another row.
    """
    return replaced(test, {defect.feature: rng.permutation(test[defect.feature].to_numpy())})


def concept_drift(test: pd.DataFrame, defect: Defect, rng: np.random.Generator) -> pd.DataFrame:
    """The relation to the class changed: each row has the next class, and the last class becomes the first.

    At a strength below 1, only this share of the rows changes: those with the smallest values of the first number.
    """
    target, classes = test[defect.feature], np.sort(test[defect.feature].dropna().unique())
    following = target.map(dict(zip(classes, np.roll(classes, -1))))
    reached = test[numeric_columns(test, defect.feature)[0]].rank(pct=True) <= defect.strength
    return replaced(test, {defect.feature: following.where(reached | (defect.strength == 1), target)})


def feature_changed(test: pd.DataFrame, defect: Defect, rng: np.random.Generator) -> pd.DataFrame:
    """The feature is noisy: normal noise of one standard deviation, or half of the categories permuted."""
    values = test[defect.feature]
    if not pd.api.types.is_numeric_dtype(values):
        half = rng.random(len(test)) < 0.5 * defect.strength
        return replaced(test, {defect.feature: values.mask(half, rng.permutation(values.to_numpy()))})
    noise = defect.strength * values.std() * rng.standard_normal(len(test))
    return replaced(test, {defect.feature: _on_grid(values + noise, values)})


def harmless_shift(test: pd.DataFrame, defect: Defect, rng: np.random.Generator) -> pd.DataFrame:
    """The feature increases by one standard deviation, which is harmless if the network hardly uses it."""
    values = test[defect.feature]
    return replaced(test, {defect.feature: _on_grid(values + defect.strength * values.std(), values)})


def label_shift(test: pd.DataFrame, defect: Defect, rng: np.random.Generator) -> pd.DataFrame:
    """The class shares change, but not the features given the class.

    Rows are resampled so that the rarest class gets the share of the most frequent one, the second rarest that of the
    second most frequent, and so on.
    """
    target = test[defect.feature]
    shares = target.value_counts(normalize=True)  # most frequent first
    factor = pd.Series(shares.to_numpy()[::-1] / shares.to_numpy(), index=shares.index)
    return _drawn_again(test, target.map(factor) ** defect.strength, rng)


def covariate_shift(test: pd.DataFrame, defect: Defect, rng: np.random.Generator) -> pd.DataFrame:
    """The distribution of a feature changes, but not the class given the features.

    Rows are resampled with weights proportional to the squared rank of the feature's value, or of the category's name.
    """
    return _drawn_again(test, test[defect.feature].rank() ** (2 * defect.strength), rng)


def overfitting(train: pd.DataFrame, defect: Defect, rng: np.random.Generator) -> pd.DataFrame:
    """Too few training rows: 1500 of n are left, or n (1500 / n)^s at a strength s below 1."""
    return train.head(round(len(train) * min(1.0, FEW_ROWS / len(train)) ** defect.strength))


def leak(train: pd.DataFrame, defect: Defect, rng: np.random.Generator) -> pd.DataFrame:
    """1500 rows are left, and a share of them, the strength, occurs four times.

    The split then puts copies of the same row into the training and the validation part.
    """
    few = train.head(FEW_ROWS)
    return pd.concat([few, *[few[rng.random(len(few)) < defect.strength]] * COPIES], ignore_index=True)


def no_overlap(test: pd.DataFrame, defect: Defect, rng: np.random.Generator) -> pd.DataFrame:
    """The values are above those in training and unrelated to the class: uniform over a range of the same width."""
    values = test[defect.feature]
    above = values.max() + (values.max() - values.min()) * (0.05 + rng.random(len(test)))
    return replaced(test, {defect.feature: _on_grid(above, values)})


def near_copies(train: pd.DataFrame, defect: Defect, rng: np.random.Generator) -> pd.DataFrame:
    """1500 rows are left, and a share of them, the strength, has three near copies.

    Numeric values of copies have noise of 0.05 standard deviations, as after data augmentation before the split.
    """
    few = train.head(FEW_ROWS)
    copied = few[rng.random(len(few)) < defect.strength]
    return pd.concat([few, *(_blurred(copied, train, defect, rng) for _ in range(COPIES))], ignore_index=True)


def group_leak(table: pd.DataFrame, defect: Defect, rng: np.random.Generator) -> pd.DataFrame:
    """Rows are in groups of ten that hardly differ, like ten measurements of the same person.

    The groups of the training and the test table are different. At a strength below 1, only this share of the rows is
    in groups. The number of rows does not change.
    """
    grouped = round(len(table) * defect.strength) // GROUP
    first = table.head(grouped)
    rows = [first, *(_blurred(first, table, defect, rng) for _ in range(GROUP - 1))]
    return pd.concat([*rows, table.iloc[grouped * GROUP :]], ignore_index=True)


def _blurred(rows: pd.DataFrame, table: pd.DataFrame, defect: Defect, rng: np.random.Generator) -> pd.DataFrame:
    """The rows with noise added to numeric columns: BLUR times the column's standard deviation in `table`."""
    for name in numeric_columns(table, defect.feature):
        rows = rows.assign(**{name: rows[name] + BLUR * table[name].std() * rng.standard_normal(len(rows))})
    return rows


def never_standardised(train: pd.DataFrame, defect: Defect, rng: np.random.Generator) -> pd.DataFrame:
    """The training table has z-scores, the test table has the original values.

    At a strength below 1, columns are only partly centred, and divided by a power of their standard deviation.
    """
    numbers = train[numeric_columns(train, defect.feature)]
    scored = (numbers - defect.strength * numbers.mean()) / numbers.std().replace(0, 1) ** defect.strength
    return replaced(train, dict(scored.items()))


def _by_name(*functions: Callable[..., pd.DataFrame]) -> dict[str, Callable[..., pd.DataFrame]]:
    return {function.__name__: function for function in functions}


OF_VALUES = _by_name(
    feature_lost, sign_flipped, rescaled, sentinel_value, category_renamed, columns_swapped, swapped_units,
    columns_shifted, stuck_value, saturated, no_overlap, labels_changed,
)  # fmt: skip
SHIFTS = _by_name(feature_changed, harmless_shift, label_shift, covariate_shift, concept_drift)
OF_TRAINING = _by_name(overfitting, leak, near_copies, never_standardised)
OF_BOTH = _by_name(group_leak)
FUNCTIONS = {**OF_VALUES, **SHIFTS, **OF_TRAINING, **OF_BOTH}
KINDS = ("none", *FUNCTIONS)
NUMERIC_ONLY = frozenset({
    "sign_flipped", "rescaled", "sentinel_value", "columns_swapped", "swapped_units", "stuck_value", "saturated",
    "harmless_shift", "no_overlap",
})  # fmt: skip
OF_TWO = frozenset({"columns_swapped", "swapped_units"})
OF_ALL_NUMBERS = frozenset({"never_standardised", "columns_shifted"})
CATEGORICAL_ONLY = frozenset({"category_renamed"})
ON_TARGET = frozenset({"labels_changed", "label_shift", "concept_drift"})
ON_NO_COLUMN = frozenset({"none", "columns_shifted", *ON_TARGET, *OF_TRAINING, *OF_BOTH})


def numeric_columns(table: pd.DataFrame, target: str) -> list[str]:
    """Names of all numeric columns except the target."""
    return [name for name, dtype in table.dtypes.items() if name != target and pd.api.types.is_numeric_dtype(dtype)]


def _on_grid(values: np.ndarray | pd.Series, like: pd.Series) -> np.ndarray | pd.Series:
    """Values rounded like those of the column `like`: to integers, or to the same number of decimals."""
    if pd.api.types.is_integer_dtype(like):
        return np.rint(values).astype(like.dtype)
    return np.round(values, _decimals(like))


def _decimals(column: pd.Series) -> int:
    """Number of decimals of the column's values, at most 12."""
    known = column.dropna()
    return next((places for places in range(12) if known.round(places).equals(known)), 12)


def _drawn_again(test: pd.DataFrame, weight: pd.Series, rng: np.random.Generator) -> pd.DataFrame:
    """The same number of rows, drawn with replacement with probabilities proportional to `weight`."""
    return test.iloc[rng.choice(len(test), size=len(test), p=weight / weight.sum())].reset_index(drop=True)
