"""Splitting into training and validation part, and the z-score fitted on the training part."""

import math
from dataclasses import dataclass

import numpy as np

from gapscope.errors import UserError


def split_rows(y: np.ndarray, split: dict) -> tuple[np.ndarray, np.ndarray]:
    """Row numbers of the training and of the validation part.

    Args:
        y (n,): class codes. split: config.yaml's split block. The validation part has ceil(validation_share * n) rows.

    Raises:
        UserError: if a part would be empty.
    """
    n_validation = max(1, math.ceil(round(split["validation_share"] * len(y), 6)))  # 0.07 * 100 is 7.000000000000001
    if n_validation >= len(y):
        raise UserError(
            f"config: split.validation_share: {split['validation_share']} of {len(y)} rows leaves none to train on; "
            "choose a smaller share or bring more rows."
        )
    order = _order(y, split)
    if split["validation_first"]:
        return order[n_validation:], order[:n_validation]
    return order[:-n_validation], order[-n_validation:]


def _order(y: np.ndarray, split: dict) -> np.ndarray:
    if split["generator"] == "legacy":
        return np.random.RandomState(split["seed"]).permutation(len(y))
    order = np.random.default_rng(split["seed"]).permutation(len(y))
    if not split["stratify"]:
        return order
    # Each row's place within its class, as a share of it: sorting by that keeps the class shares in every stretch.
    place = np.empty(len(y))
    for code in np.unique(y):
        rows = order[y[order] == code]
        place[rows] = (np.arange(len(rows)) + 0.5) / len(rows)
    return order[np.argsort(place[order], kind="stable")]


@dataclass(frozen=True)
class Scaling:
    """z-score per encoded column: (x - mean) / deviation; columns left alone have mean 0 and deviation 1."""

    mean: np.ndarray  # (d,)
    deviation: np.ndarray  # (d,)

    def __call__(self, X: np.ndarray) -> np.ndarray:
        """X (n, d) scaled, as a new array."""
        return (X - self.mean) / self.deviation


def fit_scaling(X: np.ndarray, numeric: np.ndarray, scale: dict) -> Scaling:
    """Fit on X (n, d); `numeric` (d,) says which columns are scaled unless scale.columns is all.

    A constant column keeps deviation 1, as does one whose values differ by so little that their squares are 0.
    """
    chosen = numeric | (scale["columns"] == "all")
    ddof = 1 if scale["deviation"] == "sample" else 0
    columns = np.ascontiguousarray(X.T)  # along contiguous columns NumPy sums pairwise: more exact, and as pandas does
    mean, deviation = columns.mean(axis=1), columns.std(axis=1, ddof=ddof)
    varies = (columns.min(axis=1) < columns.max(axis=1)) & (deviation > 0.0)
    return Scaling(np.where(chosen, mean, 0.0), np.where(chosen & varies, deviation + scale["epsilon"], 1.0))
