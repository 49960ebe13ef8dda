"""What can go wrong between a training and a test set: each break as a small pure function on the test table.

Every function takes the test table, the column it breaks and a generator, and returns a new table. The
breaks of the labels (`labels_changed`, `label_shift`) take the target as their column, `columns_swapped` a
second name.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd

from gapscope.errors import UserError

SENTINEL, SENTINEL_SHARE = 999, 0.4
UNIT = 100  # `rescaled` divides by it


def none(test: pd.DataFrame, feature: str, rng: np.random.Generator) -> pd.DataFrame:
    """Nothing is broken: test comes from the same source as train."""
    return test.copy()


def feature_lost(test: pd.DataFrame, feature: str, rng: np.random.Generator) -> pd.DataFrame:
    """The values no longer relate to the class, as in the real test set's amenity_score.

    Numbers are redrawn uniformly over the column's range, on its grid. Categories are permuted.
    """
    values = test[feature]
    if not pd.api.types.is_numeric_dtype(values):
        return test.assign(**{feature: rng.permutation(values.to_numpy())})
    return test.assign(**{feature: _on_grid(rng.uniform(values.min(), values.max(), len(test)), values)})


def sign_flipped(test: pd.DataFrame, feature: str, rng: np.random.Generator) -> pd.DataFrame:
    """The scale runs the other way: each value is mirrored within the column's range."""
    values = test[feature]
    return test.assign(**{feature: _on_grid(values.min() + values.max() - values, values)})


def rescaled(test: pd.DataFrame, feature: str, rng: np.random.Generator) -> pd.DataFrame:
    """The unit changed, as from per cent to fractions: every value is divided by 100."""
    return test.assign(**{feature: (test[feature] / UNIT).round(4)})


def sentinel_value(test: pd.DataFrame, feature: str, rng: np.random.Generator) -> pd.DataFrame:
    """Missing values were written as a number: 40% of the rows, at random, read 999."""
    return test.assign(**{feature: test[feature].mask(rng.random(len(test)) < SENTINEL_SHARE, SENTINEL)})


def category_renamed(test: pd.DataFrame, feature: str, rng: np.random.Generator) -> pd.DataFrame:
    """The code list changed: every level has a new name, one for one ("Queens" reads "Queens (new)")."""
    return test.assign(**{feature: test[feature] + " (new)"})


def columns_swapped(test: pd.DataFrame, feature: str, rng: np.random.Generator, other: str) -> pd.DataFrame:
    """Two numeric columns stand under each other's header, as when columns are read by position."""
    return test.assign(**{feature: test[other], other: test[feature]})


def labels_changed(test: pd.DataFrame, target: str, rng: np.random.Generator) -> pd.DataFrame:
    """The labels belong to other rows, as after a misaligned join: permuted, class shares kept."""
    return test.assign(**{target: rng.permutation(test[target].to_numpy())})


def label_shift(test: pd.DataFrame, target: str, rng: np.random.Generator) -> pd.DataFrame:
    """Class shares change while each class looks as before.

    Rows are drawn again, the rarest class as often as the most frequent was, the second rarest as the
    second, …
    """
    shares = test[target].value_counts(normalize=True)  # most frequent first
    factor = pd.Series(shares.to_numpy()[::-1] / shares.to_numpy(), index=shares.index)
    return _drawn_again(test, test[target].map(factor), rng)


def covariate_shift(test: pd.DataFrame, feature: str, rng: np.random.Generator) -> pd.DataFrame:
    """Other rows are seen, and y given x is kept.

    Rows are drawn again in proportion to the squared rank of the feature's value (of its name in the
    alphabet for a category), whatever their class.
    """
    return _drawn_again(test, test[feature].rank() ** 2, rng)


BREAKS: dict[str, Callable[..., pd.DataFrame]] = {
    function.__name__: function
    for function in (
        none, feature_lost, sign_flipped, rescaled, sentinel_value, category_renamed, columns_swapped,
        labels_changed, label_shift, covariate_shift,
    )
}  # fmt: skip
NUMERIC_ONLY = frozenset({"sign_flipped", "rescaled", "sentinel_value", "columns_swapped"})
CATEGORICAL_ONLY = frozenset({"category_renamed"})
ON_TARGET = frozenset({"labels_changed", "label_shift"})


def broken_column(kind: str, feature: str) -> str | None:
    """The feature that a break of this kind touches: None for `none` and for the breaks of the labels."""
    return None if kind == "none" or kind in ON_TARGET else feature


def apply_break(
    test: pd.DataFrame,
    kind: str,
    feature: str,
    target: str,
    rng: np.random.Generator,
    other: str | None = None,
) -> pd.DataFrame:
    """The test table after the break `kind`; the table given is left as it is.

    Raises UserError if the kind is unknown, the target is absent, or a column that the break needs is absent,
    the target, or of the wrong type.
    """
    if kind not in BREAKS:
        known = ", ".join(BREAKS)
        raise UserError(f"config key simulate.break.kind: no break is called {kind!r}; choose one of {known}")
    if target not in test.columns:
        raise UserError(f"config key data.target: simulated tables have no {target!r}; set price_class")
    if kind in ON_TARGET:
        return BREAKS[kind](test, target, rng)
    if kind == "none":
        return none(test, feature, rng)
    _check_feature(test, kind, feature, target, "simulate.break.feature")
    if kind != "columns_swapped":
        return BREAKS[kind](test, feature, rng)
    _check_feature(test, kind, other, target, "simulate.break.other")
    if other == feature:
        raise UserError(f"config key simulate.break.other: {other!r} is the broken feature too; name another")
    return columns_swapped(test, feature, rng, other)


def _check_feature(test: pd.DataFrame, kind: str, feature: str | None, target: str, key: str) -> None:
    allowed = [
        column
        for column, dtype in test.dtypes.drop(target).items()
        if kind not in (CATEGORICAL_ONLY if pd.api.types.is_numeric_dtype(dtype) else NUMERIC_ONLY)
    ]
    if feature not in allowed:
        choice = ", ".join(allowed)
        raise UserError(f"config key {key}: {kind} cannot be applied to {feature!r}; choose one of {choice}")


def _on_grid(values: np.ndarray | pd.Series, like: pd.Series) -> np.ndarray | pd.Series:
    """Values as the column holds them: whole numbers, or one decimal."""
    if pd.api.types.is_integer_dtype(like):
        return np.rint(values).astype(like.dtype)
    return np.round(values, 1)


def _drawn_again(test: pd.DataFrame, weight: pd.Series, rng: np.random.Generator) -> pd.DataFrame:
    """As many rows, drawn with replacement in proportion to `weight`."""
    chosen = rng.choice(len(test), size=len(test), p=(weight / weight.sum()).to_numpy())
    return test.iloc[chosen].reset_index(drop=True)
