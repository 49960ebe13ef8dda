"""Simulated listings and known defects in them."""
