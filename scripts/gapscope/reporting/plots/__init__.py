"""Figures of the stages, as Matplotlib draws them."""
