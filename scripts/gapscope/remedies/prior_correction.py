"""Class shares that differ between training and use: estimated without labels, and probabilities corrected for them."""

import numpy as np

STEPS = 1000
TOLERANCE = 1e-8


def corrected(p: np.ndarray, shares: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """Probabilities p (n, classes) for rows whose class shares are other than the `shares` (classes,) trained with.

    The new shares are those of the rows themselves, found by expectation-maximisation from p alone (Saerens, Latinne
    and Decaestecker, Neural Computation 14, 2002): posterior times new over old share, normalised, and its mean again,
    each row by its weight where `weights` (n,) are given.
    """
    shares = np.maximum(shares, np.finfo(float).tiny)
    new, p = shares, p.astype(np.float64)
    for _ in range(STEPS):
        posterior = p * (new / shares)
        posterior /= posterior.sum(axis=1, keepdims=True)
        before, new = new, np.average(posterior, axis=0, weights=weights)
        if np.abs(new - before).max() < TOLERANCE:
            break
    return posterior
