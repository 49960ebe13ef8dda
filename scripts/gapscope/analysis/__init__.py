"""Figures about data and trained networks: statistics, gradients, saliency, evaluation, diagnosis."""
