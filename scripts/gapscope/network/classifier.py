"""The interface that evaluation, diagnosis and remedies use, for networks and for the user's own models."""

import numpy as np

LEAST_P = 1e-15  # smaller probabilities are raised to this before taking logarithms


class Classifier:
    """Predicts classes of rows X (n, d): encoded and scaled for a network, plain for the user's own model."""

    units: list[int]  # number of columns of X, units of hidden layers if any, number of classes
    dtype: np.dtype  # type of X
    is_network = False  # whether it has gradients, and is trained by the settings in `train`

    def probabilities(self, X: np.ndarray) -> np.ndarray:
        """Class probabilities (n, classes)."""
        raise NotImplementedError

    def log_probabilities(self, X: np.ndarray) -> np.ndarray:
        """Logarithms of the class probabilities (n, classes)."""
        return np.log(np.maximum(self.probabilities(X), LEAST_P))

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Most probable class of each row (n,)."""
        return self.probabilities(X).argmax(axis=1)
