"""Splitting into training and validation part, and the z-score fitted on the training part."""

import math
from dataclasses import dataclass

import numpy as np

from gapscope.common.errors import UserError

PASSES = 20  # over the groups, at most, in the search for even parts


def split_rows(y: np.ndarray, split: dict, groups: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Row numbers of the training and of the validation part.

    Args:
        y (n,): class codes. split: config.yaml's split block. The validation part has ceil(validation_share * n) rows,
            two at least; or as near to that as `groups` (n,) lets it be, numbers of groups whose rows stay on one side.

    Raises:
        UserError: if no row would be left to train on, or fewer than two to validate with.
    """
    parts = _split_rows(y, split) if groups is None else _split_groups(y, split, groups)
    if len(parts[1]) < 2:
        raise UserError(
            f"config: split.validation_share: {split['validation_share']} of {len(y)} rows leaves one row to validate "
            "with, which has no standard error; choose a larger share or bring more rows."
        )
    return parts


def _split_rows(y: np.ndarray, split: dict) -> tuple[np.ndarray, np.ndarray]:
    n_validation = max(2, math.ceil(round(split["validation_share"] * len(y), 6)))  # 0.07 * 100 is 7.000000000000001
    if n_validation >= len(y):
        raise UserError(
            f"config: split.validation_share: {split['validation_share']} of {len(y)} rows leaves none to train on; "
            "choose a smaller share or bring more rows."
        )
    order = row_order(y, split)
    if split["validation_first"]:
        return order[n_validation:], order[:n_validation]
    return order[:-n_validation], order[-n_validation:]


def _split_groups(y: np.ndarray, split: dict, groups: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    rng, share = np.random.default_rng(split["seed"]), split["validation_share"]
    part = grouped_parts(groups, y if split["stratify"] else np.zeros_like(y), [1.0 - share, share], rng)
    order = rng.permutation(len(y))
    return order[part[order] == 0], order[part[order] == 1]


def grouped_parts(groups: np.ndarray, y: np.ndarray, shares: list[float], rng: np.random.Generator) -> np.ndarray:
    """The part (n,) that each row falls to: rows of a group together, each class parted by `shares` as near as can be.

    Groups are taken in random order, those of twice the size before the others, each to the part where it takes most
    off the squared distance of the class counts from those asked for (in units of the part's share), and again until
    none moves: coordinate descent. A part that stays empty gets the smallest group of one that has several.

    Args:
        groups (n,): a number per row, 0, 1, ... y (n,): class codes. shares: of the parts, summing to 1.

    Raises:
        UserError: if there are fewer groups than parts.
    """
    number, share = int(groups.max()) + 1, np.array(shares)
    if number < len(shares):
        raise UserError(
            f"config: data.group: {number} group{'s' * (number > 1)} cannot be parted into {len(shares)} "
            "(split, mitigate.folds, mitigate.ceiling_folds); use fewer folds, or set data.group to none."
        )
    own = np.zeros((number, int(y.max()) + 1))
    np.add.at(own, (groups, y), 1.0)
    wanted = share[:, None] * own.sum(axis=0)
    counts, part_of, order = np.zeros_like(wanted), np.full(number, -1), rng.permutation(number)
    order = order[np.argsort(-np.floor(np.log2(own[order].sum(axis=1))), kind="stable")]
    for _ in range(PASSES):
        before = part_of.copy()
        for group in order:
            if part_of[group] >= 0:
                counts[part_of[group]] -= own[group]
            cost = (2.0 * (counts - wanted) + own[group]) @ own[group] / share  # of adding it, for each part
            part_of[group] = cost.argmin()
            counts[part_of[group]] += own[group]
        if (part_of == before).all():
            break
    for part in np.flatnonzero(np.bincount(part_of, minlength=len(shares)) == 0):
        spare = np.flatnonzero(np.bincount(part_of, minlength=len(shares))[part_of] > 1)
        part_of[spare[own[spare].sum(axis=1).argmin()]] = part
    return part_of[groups]


def row_order(y: np.ndarray, split: dict) -> np.ndarray:
    """The rows in the order in which they are dealt out (n,): with stratify, any stretch has the class shares."""
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


def fit_scaling(X, numeric: np.ndarray, scale: dict) -> Scaling:
    """Fit on X (n, d), an array or a matrix whose `columns` are read from a file.

    `numeric` (d,) says which columns are scaled unless scale.columns is all. A constant column keeps deviation 1, as
    does one whose values differ by so little that their squares are 0.
    """
    chosen = np.flatnonzero(numeric | (scale["columns"] == "all"))
    mean, deviation = np.zeros(len(numeric)), np.ones(len(numeric))
    ddof = 1 if scale["deviation"] == "sample" else 0
    columns = X.T[chosen] if isinstance(X, np.ndarray) else X.columns(chosen)
    for place, column in zip(chosen, columns, strict=True):
        column = np.ascontiguousarray(column)  # NumPy sums it pairwise: more exact, and as pandas does
        mean[place], spread = column.mean(), column.std(ddof=ddof)
        if column.min() < column.max() and spread > 0.0:
            deviation[place] = spread + scale["epsilon"]
    return Scaling(mean, deviation)
