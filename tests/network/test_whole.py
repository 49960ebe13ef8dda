"""The whole-array form in kept memory, held to the passes of `mlp`, in both orders of update."""

import numpy as np
import pytest

from gapscope.network import whole
from gapscope.network.mlp import backward, forward, initial_network, loss_by_logits, softmax

RATE = 0.3


@pytest.mark.parametrize("moving", [False, True], ids=["after_backward", "during_backward"])
@pytest.mark.parametrize("hidden", [[], [7], [6, 5]], ids=str)
@pytest.mark.parametrize("rows, several", [(1, True), (whole.PIECE, False), (2 * whole.PIECE + 30, True)])
def test_both_passes_are_those_of_mlp(activation, hidden, rows, several, moving):
    """Two steps, so that what the first leaves in memory would show; the form has room for more rows than come."""
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(rows, 4)), rng.integers(0, 3, rows)
    own = initial_network([4, *hidden, 3], activation, "xavier", rng)
    reference, form = own.copy(), whole.WholeForm(own, rows + 40, several)
    for _ in range(2):
        ours, theirs = form.forward(X), forward(reference, X)
        np.testing.assert_allclose(ours.logits, theirs.logits, rtol=1e-12, atol=1e-15)
        dz = loss_by_logits(softmax(theirs.logits), y)
        found = form.backward(ours, dz, mover(own) if moving else None)
        expected = backward(reference, theirs, dz, mover(reference) if moving else None)
        for mine, right in zip(found.parameters, expected.parameters, strict=True):
            np.testing.assert_allclose(mine, right, rtol=1e-11, atol=1e-14)


def mover(network):
    def update(layer, dW, db):
        network.weights[layer][...] -= RATE * dW
        network.biases[layer][...] -= RATE * db

    return update
