"""Expected accuracy on a test set without classes, if one thing alone has changed since validation."""

from dataclasses import dataclass

import numpy as np

from gapscope.diagnosis.estimates import Estimate
from gapscope.diagnosis.evidence.counterfactuals import LEAST_ROWS, Pair, share_spread, share_variance


@dataclass(frozen=True)
class IfRowsChanged:
    """Test accuracy if P(x) alone has changed, and what the estimate rests on."""

    accuracy: Estimate
    effective_rows: float  # validation rows of equal weight that would say as much (Kish 1965)
    apart: float  # share of test rows that have no validation rows like them, which the estimate cannot count


def if_rows_changed(right: np.ndarray, strata: Pair, confidence: float) -> IfRowsChanged | None:
    """Validation accuracy with each row weighted by how much more of its kind there is in the test set.

    Where y given x is as it was, that is the test accuracy (Shimodaira 2000). The ratio of densities is that of strata
    of like rows: accuracy = sum_s t_s a_s over strata s, with t_s the test rows' share in s and a_s the validation
    accuracy there. None where no stratum has validation rows enough.

    Args:
        right (n,): whether each validation row is classified right. strata: of validation rows (n,), of test rows (m,).
    """
    number = int(max(part.max() for part in strata)) + 1
    rows, rows_test = (np.bincount(part, minlength=number) for part in strata)
    known = (rows >= LEAST_ROWS) & (rows_test > 0)
    if not known.any():
        return None
    a = np.bincount(strata[0], weights=right, minlength=number) / np.maximum(rows, 1)
    t = np.where(known, rows_test, 0) / rows_test[known].sum()
    weights = (t / np.maximum(rows, 1))[strata[0]]
    variance = t**2 @ share_spread(a, rows) + share_variance(a, t, rows_test)
    return IfRowsChanged(
        Estimate.normal(t @ a, np.sqrt(variance), confidence).share(),
        float(weights.sum() ** 2 / (weights**2).sum()),
        float(rows_test[~known].sum() / rows_test.sum()),
    )


@dataclass(frozen=True)
class IfClassesChanged:
    """Class shares of the test rows, and test accuracy, if P(y) alone has changed."""

    shares: list[Estimate]
    accuracy: Estimate


def if_classes_changed(
    p: Pair,
    y: np.ndarray,
    confidence: float,
    resamples: int,
    rng: np.random.Generator,
) -> IfClassesChanged:
    """Class shares by black-box shift estimation with probabilities (Lipton, Wang and Smola 2018).

    Where each class looks as before, the mean probabilities of the test rows are a mixture of those that validation
    rows of each class get: q = C s, solved for shares s >= 0 and scaled to sum to 1. Intervals by the bootstrap over
    both sets' rows. The accuracy is each class's in validation, by these shares.

    Args:
        p: class probabilities of validation (n, classes) and test rows (m, classes). y (n,): the validation classes.
    """
    from scipy.optimize import nnls  # here: half a second, where classes are not known

    n_classes, right = p[0].shape[1], (p[0].argmax(axis=1) == y).astype(float)
    onehot = np.eye(n_classes)[y]

    def solved(weights: np.ndarray, q: np.ndarray) -> np.ndarray:
        """The shares, and the accuracy at the end, with validation rows so weighted."""
        own = weights @ onehot
        seen = own > 0
        means = (onehot * weights[:, None]).T @ p[0] / np.maximum(own, 1)[:, None]  # (classes, probabilities)
        s = np.zeros(n_classes)
        s[seen] = nnls(means[seen].T, q)[0]
        s /= s.sum()
        return np.append(s, s @ ((weights * right) @ onehot / np.maximum(own, 1)))

    found = solved(np.ones(len(y)), p[1].mean(axis=0))
    drawn = [
        solved(counts(len(y), rng), counts(len(p[1]), rng) @ p[1] / len(p[1])) for _ in range(resamples)
    ]  # rows drawn again with replacement, as counts
    ends = np.quantile(drawn, (0.5 - confidence / 2, 0.5 + confidence / 2), axis=0)
    figures = [Estimate(*map(float, one)).share() for one in zip(found, *ends)]
    return IfClassesChanged(figures[:-1], figures[-1])


def counts(rows: int, rng: np.random.Generator) -> np.ndarray:
    """How often each row is drawn in a bootstrap sample (rows,)."""
    return np.bincount(rng.integers(rows, size=rows), minlength=rows).astype(float)
