"""Errors, progress, files, row weights, the stage runner and the fingerprint of a stage's code."""
