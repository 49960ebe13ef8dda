"""Rows with their classes, as networks are trained, judged and asked."""

from dataclasses import dataclass

import numpy as np

from gapscope.network.stored import StoredRows


@dataclass(frozen=True)
class Part:
    """Rows to train on or to validate with: X (n, d) and class codes y (n,), None where these are not known.

    `weights` (n,): how many rows of the population each stands for; None where all count alike.
    """

    X: np.ndarray | StoredRows
    y: np.ndarray | None
    weights: np.ndarray | None = None

    def at(self, rows: np.ndarray) -> "Part":
        """These rows, in memory."""
        y, weights = (own if own is None else own[rows] for own in (self.y, self.weights))
        return Part(self.X[rows], y, weights)
