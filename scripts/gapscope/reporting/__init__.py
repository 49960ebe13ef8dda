"""Figures of the stages, and the page that shows them."""
