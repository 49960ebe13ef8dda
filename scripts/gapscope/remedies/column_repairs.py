"""Repair broken columns of the test table, or blur columns of the training table as in the test table."""

from difflib import SequenceMatcher

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from gapscope.data.rows import replaced
from gapscope.evaluation.permutation import ranks
from gapscope.remedies.recommendation import Untried

LEVELS = np.linspace(0.0, 1.0, 1001)
MIXED_IN = 1.5  # times the relation is kept that noise of the test column's width would leave, if it is no noise


def repaired(test: pd.DataFrame, train: pd.DataFrame, entries: list[dict]) -> pd.DataFrame:
    """The test table with the `features` of each entry repaired by the method `how`, `undo` or one of REPAIRS.

    Untried if a repair cannot be applied to its features.
    """
    for entry in entries:
        how, features = entry["how"], entry["features"]
        if how == "undo":
            test = replaced(test, {name: undone(test, name, fitted) for name, fitted in entry["maps"].items()})
            continue
        if how in NUMERIC_ONLY + CATEGORICAL_ONLY:
            check_kind(how.replace("_", " "), features, train, numeric=how in NUMERIC_ONLY)
        test = REPAIRS[how](test, train, features)
    return test


def check_kind(what: str, features: list[str], train: pd.DataFrame, numeric: bool) -> None:
    """Raise Untried unless all features are numeric, or all categorical; `what` is named in the message."""
    for name in features:
        if pd.api.types.is_numeric_dtype(train[name]) != numeric:
            raise Untried(f"{what} is for {'numeric' if numeric else 'categorical'} features, which {name} is not")


def undone(test: pd.DataFrame, name: str, fitted: dict | None) -> pd.Series:
    """The column before its change, by the map that the diagnosis fitted (see `ColumnMap`).

    Values that mean "missing" are kept; they are replaced after encoding.
    """
    fitted = fitted or {}
    values = test[fitted.get("from", name)]
    if "levels" in fitted:
        values = values.replace(fitted["levels"])
    if "curve" in fitted:
        values = pd.Series(np.interp(values, *fitted["curve"]), values.index)
    if "line" in fitted:
        slope, offset = fitted["line"]
        values = slope * values + offset
    return values


def missing_values(test: pd.DataFrame, entries: list[dict]) -> dict[str, np.ndarray]:
    """For each column, which rows (n,) have the value that means "missing" according to the diagnosis."""
    return {
        name: (test[name] == fitted["missing"]).to_numpy()
        for entry in entries
        for name, fitted in entry.get("maps", {}).items()
        if "missing" in (fitted or {})
    }


def quantile_match(test: pd.DataFrame, train: pd.DataFrame, features: list[str]) -> pd.DataFrame:
    """Replace each value by the training value of the same rank; this undoes any increasing map."""
    return replaced(test, {name: _quantiles(train[name], _shares(test[name])) for name in features})


def reverse(test: pd.DataFrame, train: pd.DataFrame, features: list[str]) -> pd.DataFrame:
    """Replace each value by the training value of the opposite rank; this undoes a decreasing map."""
    return replaced(test, {name: _quantiles(train[name], 1.0 - _shares(test[name])) for name in features})


def _shares(column: pd.Series) -> np.ndarray:
    """Rank of each value, scaled to 0 to 1; equal values get the mean of their ranks."""
    return (ranks(column.to_numpy()) - 1.0) / max(1, len(column) - 1)


def _quantiles(train: pd.Series, shares: np.ndarray) -> np.ndarray:
    return np.interp(shares, LEVELS, np.quantile(train, LEVELS))


def swap(test: pd.DataFrame, train: pd.DataFrame, features: list[str]) -> pd.DataFrame:
    """Exchange two columns."""
    if len(features) != 2:
        raise Untried(f"swap takes two features, and there are {len(features)}")
    first, second = features
    return replaced(test, {first: test[second], second: test[first]})


def missing(test: pd.DataFrame, train: pd.DataFrame, features: list[str]) -> pd.DataFrame:
    """Replace values outside the training range, or unknown levels, by the training median or mode."""
    columns = {}
    for name in features:
        if pd.api.types.is_numeric_dtype(train[name]):
            known, stand_in = test[name].between(train[name].min(), train[name].max()), train[name].median()
        else:
            known, stand_in = test[name].isin(train[name].unique()), train[name].mode().iloc[0]
        columns[name] = test[name].where(known, stand_in)
    return replaced(test, columns)


def rename(test: pd.DataFrame, train: pd.DataFrame, features: list[str]) -> pd.DataFrame:
    """Rename new levels to training levels missing in the test table, matched by frequency and spelling."""
    return replaced(test, {name: test[name].replace(former_names(test[name], train[name])) for name in features})


def former_names(test: pd.Series, train: pd.Series) -> dict[str, str]:
    """Training level for each new level, by the assignment with the lowest total cost.

    The cost of a pair is the difference of their shares of rows, plus 1 minus the similarity of their names (difflib's
    ratio, case-insensitive).
    """
    test_shares, train_shares = (column.value_counts(normalize=True) for column in (test, train))
    new = sorted(set(test_shares.index) - set(train_shares.index))
    gone = sorted(set(train_shares.index) - set(test_shares.index))

    def cost(a: str, b: str) -> float:
        similarity = SequenceMatcher(None, a.casefold(), b.casefold()).ratio()
        return abs(test_shares[a] - train_shares[b]) + 1.0 - similarity

    costs = np.array([[cost(a, b) for b in gone] for a in new]).reshape(len(new), len(gone))
    matched = linear_sum_assignment(costs)
    return {new[i]: gone[j] for i, j in zip(*matched)}


REPAIRS = {function.__name__: function for function in (quantile_match, reverse, swap, missing, rename)}
NUMERIC_ONLY = ("quantile_match", "reverse", "swap")
CATEGORICAL_ONLY = ("rename",)


def blurred(train: pd.DataFrame, test: pd.DataFrame, kept: dict[str, float], rng: np.random.Generator) -> pd.DataFrame:
    """The training table with each column of `kept` blurred as in the test table.

    Numeric columns get noise, so that their variance is that of the test column. Noise of d standard deviations reduces
    a linear relation to the share 1 / (1 + d^2). Where much more than that is kept, other values were mixed in, not
    noise: as many rows as in the test table then get one of its values beyond the training range. To get down to the
    share `kept`, further rows get the value of another row.
    """
    columns = {}
    for name, share_kept in kept.items():
        values, left = train[name], float(np.clip(share_kept, 0.0, 1.0))
        if pd.api.types.is_numeric_dtype(values) and values.var() > 0:
            wider = max(1.0, test[name].var() / values.var())
            beyond = test[name][~test[name].between(values.min(), values.max())].to_numpy()
            if left * wider > MIXED_IN and len(beyond):
                mixed_in = len(beyond) / len(test)
                values = values.mask(rng.random(len(values)) < mixed_in, rng.choice(beyond, len(values)))
                left /= max(1.0 - mixed_in, left)
            else:
                values = values + np.sqrt(wider - 1.0) * values.std() * rng.standard_normal(len(values))
                left *= wider
        columns[name] = values.mask(rng.random(len(values)) < 1.0 - left, rng.permutation(values.to_numpy()))
    return replaced(train, columns)


def noisy(train: pd.DataFrame, features: list[str], deviation: float, rng: np.random.Generator) -> pd.DataFrame:
    """The table with normal noise added to numeric features, `deviation` times their standard deviation."""
    noise = {name: deviation * train[name].std() * rng.standard_normal(len(train)) for name in features}
    return replaced(train, {name: train[name] + noise[name] for name in features})
