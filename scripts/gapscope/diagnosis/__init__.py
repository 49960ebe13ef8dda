"""Causes of the gap between validation and test accuracy."""
