"""The interface that evaluation, diagnosis and remedies use, for networks and for the user's own models."""

import numpy as np

TOLERANCE = 1e-3  # by which the probabilities of a row may sum to another number than 1
LEAST_P = 1e-15  # smaller probabilities are raised to this before taking logarithms


class Classifier:
    """Predicts classes of rows X (n, d): encoded and scaled for a network, plain for the user's own model."""

    units: list[int]  # number of columns of X, units of hidden layers if any, number of classes
    dtype: np.dtype  # type of X
    is_network = False  # whether it has gradients, and is trained by the settings in `train`
    trainable = True  # whether it can be trained on other rows
    can_predict = True  # whether it knows more than the probabilities of the rows in the tables

    def inputs(self, path: str, rows: np.ndarray | None, of_test: bool) -> np.ndarray:
        """X of these rows of a cleaned table (all if None), for a model of the user's own."""
        raise NotImplementedError

    def probabilities(self, X: np.ndarray) -> np.ndarray:
        """Class probabilities (n, classes)."""
        raise NotImplementedError

    def log_probabilities(self, X: np.ndarray) -> np.ndarray:
        """Logarithms of the class probabilities (n, classes)."""
        return np.log(np.maximum(self.probabilities(X), LEAST_P))

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Most probable class of each row (n,)."""
        return self.probabilities(X).argmax(axis=1)


def improper(p: np.ndarray) -> np.ndarray:
    """Mask (n,) of rows of p (n, classes) that are no probabilities: outside 0 to 1, NaN, or with another sum."""
    return ~((p.min(axis=1) >= -TOLERANCE) & (np.abs(p.sum(axis=1) - 1) <= TOLERANCE))
