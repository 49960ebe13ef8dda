"""Sweeps: comparison of many settings."""
