"""Figures: data in, a Matplotlib figure out."""
