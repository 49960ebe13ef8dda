"""Which rows to train on and to hold out: oversampling, importance weights, folds, and copies of rows."""

import numpy as np

from gapscope.common.weights import thinned
from gapscope.data.split import grouped_parts
from gapscope.network.mlp import logits, softmax
from gapscope.network.partition import Partition
from gapscope.network.training import train


def judged_rows(number: int, limit: int, seed: int) -> np.ndarray:
    """The rows of the test set that remedies and the ceiling are judged by, at most `limit`, drawn at random."""
    return thinned(number, limit, np.random.default_rng([seed, 2]))


LARGEST_RATIO = 20.0  # a row's importance weight is cut here: few rows that weigh much make a noisy training


def oversampled(
    rows: np.ndarray, y: np.ndarray, rng: np.random.Generator, weights: np.ndarray | None = None
) -> np.ndarray:
    """`rows`, and of each class so many again at random that all have as many as the largest; with `weights` (n,), so
    many that their weights come to as much."""
    classes = [rows[y[rows] == code] for code in np.unique(y[rows])]
    if weights is None:
        more = [max(map(len, classes)) - len(own) for own in classes]
    else:
        sums = [weights[own].sum() for own in classes]
        more = [round((max(sums) - one) / weights[own].mean()) for own, one in zip(classes, sums)]
    return np.concatenate([rows, *(rng.choice(own, size=number) for own, number in zip(classes, more))])


def density_ratio(
    X: np.ndarray,
    X_test: np.ndarray,
    settings: dict,
    rng: np.random.Generator,
    weights: tuple[np.ndarray | None, np.ndarray | None] = (None, None),
) -> np.ndarray:
    """How much likelier each row of X (n, d) is among the test rows than here, from 0 to LARGEST_RATIO: (n,).

    A network is trained to tell test rows from the others: p / (1 - p), by the numbers of either, is the ratio of their
    densities (Bickel, Brückner and Scheffer, JMLR 10, 2009). It reads no class of either table. With `weights` of both
    tables' rows the densities are those of the populations that they stand for.
    """
    own = None if weights[0] is None else np.concatenate([one / one.mean() for one in weights])
    both = Partition(np.concatenate([X, X_test]), np.repeat([0, 1], [len(X), len(X_test)]), own)
    plain = {**settings, "class_weights": "none", "early_stopping": 0, "seed": int(rng.integers(2**31))}
    p = softmax(logits(train(both, both, 2, plain), X)).astype(np.float64)
    ratio = p[:, 1] / np.maximum(p[:, 0], np.finfo(float).tiny) * (len(X) / len(X_test))
    return np.minimum(ratio, LARGEST_RATIO)


def grouped_folds(groups: np.ndarray, folds: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Row numbers held out by each fold; rows of a group (n,) stay together. No fold at all for 0.

    There are no more folds than groups, as in tables of few distinct rows.
    """
    folds = min(folds, int(groups.max()) + 1)
    fold_of = rng.permutation(groups.max() + 1) % folds if folds else groups
    return [np.flatnonzero(fold_of[groups] == fold) for fold in range(folds)]


def folds_of(
    alike: np.ndarray, together: np.ndarray | None, y: np.ndarray, folds: int, rng: np.random.Generator
) -> list[np.ndarray]:
    """Row numbers held out by each fold. Rows of one number in `alike` (n,), equal in all features, stay together: none
    is judged by a network that knows its copy, nor by one that knows such rows of all classes but its own. Or, where
    `together` (n,) numbers groups, the rows of each, with the class shares of y (n,) as near to equal as that lets them
    be."""
    if together is None or not folds:
        return grouped_folds(alike, folds, rng)
    fold_of = grouped_parts(together, y, [1.0 / folds] * folds, rng)
    return [np.flatnonzero(fold_of == fold) for fold in range(folds)]


def first_of_each(groups: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """`rows` without those that repeat an earlier one's group."""
    _, first = np.unique(groups[rows], return_index=True)
    return rows[np.sort(first)]


def not_among(groups: np.ndarray, rows: np.ndarray, others: np.ndarray) -> np.ndarray:
    """`rows` without those of a group that has rows among `others`."""
    return rows[~np.isin(groups[rows], groups[others])]


def row_groups(X: np.ndarray, y: np.ndarray | None = None) -> np.ndarray:
    """A number for each row (n,), the same for rows that are equal in all columns and, where y is given, in class."""
    columns = [*X.T] if y is None else [*X.T, y]
    order, new = np.lexsort(columns[::-1]), np.zeros(len(X), bool)
    for column in columns:
        in_order = column[order]
        new[1:] |= in_order[1:] != in_order[:-1]
    groups = np.empty(len(X), np.int64)
    groups[order] = np.cumsum(new)
    return groups


def renumbered(groups: np.ndarray) -> np.ndarray:
    """Numbers of groups (n,) as 0, 1, ... without those that have no row here."""
    return np.unique(groups, return_inverse=True)[1]


def chosen_rows(sizes: dict[str, int], limit: int, seed: int) -> dict[str, np.ndarray]:
    """Of each part the rows that remedies are tried on: at most `limit` training rows, validation rows in proportion,
    and at most `limit` test rows; the same for every remedy.

    Of training and validation part they are the first: a part's rows stand in random order, and where the split is
    stratified any stretch has the class shares of the whole.

    Args:
        sizes: rows of training, validation and, where there is one, test.
    """
    training = min(sizes["training"], limit)
    validation = max(1, round(sizes["validation"] * training / sizes["training"]))
    rows = {"training": np.arange(training), "validation": np.arange(validation)}
    return rows | ({"test": judged_rows(sizes["test"], limit, seed)} if "test" in sizes else {})
