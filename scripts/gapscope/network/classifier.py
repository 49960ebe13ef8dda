"""A model as evaluation, diagnosis and remedies know it, be it a network or the user's own."""

import numpy as np

LEAST_P = 1e-15  # of a probability whose logarithm is taken, for models that round it to 0


class Classifier:
    """Tells the classes of rows X (n, d), a network's scaled columns or the table's own (`encode.decoded`)."""

    units: list[int]  # columns of X first, classes last
    dtype: np.dtype  # of X as the model reads it
    is_network = False  # whether there are gradients to look at, and settings of `train` to change

    def probabilities(self, X: np.ndarray) -> np.ndarray:
        """Probability of each class (n, classes)."""
        raise NotImplementedError

    def log_probabilities(self, X: np.ndarray) -> np.ndarray:
        """Logarithms of these (n, classes)."""
        return np.log(np.maximum(self.probabilities(X), LEAST_P))

    def predict(self, X: np.ndarray) -> np.ndarray:
        """The likeliest class of each row (n,)."""
        return self.probabilities(X).argmax(axis=1)
