"""Metrics, exploration, gradients, attribution and prediction."""
