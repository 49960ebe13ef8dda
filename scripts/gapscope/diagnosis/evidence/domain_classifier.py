"""How well a classifier tells known rows from test rows: from the class, from the features, from both.

The classifier is naive Bayes on binned features: it scores a row by the sum over its features of log q / p, the ratio
of the two tables' shares of its bin, by itself (X) or within its class (X with y). Leaving a feature out leaves out its
term. Scores are cross-fitted: a row's ratios come from the other folds. (Naive Bayes: Hastie, Tibshirani and Friedman
2009, section 6.6.3; telling two samples apart by a classifier: Lopez-Paz and Oquab 2017.)
"""

import numpy as np

from gapscope.diagnosis.estimates import Estimate, Pair
from gapscope.diagnosis.evidence.bins import Binned
from gapscope.evaluation.permutation import ranks

FOLDS = 5


class Domains:
    """Cross-fitted log-ratios of known and test rows: `y` (n,), `x` and `xy` per feature (n,); known rows first."""

    def __init__(self, features: dict[str, Binned], classes: Pair, n_classes: int, rng: np.random.Generator):
        self.is_test = np.repeat([False, True], [len(part) for part in classes])
        self.fold = np.concatenate([rng.permutation(len(part)) % FOLDS for part in classes])
        y = np.concatenate(classes)
        self.y = self._ratios(y, n_classes)
        self.x, self.xy = {}, {}
        for name, both in features.items():
            codes = np.concatenate([both.known, both.test])
            self.x[name] = self._ratios(codes, both.bins)
            # log q(bin | y) / p(bin | y) = log q(bin, y) / p(bin, y) - log q(y) / p(y)
            self.xy[name] = self._ratios(codes * n_classes + y, both.bins * n_classes) - self.y

    def _ratios(self, cells: np.ndarray, number: int) -> np.ndarray:
        found = np.empty(len(cells))
        for fold in range(FOLDS):
            here, logs = self.fold == fold, []
            for side in (True, False):
                counts = np.bincount(cells[~here & (self.is_test == side)], minlength=number) + 0.5
                logs.append(np.log(counts / counts.sum()))
            found[here] = (logs[0] - logs[1])[cells[here]]
        return found

    def from_y(self, confidence: float) -> Estimate:
        return area(self.y, self.is_test, confidence)

    def from_x(self, confidence: float) -> Estimate:
        return area(self.score_x(), self.is_test, confidence)

    def from_xy(self, confidence: float, without: tuple[str, ...] = ()) -> Estimate:
        kept = [ratio for name, ratio in self.xy.items() if name not in without]
        return area(sum(kept, self.y), self.is_test, confidence)

    def score_x(self) -> np.ndarray:
        return sum(self.x.values(), np.zeros(len(self.is_test)))


def area(score: np.ndarray, positive: np.ndarray, confidence: float) -> Estimate:
    """Area under the ROC curve, ties counting half, with the standard error of Hanley and McNeil (1982)."""
    n, m = int(positive.sum()), int((~positive).sum())
    a = (ranks(score)[positive].sum() - n * (n + 1) / 2) / (n * m)
    b = (a * min(n, m) + 1) / (min(n, m) + 2)  # a row of either set more: rows told apart without error are few rows
    q1, q2 = b / (2 - b), 2 * b * b / (1 + b)
    variance = (b * (1 - b) + (n - 1) * (q1 - b * b) + (m - 1) * (q2 - b * b)) / (n * m)
    return Estimate.normal(a, np.sqrt(max(variance, 0.0)), confidence).share()
