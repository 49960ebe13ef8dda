"""By how much the model's log-odds have to be corrected along each feature, in test rows and not in validation rows.

Where the relation of the class to a feature changed, the correction rises or falls with this feature; also if the model
did not use it before, so that no share of the gap speaks of it.
"""

import numpy as np

from gapscope.diagnosis.context import Case

PRIOR = 30.0  # precision of the slopes' prior: they are mostly small, and columns that go together share them
FAR = 3.0  # standard deviations at which values are clipped
LEAST_P = 1e-3
STEPS = 4  # of Newton's method
Rows = tuple[np.ndarray, np.ndarray]  # as the model reads them (n, d), and their classes (n,)


def error_slopes(case: Case, validation: Rows, test: Rows) -> dict[str, float]:
    """Each feature's change of slope: chi-squared above its mean, in its standard deviations."""
    groups, total = case.encode.groups, dict.fromkeys(case.encode.groups, 0.0)
    centre, spread = 0.0, 1.0
    if not case.network.is_network:  # it reads numbers as they are, and an unknown level as NaN
        centre, spread = np.nanmean(validation[0], axis=0), np.nanstd(validation[0], axis=0)
        spread[spread == 0.0] = 1.0
    parts = [
        (np.clip(np.nan_to_num((X - centre) / spread), -FAR, FAR), case.network.probabilities(X), y)
        for X, y in (validation, test)
    ]
    codes = range(case.n_classes)[-1:] if case.n_classes == 2 else range(case.n_classes)
    for code in codes:
        (before, error), (after, error_after) = (corrected(X, p[:, code], y == code) for X, p, y in parts)
        change, covariance = after - before, error + error_after
        for name, at in groups.items():
            total[name] += float(change[at] @ np.linalg.pinv(covariance[np.ix_(at, at)], hermitian=True) @ change[at])
    free = {name: len(at) * len(codes) for name, at in groups.items()}
    return {name: (value - free[name]) / np.sqrt(2.0 * free[name]) for name, value in total.items()}


def corrected(X: np.ndarray, p: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Slopes (d,) that added to the log-odds of `p` (n,) predict `y` (n,) best, and their covariance (d, d).

    A ridge logistic regression; standard errors hold whether or not it fits (White 1982).
    """
    X, p = np.column_stack([X, np.ones(len(X))]).astype(np.float64), np.clip(p, LEAST_P, 1.0 - LEAST_P)
    odds, slopes = np.log(p / (1.0 - p)), np.zeros(X.shape[1])
    prior = np.append(np.full(X.shape[1] - 1, PRIOR), 1e-6)
    for _ in range(STEPS):
        p = 1.0 / (1.0 + np.exp(-np.clip(odds + X @ slopes, -30.0, 30.0)))
        curvature = np.linalg.inv((X * np.maximum(p * (1.0 - p), LEAST_P)[:, None]).T @ X + np.diag(prior))
        slopes = slopes + curvature @ (X.T @ (y - p) - prior * slopes)
    scores = X * (y - p)[:, None]
    return slopes[:-1], (curvature @ (scores.T @ scores) @ curvature)[:-1, :-1]
