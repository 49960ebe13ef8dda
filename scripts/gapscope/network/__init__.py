"""The network: activations, initialisation, forward and backward passes, training. NumPy only."""
